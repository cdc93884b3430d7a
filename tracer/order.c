// SPDX-License-Identifier: MIT
// Sorts by insertion: only what a signal handler interrupted is out of place.
#include "tracer/order.h"

#include <stdbool.h>

#define ORDER_SHIFTS_PER_EVENT 32 // nested calls of signal handlers are a few events deep
#define ORDER_AHEAD 32            // events that are fetched ahead; their lines come from another processor's cache
#define ORDER_SPAN_EVENTS 256     // looked at together; nearly always they are in order

// Events number from..to-1 of those from first on, which are sorted up to from.
struct span
{
    uint64_t first;
    uint64_t from;
    uint64_t to;
};

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

// True when the times of these events do not fall and all lie between previous and latest. Each is read once: what is
// not so all the same was changed after.
static bool is_ordered(const struct wire_event *events, uint64_t count, uint64_t ahead, uint64_t previous,
                       uint64_t latest)
{
    uint64_t signs = previous | latest; // with none of them negative, a difference is negative when a time falls
    for (uint64_t i = 0; i < count; i++)
    {
        __builtin_prefetch(&events[i + ahead]);
        uint64_t time = __atomic_load_n(&events[i].time, __ATOMIC_RELAXED);
        signs |= time | (time - previous);
        previous = time;
    }
    signs |= latest - previous;
    return (int64_t)signs >= 0;
}

// Sorts some of the events of a look that begins with first; gives the greatest time so far.
static uint64_t sort(struct wire_event *records, uint64_t mask, const struct span *span, uint64_t previous,
                     uint64_t latest, uint64_t *shifts)
{
    for (uint64_t number = span->from; number != span->to; number++)
    {
        uint64_t time = time_at(records, mask, number);
        if (time > latest)
            __atomic_store_n(&records[number & mask].time, time = latest, __ATOMIC_RELAXED);
        if (time >= previous)
            previous = time;
        else if (*shifts != 0)
        {
            uint64_t shifted = move_back(records, mask, span->first, number);
            *shifts -= shifted < *shifts ? shifted : *shifts;
        }
    }
    return previous;
}

void order_ring(struct wire_event *records, uint64_t mask, uint64_t from, uint64_t to, uint64_t latest)
{
    uint64_t shifts = (to - from) * ORDER_SHIFTS_PER_EVENT;
    uint64_t previous = 0;
    struct span span = {.first = from, .from = from};
    for (; span.from != to; span.from = span.to)
    {
        uint64_t room = mask + 1 - (span.from & mask);
        uint64_t count = to - span.from < ORDER_SPAN_EVENTS ? to - span.from : ORDER_SPAN_EVENTS;
        count = count < room ? count : room;
        span.to = span.from + count;
        uint64_t ahead = to - span.to >= ORDER_AHEAD ? ORDER_AHEAD : 0;
        if (is_ordered(&records[span.from & mask], count, ahead, previous, latest))
            previous = time_at(records, mask, span.to - 1);
        else
            previous = sort(records, mask, &span, previous, latest, &shifts);
    }
}
