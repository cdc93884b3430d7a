// SPDX-License-Identifier: MIT
// Sorts by insertion: only what a signal handler interrupted is out of place.
#include "tracer/order.h"

#define ORDER_SHIFTS_PER_EVENT 32 // nested calls of signal handlers are a few events deep

static uint64_t time_at(const struct wire_event *records, uint64_t mask, uint64_t number)
{
    return __atomic_load_n(&records[number & mask].time, __ATOMIC_RELAXED);
}

// Moves the event to its place among those from `from` on; returns how many gave way.
static uint64_t move_back(struct wire_event *records, uint64_t mask, uint64_t from, uint64_t number)
{
    struct wire_event event = records[number & mask];
    uint64_t at = number;
    for (; at > from && time_at(records, mask, at - 1) > event.time; at--)
        records[at & mask] = records[(at - 1) & mask];
    records[at & mask] = event;
    return number - at;
}

void order_ring(struct wire_event *records, uint64_t mask, uint64_t from, uint64_t to, uint64_t latest)
{
    uint64_t shifts_max = (to - from) * ORDER_SHIFTS_PER_EVENT;
    uint64_t shifts = 0;
    uint64_t previous = 0;
    for (uint64_t number = from; number != to; number++)
    {
        uint64_t time = time_at(records, mask, number);
        if (time > latest)
            __atomic_store_n(&records[number & mask].time, time = latest, __ATOMIC_RELAXED);
        if (time >= previous)
            previous = time;
        else if (shifts <= shifts_max)
            shifts += move_back(records, mask, from, number);
    }
}
