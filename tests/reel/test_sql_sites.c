// SPDX-License-Identifier: MIT
// sites_at and sizes_at beside the functions that tell the same one by one.
#include "random_reel.h"
#include "sql_face.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sqlite3 *begin(void **state)
{
    struct random_reel reel;
    const struct random_shape shape = {
        .seed = 17, .event_count = 60000, .live_blocks = 1500, .process_max = 3, .has_classes = true};
    random_reel_make(&reel, *state, &shape);
    random_reel_free(&reel);
    return sql_face_open(*state);
}

static void assert_same(struct sqlite3 *database, const char *query, const char *other)
{
    char *rows = sql_face_rows(database, query);
    assert_true(strlen(rows) > 20);
    sql_face_assert_rows(database, other, rows);
    free(rows);
}

static void sites_have_the_measures_of_stacks_at(void **state)
{
    struct sqlite3 *database = begin(state);
    static const char *const measures[] = {"live", "peak", "allocated", "temporary", "leaked"};
    char expected[256];
    char query[256];
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        for (int process = 0; process < 3; process++)
        {
            const char *moment = strcmp(measures[i], "leaked") == 0 ? "'end'" : "30000";
            snprintf(expected, sizeof expected,
                     "SELECT stack, bytes, blocks FROM stacks_at(%s, '%s', %d) ORDER BY stack", moment, measures[i],
                     process);
            snprintf(query, sizeof query,
                     "SELECT stack, %s_bytes, %s_blocks FROM sites_at(%s, %d) WHERE %s_blocks > 0 ORDER BY stack",
                     measures[i], measures[i], moment, process, measures[i]);
            char *rows = sql_face_rows(database, expected);
            sql_face_assert_rows(database, query, rows);
            free(rows);
        }
    assert_same(database, "SELECT stack, bytes FROM stacks_at('end', 'rounding') ORDER BY stack",
                "SELECT stack, rounding_bytes FROM sites_at('end') WHERE rounding_bytes > 0 ORDER BY stack");
    sql_face_close(database);
}

static void sites_have_blame_and_ages_at_their_moment(void **state)
{
    struct sqlite3 *database = begin(state);
    assert_same(database,
                "SELECT stack, pinned_bytes, pinned_pages, alone_pages FROM blame_at(20000, 1) WHERE pinned_bytes > 0 "
                "ORDER BY stack",
                "SELECT stack, pinned_bytes, pinned_pages, alone_pages FROM sites_at(20000, 1) WHERE pinned_bytes > 0 "
                "AND allocated_bytes >= 0 AND leaked_bytes >= 0 ORDER BY stack");
    assert_same(
        database, "SELECT stack, birth_event, birth_ns FROM oldest_at(20000) ORDER BY stack",
        "SELECT stack, oldest_birth_event, oldest_birth_ns FROM sites_at(20000) WHERE live_blocks > 0 ORDER BY stack");
    sql_face_close(database);
}

static void sites_come_by_live_bytes_and_only_with_what_is_asked(void **state)
{
    struct sqlite3 *database = begin(state);
    assert_same(database, "SELECT live_bytes FROM sites_at(20000) ORDER BY live_bytes DESC, stack",
                "SELECT live_bytes FROM sites_at(20000)");
    assert_int_equal(sql_face_number(database, "SELECT count(*) FROM sites_at(0)"), 0);
    assert_int_equal(sql_face_number(database, "SELECT count(allocated_blocks) FROM sites_at(40)"),
                     sql_face_number(database, "SELECT count(*) FROM stacks_at(40, 'allocated')"));
    assert_int_equal(sql_face_number(database, "SELECT count(*) FROM sites_at(40)"),
                     sql_face_number(database, "SELECT count(*) FROM stacks_at(40)"));
    sql_face_assert_error(database, "SELECT * FROM sites_at('end', 77)", "process is 77");
    sql_face_assert_error(database, "SELECT * FROM sites_at('soon')", "soon: not a moment");
    sql_face_close(database);
}

static void sizes_are_those_of_the_blocks(void **state)
{
    struct sqlite3 *database = begin(state);
    for (int class_number = 0; class_number < 4; class_number++)
    {
        char expected[256];
        char query[256];
        snprintf(expected, sizeof expected,
                 "SELECT requested_bytes, count(*), sum(usable_bytes) FROM blocks_at(20000) "
                 "WHERE class_number = %d AND process = 1 GROUP BY 1 ORDER BY 2 DESC, 1",
                 class_number);
        snprintf(query, sizeof query, "SELECT * FROM sizes_at(20000, 1, %d)", class_number);
        assert_same(database, expected, query);
    }
    assert_same(database,
                "SELECT requested_bytes, count(*), sum(usable_bytes) FROM blocks_at(20000) GROUP BY 1 "
                "ORDER BY 2 DESC, 1",
                "SELECT * FROM sizes_at(20000)");
    sql_face_assert_rows(database, "SELECT * FROM sizes_at(0)", "");
    sql_face_assert_rows(database, "SELECT * FROM sizes_at('end', 1, 255)", "");
    sql_face_assert_error(database, "SELECT * FROM sizes_at('end', 1, 256)", "class_number is 256");
    sql_face_assert_error(database, "SELECT * FROM sizes_at('end', 77)", "process is 77");
    sql_face_close(database);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(sites_have_the_measures_of_stacks_at),
        IN_DIRECTORY(sites_have_blame_and_ages_at_their_moment),
        IN_DIRECTORY(sites_come_by_live_bytes_and_only_with_what_is_asked),
        IN_DIRECTORY(sizes_are_those_of_the_blocks),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
