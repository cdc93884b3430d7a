// SPDX-License-Identifier: MIT
// A thread's ring: claiming one, waiting for room in it, giving it back.
#include "record/record.h"

#include "base/memory.h"
#include "base/syscall.h"
#include "record/clock.h"
#include "record/recorder_internal.h"

#include <linux/futex.h>
#include <sys/prctl.h>

enum
{
    WAIT_MAX_NS = 2000000, // then look again whether the tracer lives
    SPINS_BEFORE_WAIT = 256,
    RING_WAIT_NS = 250000,
    RING_WAITS_MAX = 4000, // a second at least
    FIRST_RECORDS = 2048,  // that have memory from the start
    GROWTH = 4,
};

static struct wire_ring *claim(struct wire_channel *channel, uint32_t index)
{
    struct wire_ring *ring = channel_ring(channel, index);
    uint32_t expected = WIRE_RING_FREE;
    bool is_ours = __atomic_compare_exchange_n(&ring->owner, &expected, WIRE_RING_CLAIMED, false, __ATOMIC_ACQUIRE,
                                               __ATOMIC_RELAXED);
    return is_ours ? ring : NULL;
}

// A ring that was used before, if one is free: its memory is there already.
static struct wire_ring *claim_used(struct wire_channel *channel, uint32_t *index)
{
    uint32_t used = __atomic_load_n(&channel->ring_used, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < used && i < channel->ring_count; i++)
    {
        struct wire_ring *ring = channel_ring(channel, i);
        if (__atomic_load_n(&ring->owner, __ATOMIC_RELAXED) == WIRE_RING_FREE && (ring = claim(channel, i)))
        {
            *index = i;
            return ring;
        }
    }
    return NULL;
}

static uint32_t first_records(const struct wire_channel *channel)
{
    return channel->ring_records < FIRST_RECORDS ? channel->ring_records : FIRST_RECORDS;
}

// Of a whole ring it would be two milliseconds of each short-lived process.
static bool back_with_memory(struct wire_channel *channel, uint32_t index, struct record_thread *threads)
{
    return base_memory_populate(channel_ring(channel, index), wire_ring_bytes(first_records(channel))) &&
           base_memory_commit(&threads[index], sizeof *threads);
}

// The next ring that nobody has used; its memory is there before ring_used lets the others see it.
static struct wire_ring *claim_fresh(struct wire_channel *channel, uint32_t *index, struct record_thread *threads)
{
    uint32_t used = __atomic_load_n(&channel->ring_used, __ATOMIC_ACQUIRE);
    while (used < channel->ring_count)
    {
        if (!back_with_memory(channel, used, threads))
            return NULL;
        if (__atomic_compare_exchange_n(&channel->ring_used, &used, used + 1, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE))
        {
            *index = used;
            struct wire_ring *ring = claim(channel, used);
            if (ring || (ring = claim_used(channel, index)))
                return ring;
            used = __atomic_load_n(&channel->ring_used, __ATOMIC_ACQUIRE); // another thread was faster: the next one
        }
    }
    return NULL;
}

static void introduce(struct wire_ring *ring, uint32_t clock)
{
    ring->incarnation++;
    ring->tid = (int32_t)base_syscall3(SYS_gettid, 0, 0, 0);
    ring->is_waiting = 0;
    ring->begin_time = clock_stamp(clock);
    ring->end_time = 0;
    base_syscall3(SYS_prctl, PR_GET_NAME, (uintptr_t)ring->thread_name, 0);
    __atomic_store_n(&ring->owner, WIRE_RING_LIVE, __ATOMIC_RELEASE);
}

// One that is free, or that the tracer makes free when it has read it.
static bool has_ring_without_thread(struct wire_channel *channel)
{
    uint32_t used = __atomic_load_n(&channel->ring_used, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < used && i < channel->ring_count; i++)
    {
        uint32_t owner = __atomic_load_n(&channel_ring(channel, i)->owner, __ATOMIC_RELAXED);
        if (owner == WIRE_RING_RETIRED || owner == WIRE_RING_FREE)
            return true;
    }
    return false;
}

// All rings are taken, but the threads of some have ended: the tracer makes them free when it looks next. A process
// with little address space has few.
static struct wire_ring *await_used(struct wire_channel *channel, uint32_t *index)
{
    struct wire_ring *ring = NULL;
    bool may_sleep = !__atomic_load_n(&recorder.session->waits_spin, __ATOMIC_RELAXED);
    for (int i = 0; i < RING_WAITS_MAX && may_sleep && recorder.session->when_full == WIRE_WHEN_FULL_WAIT; i++)
    {
        if ((ring = claim_used(channel, index)) || !has_ring_without_thread(channel) || recorder_tracer_is_gone() ||
            record_was_left_behind())
            break;
        struct timespec moment = {.tv_nsec = RING_WAIT_NS};
        base_syscall3(SYS_nanosleep, (uintptr_t)&moment, 0, 0);
    }
    return ring;
}

// A handler may fork meanwhile, and in the child both are others then: the caller looks for that.
struct record_thread *record_thread_open(void)
{
    struct record_thread *threads = __atomic_load_n(&recorder.threads, __ATOMIC_RELAXED);
    struct wire_channel *channel = __atomic_load_n(&recorder.channel, __ATOMIC_RELAXED);
    uint32_t index = 0;
    struct wire_ring *ring = claim_used(channel, &index);
    if (!ring)
        ring = claim_fresh(channel, &index, threads);
    if (!ring)
        ring = await_used(channel, &index);
    if (!ring)
    {
        __atomic_add_fetch(&channel->lost_without_ring, 1, __ATOMIC_RELAXED);
        return NULL;
    }
    introduce(ring, recorder.session->clock);
    struct record_thread *thread = &threads[index];
    thread->ring = ring;
    thread->records = ring->records;
    if (thread->backed == 0)
        thread->backed = first_records(channel);
    thread->head = __atomic_load_n(&ring->state, __ATOMIC_RELAXED) >> 1;
    thread->limit = thread->head;
    thread->mask = wire_ring_records(channel->ring_records, index) - 1;
    thread->last_time = 0;
    thread->clock = recorder.session->clock;
    thread->depth = 0;
    thread->outer_frame = NO_OUTER_FRAME;
    thread->is_capturing = false;
    thread->has_arranged_end = false;
    thread->stack.generation = 0;
    walk_nodes_forget(&thread->nodes);
    record_own.thread = thread;
    return thread;
}

// On its first lap a thread asks for the memory that lies ahead of it. False: there is none.
static bool is_backed_ahead(struct record_thread *thread)
{
    uint64_t capacity = thread->mask + 1;
    while (thread->backed < capacity && thread->head + RING_RESERVE > thread->backed)
    {
        uint64_t wanted = thread->backed * GROWTH < capacity ? thread->backed * GROWTH : capacity;
        if (!base_memory_populate(thread->records + thread->backed,
                                  (wanted - thread->backed) * sizeof *thread->records))
            return false;
        thread->backed = wanted;
    }
    return true;
}

// The tail is the tracer's word: one that runs ahead of the head, or lags more than the ring holds, is not believed.
static bool has_room(struct record_thread *thread)
{
    uint64_t tail = __atomic_load_n(&thread->ring->tail, __ATOMIC_ACQUIRE);
    uint64_t capacity = thread->mask + 1;
    if (tail > thread->head || thread->head - tail > capacity)
        tail = thread->head > capacity ? thread->head - capacity : 0;
    thread->limit = tail + capacity;
    if (thread->backed < capacity && thread->limit > thread->backed)
        thread->limit = thread->backed;
    return thread->head + RING_RESERVE <= thread->limit;
}

// Sleeps on the tracer's wake word for a moment, or spins where a system call could be fatal.
static void wait_a_moment(struct wire_ring *ring, uint32_t wakes)
{
    for (int i = 0; i < SPINS_BEFORE_WAIT; i++)
        __builtin_ia32_pause();
    if (__atomic_load_n(&recorder.session->waits_spin, __ATOMIC_RELAXED))
        return;
    struct timespec limit = {.tv_nsec = WAIT_MAX_NS};
    base_syscall6(SYS_futex, (uintptr_t)&ring->wakes, FUTEX_WAIT, wakes, (uintptr_t)&limit, 0, 0);
}

static bool wait_for_room(struct record_thread *thread)
{
    struct wire_ring *ring = thread->ring;
    uint64_t began = clock_stamp(thread->clock);
    __atomic_store_n(&ring->waits, ring->waits + 1, __ATOMIC_RELAXED);
    bool is_gone = false;
    while (!is_gone && !record_was_left_behind())
    {
        uint32_t wakes = __atomic_load_n(&ring->wakes, __ATOMIC_RELAXED);
        __atomic_store_n(&ring->is_waiting, 1, __ATOMIC_SEQ_CST);
        if (has_room(thread))
            break;
        is_gone = recorder_tracer_is_gone();
        if (!is_gone)
            wait_a_moment(ring, wakes);
    }
    __atomic_store_n(&ring->is_waiting, 0, __ATOMIC_RELAXED);
    uint64_t waited = clock_stamp(thread->clock) - began;
    __atomic_store_n(&ring->wait_time, ring->wait_time + waited, __ATOMIC_RELAXED);
    return !is_gone;
}

bool record_thread_make_room(struct record_thread *thread)
{
    bool is_backed = is_backed_ahead(thread);
    if (has_room(thread) && !recorder_tracer_is_gone())
        return true;
    if (recorder_tracer_is_gone())
    {
        recorder_stop();
        return false;
    }
    bool is_nested = thread->depth > 0;
    // What an outer call has not committed cannot be drained: a nested call uses the reserve, and never waits.
    if (is_nested && thread->head + 4 <= thread->limit)
        return true;
    if (is_nested || !is_backed || recorder.session->when_full == WIRE_WHEN_FULL_DROP)
    {
        __atomic_store_n(&thread->ring->dropped, thread->ring->dropped + 1, __ATOMIC_RELAXED);
        return false;
    }
    if (wait_for_room(thread))
        return true;
    recorder_stop();
    return false;
}

void record_thread_end(void)
{
    struct record_thread *thread = record_own.thread;
    if (!recorder_is_on() || !thread || thread->depth > 0)
        return;
    record_own.thread = NULL;
    thread->ring->end_time = clock_stamp(thread->clock);
    __atomic_store_n(&thread->ring->owner, WIRE_RING_RETIRED, __ATOMIC_RELEASE);
}

void record_thread_will_end(void)
{
    if (record_own.thread)
        record_own.thread->has_arranged_end = true;
}
