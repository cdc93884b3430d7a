// SPDX-License-Identifier: MIT
// Copies committed events out of rings, sorts them, and keeps the busy-mark protocol. Refuses to know processes, reels
// and nanoseconds; time is ticks.
#include "tracer/drain.h"

#include "reel/status.h"
#include "tracer/order.h"

#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DRAIN_QUEUE_KEEP 65536 // a larger queue is given back when it is empty

static int queue_reserve(struct drain_ring *ring, size_t count)
{
    if (ring->first != 0)
    {
        memmove(ring->events, ring->events + ring->first, (ring->end - ring->first) * sizeof *ring->events);
        ring->end -= ring->first;
        ring->first = 0;
    }
    if (ring->capacity - ring->end >= count)
        return REEL_OK;
    size_t capacity = ring->capacity == 0 ? 1024 : ring->capacity;
    while (capacity - ring->end < count)
        capacity *= 2;
    struct wire_event *events = realloc(ring->events, capacity * sizeof *events);
    if (events == NULL)
        return REEL_E_NO_MEMORY;
    ring->events = events;
    ring->capacity = capacity;
    return REEL_OK;
}

static void queue_shrink(struct drain_ring *ring)
{
    if (ring->first != ring->end || ring->capacity <= DRAIN_QUEUE_KEEP)
        return;
    free(ring->events);
    ring->events = NULL;
    ring->first = ring->end = ring->capacity = 0;
}

static bool is_range(uint64_t begin, uint64_t bytes)
{
    return bytes > 0 && bytes <= WIRE_ADDRESS_MASK - begin;
}

static bool is_possible_zone(const struct wire_event *event)
{
    uint32_t role = event->slack >> WIRE_CLASS_BITS;
    return is_range(wire_where_address(event->where), event->size) && role >= WIRE_ROLE_SLOTS &&
           role <= WIRE_ROLE_METADATA;
}

static bool is_possible_misuse(const struct wire_event *event)
{
    uint32_t misuse = event->slack & ((1u << WIRE_MISUSE_BITS) - 1);
    return misuse >= WIRE_MISUSE_DOUBLE_FREE && misuse <= WIRE_MISUSE_ABSURD_SIZE;
}

static bool is_possible(const struct wire_event *event)
{
    uint64_t address = wire_where_address(event->where);
    switch (wire_where_kind(event->where))
    {
    case WIRE_EVENT_ALLOC:
    case WIRE_EVENT_FREE:
    case WIRE_EVENT_RESIZE:
    case WIRE_EVENT_FORK:
        return true;
    case WIRE_EVENT_CLASS:
        return address < WIRE_NO_CLASS && event->size > 0 && event->size <= WIRE_ADDRESS_MASK &&
               event->slack <= event->size;
    case WIRE_EVENT_ZONE:
        return is_possible_zone(event);
    case WIRE_EVENT_COMMIT:
    case WIRE_EVENT_RETURN:
        return is_range(address, event->size);
    case WIRE_EVENT_CENSUS:
        return address < WIRE_NO_CLASS;
    case WIRE_EVENT_MISUSE:
        return is_possible_misuse(event);
    default:
        return false;
    }
}

// Drops records that cannot be from events[begin..end) and cuts off times from the future.
static void sift(struct drain_ring *ring, size_t begin, uint64_t latest)
{
    size_t kept = begin;
    for (size_t i = begin; i < ring->end; i++)
    {
        if (!is_possible(&ring->events[i]))
        {
            ring->corrupt++;
            continue;
        }
        ring->others += !drain_is_of_block(&ring->events[i]);
        if (kept != i)
            ring->events[kept] = ring->events[i];
        if (ring->events[kept].time > latest)
            ring->events[kept].time = latest;
        kept++;
    }
    ring->end = kept;
}

static void advance_tail(struct drain_ring *ring)
{
    ring->tail = ring->head;
    __atomic_store_n(&ring->shared->tail, ring->tail, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); // the producer sets is_waiting, then reads tail; we the other way round
}

static void wake(struct wire_ring *shared)
{
    __atomic_fetch_add(&shared->wakes, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, &shared->wakes, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static int copy_events(struct drain_ring *ring, struct drain_look *look)
{
    uint64_t available = ring->head - ring->tail;
    if (queue_reserve(ring, available) != REEL_OK)
        return REEL_E_NO_MEMORY;
    size_t begin = ring->end;
    size_t slot = ring->tail & (ring->records - 1);
    size_t until_wrap = ring->records - slot;
    size_t first_part = available < until_wrap ? available : until_wrap;
    memcpy(ring->events + begin, ring->shared->records + slot, first_part * sizeof *ring->events);
    memcpy(ring->events + begin + first_part, ring->shared->records, (available - first_part) * sizeof *ring->events);
    ring->end += available;
    advance_tail(ring);
    sift(ring, begin, look->clock(look->clock_context));
    order_events(ring->events + ring->first, begin - ring->first, ring->end - ring->first);
    if (ring->end != begin && ring->events[ring->end - 1].time > ring->newest)
        ring->newest = ring->events[ring->end - 1].time;
    look->queued += ring->end - begin;
    return REEL_OK;
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

static int visit_ring(struct drain_source *source, struct drain_ring *ring, struct drain_look *look, uint64_t *bound)
{
    if (ring->is_broken)
        return REEL_OK;
    bool is_retired = __atomic_load_n(&ring->shared->owner, __ATOMIC_ACQUIRE) == WIRE_RING_RETIRED;
    uint64_t state = __atomic_load_n(&ring->shared->state, __ATOMIC_ACQUIRE);
    uint64_t head = state >> 1;
    if (head - ring->tail > ring->records)
    {
        ring->is_broken = true;
        ring->corrupt++;
        return REEL_OK;
    }
    bool held_the_merge = ring->bound <= look->held;
    ring->head = head;
    ring->is_retired = is_retired;
    read_identity(ring);
    update_bound(ring, state, look);
    uint64_t ring_bound = source->is_dead || ring->is_ignored ? DRAIN_NO_BOUND : ring->bound;
    if (head != ring->tail && look->queued >= look->queue_budget && !held_the_merge)
        ring_bound = ring->bound = ring->newest < ring->bound ? ring->newest : ring->bound;
    else if (head != ring->tail && copy_events(ring, look) != REEL_OK)
        return REEL_E_NO_MEMORY;
    if (__atomic_load_n(&ring->shared->is_waiting, __ATOMIC_RELAXED) != 0 && ring->tail == head)
        wake(ring->shared);
    if (ring_bound < *bound)
        *bound = ring_bound;
    return REEL_OK;
}

static void meet_new_rings(struct drain_source *source, const struct drain_look *look)
{
    uint32_t used = channel_ring_used(source->channel);
    for (; source->ring_count < used; source->ring_count++)
    {
        struct drain_ring *ring = &source->rings[source->ring_count];
        ring->shared = channel_ring(source->channel, source->ring_count);
        ring->records = source->channel->constants.ring_records;
        // It was not there at the look before, so its first event is not older than that.
        ring->last_look = ring->bound = look->previous;
        ring->busy_since = look->now;
    }
}

int drain_open(struct drain_source *source, const struct channel *channel)
{
    *source = (struct drain_source){.channel = channel};
    source->rings = calloc(channel->constants.ring_count, sizeof *source->rings);
    return source->rings == NULL ? REEL_E_NO_MEMORY : REEL_OK;
}

void drain_close(struct drain_source *source)
{
    for (uint32_t i = 0; i < source->ring_count; i++)
        free(source->rings[i].events);
    free(source->rings);
    *source = (struct drain_source){0};
}

int drain_look(struct drain_source *source, struct drain_look *look, uint64_t *bound)
{
    *bound = source->is_dead ? DRAIN_NO_BOUND : look->now;
    meet_new_rings(source, look);
    for (uint32_t i = 0; i < source->ring_count; i++)
    {
        int status = visit_ring(source, &source->rings[i], look, bound);
        if (status != REEL_OK)
            return status;
    }
    return REEL_OK;
}

void drain_recycle(struct drain_source *source,
                   void (*on_end)(void *context, struct drain_ring *ring, uint64_t end_time), void *context)
{
    for (uint32_t i = 0; i < source->ring_count; i++)
    {
        struct drain_ring *ring = &source->rings[i];
        queue_shrink(ring);
        if (!ring->is_retired || ring->first != ring->end || ring->tail != ring->head)
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
        counters->queued += ring->end - ring->first;
    }
}
