// SPDX-License-Identifier: MIT
// heapreel record from outside: whose exit status comes back, and which words belong to whom.
#include "fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RECORD HEAPREEL_PROGRAM, "record", "--quiet", "--force", "-o"

static void the_programs_status_comes_back(void **state)
{
    (void)state;
    struct fixture_run run;
    const char *reel = fixture_path("status.reel");
    FIXTURE_RUN(&run, RECORD, reel, "sh", "-c", "exit 7");
    assert_string_equal(run.err, "");
    assert_int_equal(run.status, 7);
    FIXTURE_RUN(&run, RECORD, reel, "sh", "-c", "kill -KILL $$");
    assert_int_equal(run.status, 128 + 9);
    FIXTURE_RUN(&run, RECORD, reel, "true");
    assert_int_equal(run.status, 0);
    FIXTURE_HEAPREEL(&run, "check", reel);
    assert_int_equal(run.status, 0);
}

static void options_after_the_program_are_its_own(void **state)
{
    (void)state;
    struct fixture_run run;
    const char *reel = fixture_path("words.reel");
    FIXTURE_RUN(&run, RECORD, reel, "echo", "--stacks", "blue", "-o", "--help");
    assert_string_equal(run.out, "--stacks blue -o --help\n");
    assert_int_equal(run.status, 0);
    FIXTURE_RUN(&run, RECORD, reel, "--", "echo", "--", "--quiet");
    assert_string_equal(run.out, "-- --quiet\n");
}

static void allocator_is_kept_in_the_reel_as_it_was_named(void **state)
{
    (void)state;
    struct fixture_run run;
    const char *reel = fixture_path("allocator.reel");
    FIXTURE_RUN(&run, RECORD, reel, "--allocator", "zoned,canary=on", "--on-misuse", "abort", "true");
    assert_string_equal(run.err, "");
    assert_int_equal(run.status, 0);
    FIXTURE_HEAPREEL(&run, "summary", "--json", reel);
    assert_non_null(strstr(run.out, "\"zoned,canary=on,on-misuse=abort\""));
}

static void a_program_that_no_shell_could_run_gives_127_or_126(void **state)
{
    (void)state;
    struct fixture_run run;
    const char *reel = fixture_path("refused.reel");
    const char *plain = fixture_path("plain");
    FILE *file = fopen(plain, "w");
    assert_non_null(file);
    fclose(file);
    FIXTURE_RUN(&run, RECORD, reel, "no-such-program-anywhere");
    fixture_assert_refused(&run, 127, "no-such-program-anywhere");
    FIXTURE_RUN(&run, RECORD, reel, "/no/such/program");
    fixture_assert_refused(&run, 127, "/no/such/program");
    FIXTURE_RUN(&run, RECORD, reel, plain);
    fixture_assert_refused(&run, 126, plain);
    FIXTURE_RUN(&run, RECORD, reel, "/tmp");
    fixture_assert_refused(&run, 126, "/tmp");
    assert_int_not_equal(access(reel, F_OK), 0);
}

static void a_program_that_only_recording_refuses_gives_3(void **state)
{
    (void)state;
    static const char *const program = "/sbin/ldconfig"; // static, on every glibc system
    struct fixture_run run;
    if (access(program, X_OK) != 0)
        skip();
    FIXTURE_RUN(&run, RECORD, fixture_path("static.reel"), program, "-p");
    fixture_assert_refused(&run, 3, program);
}

static void a_reel_that_cannot_be_written_gives_3(void **state)
{
    (void)state;
    struct fixture_run run;
    const char *reel = fixture_path("exists.reel");
    FILE *file = fopen(reel, "w");
    assert_non_null(file);
    fputs("precious", file);
    fclose(file);
    FIXTURE_HEAPREEL(&run, "record", "-o", reel, "true");
    fixture_assert_refused(&run, 3, "--force");
    FIXTURE_HEAPREEL(&run, "record", "-o", "/no/such/directory/x.reel", "true");
    fixture_assert_refused(&run, 3, "/no/such/directory");
}

static void without_quiet_one_closing_line_names_the_reel(void **state)
{
    (void)state;
    struct fixture_run run;
    const char *reel = fixture_path("closing.reel");
    FIXTURE_HEAPREEL(&run, "record", "-o", reel, "echo", "hello");
    assert_string_equal(run.out, "hello\n");
    assert_true(strncmp(run.err, "heapreel: ", 10) == 0);
    assert_non_null(strstr(run.err, reel));
    assert_non_null(strstr(run.err, "heapreel summary"));
    assert_string_equal(strchr(run.err, '\n'), "\n");
}

static void following_has_one_way_and_options_of_its_own(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "record", "--view", "--web", "true");
    fixture_assert_refused(&run, 2, "--view and --web");
    FIXTURE_HEAPREEL(&run, "record", "--port", "8080", "true");
    fixture_assert_refused(&run, 2, "--port");
    FIXTURE_HEAPREEL(&run, "record", "--no-browser", "true");
    fixture_assert_refused(&run, 2, "--no-browser");
    FIXTURE_HEAPREEL(&run, "record", "--web", "--port", "65536", "true");
    fixture_assert_refused(&run, 2, "--port 65536");
}

static void doctor_reports_the_preload_library_of_this_build(void **state)
{
    (void)state;
    struct fixture_run run;
    FIXTURE_HEAPREEL(&run, "doctor");
    assert_true(run.status == 0 || run.status == 1);
    assert_string_equal(run.err, "");
    assert_non_null(strstr(run.out, "libheapreel.so"));
    assert_int_equal(run.status, strstr(run.out, "MISSING") != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_programs_status_comes_back),
        cmocka_unit_test(options_after_the_program_are_its_own),
        cmocka_unit_test(allocator_is_kept_in_the_reel_as_it_was_named),
        cmocka_unit_test(a_program_that_no_shell_could_run_gives_127_or_126),
        cmocka_unit_test(a_program_that_only_recording_refuses_gives_3),
        cmocka_unit_test(a_reel_that_cannot_be_written_gives_3),
        cmocka_unit_test(without_quiet_one_closing_line_names_the_reel),
        cmocka_unit_test(following_has_one_way_and_options_of_its_own),
        cmocka_unit_test(doctor_reports_the_preload_library_of_this_build),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
