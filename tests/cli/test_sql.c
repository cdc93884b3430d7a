// SPDX-License-Identifier: MIT
// The table `events`: in the library, in the sqlite3 shell, in Python, and in heapreel sql.
#include "fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "reel/sql.h"
#include "reel/version.h"

#define EVENTS 200000 // three chunks and a part

static struct fixture_reel big;

// Event 2n allocates 8 + n % 10 bytes, event 2n+1 frees them.
static int make_big(void **state)
{
    (void)state;
    fixture_begin(&big, "it's big.reel");
    uint32_t stack = fixture_stack(&big, "maker");
    for (uint64_t n = 0; n < EVENTS / 2; n++)
    {
        fixture_append(&big,
                       &(struct reel_event){.kind = REEL_EVENT_ALLOC,
                                            .address = 0x10000 + n * 32,
                                            .requested_bytes = 8 + n % 10,
                                            .usable_bytes = 24,
                                            .stack = stack,
                                            .thread = 1,
                                            .process = 1,
                                            .flags = n == 0 ? REEL_EVENT_ZEROED | REEL_EVENT_ALIGNED | REEL_EVENT_CARVED
                                                            : (n == 1 ? REEL_EVENT_REALLOC : 0)});
        fixture_free(&big, 0x10000 + n * 32);
    }
    fixture_finish(&big);
    return 0;
}

static int64_t ask_on(sqlite3 *database, const char *query)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database, query, -1, &statement, NULL) != SQLITE_OK || sqlite3_step(statement) != SQLITE_ROW)
        fail_msg("%s: %s", query, sqlite3_errmsg(database));
    int64_t answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return answer;
}

static int64_t ask(const char *path, const char *query)
{
    struct reel_error error = {0};
    struct reel_reader *reader = fixture_open(path);
    assert_int_equal(reel_sql_register(reel_reader_database(reader), &error), REEL_OK);
    int64_t answer = ask_on(reel_reader_database(reader), query);
    reel_reader_close(reader);
    return answer;
}

static void all_columns_say_what_was_recorded(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "sql", "--csv", big.path, "SELECT * FROM events WHERE event IN (0, 1, 2, 5)");
    assert_int_equal(run.status, 0);
    assert_string_equal(run.out, "event,t_ns,process,thread,kind,address,requested_bytes,usable_bytes,stack,is_realloc,"
                                 "is_zeroed,is_aligned,is_carved\n"
                                 "0,100,1,1,alloc,65536,8,24,1,0,1,1,1\n"
                                 "1,200,1,1,free,65536,,,,0,0,0,0\n"
                                 "2,300,1,1,alloc,65568,9,24,1,1,0,0,0\n"
                                 "5,600,1,1,free,65600,,,,0,0,0,0\n");
}

static void bounds_select_exactly_what_they_say(void **state)
{
    (void)state;
    static const struct
    {
        const char *where;
        int64_t count;
    } cases[] = {
        {"1", EVENTS},
        {"event = 70000", 1},
        {"rowid = 70000", 1},
        {"event = -1", 0},
        {"event = 200000", 0},
        {"event > 65535", EVENTS - 65536},
        {"event >= 65535", EVENTS - 65535},
        {"event < 65536", 65536},
        {"event <= 65536", 65537},
        {"event BETWEEN 65530 AND 65540", 11},
        {"event > 9223372036854775806", 0},
        {"event <= 9223372036854775807", EVENTS},
        {"event < -9223372036854775807", 0},
        {"event > 100 AND event < 50", 0},
        {"t_ns = 6553600", 1},
        {"t_ns = 6553601", 0},
        {"t_ns > 6553600", EVENTS - 65536},
        {"t_ns >= 6553600", EVENTS - 65535},
        {"t_ns < 6553600", 65535},
        {"t_ns <= 6553600", 65536},
        {"t_ns BETWEEN 6553500 AND 6553800 AND event <> 65535", 3},
        {"t_ns > 99999999999", 0},
        {"event < 10.5", 11},
        {"event > '7'", EVENTS - 8},
        {"event = NULL", 0},
        {"t_ns > NULL", 0},
        {"event = 3 OR event = 4", 2},
        {"event IN (1, 5, 100000)", 3},
        {"kind = 'free' AND event < 100", 50},
        {"stack IS NULL AND event < 100", 50},
    };
    char query[256];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        snprintf(query, sizeof query, "SELECT count(*) FROM events WHERE %s", cases[i].where);
        if (ask(big.path, query) != cases[i].count)
            fail_msg("%s: %lld", cases[i].where, (long long)ask(big.path, query));
    }
}

static void order_joins_and_aggregates_work(void **state)
{
    (void)state;
    assert_int_equal(ask(big.path, "SELECT event FROM events ORDER BY event DESC LIMIT 1"), EVENTS - 1);
    assert_int_equal(ask(big.path, "SELECT event FROM events WHERE event > 9 ORDER BY event LIMIT 1"), 10);
    assert_int_equal(ask(big.path, "SELECT sum(requested_bytes) FROM events WHERE event < 40"), 2 * (80 + 45));
    assert_int_equal(ask(big.path, "SELECT count(*) FROM chunk JOIN events ON event = first_event"), 4);
    assert_int_equal(ask(big.path, "SELECT f.event FROM events a JOIN events f USING (address) WHERE a.event = 100 AND "
                                   "f.event > 100 AND f.event < 200"),
                     101);
}

static void chunks_outside_the_bounds_are_not_touched(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    fixture_begin(&reel, "bounds.reel");
    for (uint64_t i = 0; i < 3 * 65536; i++)
        fixture_alloc(&reel, 0x10000 + i * 32, 8, 24);
    fixture_finish(&reel);
    fixture_tamper(reel.path, "UPDATE chunk_data SET data = zeroblob(9) WHERE first_event <> 65536");
    assert_int_equal(ask(reel.path, "SELECT count(*) FROM events WHERE event BETWEEN 65536 AND 131071"), 65536);
    assert_int_equal(ask(reel.path, "SELECT count(*) FROM events WHERE t_ns BETWEEN 6553700 AND 13107200"), 65536);
    assert_int_equal(ask(reel.path, "SELECT count(*) FROM events WHERE t_ns = 6553700"), 1);
    FIXTURE_HEAPREEL(&run, "sql", reel.path, "SELECT count(*) FROM events");
    fixture_assert_refused(&run, 3, "damaged");
}

static void a_stack_is_one_line_of_text(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "sql", big.path,
                     "SELECT stack_text(stack), count(*) FROM events WHERE event < 10 GROUP BY stack; "
                     "SELECT stack_text(1) IS stack_text('1'), stack_text(NULL), stack_text(0)");
    assert_int_equal(run.status, 0);
    assert_string_equal(run.out, "stack_text(stack)\tcount(*)\n\t5\nmaker (/src/made.c:7)\t5\n"
                                 "stack_text(1) IS stack_text('1')\tstack_text(NULL)\tstack_text(0)\n1\t\t\n");
    FIXTURE_HEAPREEL(&run, "sql", big.path, "SELECT stack_text(99)");
    assert_true(run.status == 3 || strcmp(run.out, "\n") == 0);
}

// The header that this test is compiled with, the library that it is linked with, and the extension; the program.
static void the_extension_tells_its_versions(void **state)
{
    (void)state;
    static const char query[] = "SELECT 'heapreel ' || heapreel_version(); SELECT reel_api_version()";
    struct fixture_run versions;
    struct fixture_run run;
    char expected[128];
    assert_int_equal(reel_api_version(), REEL_API_VERSION);
    FIXTURE_HEAPREEL(&versions, "--version");
    snprintf(expected, sizeof expected, "%.60s%d\n", versions.out, REEL_API_VERSION);
    assert_true(strncmp(expected, "heapreel ", 9) == 0);
    FIXTURE_HEAPREEL(&run, "sql", big.path, query);
    assert_string_equal(run.out, expected);
    FIXTURE_RUN(&run, "sqlite3", ":memory:", ".load " HEAPREEL_EXTENSION, query);
    assert_string_equal(run.out, expected);
}

static void the_shell_loads_the_extension(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_RUN(&run, "sqlite3", "-readonly", "-cmd", ".load " HEAPREEL_EXTENSION, big.path,
                "SELECT count(*), max(t_ns) FROM events; SELECT stack_text(1); "
                "SELECT requested_bytes, stack_text(stack) FROM blocks_at('#100000');");
    assert_string_equal(run.err, "");
    assert_string_equal(run.out, "200000|20000000\nmaker (/src/made.c:7)\n8|maker (/src/made.c:7)\n");
    assert_int_equal(run.status, 0);
}

static void the_extension_tells_that_a_database_is_no_reel(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_RUN(&run, "sqlite3", "-cmd", ".load " HEAPREEL_EXTENSION, ":memory:", "SELECT count(*) FROM events;");
    assert_int_not_equal(run.status, 0);
    assert_non_null(strstr(run.err, "not a reel"));
}

static void python_loads_the_extension(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_RUN(
        &run, "/usr/bin/python3", "-c",
        "import sqlite3, sys\n"
        "database = sqlite3.connect(sys.argv[1])\n"
        "database.enable_load_extension(True)\n"
        "database.load_extension(sys.argv[2])\n"
        "print(database.execute('SELECT count(*), min(event) FROM events WHERE event >= 7').fetchone())\n"
        "print(database.execute('SELECT function, total_bytes FROM flame(?, ?)', (100003, 'live')).fetchall())\n"
        "database.set_progress_handler(lambda: 1, 100)\n"
        "try:\n"
        "    database.execute('SELECT * FROM heap_at(?)', ('end',)).fetchall()\n"
        "except sqlite3.OperationalError as error:\n"
        "    print(error)\n"
        "database.set_progress_handler(None, 0)\n"
        "print(database.execute('SELECT live_bytes FROM heap_at(?)', (7,)).fetchone())\n",
        big.path, HEAPREEL_EXTENSION);
    assert_string_equal(run.err, "");
    assert_string_equal(run.out, "(199993, 7)\n[(None, 9), ('maker', 9)]\ninterrupted\n(11,)\n");
}

static void statements_come_from_the_input_too(void **state)
{
    (void)state;
    struct fixture_run run;
    fixture_run(&run, "SELECT 1;\n-- nothing\n; SELECT count(*) FROM events;\n",
                (const char *const[]){HEAPREEL_PROGRAM, "sql", big.path, NULL});
    assert_string_equal(run.out, "1\n200000\n");
    assert_int_equal(run.status, 0);
}

static void rows_have_the_format_that_was_asked_for(void **state)
{
    (void)state;
    static const char query[] = "SELECT 9007199254740993 AS n, 'a,\"b\"' AS t, NULL AS z, x'00ff' AS b, 1.5 AS f";
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "sql", "--json", big.path, query);
    assert_string_equal(run.out, "[\n  {\"n\": 9007199254740993, \"t\": \"a,\\\"b\\\"\", \"z\": null, \"b\": \"00ff\", "
                                 "\"f\": 1.5}\n]\n");
    FIXTURE_HEAPREEL(&run, "sql", "--csv", big.path, query);
    assert_string_equal(run.out, "n,t,z,b,f\n9007199254740993,\"a,\"\"b\"\"\",,00ff,1.5\n");
    FIXTURE_HEAPREEL(&run, "sql", big.path, query);
    assert_string_equal(run.out, "n\tt\tz\tb\tf\n9007199254740993\ta,\"b\"\t\t00ff\t1.5\n");
    FIXTURE_HEAPREEL(&run, "sql", "--json", big.path, "SELECT 1 WHERE 0");
    assert_string_equal(run.out, "[]\n");
    FIXTURE_HEAPREEL(&run, "sql", big.path, "SELECT char(27) || '[31m'");
    assert_string_equal(run.out, "?[31m\n");
    FIXTURE_HEAPREEL(&run, "sql", "--json", "--csv", big.path, "SELECT 1");
    fixture_assert_refused(&run, 2, "exclude");
}

static void a_reel_cannot_be_changed_and_a_bad_query_is_a_usage_error(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "sql", big.path, "DELETE FROM run");
    fixture_assert_refused(&run, 3, "readonly");
    FIXTURE_HEAPREEL(&run, "sql", big.path, "INSERT INTO events (event) VALUES (1)");
    fixture_assert_refused(&run, 2, "events");
    FIXTURE_HEAPREEL(&run, "sql", big.path, "SELEKT 1");
    fixture_assert_refused(&run, 2, "SELEKT");
    FIXTURE_HEAPREEL(&run, "sql", "/no/such.reel", "SELECT 1");
    fixture_assert_refused(&run, 3, "/no/such.reel");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_columns_say_what_was_recorded),
        cmocka_unit_test(bounds_select_exactly_what_they_say),
        cmocka_unit_test(order_joins_and_aggregates_work),
        cmocka_unit_test(chunks_outside_the_bounds_are_not_touched),
        cmocka_unit_test(a_stack_is_one_line_of_text),
        cmocka_unit_test(the_extension_tells_its_versions),
        cmocka_unit_test(the_shell_loads_the_extension),
        cmocka_unit_test(the_extension_tells_that_a_database_is_no_reel),
        cmocka_unit_test(python_loads_the_extension),
        cmocka_unit_test(statements_come_from_the_input_too),
        cmocka_unit_test(rows_have_the_format_that_was_asked_for),
        cmocka_unit_test(a_reel_cannot_be_changed_and_a_bad_query_is_a_usage_error),
    };
    return cmocka_run_group_tests(tests, make_big, NULL);
}
