// SPDX-License-Identifier: MIT
// --fail-if: what it reads, where it says that it cannot, and when it fails.
#include "fixture.h"

#include <stdio.h>
#include <string.h>

// 3 MiB that are never freed, 1000 bytes that are, and a block without a free of 1024 bytes: the peak holds all three.
static const char *make(const char *name)
{
    struct fixture_reel reel;
    fixture_begin(&reel, name);
    fixture_alloc(&reel, 0x1000000, 3 << 20, 3 << 20);
    fixture_alloc(&reel, 0x500000, 1000, 1008);
    fixture_alloc(&reel, 0x600000, 1024, 1024);
    fixture_free(&reel, 0x500000);
    fixture_finish(&reel);
    return fixture_path(name);
}

static void assert_judged(const char *path, const char *expression, int status, const char *line)
{
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "summary", path, "--fail-if", expression);
    assert_non_null(strstr(run.out, "peak live"));
    if (run.status != status || strcmp(run.err, line) != 0)
        fail_msg("%s: status %d, %s", expression, run.status, run.err);
}

static void a_bound_that_is_kept_changes_nothing(void **state)
{
    (void)state;
    static const char *const expressions[] = {
        "lost_events>0",
        "leaked_bytes > 4MiB",
        "leaked > 3146752", // exactly what it is
        "leaked_bytes<3.0009765625MiB",
        "leaked_blocks!=2",
        "allocations==4",
        "leaked_blocks>0 and lost_events>0",
        "leaked_blocks>2 or lost_events>0 or leaked_bytes>1TiB and allocations>0",
        "leaked_blocks > 66.7 %",
        "  temporary_allocations\t>= 1  ",
    };
    const char *path = make("kept.reel");
    for (size_t i = 0; i < sizeof expressions / sizeof expressions[0]; i++)
        assert_judged(path, expressions[i], 0, "");
}

static void a_bound_that_is_broken_gives_status_1_and_the_figure(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"leaked_bytes>0", "heapreel: --fail-if: leaked_bytes is 3.0 MiB (3 146 752 B) (leaked_bytes>0)\n"},
        {"leaked >= 3146752", "heapreel: --fail-if: leaked_bytes is 3.0 MiB (3 146 752 B) (leaked >= 3146752)\n"},
        {"lost_events == 0", "heapreel: --fail-if: lost_events is 0 (lost_events == 0)\n"},
        {"leaked_blocks>66.6%",
         "heapreel: --fail-if: leaked_blocks is 2, 66.7 % of 3 allocations (leaked_blocks>66.6%)\n"},
        {"lost_events>0 or frees<2 and leaked_blocks>=2",
         "heapreel: --fail-if: frees is 1 (frees<2) and leaked_blocks is 2 (leaked_blocks>=2)\n"},
    };
    const char *path = make("broken.reel");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_judged(path, cases[i][0], 1, cases[i][1]);
}

static void the_heap_is_looked_at_at_the_moment(void **state)
{
    (void)state;
    struct fixture_run run;
    const char *path = make("moment.reel");
    assert_judged(path, "live_blocks!=3", 0, "");
    FIXTURE_HEAPREEL(&run, "summary", path, "--at", "#0", "--fail-if", "live_blocks!=3");
    assert_int_equal(run.status, 1);
    assert_string_equal(run.err, "heapreel: --fail-if: live_blocks is 1 (live_blocks!=3)\n");
    FIXTURE_HEAPREEL(&run, "summary", path, "--at", "never", "--fail-if", "live_blocks!=3");
    fixture_assert_refused(&run, 2, "never");
}

static void shares_of_an_unsampled_heap_say_what_they_are_of(void **state)
{
    (void)state;
    const char *path = make("unsampled.reel");
    // 1008 and 1024 bytes on a page each.
    assert_judged(path, "pinned > 0.1%", 1,
                  "heapreel: --fail-if: pinned_bytes is 6.0 KiB (6 160 B), 0.2 % of 3.0 MiB (3 153 920 B) on pages "
                  "with blocks (residency was not sampled) (pinned > 0.1%)\n");
    assert_judged(path, "rounding_bytes != 8", 0, "");
}

static void what_is_no_expression_is_refused_where_it_goes_wrong(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "a term is missing at character 1"},
        {"pinnd>20%", "there is no such term at character 1"},
        {"leaked_bytes", "one of < <= > >= == != is missing at character 13"},
        {"leaked_bytes = 1", "is missing at character 14"},
        {"leaked_bytes>", "a number is missing at character 14"},
        {"leaked_bytes>-1", "a number is missing at character 14"},
        {"leaked_bytes>1.", "a digit is missing at character 16"},
        {"leaked_bytes>1 MB", "none of the units B, KiB, MiB, GiB, TiB, % at character 16"},
        {"leaked_blocks>1KiB", "this term is no amount of bytes at character 16"},
        {"lost_events>1%", "no % is known of this term at character 14"},
        {"pinned>101%", "more than 100 % at character 11"},
        {"leaked>0 leaked>0", "none of the units"},
        {"leaked>0B leaked>0", "`and` or `or` is missing at character 11"},
        {"leaked>0 and", "a term is missing at character 13"},
        {"leaked>0 and or", "there is no such term at character 14"},
    };
    struct fixture_run run;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        FIXTURE_HEAPREEL(&run, "summary", "/no/such.reel", "--fail-if", cases[i][0]);
        fixture_assert_refused(&run, 2, cases[i][1]);
    }
}

static void too_many_comparisons_are_refused(void **state)
{
    (void)state;
    struct fixture_run run;
    char expression[2048] = "frees>0";
    for (size_t i = 1; i < 32; i++)
        strcat(expression, " and frees>0");
    FIXTURE_HEAPREEL(&run, "summary", make("many.reel"), "--fail-if", expression);
    assert_int_equal(run.status, 1);
    strcat(expression, " and frees>0");
    FIXTURE_HEAPREEL(&run, "summary", "/no/such.reel", "--fail-if", expression);
    fixture_assert_refused(&run, 2, "one comparison too many");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bound_that_is_kept_changes_nothing),
        cmocka_unit_test(a_bound_that_is_broken_gives_status_1_and_the_figure),
        cmocka_unit_test(the_heap_is_looked_at_at_the_moment),
        cmocka_unit_test(shares_of_an_unsampled_heap_say_what_they_are_of),
        cmocka_unit_test(what_is_no_expression_is_refused_where_it_goes_wrong),
        cmocka_unit_test(too_many_comparisons_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
