// SPDX-License-Identifier: MIT
// Code generations over a fork: what is remembered of code is told by them, and comes along.
#define _GNU_SOURCE
#include "session_fixture.h"

#include "record/record.h"
#include "record/recorder_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka needs the three above.
#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    RING_EVENTS = 1024,
    GENERATION = 5,
};

static struct session_fixture fixture;

static int open_session(void **state)
{
    (void)state;
    session_fixture_open(&fixture, WIRE_STACKS_OFF, RING_EVENTS);
    setenv(WIRE_SESSION_VARIABLE, fixture.directory, 1);
    record_start();
    recorder.channel->generation = GENERATION;
    return !recorder_is_active();
}

static int close_session(void **state)
{
    (void)state;
    session_fixture_close(&fixture);
    return 0;
}

// 0: it has no channel of its own.
static int generation_in_child(void)
{
    const struct wire_channel *parent = recorder.channel;
    pid_t child = _Fork();
    if (child == 0)
    {
        record_free((const void *)(uintptr_t)0x1000, NULL); // never followed
        _exit(recorder.channel != parent ? (int)recorder.channel->generation : 0);
    }
    int status;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

static void forked_copy_has_its_parents_modules_and_generation(void **state)
{
    (void)state;
    assert_int_equal(generation_in_child(), GENERATION);
}

static void forked_copy_that_has_to_look_for_modules_begins_a_generation(void **state)
{
    (void)state;
    fixture.session->module_log_bytes = 64; // none fits
    assert_int_equal(generation_in_child(), GENERATION + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forked_copy_has_its_parents_modules_and_generation),
        cmocka_unit_test(forked_copy_that_has_to_look_for_modules_begins_a_generation),
    };
    return cmocka_run_group_tests(tests, open_session, close_session);
}
