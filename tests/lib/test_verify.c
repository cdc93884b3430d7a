// SPDX-License-Identifier: MIT
// What is kept of stacks that differ. Here all do: libunwind's frames of the recorder's own module are left out, and
// the test is in it.
#define _GNU_SOURCE
#include "session_fixture.h"

#include "record/record.h"
#include "record/recorder_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka needs the three above.
#include <cmocka.h>
#include <unistd.h>

enum
{
    RING_EVENTS = 1024,
    CAPTURES = WIRE_DIFFERENCES_MAX + 50,
};

static struct session_fixture fixture;

static int open_session(void **state)
{
    (void)state;
    session_fixture_open(&fixture, WIRE_STACKS_VERIFY, RING_EVENTS);
    setenv(WIRE_SESSION_VARIABLE, fixture.directory, 1);
    record_start();
    record_start_stacks();
    return !recorder_is_active();
}

static int close_session(void **state)
{
    (void)state;
    session_fixture_close(&fixture);
    return 0;
}

// Plays the exported function. Gives the stack of the event.
static __attribute__((noinline)) uint32_t allocate(void)
{
    record_alloc((void *)(uintptr_t)0x1000, 8, 24, 0, __builtin_frame_address(0)); // never followed
    const struct wire_ring *ring = record_own.thread->ring;
    uint64_t committed = ring->state >> 1;
    __atomic_store_n(&record_own.thread->ring->tail, committed, __ATOMIC_RELEASE);
    return ring->records[(committed - 1) % RING_EVENTS].stack;
}

static const struct wire_difference *difference(uint32_t number)
{
    const char *channel = (const char *)recorder.channel;
    return (const struct wire_difference *)(channel + recorder.channel->differences_offset) + number;
}

static void stacks_that_may_not_be_captured_by_libunwind_are_not_compared(void **state)
{
    (void)state;
    fixture.session->waits_spin = 1;
    assert_int_not_equal(allocate(), 0);
    fixture.session->waits_spin = 0;
    assert_int_equal(recorder.channel->verify_count, 0);
}

static void all_differences_are_counted_and_the_first_are_kept_with_both_stacks(void **state)
{
    (void)state;
    uint32_t stacks[CAPTURES];
    for (uint32_t i = 0; i < CAPTURES; i++)
        stacks[i] = allocate();
    assert_int_equal(recorder.channel->verify_count, CAPTURES);
    assert_int_equal(recorder.channel->verify_differences, CAPTURES);
    for (uint32_t i = 0; i < WIRE_DIFFERENCES_MAX; i++)
    {
        assert_int_equal(difference(i)->is_complete, 1);
        assert_int_equal(difference(i)->walked, stacks[i]);
        assert_int_not_equal(difference(i)->unwound, 0);
        assert_int_not_equal(difference(i)->unwound, stacks[i]);
        assert_int_equal(difference(i)->tid, gettid());
        assert_true(i == 0 || difference(i)->time > difference(i - 1)->time);
    }
    assert_int_equal(difference(WIRE_DIFFERENCES_MAX)->is_complete, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stacks_that_may_not_be_captured_by_libunwind_are_not_compared), // first: nothing is counted
        cmocka_unit_test(all_differences_are_counted_and_the_first_are_kept_with_both_stacks),
    };
    return cmocka_run_group_tests(tests, open_session, close_session);
}
