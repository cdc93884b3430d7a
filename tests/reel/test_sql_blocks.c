// SPDX-License-Identifier: MIT
// The table-valued functions compared with the events as SQL sees them: blocks, classes, moments, filters.
#include "random_reel.h"
#include "sql_face.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS 100000 // about

static void make_reel(struct recording *recording)
{
    struct random_reel reel;
    const struct random_shape shape = {.seed = 7, .event_count = EVENTS, .live_blocks = 2500, .process_max = 3};
    random_reel_make(&reel, recording, &shape);
    random_reel_free(&reel);
}

static struct sqlite3 *begin(void **state)
{
    make_reel(*state);
    return sql_face_open(*state);
}

// Blocks whose last event but resizes is an alloc, and the size of the last event that had one; of processes that run.
static const char naive_live[] =
    "SELECT %s FROM (SELECT process, address, kind, max(event) FROM events WHERE event < %lld AND kind <> 'resize' "
    "GROUP BY process, address HAVING kind = 'alloc') JOIN (SELECT process, address, requested_bytes, max(event) FROM "
    "events WHERE event < %lld AND kind <> 'free' GROUP BY process, address) USING (process, address) "
    "WHERE process IN (SELECT process FROM process WHERE end_event >= %lld)";

static void blocks_are_those_that_the_events_leave(void **state)
{
    struct sqlite3 *database = begin(state);
    static const long long moments[] = {0, 1, 777, 65536, 65537, 90000, 3000};
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++)
    {
        static const char *const figures[] = {"count(*)", "coalesce(sum(requested_bytes), 0)",
                                              "coalesce(sum(address % 1000003 * process), 0)"};
        for (size_t k = 0; k < 3; k++)
        {
            char naive[800];
            snprintf(naive, sizeof naive, naive_live, figures[k], moments[i], moments[i], moments[i]);
            assert_int_equal(sql_face_number(database, "SELECT %s FROM blocks_at(%lld) WHERE NOT is_inherited",
                                             figures[k], moments[i]),
                             sql_face_number(database, "%s", naive));
        }
    }
    sql_face_close(database);
}

static void classes_and_blocks_add_up_to_the_same(void **state)
{
    struct sqlite3 *database = begin(state);
    static const char by_class[] =
        "SELECT process, class_number, %s FROM %s WHERE live_blocks > 0 GROUP BY 1, 2 ORDER BY 1, 2";
    char query[512];
    snprintf(query, sizeof query, by_class, "live_blocks, live_bytes, usable_bytes, rounding_bytes",
             "classes_at(70000)");
    char *classes = sql_face_rows(database, query);
    snprintf(query, sizeof query, by_class,
             "count(*), sum(requested_bytes), sum(usable_bytes), sum(usable_bytes - requested_bytes)",
             "(SELECT *, 1 AS live_blocks FROM blocks_at(70000))");
    sql_face_assert_rows(database, query, classes);
    assert_true(strlen(classes) > 100);
    free(classes);
    assert_int_equal(sql_face_number(database, "SELECT sum(live_blocks) FROM classes_at(9000) WHERE process = 0"),
                     sql_face_number(database, "SELECT sum(live_blocks) FROM classes_at(9000)"));
    assert_int_equal(sql_face_number(database, "SELECT count(*) FROM classes_at(9000) WHERE process = 99"), 0);
    sql_face_close(database);
}

// At moments when children live that came with blocks of their parents.
static void inherited_blocks_are_their_process_s(void **state)
{
    struct sqlite3 *database = begin(state);
    static const char by_blocks[] = "SELECT process, sum(NOT is_inherited), sum(is_inherited) FROM blocks_at(%d) "
                                    "GROUP BY 1 HAVING count(*) > 0";
    static const char by_heaps[] = "SELECT process, live_blocks, inherited_blocks FROM heap_at(%d) "
                                   "WHERE live_blocks + inherited_blocks > 0";
    static const char by_process[] = "SELECT h.process, sum(NOT is_inherited), sum(is_inherited) FROM heap_at(%d) h, "
                                     "blocks_at(h.t) b WHERE b.process = h.process GROUP BY 1";
    int64_t inherited = 0;
    for (int moment = 1; moment < EVENTS; moment += 5003)
    {
        char query[256];
        snprintf(query, sizeof query, by_heaps, moment);
        char *heaps = sql_face_rows(database, query);
        snprintf(query, sizeof query, by_blocks, moment);
        sql_face_assert_rows(database, query, heaps);
        snprintf(query, sizeof query, by_process, moment);
        sql_face_assert_rows(database, query, heaps);
        inherited += sql_face_number(database, "SELECT sum(inherited_blocks) FROM heap_at(%d)", moment);
        free(heaps);
    }
    assert_true(inherited > 1000);
    sql_face_close(database);
}

static void a_filter_finds_what_a_look_at_all_rows_finds(void **state)
{
    struct sqlite3 *database = begin(state);
    static const char *const conditions[][2] = {
        {"process = 2", "+process = 2"},
        {"process = 0", "+process = 0"},
        {"process IN (1, 2)", "+process IN (1, 2)"},
        {"stack = 17", "+stack = 17"},
        {"stack = 0", "+stack = 0"},
        {"stack IS NULL", "+stack IS NULL"},
        {"stack = -1", "+stack = -1"},
        {"class_number = 3", "+class_number = 3"},
        {"class_number = 9999", "+class_number = 9999"},
        {"address > (SELECT address FROM blocks_at(70000) LIMIT 1 OFFSET 900)",
         "+address > (SELECT address FROM blocks_at(70000) LIMIT 1 OFFSET 900)"},
        {"address >= (SELECT address FROM blocks_at(70000) LIMIT 1 OFFSET 900)",
         "+address >= (SELECT address FROM blocks_at(70000) LIMIT 1 OFFSET 900)"},
        {"address < (SELECT address FROM blocks_at(70000) LIMIT 1 OFFSET 900)",
         "+address < (SELECT address FROM blocks_at(70000) LIMIT 1 OFFSET 900)"},
        {"address <= (SELECT address FROM blocks_at(70000) LIMIT 1 OFFSET 900)",
         "+address <= (SELECT address FROM blocks_at(70000) LIMIT 1 OFFSET 900)"},
        {"address = (SELECT address FROM blocks_at(70000) LIMIT 1 OFFSET 900)",
         "+address = (SELECT address FROM blocks_at(70000) LIMIT 1 OFFSET 900)"},
        {"address = -5", "+address = -5"},
        {"address > -5", "+address > -5"},
        {"requested_bytes = 0", "+requested_bytes = 0"},
        {"requested_bytes < 1", "+requested_bytes < 1"},
        {"requested_bytes <= 1", "+requested_bytes <= 1"},
        {"requested_bytes BETWEEN 16 AND 100", "+requested_bytes BETWEEN 16 AND 100"},
        {"requested_bytes > 9223372036854775806", "+requested_bytes > 9223372036854775806"},
        {"birth_event >= 60000", "+birth_event >= 60000"},
        {"birth_event < 60000 AND birth_event > 50000", "+birth_event < 60000 AND +birth_event > 50000"},
        {"birth_event > 5 AND birth_event > 9 AND birth_event < 3", "0"},
        {"requested_bytes > '20'", "+requested_bytes > 20"},
        {"requested_bytes > 20.5", "+requested_bytes > 20.5"},
        {"requested_bytes > NULL", "0"},
        {"process = 1 AND stack = 5 AND requested_bytes > 8", "+process = 1 AND +stack = 5 AND +requested_bytes > 8"},
    };
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++)
    {
        static const char query[] = "SELECT count(*) * 1000003 + coalesce(sum(address %% 10007), 0) "
                                    "FROM blocks_at(70000) WHERE %s";
        int64_t all = sql_face_number(database, query, conditions[i][1]);
        int64_t found = sql_face_number(database, query, conditions[i][0]);
        if (all != found)
            fail_msg("%s: %lld and not %lld", conditions[i][0], (long long)found, (long long)all);
    }
    assert_true(sql_face_number(database, "SELECT count(*) FROM blocks_at(70000) WHERE stack = 17") > 10);
    sql_face_close(database);
}

static void moments_are_numbers_or_words(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_rows(
        database,
        "SELECT (SELECT count(*) FROM blocks_at(5001)) = (SELECT count(*) FROM blocks_at('#5000')), "
        "(SELECT count(*) FROM run JOIN blocks_at ON t = events) = (SELECT count(*) FROM blocks_at('end')), "
        "(SELECT count(*) FROM blocks_at(0)), (SELECT count(*) FROM blocks_at(NULL)), "
        "(SELECT sum(requested_bytes) FROM blocks_at('peak') WHERE NOT is_inherited) = (SELECT peak_live_bytes FROM "
        "run)",
        "1|1|0|0|1\n");
    sql_face_assert_error(database, "SELECT * FROM blocks_at('tomorrow')", "blocks_at: tomorrow: not a moment");
    sql_face_assert_error(database, "SELECT * FROM blocks_at(999999)", "999999: the reel has moments from 0 to ");
    sql_face_assert_error(database, "SELECT * FROM blocks_at(-1)", "-1");
    sql_face_assert_error(database, "SELECT * FROM blocks_at(1.5)", "'12.5s'");
    sql_face_assert_error(database, "SELECT * FROM blocks_at(x'31')", "not a moment");
    sql_face_close(database);
}

static void a_missing_parameter_is_named(void **state)
{
    struct sqlite3 *database = begin(state);
    sql_face_assert_error(database, "SELECT * FROM blocks_at", "blocks_at: t is missing");
    sql_face_assert_error(database, "SELECT * FROM pages_at(5, 1)", "begin_address is missing");
    sql_face_assert_error(database, "SELECT * FROM blocks_at(1, 2)", "too many arguments");
    sql_face_assert_error(database, "SELECT * FROM blocks_at WHERE t > 5", "t is missing");
    sql_face_close(database);
}

static void parameters_come_from_other_tables(void **state)
{
    struct sqlite3 *database = begin(state);
    static const char query[] = "SELECT m.value, c.t, sum(live_blocks) FROM classes_at c, "
                                "json_each('[60000, 10, 90000]') m WHERE c.t = m.value GROUP BY 1 ORDER BY 1";
    char expected[256];
    int used = 0;
    static const int moments[] = {10, 60000, 90000};
    for (size_t i = 0; i < 3; i++)
        used += snprintf(expected + used, sizeof expected - (size_t)used, "%d|%d|%lld\n", moments[i], moments[i],
                         (long long)sql_face_number(database, "SELECT count(*) FROM blocks_at(%d)", moments[i]));
    sql_face_assert_rows(database, query, expected);
    assert_int_equal(sql_face_number(database, "SELECT count(*) FROM blocks_at(9000) WHERE t = 9001"), 0);
    assert_int_equal(sql_face_number(database, "SELECT count(DISTINCT t) FROM blocks_at WHERE t IN (5, 9000, 30)"), 3);
    sql_face_close(database);
}

// Rows of a long answer come in runs; in between another question moves the replay.
static void questions_side_by_side_do_not_disturb_each_other(void **state)
{
    struct sqlite3 *database = begin(state);
    struct sqlite3_stmt *statement = NULL;
    int64_t last[2] = {0, 0};
    int64_t rows = 0;
    int64_t expected = sql_face_number(database, "SELECT count(*) FROM blocks_at(90000)");
    assert_true(expected > 2000);
    assert_int_equal(sqlite3_prepare_v2(database, "SELECT process, address, birth_event FROM blocks_at(90000)", -1,
                                        &statement, NULL),
                     SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
    {
        int64_t key[2] = {sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1)};
        assert_true(key[0] > last[0] || (key[0] == last[0] && key[1] > last[1]));
        assert_true(sqlite3_column_int64(statement, 2) < 90000);
        memcpy(last, key, sizeof last);
        if (++rows % 500 == 0)
            assert_true(sql_face_number(database, "SELECT count(*) FROM blocks_at(%lld)", (long long)rows * 7) > 0);
    }
    sqlite3_finalize(statement);
    assert_int_equal(rows, expected);
    sql_face_close(database);
}

static void a_stretch_of_pages_is_checked(void **state)
{
    struct sqlite3 *database = begin(state);
    assert_int_equal(sql_face_number(database, "SELECT length(data) FROM pages_at(70000, 1, 4096, 3)"), 24);
    assert_int_equal(sql_face_number(database, "SELECT length(data) FROM pages_at(70000, 1, 4096, 0)"), 0);
    sql_face_assert_error(database, "SELECT * FROM pages_at(5, 1, 4097, 1)", "0x1001 is not where a page begins");
    sql_face_assert_error(database, "SELECT * FROM pages_at(5, 1, 4096, 4194305)", "page_count is 4194305");
    sql_face_assert_error(database, "SELECT * FROM pages_at(5, 1, -4096, 2)", "write fewer");
    sql_face_assert_error(database, "SELECT * FROM pages_at(5, 99, 4096, 1)", "process is 99");
    sql_face_assert_error(database, "SELECT * FROM pages_at(5, 0, 4096, 1)", "process");
    sql_face_assert_error(database, "SELECT * FROM pages_at(5, 1, 'here', 1)", "the address is here");
    sql_face_close(database);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(blocks_are_those_that_the_events_leave),
        IN_DIRECTORY(classes_and_blocks_add_up_to_the_same),
        IN_DIRECTORY(inherited_blocks_are_their_process_s),
        IN_DIRECTORY(a_filter_finds_what_a_look_at_all_rows_finds),
        IN_DIRECTORY(moments_are_numbers_or_words),
        IN_DIRECTORY(a_missing_parameter_is_named),
        IN_DIRECTORY(parameters_come_from_other_tables),
        IN_DIRECTORY(questions_side_by_side_do_not_disturb_each_other),
        IN_DIRECTORY(a_stretch_of_pages_is_checked),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof tests[0]);
}
