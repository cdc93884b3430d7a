// SPDX-License-Identifier: MIT
// The totals of classes that the recording keeps with each chunk: beside what a replay says at its end, as bytes, and
// as lines over time.
#include "opened.h"

#include <stdlib.h>
#include <string.h>

#include "reel/class_totals.h"
#include "reel/replay/classes_rows.h"
#include "reel/sqlite.h"

static const struct random_shape shapes[] = {
    {.seed = 31, .event_count = 150000, .live_blocks = 900, .process_max = 5, .commit_every = 9000},
    {.seed = 32, .event_count = 150000, .live_blocks = 900, .process_max = 5, .has_classes = true},
    {.seed = 33, .event_count = 40000, .live_blocks = 300, .process_max = 9, .has_classes = true, .commit_every = 700},
    {.seed = 34, .event_count = 40000, .live_blocks = 300, .process_max = 9, .commit_every = 700},
};

static struct reel_class_totals decode_row(struct opened *opened, int64_t first_event)
{
    struct reel_class_totals totals;
    struct sqlite3_stmt *row = NULL;
    struct sqlite3 *database = reel_reader_database(opened->reader);
    assert_int_equal(
        sqlite3_prepare_v2(database, "SELECT data FROM class_totals WHERE first_event = ?", -1, &row, NULL), SQLITE_OK);
    sqlite3_bind_int64(row, 1, first_event);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    assert_int_equal(
        reel_class_totals_decode(sqlite3_column_blob(row, 0), (size_t)sqlite3_column_bytes(row, 0), &totals), REEL_OK);
    sqlite3_finalize(row);
    return totals;
}

static struct reel_class_point total_of(const struct reel_class_totals *totals, uint32_t process, uint32_t key)
{
    struct reel_class_point sum = {0};
    for (size_t i = 0; i < totals->count; i++)
        if (totals->totals[i].process == process && totals->totals[i].key == key)
            sum = (struct reel_class_point){totals->totals[i].live_blocks, totals->totals[i].requested_bytes,
                                            totals->totals[i].usable_bytes, totals->totals[i].carved_slots};
    return sum;
}

static size_t compare_process(struct opened *opened, const struct reel_class_totals *totals, uint32_t process)
{
    struct reel_class_state *classes = NULL;
    size_t count = 0;
    size_t found = 0;
    assert_ok(reel_replay_classes(opened->replay, process, &classes, &count, &opened->recording->error),
              opened->recording->error);
    for (size_t i = 0; i < count; i++)
    {
        const struct reel_class_point expected = {classes[i].live_blocks, classes[i].requested_bytes,
                                                  classes[i].usable_bytes, classes[i].carved_slots};
        uint32_t key = !totals->are_told ? classes[i].number : classes[i].number == 0 ? 0 : 1 + classes[i].class_id;
        const struct reel_class_point point = total_of(totals, process, key);
        assert_memory_equal(&point, &expected, sizeof point);
        found += (expected.live_blocks | expected.carved_slots) != 0;
    }
    free(classes);
    return found;
}

static void compare_chunk(struct opened *opened, uint64_t first_event, uint64_t events)
{
    struct reel_class_totals totals = decode_row(opened, (int64_t)first_event);
    size_t found = 0;
    assert_int_equal(totals.are_told, opened->reel.has_classes);
    assert_ok(reel_replay_seek(opened->replay, first_event + events, NULL, &opened->recording->error),
              opened->recording->error);
    for (uint32_t process = 1; process <= opened->reel.process_count; process++)
        found += compare_process(opened, &totals, process);
    assert_int_equal(totals.count, found);
    free(totals.totals);
}

static void totals_are_those_of_the_replay_at_the_end_of_each_chunk(void **state)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    {
        struct opened opened;
        struct sqlite3_stmt *chunk = NULL;
        int chunk_count = 0;
        opened_make(&opened, *state, &shapes[i]);
        assert_int_equal(sqlite3_prepare_v2(reel_reader_database(opened.reader),
                                            "SELECT first_event, events FROM chunk ORDER BY 1", -1, &chunk, NULL),
                         SQLITE_OK);
        for (; sqlite3_step(chunk) == SQLITE_ROW; chunk_count++)
            compare_chunk(&opened, (uint64_t)sqlite3_column_int64(chunk, 0), (uint64_t)sqlite3_column_int64(chunk, 1));
        sqlite3_finalize(chunk);
        assert_true(chunk_count > 0);
        assert_int_equal(recording_query(opened.recording->path, "SELECT count(*) FROM class_totals"), chunk_count);
        opened_close(&opened);
    }
}

// ---- as bytes

static const struct reel_class_total some[] = {
    {1, 0, 3, 100, 100, 0},
    {1, 7, 1, UINT64_MAX - 8, UINT64_MAX, UINT64_MAX},
    {4, UINT32_MAX, 0, 0, 0, 1},
    {UINT32_MAX, 300, 127, 128, 16384, 0},
};

static size_t encode_some(uint8_t data[static REEL_CLASS_TOTALS_BYTES_MAX])
{
    struct reel_class_total totals[sizeof some / sizeof *some];
    memcpy(totals, some, sizeof some);
    return reel_class_totals_encode(
        &(struct reel_class_totals){.are_told = true, .totals = totals, .count = sizeof some / sizeof *some}, data);
}

static void totals_come_back_from_bytes(void **state)
{
    (void)state;
    uint8_t data[REEL_CLASS_TOTALS_BYTES_MAX];
    struct reel_class_totals totals;
    size_t bytes = encode_some(data);
    assert_int_equal(reel_class_totals_decode(data, bytes, &totals), REEL_OK);
    assert_true(totals.are_told);
    assert_int_equal(totals.count, sizeof some / sizeof *some);
    assert_memory_equal(totals.totals, some, sizeof some);
    free(totals.totals);
}

static void damaged_bytes_are_refused(void **state)
{
    (void)state;
    uint8_t data[REEL_CLASS_TOTALS_BYTES_MAX];
    struct reel_class_totals totals;
    size_t bytes = encode_some(data);
    for (size_t i = 0; i < bytes; i++)
    {
        data[i] ^= 0x10;
        assert_int_equal(reel_class_totals_decode(data, bytes, &totals), REEL_E_DAMAGED);
        data[i] ^= 0x10;
        assert_int_equal(reel_class_totals_decode(data, i, &totals), REEL_E_DAMAGED);
    }
    assert_int_equal(reel_class_totals_decode(NULL, 0, &totals), REEL_E_DAMAGED);
}

static void more_totals_than_there_is_room_for_are_none(void **state)
{
    (void)state;
    uint8_t data[REEL_CLASS_TOTALS_BYTES_MAX];
    static struct reel_class_total many[2000];
    for (uint32_t i = 0; i < 2000; i++)
        many[i] = (struct reel_class_total){.process = i + 1, .live_blocks = UINT64_MAX};
    assert_int_equal(reel_class_totals_encode(&(struct reel_class_totals){.totals = many, .count = 2000}, data), 0);
}

// ---- over time

struct asked
{
    struct reel_timeline_point points[3];
    struct reel_classes_over over;
    bool is_there;
};

// At the end of the first chunk, half way through the second, and at the end of the reel.
static struct asked ask(struct opened *opened)
{
    const char *path = opened->recording->path;
    uint64_t first_ns = (uint64_t)recording_query(path, "SELECT end_ns FROM chunk ORDER BY first_event LIMIT 1");
    uint64_t begin_ns = (uint64_t)recording_query(path, "SELECT begin_ns FROM chunk WHERE first_event = 65536");
    uint64_t end_ns = (uint64_t)recording_query(path, "SELECT end_ns FROM chunk WHERE first_event = 65536");
    struct asked asked = {.points = {{.end_ns = first_ns},
                                     {.end_ns = begin_ns + (end_ns - begin_ns) / 2},
                                     {.end_ns = (uint64_t)recording_query(path, "SELECT duration_ns FROM run")}},
                          .over = {.point_count = 3}};
    asked.over.points = calloc(3, REEL_CLASS_NUMBERS * sizeof *asked.over.points);
    assert_non_null(asked.over.points);
    assert_ok(replay_classes_from_rows(&asked.over, opened->replay, 0, asked.points, &asked.is_there,
                                       &opened->recording->error),
              opened->recording->error);
    return asked;
}

static struct reel_class_point class_at(struct opened *opened, uint64_t events, uint32_t number)
{
    struct reel_class_point point = {0};
    struct reel_class_state *classes = NULL;
    size_t count = 0;
    struct reel_error *error = &opened->recording->error;
    assert_ok(reel_replay_seek(opened->replay, events, NULL, error), *error);
    assert_ok(reel_replay_classes(opened->replay, 0, &classes, &count, error), *error);
    for (size_t i = 0; i < count; i++)
        if (classes[i].number == number)
            point = (struct reel_class_point){classes[i].live_blocks, classes[i].requested_bytes,
                                              classes[i].usable_bytes, classes[i].carved_slots};
    free(classes);
    return point;
}

static void points_are_exact_where_chunks_end_and_on_a_line_between(void **state)
{
    struct opened opened;
    const struct random_shape shape = {
        .seed = 35, .event_count = 150000, .live_blocks = 900, .process_max = 3, .has_classes = true};
    opened_make(&opened, *state, &shape);
    struct asked asked = ask(&opened);
    assert_true(asked.is_there);
    for (uint32_t number = 0; number < REEL_CLASS_NUMBERS; number++)
    {
        const struct reel_class_point *points = &asked.over.points[3 * number];
        const struct reel_class_point first = class_at(&opened, 65536, number);
        const struct reel_class_point second = class_at(&opened, 131072, number);
        const struct reel_class_point last = class_at(&opened, UINT64_MAX, number);
        uint64_t least =
            first.requested_bytes < second.requested_bytes ? first.requested_bytes : second.requested_bytes;
        uint64_t sum = first.requested_bytes + second.requested_bytes;
        assert_memory_equal(&points[0], &first, sizeof first);
        assert_memory_equal(&points[2], &last, sizeof last);
        assert_in_range(points[1].requested_bytes, least, sum - least);
        assert_in_range(2 * points[1].requested_bytes + sum / 1000 + 2, sum, sum + sum / 500 + 4);
    }
    free(asked.over.points);
    opened_close(&opened);
}

static const struct random_shape plain = {.seed = 36, .event_count = 150000, .live_blocks = 900, .process_max = 3};

static void without_sound_rows_there_are_no_points(void **state)
{
    static const char *const changes[] = {
        "DELETE FROM class_totals WHERE first_event = 65536",
        "UPDATE class_totals SET data = zeroblob(0) WHERE first_event = 65536",
        "UPDATE class_totals SET data = zeroblob(9000)",
        "INSERT INTO size_class VALUES (1, 48, 48, 0, 0)",
        "DROP TABLE class_totals; PRAGMA user_version = 4",
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
    {
        struct opened opened;
        opened_make(&opened, *state, &plain);
        recording_change(opened.recording->path, changes[i]);
        opened_again(&opened);
        struct asked asked = ask(&opened);
        assert_false(asked.is_there);
        free(asked.over.points);
        opened_close(&opened);
    }
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(totals_are_those_of_the_replay_at_the_end_of_each_chunk),
        cmocka_unit_test(totals_come_back_from_bytes),
        cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(more_totals_than_there_is_room_for_are_none),
        IN_DIRECTORY(points_are_exact_where_chunks_end_and_on_a_line_between),
        IN_DIRECTORY(without_sound_rows_there_are_no_points),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
