// SPDX-License-Identifier: MIT
// From rings to sorted events, and up to which time each ring is final.
//
// One drain_source stands for the rings of one channel, one drain_ring for one ring. A *look* is one visit to all rings
// of all sources; its protocol (ring.h) gives each ring a bound: no event that is committed later is older.
//
// Events stay in their ring until the merge takes them. Only a ring that is half full of events that are not yet final,
// because another thread rests in the middle of a call, is emptied into a queue, as far as the pool of queues goes
// (queue.h). When it is used up the threads of such rings wait or drop events, until the resting thread goes on or
// counts as stuck. So what the tracer holds of events is bounded: QUEUE_POOL_BYTES, and the slices of the merge, less
// than 1 MiB and 1 KiB for each ring that has events (merge.h).
#ifndef HEAPREEL_TRACER_DRAIN_H
#define HEAPREEL_TRACER_DRAIN_H

#include "tracer/channel.h"
#include "tracer/queue.h"
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
    uint64_t (*clock)(const void *context); // events from after this are corrupt; called after what was committed
    const void *clock_context;

    // The visits find out.
    uint64_t fresh;   // events committed since the visit before
    uint64_t fullest; // percent of the fullest ring that had events
};

struct drain_ring
{
    struct wire_ring *shared; // hostile
    uint64_t records;         // a power of two

    // Position.
    uint64_t tail;      // events below are copied
    uint64_t head;      // of the last look
    bool is_broken;     // positions that cannot be: the ring's are never read again
    uint64_t others;    // copied events that are none of blocks
    uint64_t corrupt;   // records that were refused
    uint64_t late;      // copied events that were moved forward in time, so that all are in order
    uint64_t newest;    // time of the newest copied event
    struct queue queue; // events below tail that are not yet merged

    // Watermark.
    uint64_t last_state;
    uint64_t last_look;
    uint64_t bound;
    uint64_t busy_since;
    bool is_ignored; // stuck

    // Thread that the events belong to. A ring changes hands only when it is empty and all is merged.
    bool is_retired;
    uint32_t incarnation;
    int32_t tid;
    uint32_t thread; // row of the reel, 0 = not yet added
    uint64_t begin_time;
    char thread_name[WIRE_THREAD_NAME_BYTES + 1];

    // The latest event of a block that is in the reel.
    uint64_t last_where; // 0 = none
    uint64_t last_event; // its number
};

struct drain_source
{
    const struct channel *channel;
    struct queue_pool *pool;
    struct drain_ring *rings;
    uint32_t ring_count; // looked at so far
    bool is_dead;        // the process has gone: everything committed is final
    uint64_t latest;     // no event that the last look found is from after this
};

// Counters of the rings together.
struct drain_counters
{
    uint64_t committed; // events of blocks
    uint64_t dropped;
    uint64_t corrupt;
    uint64_t late;
    uint64_t waits;
    uint64_t wait_ticks;
    uint64_t queued; // committed and not merged
};

// An allocation, free or resize: what a reel counts as events.
static inline bool drain_is_of_block(const struct wire_event *event)
{
    return wire_where_kind(event->where) - WIRE_EVENT_ALLOC <= WIRE_EVENT_RESIZE - WIRE_EVENT_ALLOC;
}

// REEL_OK or REEL_E_NO_MEMORY. The pool may serve many sources and must outlive them.
int drain_open(struct drain_source *source, const struct channel *channel, struct queue_pool *pool);
void drain_close(struct drain_source *source);
// Finds out what was committed and returns the least bound of the source's rings.
uint64_t drain_look(struct drain_source *source, struct drain_look *look);
// Takes the oldest events of a ring that the last look found and that are older than bound: in order of time, possible,
// ours alone. Their number, 0 when there are none. They lie in slice, which has room for slice_events of them, or
// elsewhere until the next call for this ring.
size_t drain_take(struct drain_source *source, struct drain_ring *ring, uint64_t bound, struct wire_event *slice,
                  size_t slice_events, const struct wire_event **events);
// True when nothing that the last look found is left.
bool drain_is_empty(const struct drain_ring *ring);
// After the merge: makes room in rings that are half full.
void drain_spill(struct drain_source *source);
// Throws away what is not merged and returns how many events of blocks that were.
uint64_t drain_discard(struct drain_source *source);
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
