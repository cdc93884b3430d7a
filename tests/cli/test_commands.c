// SPDX-License-Identifier: MIT
// The program from outside: words, exit statuses, one-line errors, texts and JSON of summary and check.
#include "fixture.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

static void each_command_has_help_that_names_its_options(void **state)
{
    (void)state;
    struct fixture_run run;
    for (size_t i = 0; cli_commands[i] != NULL; i++)
    {
        FIXTURE_HEAPREEL(&run, cli_commands[i]->name, "--help");
        assert_int_equal(run.status, 0);
        assert_string_equal(run.err, "");
        assert_true(strncmp(run.out, "Usage: heapreel ", 16) == 0);
        assert_non_null(strstr(run.out, "--help"));
        for (const struct argp_option *option = cli_commands[i]->options; option->name != NULL; option++)
        {
            char wanted[64];
            snprintf(wanted, sizeof wanted, "--%s", option->name);
            assert_non_null(strstr(run.out, wanted));
        }
        char *help = strdup(run.out);
        FIXTURE_HEAPREEL(&run, "help", cli_commands[i]->name);
        assert_string_equal(run.out, help);
        free(help);
    }
}

static void help_lists_all_commands(void **state)
{
    (void)state;
    static const char *const ways[] = {"help", "--help", "-h"};
    struct fixture_run run;
    for (size_t i = 0; i < 3; i++)
    {
        FIXTURE_HEAPREEL(&run, ways[i]);
        assert_int_equal(run.status, 0);
        for (size_t j = 0; cli_commands[j] != NULL; j++)
            assert_non_null(strstr(run.out, cli_commands[j]->purpose));
    }
    FIXTURE_HEAPREEL(&run, "--version");
    assert_int_equal(run.status, 0);
    assert_true(strncmp(run.out, "heapreel ", 9) == 0);
}

static void words_that_make_no_sense_are_usage_errors(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_RUN(&run, HEAPREEL_PROGRAM);
    fixture_assert_refused(&run, 2, "heapreel help");
    FIXTURE_HEAPREEL(&run, "dance");
    fixture_assert_refused(&run, 2, "dance");
    FIXTURE_HEAPREEL(&run, "help", "dance");
    fixture_assert_refused(&run, 2, "dance");
    FIXTURE_HEAPREEL(&run, "summary");
    fixture_assert_refused(&run, 2, "no reel");
    FIXTURE_HEAPREEL(&run, "summary", "a", "b");
    fixture_assert_refused(&run, 2, "one word too many");
    FIXTURE_HEAPREEL(&run, "summary", "--zork", "a");
    fixture_assert_refused(&run, 2, "--zork is no option");
    FIXTURE_HEAPREEL(&run, "check", "a", "--limit");
    fixture_assert_refused(&run, 2, "--limit needs a value");
    FIXTURE_HEAPREEL(&run, "check", "a", "--limit", "many");
    fixture_assert_refused(&run, 2, "many");
    FIXTURE_HEAPREEL(&run, "check", "-z", "a");
    fixture_assert_refused(&run, 2, "-z is no option");
    FIXTURE_HEAPREEL(&run, "doctor", "who");
    fixture_assert_refused(&run, 2, "who");
    FIXTURE_HEAPREEL(&run, "record");
    fixture_assert_refused(&run, 2, "no program");
    FIXTURE_HEAPREEL(&run, "record", "--stacks", "blue", "true");
    fixture_assert_refused(&run, 2, "on, alloc, off, verify");
    FIXTURE_HEAPREEL(&run, "record", "--full", "ignore", "true");
    fixture_assert_refused(&run, 2, "wait, drop");
    FIXTURE_HEAPREEL(&run, "record", "--allocator", "zork", "true");
    fixture_assert_refused(&run, 2, "no allocator 'zork'");
    FIXTURE_HEAPREEL(&run, "record", "--allocator", "zoned,canary=perhaps", "true");
    fixture_assert_refused(&run, 2, "option 'canary' is not 'perhaps', but on, off");
    FIXTURE_HEAPREEL(&run, "record", "--on-misuse", "shrug", "true");
    fixture_assert_refused(&run, 2, "there is only report, abort");
    FIXTURE_HEAPREEL(&run, "record", "--ring-events", "1000", "true");
    fixture_assert_refused(&run, 2, "power of two");
    FIXTURE_HEAPREEL(&run, "record", "--depth", "0", "true");
    fixture_assert_refused(&run, 2, "--depth 0");
    FIXTURE_HEAPREEL(&run, "record", "-o");
    fixture_assert_refused(&run, 2, "-o needs a value");
}

static void what_is_no_reel_is_refused_by_all_readers(void **state)
{
    (void)state;
    struct fixture_run run;
    static const char *const readers[] = {"summary", "top", "blame", "classes", "pages", "timeline", "check"};
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
    {
        FIXTURE_HEAPREEL(&run, readers[i], "/no/such.reel");
        fixture_assert_refused(&run, 3, "/no/such.reel");
        FIXTURE_HEAPREEL(&run, readers[i], "/etc/passwd");
        fixture_assert_refused(&run, 3, "/etc/passwd");
    }
}

static void an_answer_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_RUN(&run, "sh", "-c", "\"$0\" help > /dev/full", HEAPREEL_PROGRAM);
    fixture_assert_refused(&run, 3, "No space left");
}

static void make(struct fixture_reel *reel, const char *name)
{
    struct reel_error error = {0};
    fixture_begin(reel, name);
    fixture_alloc(reel, 0x1000, 3 << 20, 3 << 20);
    fixture_alloc(reel, 0x500000, 1000, 1008);
    fixture_free(reel, 0x500000);
    assert_int_equal(reel_writer_mark_fork(reel->writer, 1, 1, &error), REEL_OK);
    uint32_t child = fixture_fork(reel, 1, reel->t_ns, reel->t_ns);
    uint32_t thread = fixture_thread(reel, child);
    fixture_free_in(reel, child, thread, 0x1000);
    fixture_finish(reel);
}

static void the_summary_is_one_clear_screen(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    make(&reel, "summary.reel");
    FIXTURE_HEAPREEL(&run, "summary", reel.path);
    assert_int_equal(run.status, 0);
    assert_string_equal(run.err, "");
    assert_true(strncmp(run.out, "made for a test\n", 16) == 0);
    static const char *const lines[] = {
        "  peak live              3.0 MiB  at #1, 0.000 s\n",
        "  leaked                 3.0 MiB  1 block not freed at the end\n",
        "  events                       4\n",
        "  allocations                  2  50.0 % temporary: freed by the thread's next event\n",
        "                               1  of blocks that came with a fork\n",
        "  threads                      2  in 2 processes\n",
        "       PID END              EVENTS  PEAK LIVE     LEAKED  COMMAND\n",
        "       101 exit 0                1        0 B        0 B  child\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (strstr(run.out, lines[i]) == NULL)
            fail_msg("not found: %s in %s", lines[i], run.out);
    assert_null(strstr(run.out, "LOST"));
    assert_null(strstr(run.out, "NOT COMPLETE"));
}

static void losses_are_told_first(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    make(&reel, "losses.reel");
    fixture_tamper(reel.path, "UPDATE run SET lost_events = 12345, is_complete = 0");
    fixture_tamper(reel.path, "INSERT INTO loss VALUES (1, 'children that could not be recorded', 2)");
    FIXTURE_HEAPREEL(&run, "summary", reel.path);
    const char *lost = strstr(run.out, "  LOST: 12 345 events");
    assert_non_null(lost);
    assert_non_null(strstr(run.out, "  NOT COMPLETE"));
    assert_non_null(strstr(run.out, "  MISSING: 2 children that could not be recorded (process 1)\n"));
    assert_true(lost < strstr(run.out, "peak live"));
}

static void the_summary_in_json_has_all_figures(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    make(&reel, "json.reel");
    FIXTURE_HEAPREEL(&run, "summary", "--json", reel.path);
    assert_int_equal(run.status, 0);
    cJSON *summary = cJSON_Parse(run.out);
    assert_non_null(summary);
    static const struct
    {
        const char *name;
        int64_t value;
    } figures[] = {
        {"events", 4},
        {"allocations", 2},
        {"frees", 2},
        {"resizes", 0},
        {"temporary_allocations", 1},
        {"leaked_blocks", 1},
        {"leaked_bytes", 3 << 20},
        {"peak_live_bytes", (3 << 20) + 1000},
        {"peak_t_ns", 200},
        {"peak_resident_bytes", 0},
        {"total_requested_bytes", (3 << 20) + 1000},
        {"lost_events", 0},
        {"waits", 0},
        {"unknown_frees", 0},
        {"inherited_frees", 1},
        {"threads", 2},
        {"committed_events", 4},
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        assert_int_equal(fixture_number(summary, figures[i].name), figures[i].value);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(summary, "peak_moment")), "#1");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(summary, "is_complete")));
    const cJSON *processes = cJSON_GetObjectItem(summary, "processes");
    assert_int_equal(cJSON_GetArraySize(processes), 2);
    const cJSON *child = cJSON_GetArrayItem(processes, 1);
    assert_int_equal(fixture_number(child, "pid"), 101);
    assert_int_equal(fixture_number(child, "exit_status"), 0);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(child, "signal")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(child, "peak_moment")));
    assert_int_equal(fixture_number(child, "inherited_frees"), 1);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(summary, "losses")), 0);
    cJSON_Delete(summary);
}

static void large_integers_keep_all_digits_and_foreign_bytes_do_no_harm(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    make(&reel, "digits.reel");
    fixture_tamper(reel.path, "UPDATE run SET total_requested_bytes = 9007199254740993, "
                              "command = 'a' || CAST(x'ff1b0a' AS TEXT) || '\"'");
    FIXTURE_HEAPREEL(&run, "summary", "--json", reel.path);
    assert_non_null(strstr(run.out, "9007199254740993"));
    assert_non_null(strstr(run.out, "\"a?\\u001b\\n\\\"\""));
    FIXTURE_HEAPREEL(&run, "summary", reel.path);
    assert_true(strncmp(run.out, "a???\"\n", 6) == 0);
}

static void check_says_clean_or_what_is_wrong(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    make(&reel, "check.reel");
    FIXTURE_HEAPREEL(&run, "check", reel.path);
    assert_int_equal(run.status, 0);
    assert_string_equal(run.out, "clean: 4 events, 0 violations\n");
    fixture_tamper(reel.path, "UPDATE run SET frees = 7, resizes = 8");
    FIXTURE_HEAPREEL(&run, "check", reel.path, "--limit", "1");
    assert_int_equal(run.status, 1);
    assert_string_equal(run.out, "totals: run: frees is 7 in the reel, 2 by its events\n"
                                 "1 further violations; see --limit\n"
                                 "NOT CLEAN: 4 events, 2 violations\n");
    FIXTURE_HEAPREEL(&run, "check", "--json", reel.path);
    assert_int_equal(run.status, 1);
    cJSON *verdict = cJSON_Parse(run.out);
    assert_int_equal(fixture_number(verdict, "violations"), 2);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(verdict, "reported")), 2);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(verdict, "are_figures_compared")));
    cJSON_Delete(verdict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_command_has_help_that_names_its_options),
        cmocka_unit_test(help_lists_all_commands),
        cmocka_unit_test(words_that_make_no_sense_are_usage_errors),
        cmocka_unit_test(what_is_no_reel_is_refused_by_all_readers),
        cmocka_unit_test(an_answer_that_cannot_be_written_is_an_error),
        cmocka_unit_test(the_summary_is_one_clear_screen),
        cmocka_unit_test(losses_are_told_first),
        cmocka_unit_test(the_summary_in_json_has_all_figures),
        cmocka_unit_test(large_integers_keep_all_digits_and_foreign_bytes_do_no_harm),
        cmocka_unit_test(check_says_clean_or_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
