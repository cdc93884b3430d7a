// SPDX-License-Identifier: MIT
// A ring has memory for what is written into it, and no more: most processes write little.
#define _GNU_SOURCE
#include "session_fixture.h"

#include "record/record.h"
#include "record/recorder_internal.h"
#include "wire/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka needs the three above.
#include <cmocka.h>
#include <sys/mman.h>

enum
{
    RING_EVENTS = 1 << 16,
    RING_PAGES = RING_EVENTS * sizeof(struct wire_event) / WIRE_PAGE_BYTES,
};

static struct session_fixture fixture;

static int open_session(void **state)
{
    (void)state;
    session_fixture_open(&fixture, WIRE_STACKS_OFF, RING_EVENTS);
    setenv(WIRE_SESSION_VARIABLE, fixture.directory, 1);
    record_start();
    record_free(&fixture, NULL);
    return !record_own.thread;
}

static int close_session(void **state)
{
    (void)state;
    session_fixture_close(&fixture);
    return 0;
}

static size_t backed_pages(void)
{
    static unsigned char is_there[RING_PAGES];
    uintptr_t begin = (uintptr_t)record_own.thread->records & ~(uintptr_t)(WIRE_PAGE_BYTES - 1);
    size_t count = 0;
    assert_int_equal(mincore((void *)begin, sizeof is_there * WIRE_PAGE_BYTES, is_there), 0);
    for (size_t i = 0; i < RING_PAGES; i++)
        count += is_there[i] & 1;
    return count;
}

static void record_until(uint64_t head)
{
    struct wire_ring *ring = record_own.thread->ring;
    while (ring->state >> 1 < head)
    {
        uint64_t number = ring->state >> 1;
        record_free((void *)(uintptr_t)(number << 4), NULL);
        assert_int_equal(ring->state >> 1, number + 1);
        assert_int_equal(wire_where_address(ring->records[number % RING_EVENTS].where), number << 4);
    }
}

static void memory_comes_as_the_ring_fills(void **state)
{
    (void)state;
    size_t at_first = backed_pages();
    assert_in_range(at_first, 1, RING_PAGES / 8);
    record_until(RING_EVENTS / 16);
    size_t later = backed_pages();
    assert_in_range(later, at_first + 1, RING_PAGES / 2);
    record_until(RING_EVENTS - RING_RESERVE);
    assert_int_equal(backed_pages(), RING_PAGES);
}

static void next_laps_need_none(void **state)
{
    (void)state;
    struct wire_ring *ring = record_own.thread->ring;
    for (int lap = 0; lap < 3; lap++)
    {
        __atomic_store_n(&ring->tail, ring->state >> 1, __ATOMIC_RELEASE);
        record_until((ring->state >> 1) + RING_EVENTS - RING_RESERVE);
    }
    assert_int_equal(ring->dropped, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_comes_as_the_ring_fills),
        cmocka_unit_test(next_laps_need_none), // of the same ring
    };
    return cmocka_run_group_tests(tests, open_session, close_session);
}
