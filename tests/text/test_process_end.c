// SPDX-License-Identifier: MIT
// How ends of processes read, by example.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above.
#include <cmocka.h>
#include <limits.h>
#include <signal.h>

#include "text/process_end.h"

static void assert_reads(enum reel_process_end end, int exit_status, int number, const char *expected)
{
    const struct reel_process_summary process = {.end = end, .exit_status = exit_status, .signal = number};
    char text[PROCESS_END_BYTES];
    assert_string_equal(process_end(text, &process), expected);
}

static void ends_read_as_shells_say_them(void **state)
{
    assert_reads(REEL_END_EXITED, 0, 0, "exit 0");
    assert_reads(REEL_END_EXITED, INT_MIN, 0, "exit -2147483648");
    assert_reads(REEL_END_SIGNALLED, -1, SIGKILL, "SIGKILL");
    assert_reads(REEL_END_EXEC, -1, 0, "exec");
    assert_reads(REEL_END_STOPPED, -1, 0, "stopped");
    assert_reads(0, -1, 0, "running");
    (void)state;
}

static void what_no_system_has_is_still_told(void **state)
{
    assert_reads(REEL_END_SIGNALLED, -1, 4711, "signal 4711");
    assert_reads(REEL_END_SIGNALLED, -1, INT_MIN, "signal -2147483648");
    assert_reads((enum reel_process_end)77, -1, 0, "unknown");
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_read_as_shells_say_them),
        cmocka_unit_test(what_no_system_has_is_still_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
