// SPDX-License-Identifier: MIT
// What the functions of a connection share: a replay that moves, ends with an interruption or with the connection, and
// follows a reel that grows or is damaged.
#include "random_reel.h"
#include "sql_face.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reel/codec.h"
#include "reel/sql.h"

static void make_reel(struct recording *recording, uint64_t event_count)
{
    struct random_reel reel;
    const struct random_shape shape = {
        .seed = 11, .event_count = event_count, .live_blocks = 300, .process_max = 3, .has_classes = true};
    random_reel_make(&reel, recording, &shape);
    random_reel_free(&reel);
}

// A call of each function whose answer fits on a line.
static const char *const questions[] = {
    "SELECT sum(live_blocks), sum(pinned_bytes) FROM heap_at('60%')",
    "SELECT sum(live_blocks), sum(carved_slots) FROM classes_at('60%')",
    "SELECT count(*), sum(begin_address), sum(live_blocks) FROM zones_at('60%')",
    "SELECT data FROM (SELECT process, address & ~4095 AS page FROM blocks_at('60%') LIMIT 1) b, "
    "pages_at('60%', b.process, b.page, 100)",
    "SELECT count(*), sum(address), sum(birth_event) FROM blocks_at('60%')",
    "SELECT sum(allocations), max(live_bytes_max) FROM timeline(0, NULL, 7)",
    "SELECT count(*), sum(bytes) FROM stacks_at('60%', 'live')",
    "SELECT count(*), sum(bytes) FROM stacks_at('60%', 'peak')",
    "SELECT count(*), sum(bytes) FROM stacks_at('60%', 'temporary')",
    "SELECT count(*), sum(bytes) FROM stacks_between('10%', '60%', 'unfreed')",
    "SELECT count(*), sum(bytes) FROM diff('10%', '60%', 'live')",
    "SELECT count(*), max(total_bytes), max(depth) FROM flame('60%', 'pinned')",
    "SELECT count(*), max(total_bytes) FROM flame_between('10%', '60%', 'allocated')",
    "SELECT count(*), min(total_bytes) FROM flame_diff('10%', '60%')",
    "SELECT count(*), sum(blocks), sum(bytes) FROM lifetimes('10%', '60%')",
    "SELECT count(*), sum(freed_blocks), sum(alive_bytes) FROM lifetimes_by_stack('10%', '60%')",
    "SELECT count(*), sum(birth_event), sum(free_event) FROM (SELECT address FROM blocks_at('60%') LIMIT 1) b, "
    "address_history(b.address)",
    "SELECT count(*), sum(blocks) FROM crossings('10%', '60%')",
    "SELECT count(*), sum(last_live_bytes) FROM growth('10%', '60%')",
    "SELECT count(*), sum(pinned_bytes), sum(alone_pages) FROM blame_at('60%')",
    "SELECT count(*), sum(pinned_bytes) FROM blame_classes_at('60%')",
    "SELECT * FROM sparse_at('60%')",
    "SELECT count(*), sum(pinned_bytes) FROM advice_at('60%')",
};
#define QUESTION_COUNT (sizeof questions / sizeof questions[0])

static int count_chunk_reads(unsigned kind, void *context, void *statement, void *text)
{
    (void)kind, (void)text;
    const char *sql = sqlite3_sql(statement);
    int64_t *count = context;
    *count += sql != NULL && strstr(sql, "chunk_data") != NULL;
    return 0;
}

static void neighbouring_moments_cost_the_events_between(void **state)
{
    struct recording *recording = *state;
    make_reel(recording, 200000);
    struct sqlite3 *database = sql_face_open(recording);
    int64_t chunk_reads = 0;
    (void)sql_face_number(database, "SELECT sum(live_blocks) FROM heap_at(190000)");
    sqlite3_trace_v2(database, SQLITE_TRACE_STMT, count_chunk_reads, &chunk_reads);
    for (int i = 0; i < 100; i++)
        (void)sql_face_number(database, "SELECT sum(live_blocks) FROM heap_at(%d)", 190000 - 30 * i);
    assert_int_equal(chunk_reads, 0);
    (void)sql_face_number(database, "SELECT sum(live_blocks) FROM heap_at('end')");
    assert_true(chunk_reads > 0); // it counts what it is to count
    sqlite3_trace_v2(database, 0, NULL, NULL);
    sql_face_close(database);
}

struct patience
{
    struct sqlite3 *to_interrupt; // NULL: the handler itself says no
    int left;                     // calls until it is over; negative: never
};

static int count_down(void *context)
{
    struct patience *patience = context;
    if (patience->left != 0)
    {
        patience->left--;
        return 0;
    }
    patience->left = -1; // once
    if (patience->to_interrupt != NULL)
        sqlite3_interrupt(patience->to_interrupt);
    return patience->to_interrupt == NULL;
}

// Interrupts the question when the handler is called for the n-th time. True: it came to its end before.
static bool ask_with_patience(struct sqlite3 *database, const char *question, bool by_handler, int calls)
{
    struct patience patience = {by_handler ? NULL : database, calls};
    sqlite3_progress_handler(database, 50, count_down, &patience);
    int result = sql_face_run(database, question);
    sqlite3_progress_handler(database, 0, NULL, NULL);
    if (result != SQLITE_DONE && result != SQLITE_INTERRUPT)
        fail_msg("%s, interrupted after %d: %d, %s", question, calls, result, sqlite3_errmsg(database));
    return result == SQLITE_DONE;
}

static void an_interruption_ends_any_question_and_spoils_none(void **state)
{
    struct recording *recording = *state;
    make_reel(recording, 2000);
    struct sqlite3 *database = sql_face_open(recording);
    for (size_t i = 0; i < QUESTION_COUNT; i++)
    {
        char *answer = sql_face_rows(database, questions[i]);
        int interruptions = 0;
        for (int calls = 0; calls < 120; calls += 1 + calls / 2)
        {
            (void)sql_face_number(database, "SELECT count(*) FROM blocks_at(0)");
            interruptions += !ask_with_patience(database, questions[i], calls % 2 == 0, calls);
            sql_face_assert_rows(database, questions[i], answer);
        }
        if (interruptions == 0)
            fail_msg("%s was never interrupted", questions[i]);
        free(answer);
    }
    sql_face_close(database);
}

static void answers_do_not_depend_on_what_was_asked_before(void **state)
{
    struct recording *recording = *state;
    make_reel(recording, 20000);
    struct sqlite3 *one = sql_face_open(recording);
    for (size_t i = QUESTION_COUNT; i-- > 0;)
    {
        struct sqlite3 *fresh = sql_face_open(recording);
        char *answer = sql_face_rows(fresh, questions[i]);
        sql_face_assert_rows(one, questions[i], answer);
        (void)sql_face_number(one, "SELECT count(*) FROM blocks_at(%d)", (int)(i * 500));
        sql_face_assert_rows(one, questions[i], answer);
        free(answer);
        sql_face_close(fresh);
    }
    sql_face_close(one);
}

static void a_face_can_be_registered_twice(void **state)
{
    struct recording *recording = *state;
    struct reel_error error = {0};
    make_reel(recording, 3000);
    struct sqlite3 *database = sql_face_open(recording);
    int64_t blocks = sql_face_number(database, "SELECT count(*) FROM blocks_at('60%%')");
    assert_ok(reel_sql_register(database, &error), error);
    assert_int_equal(sql_face_number(database, "SELECT count(*) FROM blocks_at('60%%')"), blocks);
    sql_face_close(database);
}

static void append_one(struct recording *recording, struct reel_writer *writer, uint64_t number)
{
    const struct reel_event event = recording_alloc(100 * (number + 1), 0x10000 + 64 * number, 10);
    assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
    assert_ok(reel_writer_commit(writer, &recording->error), recording->error);
}

static void a_reel_that_grows_is_followed(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    struct sqlite3 *database = NULL;
    for (uint64_t i = 0; i < 5; i++)
    {
        append_one(recording, writer, i);
        if (database == NULL)
            database = sql_face_open(recording);
        assert_int_equal(sql_face_number(database, "SELECT count(*) FROM blocks_at('end')"), (int64_t)i + 1);
        assert_int_equal(sql_face_number(database, "SELECT live_blocks FROM heap_at('#0')"), 1);
    }
    // Nothing that is kept between questions holds a lock that the writer would meet at its end.
    assert_ok(reel_writer_finish(writer, 10000, &recording->error), recording->error);
    assert_int_equal(sql_face_number(database, "SELECT count(*) FROM blocks_at('end')"), 5);
    sql_face_close(database);
}

static void a_reel_that_grows_costs_what_is_new(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    int64_t chunk_reads = 0;
    for (uint64_t i = 0; i < 10 * REEL_CHUNK_EVENTS_MAX; i++)
    {
        const struct reel_event event = recording_alloc(i, 0x10000 + 64 * (i % 100), 10);
        assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
    }
    append_one(recording, writer, 10 * REEL_CHUNK_EVENTS_MAX);
    struct sqlite3 *database = sql_face_open(recording);
    assert_int_equal(sql_face_number(database, "SELECT live_blocks FROM heap_at('end') WHERE process = 1"), 101);
    sqlite3_trace_v2(database, SQLITE_TRACE_STMT, count_chunk_reads, &chunk_reads);
    append_one(recording, writer, 10 * REEL_CHUNK_EVENTS_MAX + 1);
    assert_int_equal(sql_face_number(database, "SELECT live_blocks FROM heap_at('end') WHERE process = 1"), 102);
    assert_true(chunk_reads > 0 && chunk_reads < 5); // of eleven
    sqlite3_trace_v2(database, 0, NULL, NULL);
    sql_face_close(database);
    reel_writer_close(writer);
}

static void a_query_sees_the_reel_as_it_was_when_it_began(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    struct sqlite3_stmt *statement = NULL;
    append_one(recording, writer, 0);
    struct sqlite3 *database = sql_face_open(recording);
    static const char query[] = "SELECT (SELECT count(*) FROM blocks_at('end') WHERE process = m.value) "
                                "FROM json_each('[1, 1, 1]') m";
    assert_int_equal(sqlite3_prepare_v2(database, query, -1, &statement, NULL), SQLITE_OK);
    for (uint64_t i = 1; i <= 3; i++)
    {
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        assert_int_equal(sqlite3_column_int64(statement, 0), 1);
        append_one(recording, writer, i);
    }
    sqlite3_finalize(statement);
    assert_int_equal(sql_face_number(database, "SELECT count(*) FROM blocks_at('end')"), 4);
    sql_face_close(database);
    reel_writer_close(writer);
}

static void a_change_by_the_connection_itself_is_seen(void **state)
{
    struct recording *recording = *state;
    make_reel(recording, 3000);
    struct sqlite3 *database = sql_face_open(recording);
    assert_true(sql_face_number(database, "SELECT count(*) FROM heap_at(2000)") > 0);
    assert_int_equal(sqlite3_exec(database, "DELETE FROM process", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, "SELECT count(*) FROM heap_at(2000)", NULL, NULL, NULL), SQLITE_OK);
    sql_face_assert_rows(database, "SELECT count(*) FROM heap_at(2000)", "0\n");
    sql_face_close(database);
}

// Right or wrong, an answer comes or one line, and the connection lives on.
static void damage_gives_an_answer_or_a_line(void **state)
{
    struct recording *recording = *state;
    static const char *const damages[] = {
        "UPDATE chunk_data SET data = zeroblob(length(data))",
        "UPDATE chunk_data SET data = randomblob(9)",
        "UPDATE chunk SET first_event = first_event + 7, events = 60000",
        "UPDATE chunk SET begin_ns = -1, end_ns = 9223372036854775807, live_bytes = -5",
        "UPDATE process SET begin_event = -1, end_event = 9223372036854775807, parent_process = process",
        "UPDATE stack SET parent = stack + 1, frame = 4000000000",
        "UPDATE size_class SET slot_bytes = 0, usable_bytes = -1",
        "UPDATE zone SET begin_address = -4096, bytes = 9223372036854775807",
        "UPDATE run SET peak_event = -9, duration_ns = -1, events = 'many'",
        "DELETE FROM keyframe",
        "DELETE FROM process",
        "DELETE FROM run",
        "DROP TABLE stack",
        "DROP TABLE chunk_data",
        "DROP TABLE size_class",
        "UPDATE thread SET process = 4000000000",
    };
    make_reel(recording, 3000);
    char whole[128];
    snprintf(whole, sizeof whole, "%s/whole", recording->directory);
    recording_copy_file(recording->path, whole);
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++)
    {
        recording_copy_file(whole, recording->path);
        struct sqlite3 *database = sql_face_open(recording);
        sqlite3_exec(database, damages[i], NULL, NULL, NULL); // some tables are of other versions
        for (size_t k = 0; k < QUESTION_COUNT; k++)
        {
            int result = sql_face_run(database, questions[k]);
            const char *text = sqlite3_errmsg(database);
            if ((result != SQLITE_DONE && result != SQLITE_ERROR) || strchr(text, '\n') != NULL)
                fail_msg("%s, then %s: %d, %s", damages[i], questions[k], result, text);
        }
        sql_face_close(database);
    }
}

static void a_database_that_is_no_reel_is_told(void **state)
{
    (void)state;
    struct sqlite3 *database = NULL;
    struct reel_error error = {0};
    assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
    assert_ok(reel_sql_register(database, &error), error);
    sql_face_assert_error(database, "SELECT * FROM heap_at('peak')", "not a reel");
    sql_face_close(database);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(neighbouring_moments_cost_the_events_between),
        IN_DIRECTORY(an_interruption_ends_any_question_and_spoils_none),
        IN_DIRECTORY(answers_do_not_depend_on_what_was_asked_before),
        IN_DIRECTORY(a_face_can_be_registered_twice),
        IN_DIRECTORY(a_reel_that_grows_is_followed),
        IN_DIRECTORY(a_reel_that_grows_costs_what_is_new),
        IN_DIRECTORY(a_query_sees_the_reel_as_it_was_when_it_began),
        IN_DIRECTORY(a_change_by_the_connection_itself_is_seen),
        IN_DIRECTORY(damage_gives_an_answer_or_a_line),
        IN_DIRECTORY(a_database_that_is_no_reel_is_told),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof tests[0]);
}
