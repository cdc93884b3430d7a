// SPDX-License-Identifier: MIT
// order_events against a sort that is obviously right.
#include "tracer/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EVENTS_MAX 3000

static int compare(const void *left, const void *right)
{
    const struct wire_event *a = left;
    const struct wire_event *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->size > b->size) - (a->size < b->size); // size numbers the events: stable
}

static void check(struct wire_event *events, size_t sorted, size_t count)
{
    static struct wire_event expected[EVENTS_MAX];
    for (size_t i = 0; i < count; i++)
        events[i].size = i;
    qsort(events, sorted, sizeof *events, compare);
    for (size_t i = 0; i < count; i++)
        events[i].size = i;
    memcpy(expected, events, count * sizeof *events);
    qsort(expected, count, sizeof *events, compare);
    order_events(events, sorted, count);
    assert_memory_equal(events, expected, count * sizeof *events);
}

static void random_times_are_sorted_stably(void **state)
{
    (void)state;
    static struct wire_event events[EVENTS_MAX];
    srandom(1);
    for (int round = 0; round < 200; round++)
    {
        size_t count = (size_t)random() % EVENTS_MAX;
        uint64_t range = 1 + (uint64_t)random() % (2 * EVENTS_MAX);
        memset(events, 0, sizeof events);
        for (size_t i = 0; i < count; i++)
            events[i].time = (uint64_t)random() % range;
        check(events, count == 0 ? 0 : (size_t)random() % count, count);
    }
}

static void nearly_sorted_times_are_sorted_stably(void **state)
{
    (void)state;
    static struct wire_event events[EVENTS_MAX];
    srandom(2);
    memset(events, 0, sizeof events);
    for (size_t i = 0; i < EVENTS_MAX; i++)
        events[i].time = i / 2 * 3 + (uint64_t)random() % 6;
    check(events, 0, EVENTS_MAX);
}

static void descending_times_are_sorted(void **state)
{
    (void)state;
    static struct wire_event events[EVENTS_MAX];
    memset(events, 0, sizeof events);
    for (size_t i = 0; i < EVENTS_MAX; i++)
        events[i].time = EVENTS_MAX - i;
    check(events, 0, EVENTS_MAX);
}

static void nothing_to_sort_is_allowed(void **state)
{
    (void)state;
    struct wire_event event = {.time = 7};
    order_events(&event, 0, 0);
    order_events(&event, 0, 1);
    order_events(&event, 1, 1);
    assert_int_equal(event.time, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_times_are_sorted_stably),
        cmocka_unit_test(nearly_sorted_times_are_sorted_stably),
        cmocka_unit_test(descending_times_are_sorted),
        cmocka_unit_test(nothing_to_sort_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
