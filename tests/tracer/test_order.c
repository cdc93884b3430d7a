// SPDX-License-Identifier: MIT
// order_ring against a sort that is obviously right.
#include "tracer/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RECORDS 4096
#define MASK (RECORDS - 1)

static struct wire_event ring[RECORDS];

static int compare(const void *left, const void *right)
{
    const struct wire_event *a = left;
    const struct wire_event *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->size > b->size) - (a->size < b->size); // size numbers the events: stable
}

static void check(uint64_t from, uint64_t to)
{
    static struct wire_event expected[RECORDS];
    static struct wire_event before[RECORDS];
    size_t count = to - from;
    for (size_t i = 0; i < count; i++)
    {
        ring[(from + i) & MASK].size = i;
        expected[i] = ring[(from + i) & MASK];
    }
    memcpy(before, ring, sizeof before);
    qsort(expected, count, sizeof *expected, compare);
    order_ring(ring, MASK, from, to, INT64_MAX);
    for (size_t i = 0; i < RECORDS; i++)
    {
        const struct wire_event *wanted = i < count ? &expected[i] : &before[(from + i) & MASK];
        assert_memory_equal(&ring[(from + i) & MASK], wanted, sizeof *wanted);
    }
}

static void nested_calls_are_sorted_stably_across_the_wrap(void **state)
{
    (void)state;
    srandom(2);
    for (uint64_t from = 0; from < 40 * RECORDS; from += RECORDS / 3)
    {
        size_t count = (size_t)random() % RECORDS;
        for (size_t i = 0; i < count; i++)
            ring[(from + i) & MASK].time = i / 2 * 3 + (uint64_t)random() % 40;
        check(from, from + count);
    }
}

// A handler that ran long inside a call that is stamped at its beginning.
static void event_that_is_older_than_thousands_goes_before_them(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < RECORDS; i++)
        ring[i].time = 1000 + i;
    ring[RECORDS - 1].time = 1001;
    check(0, RECORDS);
}

static void times_after_the_latest_are_cut_off(void **state)
{
    (void)state;
    static const uint64_t times[] = {5, 50, 7, 12, 99};
    static const uint64_t expected[] = {5, 7, 10, 10, 10};
    for (size_t i = 0; i < 5; i++)
        ring[i].time = times[i];
    order_ring(ring, MASK, 0, 5, 10);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(ring[i].time, expected[i]);
}

// No thread leaves a ring like this; what counts is that it takes no time to speak of and stays inside the ring.
static void ring_without_any_order_is_given_up(void **state)
{
    (void)state;
    static struct wire_event huge[1 << 20];
    const size_t count = sizeof huge / sizeof *huge;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        huge[i] = (struct wire_event){.time = count - i, .size = i};
    order_ring(huge, count - 1, 0, count, UINT64_MAX);
    for (size_t i = 0; i < count; i++)
        sum += huge[i].size;
    assert_int_equal(sum, (uint64_t)count * (count - 1) / 2);
    assert_int_equal(huge[count - 1].time, 1);
}

static void nothing_to_sort_is_allowed(void **state)
{
    (void)state;
    ring[0].time = 7;
    order_ring(ring, MASK, 0, 0, 9);
    order_ring(ring, MASK, 0, 1, 9);
    assert_int_equal(ring[0].time, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nested_calls_are_sorted_stably_across_the_wrap),
        cmocka_unit_test(event_that_is_older_than_thousands_goes_before_them),
        cmocka_unit_test(times_after_the_latest_are_cut_off),
        cmocka_unit_test(ring_without_any_order_is_given_up),
        cmocka_unit_test(nothing_to_sort_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
