// SPDX-License-Identifier: MIT
// A launched program is bounded, and all that it says comes through.
#include "lab/launch.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static const struct lab_allocator plain = {.name = "glibc", .is_installed = true};
static struct lab_outcome outcome;
static char complaint[256];

static bool launch_shell(const struct lab_allocator *allocator, const char *script, uint64_t address_space_bytes,
                         uint32_t time_limit_ms)
{
    char *argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"}, (char *)(uintptr_t)script, NULL};
    const struct lab_launch launch = {allocator, argv, address_space_bytes, time_limit_ms};
    return lab_launch(&launch, &outcome, complaint, sizeof complaint);
}

static void run(const char *script)
{
    assert_true(launch_shell(&plain, script, 0, 0));
    assert_false(outcome.is_timed_out);
}

static void status_and_texts_come_through(void **state)
{
    (void)state;
    run("echo out; echo err >&2; exit 7");
    assert_int_equal(WEXITSTATUS(outcome.wait_status), 7);
    assert_string_equal(outcome.output, "out\n");
    assert_string_equal(outcome.errors, "err\n");
    run("kill -ABRT $$");
    assert_int_equal(WTERMSIG(outcome.wait_status), SIGABRT);
    assert_string_equal(outcome.output, "");
}

static void too_much_text_is_cut_and_blocks_nobody(void **state)
{
    (void)state;
    run("head -c 300000 /dev/zero | tr '\\0' o; head -c 300000 /dev/zero | tr '\\0' e >&2");
    assert_int_equal(outcome.wait_status, 0);
    assert_int_equal(strlen(outcome.output), sizeof outcome.output - 1);
    assert_int_equal(strlen(outcome.errors), sizeof outcome.errors - 1);
}

static void a_program_that_does_not_end_is_killed(void **state)
{
    (void)state;
    assert_true(launch_shell(&plain, "echo begun; exec sleep 1000", 0, 200));
    assert_true(outcome.is_timed_out);
    assert_int_equal(WTERMSIG(outcome.wait_status), SIGKILL);
}

static void children_that_outlive_it_are_not_waited_for(void **state)
{
    (void)state;
    double child = 0;
    run("sleep 1000 & echo child $!");
    assert_true(lab_figure(&outcome, "child", &child));
    assert_int_equal(kill((pid_t)child, SIGKILL), 0);
}

static void address_space_is_limited(void **state)
{
    (void)state;
    assert_true(launch_shell(&plain, "ulimit -v", (uint64_t)1 << 30, 0));
    assert_string_equal(outcome.output, "1048576\n");
    run("ulimit -v");
    assert_string_equal(outcome.output, "unlimited\n");
}

static void environment_is_the_allocators(void **state)
{
    (void)state;
    const struct lab_allocator ours = {.preload = "libc.so.6", .spec = "zoned"};
    const char *script = "echo \"$LD_PRELOAD $HEAPREEL_ALLOCATOR $HEAPREEL_SESSION $KEPT\"";
    setenv("KEPT", "kept", 1);
    setenv("HEAPREEL_SESSION", "of another recording", 1);
    setenv("HEAPREEL_ALLOCATOR", "bump", 1);
    assert_true(launch_shell(&ours, script, 0, 0));
    assert_string_equal(outcome.output, "libc.so.6 zoned  kept\n");
    run(script);
    assert_string_equal(outcome.output, "   kept\n");
}

static void costs_are_told(void **state)
{
    (void)state;
    run("dd if=/dev/zero of=/dev/null bs=64M count=1 2>/dev/null");
    assert_true(outcome.peak_resident_bytes > 64 << 20);
    assert_true(outcome.wall_ns > 0 && outcome.user_ns + outcome.system_ns > 0);
}

static void what_cannot_be_run_is_a_complaint(void **state)
{
    (void)state;
    char *argv[] = {(char[]){"/no/such/program"}, NULL};
    const struct lab_launch launch = {.allocator = &plain, .argv = argv};
    assert_false(lab_launch(&launch, &outcome, complaint, sizeof complaint));
    assert_string_equal(complaint, "cannot run /no/such/program: No such file or directory");
}

static void a_library_that_does_not_load_is_a_complaint(void **state)
{
    (void)state;
    const struct lab_allocator broken = {.preload = "/etc/passwd"};
    assert_false(launch_shell(&broken, "echo runs without it", 0, 0));
    assert_string_equal(complaint, "/etc/passwd cannot be preloaded");
}

static void figures_are_found_by_their_whole_name(void **state)
{
    (void)state;
    double value = 0;
    strcpy(outcome.output, "pages 12\npages_max 13.5\nword none\nlast -1e3");
    assert_true(lab_figure(&outcome, "pages_max", &value));
    assert_true(value == 13.5);
    assert_true(lab_figure(&outcome, "pages", &value));
    assert_true(value == 12);
    assert_true(lab_figure(&outcome, "last", &value));
    assert_true(value == -1000);
    assert_false(lab_figure(&outcome, "word", &value));
    assert_false(lab_figure(&outcome, "page", &value));
    assert_false(lab_figure(&outcome, "max", &value));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_and_texts_come_through),
        cmocka_unit_test(too_much_text_is_cut_and_blocks_nobody),
        cmocka_unit_test(a_program_that_does_not_end_is_killed),
        cmocka_unit_test(children_that_outlive_it_are_not_waited_for),
        cmocka_unit_test(address_space_is_limited),
        cmocka_unit_test(environment_is_the_allocators),
        cmocka_unit_test(costs_are_told),
        cmocka_unit_test(what_cannot_be_run_is_a_complaint),
        cmocka_unit_test(a_library_that_does_not_load_is_a_complaint),
        cmocka_unit_test(figures_are_found_by_their_whole_name),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
