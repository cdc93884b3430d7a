// SPDX-License-Identifier: MIT
// Keeps the busy-mark protocol and copies committed events out of rings. Refuses to know processes, reels and
// nanoseconds; time is ticks.
#include "tracer/drain.h"

#include "reel/status.h"
#include "tracer/order.h"
#include "tracer/possible.h"

#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COPY_AHEAD 32 // events that are fetched ahead; no more than there are, which would take lines from the producer

static void wake(struct wire_ring *shared)
{
    __atomic_fetch_add(&shared->wakes, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, &shared->wakes, FUTEX_WAKE, 1, NULL, NULL, 0);
}

// A thread that waits is woken when there is room for a while: half of the ring.
static void wake_if_worth_it(struct drain_ring *ring)
{
    struct wire_ring *shared = ring->shared;
    bool has_room = ring->head - ring->tail <= ring->records / 2;
    if (has_room && __atomic_load_n(&shared->is_waiting, __ATOMIC_RELAXED) != 0)
        wake(shared);
}

static void advance_tail(struct drain_ring *ring, uint64_t tail)
{
    uint64_t half = ring->records / 2;
    bool is_milestone = tail / half != ring->tail / half || tail == ring->head;
    ring->tail = tail;
    __atomic_store_n(&ring->shared->tail, tail, __ATOMIC_RELEASE);
    if (!is_milestone)
        return;
    __atomic_thread_fence(__ATOMIC_SEQ_CST); // the producer sets is_waiting, then reads tail; we the other way round
    wake_if_worth_it(ring);
}

// What copied events have in common, found without asking each.
struct common
{
    uint64_t signs;  // negative: a time is less than the one before it, or one of them is not of this world
    uint64_t kinds;  // or-ed `where`: bits above those of the kinds of blocks' events
    uint64_t paired; // and-ed `where` | `where` / 2: the lowest bit of the kind is 0 when one has kind 0
    uint64_t newest;
};

// Each word is read once: what is checked is what is used.
static void copy_span(struct wire_event *events, const struct wire_event *records, size_t count, size_t ahead,
                      struct common *common)
{
    struct common all = *common;
    for (size_t i = 0; i < count; i++)
    {
        __builtin_prefetch(&records[i + ahead]);
        uint64_t time = __atomic_load_n(&records[i].time, __ATOMIC_RELAXED);
        uint64_t where = __atomic_load_n(&records[i].where, __ATOMIC_RELAXED);
        events[i].time = time;
        events[i].where = where;
        events[i].size = __atomic_load_n(&records[i].size, __ATOMIC_RELAXED);
        events[i].slack = __atomic_load_n(&records[i].slack, __ATOMIC_RELAXED);
        events[i].stack = __atomic_load_n(&records[i].stack, __ATOMIC_RELAXED);
        all.signs |= time | (time - all.newest);
        all.kinds |= where;
        all.paired &= where | where >> 1;
        all.newest = time;
    }
    *common = all;
}

// True when all are of blocks and in order, as nearly always.
static bool is_plain(const struct common *common, uint64_t latest)
{
    bool is_ordered = (int64_t)(common->signs | latest | (latest - common->newest)) >= 0;
    bool is_of_blocks =
        wire_where_kind(common->kinds) <= WIRE_EVENT_RESIZE && (wire_where_kind(common->paired) & 1) != 0;
    return is_ordered && is_of_blocks;
}

// Copies the next events of the ring and returns true when all of them are plain.
static bool copy_next(const struct drain_source *source, const struct drain_ring *ring, struct wire_event *events,
                      size_t count)
{
    const struct wire_event *records = ring->shared->records;
    struct common common = {.signs = ring->newest, .paired = UINT64_MAX, .newest = ring->newest};
    size_t begin = ring->tail & (ring->records - 1);
    size_t straight = ring->records - begin < count ? ring->records - begin : count;
    size_t ahead = count + COPY_AHEAD <= ring->head - ring->tail ? COPY_AHEAD : 0;
    copy_span(events, records + begin, straight, ahead, &common);
    copy_span(events + straight, records, count - straight, ahead, &common);
    return is_plain(&common, source->latest);
}

// A look has put the events in order. What is not so all the same was changed since, or is far from any order.
static uint64_t time_in_order(struct drain_ring *ring, uint64_t time, uint64_t newest, uint64_t latest)
{
    ring->late += time < newest;
    time = time < latest ? time : latest;
    return time > newest ? time : newest;
}

// Looks at each of the copied events, up to the first that is not older than bound: leaves out what cannot be and puts
// the others in order. *seen is how many were looked at. Returns how many are left.
static size_t sift(const struct drain_source *source, struct drain_ring *ring, uint64_t bound,
                   struct wire_event *events, size_t count, size_t *seen)
{
    uint64_t latest = source->latest;
    size_t kept = 0;
    size_t i = 0;
    for (; i < count && (events[i].time < bound || latest < bound); i++)
    {
        bool is_of_block = drain_is_of_block(&events[i]);
        if (!is_of_block && !possible_event(&events[i]))
        {
            ring->corrupt++;
            continue;
        }
        ring->others += !is_of_block;
        events[kept] = events[i];
        if (events[i].time < ring->newest || events[i].time > latest)
            events[kept].time = time_in_order(ring, events[i].time, ring->newest, latest);
        ring->newest = events[kept].time;
        kept++;
    }
    *seen = i;
    return kept;
}

// How many of the next events are older than bound, as far as they are in order: those that are not would be copied in
// vain.
static size_t count_older(const struct drain_ring *ring, uint64_t bound, size_t count)
{
    const struct wire_event *records = ring->shared->records;
    size_t older = 0;
    size_t other = count;
    for (size_t at = count - 1; older < other; at = (older + other) / 2)
    {
        uint64_t time = __atomic_load_n(&records[(ring->tail + at) & (ring->records - 1)].time, __ATOMIC_RELAXED);
        if (time < bound)
            older = at + 1;
        else
            other = at;
    }
    return older;
}

// The next events, up to the first that is not older than bound; *seen is how many the ring has less.
static size_t copy_slice(const struct drain_source *source, struct drain_ring *ring, uint64_t bound,
                         struct wire_event *events, size_t count, size_t *seen)
{
    if (!copy_next(source, ring, events, count))
        return sift(source, ring, bound, events, count, seen);
    while (count > 0 && events[count - 1].time >= bound)
        count--;
    if (count > 0)
        ring->newest = events[count - 1].time;
    return *seen = count;
}

// Moves events out of the ring, up to the first that is not older than bound. Returns how many can be.
static size_t copy_records(const struct drain_source *source, struct drain_ring *ring, uint64_t bound,
                           struct wire_event *events, size_t event_max)
{
    size_t count = 0;
    while (count == 0 && ring->tail != ring->head)
    {
        size_t wanted = ring->head - ring->tail < event_max ? ring->head - ring->tail : event_max;
        if (bound <= source->latest)
            wanted = count_older(ring, bound, wanted);
        if (wanted == 0)
            break;
        size_t seen;
        count = copy_slice(source, ring, bound, events, wanted, &seen);
        if (seen != 0)
            advance_tail(ring, ring->tail + seen);
        if (seen != wanted)
            break;
    }
    return count;
}

// The claiming thread wrote its identity before its first commit, so what is read after head belongs to the events.
static void read_identity(struct drain_ring *ring)
{
    const struct wire_ring *shared = ring->shared;
    uint32_t incarnation = __atomic_load_n(&shared->incarnation, __ATOMIC_RELAXED);
    if (incarnation == ring->incarnation)
        return;
    ring->incarnation = incarnation;
    ring->tid = __atomic_load_n(&shared->tid, __ATOMIC_RELAXED);
    ring->begin_time = __atomic_load_n(&shared->begin_time, __ATOMIC_RELAXED);
    memcpy(ring->thread_name, shared->thread_name, WIRE_THREAD_NAME_BYTES);
    ring->thread_name[WIRE_THREAD_NAME_BYTES] = '\0';
    ring->thread = 0;
}

static void update_bound(struct drain_ring *ring, uint64_t state, const struct drain_look *look)
{
    bool is_busy = (state & 1) != 0;
    if (!is_busy)
        ring->bound = look->now;
    else if (state != ring->last_state)
        ring->bound = ring->last_look;
    if (!is_busy || state != ring->last_state)
    {
        ring->busy_since = look->now;
        ring->is_ignored = false;
    }
    else if (look->now - ring->busy_since > look->stuck_ticks && look->now > ring->busy_since)
        ring->is_ignored = true;
    ring->last_state = state;
    ring->last_look = look->now;
}

static void note_head(struct drain_source *source, struct drain_ring *ring, uint64_t head, struct drain_look *look)
{
    if (head != ring->head)
    {
        source->latest = look->clock(look->clock_context);
        order_ring(ring->shared->records, ring->records - 1, ring->head, head, source->latest);
        look->fresh += head - ring->head;
        ring->head = head;
    }
    uint64_t fill = (head - ring->tail) * 100 / ring->records;
    look->fullest = fill > look->fullest ? fill : look->fullest;
}

// Returns the ring's bound.
static uint64_t visit_ring(struct drain_source *source, struct drain_ring *ring, struct drain_look *look)
{
    if (ring->is_broken)
        return DRAIN_NO_BOUND;
    bool is_retired = __atomic_load_n(&ring->shared->owner, __ATOMIC_ACQUIRE) == WIRE_RING_RETIRED;
    uint64_t state = __atomic_load_n(&ring->shared->state, __ATOMIC_ACQUIRE);
    uint64_t head = state >> 1;
    if (head - ring->tail > ring->records || head < ring->head)
    {
        ring->is_broken = true;
        ring->corrupt++;
        return DRAIN_NO_BOUND;
    }
    ring->is_retired = is_retired;
    read_identity(ring);
    update_bound(ring, state, look);
    note_head(source, ring, head, look);
    wake_if_worth_it(ring);
    return source->is_dead || ring->is_ignored ? DRAIN_NO_BOUND : ring->bound;
}

static void meet_new_rings(struct drain_source *source, const struct drain_look *look)
{
    uint32_t used = channel_ring_used(source->channel);
    for (; source->ring_count < used; source->ring_count++)
    {
        struct drain_ring *ring = &source->rings[source->ring_count];
        ring->shared = channel_ring(source->channel, source->ring_count);
        ring->records = wire_ring_records(source->channel->constants.ring_records, source->ring_count);
        // It was not there at the look before, so its first event is not older than that.
        ring->last_look = ring->bound = look->previous;
        ring->busy_since = look->now;
    }
}

int drain_open(struct drain_source *source, const struct channel *channel, struct queue_pool *pool)
{
    *source = (struct drain_source){.channel = channel, .pool = pool};
    source->rings = calloc(channel->constants.ring_count, sizeof *source->rings);
    return source->rings == NULL ? REEL_E_NO_MEMORY : REEL_OK;
}

void drain_close(struct drain_source *source)
{
    for (uint32_t i = 0; i < source->ring_count; i++)
        queue_clear(&source->rings[i].queue, source->pool);
    free(source->rings);
    *source = (struct drain_source){0};
}

uint64_t drain_look(struct drain_source *source, struct drain_look *look)
{
    uint64_t bound = source->is_dead ? DRAIN_NO_BOUND : look->now;
    meet_new_rings(source, look);
    for (uint32_t i = 0; i < source->ring_count; i++)
    {
        uint64_t ring_bound = visit_ring(source, &source->rings[i], look);
        bound = ring_bound < bound ? ring_bound : bound;
    }
    return bound;
}

size_t drain_take(struct drain_source *source, struct drain_ring *ring, uint64_t bound, struct wire_event *slice,
                  size_t slice_events, const struct wire_event **events)
{
    size_t count = queue_take(&ring->queue, source->pool, bound, events);
    if (count != 0 || ring->queue.event_count != 0)
        return count;
    *events = slice;
    return copy_records(source, ring, bound, slice, slice_events);
}

bool drain_is_empty(const struct drain_ring *ring)
{
    return ring->queue.event_count == 0 && ring->tail == ring->head;
}

void drain_spill(struct drain_source *source)
{
    for (uint32_t i = 0; i < source->ring_count; i++)
    {
        struct drain_ring *ring = &source->rings[i];
        queue_trim(&ring->queue, source->pool);
        if (ring->head - ring->tail < ring->records / 2)
            continue;
        struct wire_event *events;
        size_t room;
        while (ring->tail != ring->head && (events = queue_reserve(&ring->queue, source->pool, &room)) != NULL)
            queue_commit(&ring->queue, copy_records(source, ring, DRAIN_NO_BOUND, events, room));
    }
}

uint64_t drain_discard(struct drain_source *source)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < source->ring_count; i++)
    {
        struct drain_ring *ring = &source->rings[i];
        const struct wire_event *events;
        count += ring->head - ring->tail;
        ring->tail = ring->head;
        for (size_t taken; (taken = queue_take(&ring->queue, source->pool, DRAIN_NO_BOUND, &events)) != 0;)
            for (size_t k = 0; k < taken; k++)
                count += drain_is_of_block(&events[k]);
    }
    return count;
}

void drain_recycle(struct drain_source *source,
                   void (*on_end)(void *context, struct drain_ring *ring, uint64_t end_time), void *context)
{
    for (uint32_t i = 0; i < source->ring_count; i++)
    {
        struct drain_ring *ring = &source->rings[i];
        if (!ring->is_retired || !drain_is_empty(ring))
            continue;
        on_end(context, ring, __atomic_load_n(&ring->shared->end_time, __ATOMIC_RELAXED));
        ring->is_retired = false;
        uint32_t expected = WIRE_RING_RETIRED;
        __atomic_compare_exchange_n(&ring->shared->owner, &expected, WIRE_RING_FREE, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_RELAXED);
    }
}

void drain_retire_orphans(struct drain_source *source, bool (*thread_exists)(void *context, int32_t tid), void *context)
{
    for (uint32_t i = 0; i < source->ring_count; i++)
    {
        struct wire_ring *shared = source->rings[i].shared;
        uint32_t owner = __atomic_load_n(&shared->owner, __ATOMIC_ACQUIRE);
        int32_t tid = __atomic_load_n(&shared->tid, __ATOMIC_RELAXED);
        if (owner != WIRE_RING_LIVE || thread_exists(context, tid))
            continue;
        if (__atomic_load_n(&shared->tid, __ATOMIC_RELAXED) == tid)
            __atomic_compare_exchange_n(&shared->owner, &owner, WIRE_RING_RETIRED, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED);
    }
}

void drain_wake_all(struct drain_source *source)
{
    for (uint32_t i = 0; i < source->ring_count; i++)
        wake(source->rings[i].shared);
}

void drain_counters(const struct drain_source *source, struct drain_counters *counters)
{
    *counters = (struct drain_counters){0};
    for (uint32_t i = 0; i < source->ring_count; i++)
    {
        const struct drain_ring *ring = &source->rings[i];
        counters->committed += ring->head - ring->others;
        counters->corrupt += ring->corrupt;
        counters->dropped += __atomic_load_n(&ring->shared->dropped, __ATOMIC_RELAXED);
        counters->waits += __atomic_load_n(&ring->shared->waits, __ATOMIC_RELAXED);
        counters->wait_ticks += __atomic_load_n(&ring->shared->wait_time, __ATOMIC_RELAXED);
        counters->late += ring->late;
        counters->queued += ring->queue.event_count + ring->head - ring->tail;
    }
}
