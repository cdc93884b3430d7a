// SPDX-License-Identifier: MIT
// Sorts by insertion, and by merging when a hostile ring makes insertion slow. Refuses to fail: without memory for
// merging it goes on inserting.
#include "tracer/order.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_SHIFTS_PER_EVENT 32 // nested calls of signal handlers are a few events deep

static void merge_halves(struct wire_event *events, size_t middle, size_t count, struct wire_event *spare)
{
    memcpy(spare, events, middle * sizeof *events);
    size_t left = 0;
    size_t right = middle;
    for (size_t out = 0; left < middle; out++)
        events[out] = right < count && events[right].time < spare[left].time ? events[right++] : spare[left++];
}

// Bottom up: the depth of a recursion would be the ring's to choose.
static void merge_sort(struct wire_event *events, size_t count, struct wire_event *spare)
{
    for (size_t width = 1; width < count; width *= 2)
        for (size_t at = 0; at + width < count; at += 2 * width)
            merge_halves(events + at, width, count - at < 2 * width ? count - at : 2 * width, spare);
}

void order_events(struct wire_event *events, size_t sorted, size_t count)
{
    size_t shifts_left = (count - sorted) * ORDER_SHIFTS_PER_EVENT;
    for (size_t i = sorted == 0 ? 1 : sorted; i < count; i++)
    {
        if (events[i].time >= events[i - 1].time)
            continue;
        struct wire_event event = events[i];
        size_t at = i;
        for (; at > 0 && events[at - 1].time > event.time; at--)
            events[at] = events[at - 1];
        events[at] = event;
        if (i - at <= shifts_left)
        {
            shifts_left -= i - at;
            continue;
        }
        struct wire_event *spare = malloc(count * sizeof *spare);
        if (spare == NULL)
            continue;
        merge_sort(events, count, spare);
        free(spare);
        return;
    }
}
