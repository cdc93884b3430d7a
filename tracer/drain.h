// SPDX-License-Identifier: MIT
// From rings to sorted queues, and up to which time each queue is final.
//
// One drain_source stands for the rings of one channel, one drain_ring for one ring. A *look* is one visit to all rings
// of all sources; its protocol (ring.h) gives each ring a bound: no event that is committed later is older.
#ifndef HEAPREEL_TRACER_DRAIN_H
#define HEAPREEL_TRACER_DRAIN_H

#include "tracer/channel.h"
#include "wire/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DRAIN_NO_BOUND UINT64_MAX

// One visit. The caller reads the clock, makes all stores visible, reads new channels, and then visits each source.
struct drain_look
{
    uint64_t now;         // W, in ticks
    uint64_t previous;    // W of the visit before, 0 = none
    uint64_t stuck_ticks; // a ring that is busy this long with one state no longer holds back the merge
    uint64_t held;        // least bound of the visit before: rings that hold the merge are drained in any case
    size_t queue_budget;  // rings wait for the merge when more events than this are queued
    size_t queued;        // events in all queues; the visits add to it, merging subtracts
    uint64_t (*clock)(const void *context); // events from after this are corrupt; called after the copy
    const void *clock_context;
};

struct drain_ring
{
    struct wire_ring *shared; // hostile
    uint32_t records;

    // Position.
    uint64_t tail;    // events below are copied
    uint64_t head;    // of the last look
    bool is_broken;   // positions that cannot be: never read again
    uint64_t others;  // drained events that are none of blocks
    uint64_t corrupt; // records that were refused

    // Queue: events[first..end) are sorted by time and not yet merged.
    struct wire_event *events;
    size_t first;
    size_t end;
    size_t capacity;

    // Watermark.
    uint64_t last_state;
    uint64_t last_look;
    uint64_t bound;
    uint64_t busy_since;
    uint64_t newest; // time of the newest drained event
    bool is_ignored; // stuck

    // Thread that the queue's events belong to. A ring changes hands only when its queue is empty.
    uint32_t incarnation;
    int32_t tid;
    uint64_t begin_time;
    char thread_name[WIRE_THREAD_NAME_BYTES + 1];
    uint32_t thread; // row of the reel, 0 = not yet added
    bool is_retired;

    // The latest event given out, if it was a free.
    uint64_t freed_address; // 0 = it was none
    uint64_t free_event;    // its number in the reel
};

struct drain_source
{
    const struct channel *channel;
    struct drain_ring *rings;
    uint32_t ring_count; // looked at so far
    bool is_dead;        // the process has gone: everything committed is final
};

// Counters of the rings together.
struct drain_counters
{
    uint64_t committed; // events of blocks
    uint64_t dropped;
    uint64_t corrupt;
    uint64_t waits;
    uint64_t wait_ticks;
    uint64_t queued; // drained and not merged
};

// An allocation, free or resize: what a reel counts as events.
static inline bool drain_is_of_block(const struct wire_event *event)
{
    return wire_where_kind(event->where) <= WIRE_EVENT_RESIZE;
}

int drain_open(struct drain_source *source, const struct channel *channel); // REEL_OK or REEL_E_NO_MEMORY
void drain_close(struct drain_source *source);
// Copies what was committed and returns the least bound of the source's rings. REEL_E_NO_MEMORY when a queue cannot
// grow.
int drain_look(struct drain_source *source, struct drain_look *look, uint64_t *bound);
// Makes rings of ended threads free again whose queues are merged; calls on_end for each before.
void drain_recycle(struct drain_source *source,
                   void (*on_end)(void *context, struct drain_ring *ring, uint64_t end_time), void *context);
// Retires live rings whose thread does not exist any more and has written nothing since the last call.
void drain_retire_orphans(struct drain_source *source, bool (*thread_exists)(void *context, int32_t tid),
                          void *context);
// Wakes all waiting producers: recording has stopped.
void drain_wake_all(struct drain_source *source);
void drain_counters(const struct drain_source *source, struct drain_counters *counters);

#endif
