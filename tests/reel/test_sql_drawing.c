// SPDX-License-Identifier: MIT
// The functions whose answers are drawn as they are: blobs of pages and of classes over time, and the positions and
// losses that stand beside the drawings.
#include "sql_face.h"

#define SMALL UINT64_C(0x10010)
#define OTHER UINT64_C(0x10080)
#define LARGE UINT64_C(0x20f00)

// Two stacks; a small block of each on page 16, and one of the second that reaches from page 32 to page 34.
static void append_events(struct recording *recording, struct reel_writer *writer)
{
    struct reel_error *error = &recording->error;
    uint32_t stacks[2];
    for (uint32_t i = 0; i < 2; i++)
    {
        uint32_t frame = 0;
        assert_ok(reel_writer_intern_frame(writer, 0, 100 + i, &frame, error), *error);
        assert_ok(reel_writer_intern_stack(writer, 0, frame, &stacks[i], error), *error);
    }
    const struct reel_event events[] = {
        {100, SMALL, 20, 24, stacks[0], 1, 1, REEL_EVENT_ALLOC, 0},
        {200, OTHER, 50, 56, stacks[1], 1, 1, REEL_EVENT_ALLOC, 0},
        {300, LARGE, 8000, 8072, stacks[1], 1, 1, REEL_EVENT_ALLOC, 0},
        {400, SMALL, 0, 0, 0, 1, 1, REEL_EVENT_FREE, 0},
    };
    assert_ok(reel_writer_append(writer, events, sizeof events / sizeof *events, error), *error);
}

static struct sqlite3 *begin(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    append_events(recording, writer);
    assert_ok(reel_writer_finish(writer, 800, &recording->error), recording->error);
    return sql_face_open(recording);
}

static void ages_of_pages_are_eight_bytes_each(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(database,
                         "SELECT length(data), hex(substr(data, 1, 8)), hex(substr(data, 9, 8)), "
                         "hex(substr(data, 129, 16)) FROM page_ages_at(3, 1, 65536, 18)",
                         "144|0000000000000000|FFFFFFFFFFFFFFFF|02000000000000000200000000000000\n");
    sql_face_assert_rows(database, "SELECT hex(data) FROM page_ages_at('end', 1, 65536, 1)", "0100000000000000\n");
    sql_face_assert_rows(database, "SELECT length(data) FROM page_ages_at('end', 1, 0, 0)", "0\n");
    sql_face_assert_rows(database, "SELECT data FROM page_ages_at('end', 1, NULL, 1)", "");
    sql_face_assert_error(database, "SELECT * FROM page_ages_at('end', 0, 0, 1)", "process is 0");
    sql_face_assert_error(database, "SELECT * FROM page_ages_at('end', 1, 1, 1)", "0x1 is not where a page begins");
    sql_face_assert_error(database, "SELECT * FROM page_ages_at('end', 1, 0, 4194305)", "page_count is 4194305");
    sql_face_assert_error(database, "SELECT * FROM page_ages_at('end', 1, -4096, 2)", "write fewer");
    sql_face_close(database);
}

static void pages_of_a_stack_are_two_bytes_each(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(database, "SELECT hex(data) FROM stack_pages_at(3, 1, 65536, 2, 1)", "18000000\n");
    sql_face_assert_rows(database, "SELECT hex(data) FROM stack_pages_at(3, 1, 65536, 2, 2)", "38000000\n");
    sql_face_assert_rows(database, "SELECT hex(data) FROM stack_pages_at(3, 1, 131072, 4, 2)",
                         "0001001088"
                         "0E0000\n");
    sql_face_assert_rows(database, "SELECT hex(data) FROM stack_pages_at('end', 1, 65536, 2, 1)", "00000000\n");
    sql_face_assert_rows(database, "SELECT hex(data) FROM stack_pages_at('end', 1, 65536, 2, 77)", "00000000\n");
    sql_face_assert_error(database, "SELECT * FROM stack_pages_at('end', 1, 0, 1, -1)", "stack is -1");
    sql_face_assert_error(database, "SELECT * FROM stack_pages_at('end', 2, 0, 1, 1)", "process is 2");
    sql_face_close(database);
}

// 1, 3 and 2 live blocks at the ends of the points; as doubles 1 is 3FF0..., 2 is 4000... and 0 is 0.
static void classes_over_time_are_doubles(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(database,
                         "SELECT least_bytes, greatest_bytes, begin_ns, end_ns, hex(live_blocks), carved_slots, "
                         "vacant_bytes FROM classes_over(0, 400, 4)",
                         "17|32|0|400|000000000000F03F000000000000F03F000000000000F03F0000000000000000||\n"
                         "49|64|0|400|0000000000000000000000000000F03F000000000000F03F000000000000F03F||\n"
                         "7169|8192|0|400|00000000000000000000000000000000000000000000F03F000000000000F03F||\n");
    sql_face_assert_rows(database,
                         "SELECT hex(live_bytes), hex(usable_bytes), hex(rounding_bytes) FROM classes_over(0, NULL, 1) "
                         "WHERE least_bytes = 49",
                         "0000000000004940|0000000000004C40|0000000000001840\n");
    sql_face_assert_rows(database, "SELECT count(*), sum(length(live_blocks)) FROM classes_over", "3|2400\n");
    sql_face_assert_rows(database, "SELECT count(*) FROM classes_over(0, 50)", "0\n");
    sql_face_assert_error(database, "SELECT * FROM classes_over(0, 1, 0)", "points is 0");
    sql_face_assert_error(database, "SELECT * FROM classes_over(0, 1, 10001)", "points is 10001");
    sql_face_assert_error(database, "SELECT * FROM classes_over(0, 1, 1, 2)", "process is 2");
    sql_face_assert_error(database, "SELECT * FROM classes_over(2, 1)", "end that is not before the beginning");
    sql_face_close(database);
}

// A slot of 48 bytes that was handed out and is free; 2 is 4000... and 48 is 4048...
static void slots_of_classes_over_time_are_told_where_they_are_known(void **state)
{
    struct recording *recording = *state;
    struct reel_error *error = &recording->error;
    const struct reel_class_info class = {.class_id = 3, .slot_bytes = 48, .usable_bytes = 48};
    struct reel_writer *writer = recording_begin(recording, 1);
    assert_ok(reel_writer_add_class(writer, &class, error), *error);
    const struct reel_event events[] = {
        {100, SMALL, 20, 48, 0, 1, 1, REEL_EVENT_ALLOC, REEL_EVENT_CARVED},
        {200, OTHER, 30, 48, 0, 1, 1, REEL_EVENT_ALLOC, REEL_EVENT_CARVED},
        {300, SMALL, 0, 0, 0, 1, 1, REEL_EVENT_FREE, 0},
    };
    assert_ok(reel_writer_append(writer, events, sizeof events / sizeof *events, error), *error);
    assert_ok(reel_writer_finish(writer, 400, error), *error);
    struct sqlite3 *database = sql_face_open(recording);
    sql_face_assert_rows(database,
                         "SELECT class_id, slot_bytes, hex(carved_slots), hex(vacant_bytes) FROM "
                         "classes_over(0, NULL, 1)",
                         "3|48|0000000000000040|0000000000004840\n");
    sql_face_close(database);
}

static void moments_have_names_and_times(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(database, "SELECT * FROM moments()",
                         "begin|0|0\n"
                         "peak|3|300\n"
                         "worst|4|400\n"
                         "end|4|400\n");
    sql_face_close(database);
    recording_change(((struct recording *)*state)->path, "UPDATE chunk_data SET data = zeroblob(50)");
    database = sql_face_open(*state);
    sql_face_assert_rows(database, "SELECT name, t_ns FROM moments() WHERE name = 'peak'", "peak|\n");
    sql_face_close(database);
}

static void losses_of_all_kinds_are_rows(void **state)
{
    struct recording *recording = *state;
    struct reel_error *error = &recording->error;
    const struct reel_process_counters counters = {.lost_events = 7, .verify_count = 9, .verify_differences = 2};
    struct reel_writer *writer = recording_begin(recording, 2);
    append_events(recording, writer);
    assert_ok(reel_writer_set_counters(writer, 2, &counters, error), *error);
    assert_ok(reel_writer_set_loss(writer, 2, "threads without a ring", 3, error), *error);
    assert_ok(reel_writer_set_loss(writer, 0, "processes that came too fast", 1, error), *error);
    assert_ok(reel_writer_set_loss(writer, 1, "nothing", 0, error), *error);
    assert_ok(reel_writer_commit(writer, error), *error);
    struct sqlite3 *database = sql_face_open(recording);
    sql_face_assert_rows(database, "SELECT * FROM losses()",
                         "0|recording not finished|1\n"
                         "0|lost events|7\n"
                         "0|wrong stacks|2\n"
                         "0|processes that came too fast|1\n"
                         "2|threads without a ring|3\n");
    sql_face_close(database);
    assert_ok(reel_writer_finish(writer, 800, error), *error);
    recording_change(recording->path, "DELETE FROM loss; UPDATE run SET lost_events = 0, verify_differences = -4");
    database = sql_face_open(recording);
    sql_face_assert_rows(database, "SELECT * FROM losses()", "");
    sql_face_close(database);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(ages_of_pages_are_eight_bytes_each),
        IN_DIRECTORY(pages_of_a_stack_are_two_bytes_each),
        IN_DIRECTORY(classes_over_time_are_doubles),
        IN_DIRECTORY(slots_of_classes_over_time_are_told_where_they_are_known),
        IN_DIRECTORY(moments_have_names_and_times),
        IN_DIRECTORY(losses_of_all_kinds_are_rows),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
