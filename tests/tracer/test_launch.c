// SPDX-License-Identifier: MIT
// The program starts with what it would have had, and our variables.
#include "tracer/launch.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char shell[] = "sh";
static char shell_option[] = "-c";
static char kill_parent[] = "kill -9 $PPID";

// A library that is certainly there.
static const char *some_library(void)
{
    Dl_info about;
    assert_int_not_equal(dladdr((void *)(uintptr_t)&_cmocka_run_group_tests, &about), 0);
    return about.dli_fname;
}

static int run_shell(const char *script)
{
    struct program program;
    struct launch launch;
    char *argv[] = {shell, shell_option, (char *)(uintptr_t)script, NULL};
    int wait_status;
    assert_int_equal(program_find(&program, "sh", NULL), REEL_OK);
    struct launch_plan plan = {.program = &program,
                               .argv = argv,
                               .preload_path = some_library(),
                               .session_directory = "/the/session",
                               .allocator = "zoned,fill=on"};
    assert_int_equal(launch_fork(&launch, &plan, NULL), REEL_OK);
    assert_int_equal(launch_go(&launch, "sh", NULL), REEL_OK);
    assert_int_equal(waitpid(launch.pid, &wait_status, 0), launch.pid);
    return wait_status;
}

static void exit_status_and_signal_come_through(void **state)
{
    (void)state;
    assert_int_equal(WEXITSTATUS(run_shell("exit 7")), 7);
    assert_int_equal(WTERMSIG(run_shell("kill -9 $$")), 9);
}

static void session_is_in_the_environment(void **state)
{
    (void)state;
    assert_int_equal(run_shell("test \"$HEAPREEL_SESSION\" = /the/session"), 0);
}

static void allocator_is_in_the_environment_as_it_was_given(void **state)
{
    (void)state;
    assert_int_equal(run_shell("test \"$HEAPREEL_ALLOCATOR\" = zoned,fill=on"), 0);
}

static void preload_is_put_before_an_existing_one(void **state)
{
    char script[512];
    (void)state;
    unsetenv("LD_PRELOAD");
    snprintf(script, sizeof script, "test \"$LD_PRELOAD\" = %s", some_library());
    assert_int_equal(run_shell(script), 0);
    setenv("LD_PRELOAD", "libc.so.6", 1);
    snprintf(script, sizeof script, "test \"$LD_PRELOAD\" = %s:libc.so.6", some_library());
    assert_int_equal(run_shell(script), 0);
    unsetenv("LD_PRELOAD");
}

static void ignored_signals_stay_ignored_and_the_group_is_ours(void **state)
{
    char script[128];
    (void)state;
    signal(SIGUSR1, SIG_IGN);
    assert_int_equal(run_shell("kill -USR1 $$; exit 3") >> 8, 3);
    signal(SIGUSR1, SIG_DFL);
    assert_int_equal(WTERMSIG(run_shell("kill -USR1 $$; exit 3")), SIGUSR1);
    snprintf(script, sizeof script, "test $(cut -d' ' -f5 /proc/$$/stat) = %d", getpgrp());
    assert_int_equal(run_shell(script), 0);
}

static void failing_exec_is_told(void **state)
{
    struct program program = {.path = "/nonexistent/program"};
    struct launch launch;
    struct reel_error error;
    char *argv[] = {shell, NULL};
    struct launch_plan plan = {.program = &program,
                               .argv = argv,
                               .preload_path = some_library(),
                               .session_directory = "/the/session",
                               .allocator = "system"};
    (void)state;
    assert_int_equal(launch_fork(&launch, &plan, &error), REEL_OK);
    assert_int_equal(launch_go(&launch, "program", &error), REEL_E_ARGUMENT);
    assert_string_equal(error.text, "program: cannot be run: No such file or directory");
}

static void cancelled_child_never_runs_the_program(void **state)
{
    struct program program;
    struct launch launch;
    char *argv[] = {shell, shell_option, kill_parent, NULL};
    (void)state;
    assert_int_equal(program_find(&program, "sh", NULL), REEL_OK);
    struct launch_plan plan = {.program = &program,
                               .argv = argv,
                               .preload_path = some_library(),
                               .session_directory = "/the/session",
                               .allocator = "system"};
    assert_int_equal(launch_fork(&launch, &plan, NULL), REEL_OK);
    launch_cancel(&launch);
    assert_int_equal(waitpid(-1, NULL, 0), -1);
}

static void unusable_preload_paths_are_told(void **state)
{
    struct reel_error error;
    (void)state;
    assert_int_equal(launch_check_preload(some_library(), &error), REEL_OK);
    assert_int_equal(launch_check_preload("lib.so", &error), REEL_E_OPEN);
    assert_int_equal(launch_check_preload("/nonexistent/lib.so", &error), REEL_E_OPEN);
    assert_non_null(strstr(error.text, "/nonexistent/lib.so: the preload library cannot be read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_status_and_signal_come_through),
        cmocka_unit_test(session_is_in_the_environment),
        cmocka_unit_test(allocator_is_in_the_environment_as_it_was_given),
        cmocka_unit_test(preload_is_put_before_an_existing_one),
        cmocka_unit_test(ignored_signals_stay_ignored_and_the_group_is_ours),
        cmocka_unit_test(failing_exec_is_told),
        cmocka_unit_test(cancelled_child_never_runs_the_program),
        cmocka_unit_test(unusable_preload_paths_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
