// SPDX-License-Identifier: MIT
// What happens to threads that are faster than the merge: full rings, queues, waiting, waking, and who gets how much.
#include "drain_bench.h"
#include "tracer/merge.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void ring_that_is_half_full_is_spilled_and_its_order_kept(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    fill(bench, 0, 10, RING_RECORDS / 2 - 1);
    look_at(bench, 100);
    drain_spill(&bench->source);
    assert_int_equal(ring->tail, 0);
    fill(bench, 0, 20, 1);
    look_at(bench, 200);
    drain_spill(&bench->source);
    assert_int_equal(ring->tail, RING_RECORDS / 2);
    fill(bench, 0, 30, 1);
    look_at(bench, 300);
    assert_int_equal(take_all(bench, 0), RING_RECORDS / 2);
    assert_int_equal(bench->events[RING_RECORDS / 2 - 1].time, 20);
    assert_int_equal(take_all(bench, 0), 1);
    assert_int_equal(bench->events[0].time, 30);
}

static void spilled_events_are_taken_up_to_the_bound(void **state)
{
    struct bench *bench = *state;
    fake_claim(&bench->fake, 0, 1);
    fill(bench, 0, 10, RING_RECORDS / 2);
    fill(bench, 0, 20, RING_RECORDS / 4);
    look_at(bench, 100);
    drain_spill(&bench->source);
    assert_int_equal(take(bench, 0, 20), RING_RECORDS / 2);
    assert_int_equal(take(bench, 0, 20), 0);
    assert_int_equal(take(bench, 0, 21), RING_RECORDS / 4);
    assert_true(drain_is_empty(&bench->source.rings[0]));
    drain_spill(&bench->source);
    assert_int_equal(bench->pool.block_count, 0);
}

static uint64_t put_as_many_as_fit(struct bench *bench, uint32_t number, uint64_t time)
{
    const struct wire_ring *ring = fake_ring(&bench->fake, number);
    uint64_t count = RING_RECORDS - ((ring->state >> 1) - ring->tail);
    fill(bench, number, time, count);
    return count;
}

#define BUSY_THREADS 3

// Threads that write as much as they can while another rests in the middle of a call: they are held up, the tracer does
// not grow, each has got its share, and when the rest counts as stuck everything is there, in order.
static void what_a_stuck_ring_holds_back_is_bounded_and_shared(void **state)
{
    struct bench *bench = *state;
    uint64_t written[1 + BUSY_THREADS] = {0};
    uint64_t now = 100;
    for (uint32_t i = 0; i <= BUSY_THREADS; i++)
        fake_claim(&bench->fake, i, (int32_t)i + 1);
    look_at(bench, now);
    fake_busy(fake_ring(&bench->fake, 0));
    for (int look = 0; look < 400; look++)
    {
        for (uint32_t i = 1; i <= BUSY_THREADS; i++)
            written[i] += put_as_many_as_fit(bench, i, ++now);
        assert_int_equal(look_at(bench, ++now), 100);
        drain_spill(&bench->source);
        assert_true(bench->pool.block_count <= bench->pool.block_max);
        if (now < 200 + STUCK_TICKS / 2)
            continue;
        for (uint32_t i = 1; i <= BUSY_THREADS; i++)
            assert_in_range(written[i], QUEUE_BLOCK_EVENTS, 2 * QUEUE_BLOCK_EVENTS);
        break;
    }
    assert_int_equal(look_at(bench, 201 + STUCK_TICKS), 201 + STUCK_TICKS);
    for (uint32_t i = 1; i <= BUSY_THREADS; i++)
    {
        for (size_t count; (count = take(bench, i, 201 + STUCK_TICKS)) != 0; written[i] -= count)
            assert_true(written[i] >= count);
        assert_int_equal(written[i], 0);
    }
    drain_spill(&bench->source);
    assert_int_equal(bench->pool.block_count, 0);
}

#define PUSHERS 8
#define ROUNDS 200

// All threads together, and how many events were merged since each got room last.
struct turns
{
    struct bench *bench;
    uint64_t merged;
    uint64_t served_at[PUSHERS];
    uint64_t tail[PUSHERS];
    uint64_t longest;
};

static int begin_nothing(void *context, void *owner, struct reel_error *error)
{
    (void)context, (void)owner, (void)error;
    return REEL_OK;
}

// A sink that is slow: meanwhile each thread fills the room that it has got.
static int take_turns(void *context, const struct merge_run *runs, size_t count, struct reel_error *error)
{
    struct turns *turns = context;
    (void)error;
    for (size_t i = 0; i < count; i++)
        turns->merged += runs[i].count;
    for (uint32_t i = 0; i < PUSHERS; i++)
    {
        struct wire_ring *ring = fake_ring(&turns->bench->fake, i);
        if (ring->tail == turns->tail[i])
            continue;
        uint64_t waited = turns->merged - turns->served_at[i];
        turns->longest = waited > turns->longest ? waited : turns->longest;
        turns->served_at[i] = turns->merged;
        turns->tail[i] = ring->tail;
        fill(turns->bench, i, turns->bench->look.now, RING_RECORDS - ((ring->state >> 1) - ring->tail));
    }
    return REEL_OK;
}

// Threads that never rest and a tracer that can never keep up: each gets room again before all rings together have been
// emptied twice.
static void slow_merge_serves_all_rings_in_turn(void **state)
{
    struct bench *bench = *state;
    struct turns turns = {.bench = bench};
    struct merge merge = {0};
    struct merge_feed feed = {.source = &bench->source, .has_begun = true};
    struct merge_feed *feeds[] = {&feed};
    const struct merge_sink sink = {.begin = begin_nothing, .take = take_turns, .context = &turns};
    for (uint32_t i = 0; i < PUSHERS; i++)
    {
        fake_claim(&bench->fake, i, (int32_t)i + 1);
        fill(bench, i, i, RING_RECORDS);
    }
    for (uint64_t now = PUSHERS; now < PUSHERS + ROUNDS; now++)
    {
        uint64_t bound = look_at(bench, now);
        assert_int_equal(merge_until(&merge, feeds, 1, bound, &sink, NULL, NULL), REEL_OK);
        drain_spill(&bench->source);
    }
    assert_true(turns.merged >= (ROUNDS - 1) * PUSHERS * RING_RECORDS / 2);
    assert_in_range(turns.longest, 1, 2 * PUSHERS * RING_RECORDS);
    for (uint32_t i = 0; i < PUSHERS; i++)
        assert_true(turns.merged - turns.served_at[i] <= 2 * PUSHERS * RING_RECORDS);
    merge_clean_up(&merge);
}

static void discarded_events_are_counted(void **state)
{
    struct bench *bench = *state;
    fake_claim(&bench->fake, 0, 1);
    fill(bench, 0, 10, RING_RECORDS / 2);
    look_at(bench, 100);
    drain_spill(&bench->source);
    fill(bench, 0, 20, 3);
    look_at(bench, 200);
    assert_int_equal(drain_discard(&bench->source), RING_RECORDS / 2 + 3);
    assert_true(drain_is_empty(&bench->source.rings[0]));
}

static void waiting_thread_is_woken_when_half_is_free(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    for (uint64_t time = 1; time <= RING_RECORDS; time++)
        fill(bench, 0, time, 1);
    ring->is_waiting = 1;
    look_at(bench, RING_RECORDS + 1);
    assert_int_equal(take(bench, 0, RING_RECORDS / 2), RING_RECORDS / 2 - 1);
    assert_int_equal(ring->wakes, 0);
    assert_int_equal(take(bench, 0, RING_RECORDS / 2 + 1), 1);
    assert_int_equal(ring->wakes, 1);
}

#define STREAM_EVENTS 200000

struct producer
{
    struct fake_channel *fake;
    struct wire_ring *ring;
};

// A thread that writes faster than it is read, and waits as the protocol says.
static void *produce(void *context)
{
    struct producer *producer = context;
    struct wire_ring *ring = producer->ring;
    for (uint64_t i = 0; i < STREAM_EVENTS; i++)
    {
        while (i - __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) >= RING_RECORDS)
        {
            __atomic_store_n(&ring->is_waiting, 1, __ATOMIC_SEQ_CST);
            sched_yield();
        }
        __atomic_store_n(&ring->is_waiting, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&ring->state, i << 1 | 1, __ATOMIC_RELEASE);
        ring->records[i & (RING_RECORDS - 1)] =
            (struct wire_event){.time = i, .where = wire_where(i, WIRE_EVENT_ALLOC, 0), .size = i};
        __atomic_store_n(&ring->state, (i + 1) << 1, __ATOMIC_RELEASE);
    }
    return NULL;
}

static void full_ring_loses_nothing_and_its_waiter_is_woken(void **state)
{
    struct bench *bench = *state;
    struct producer producer = {&bench->fake, fake_claim(&bench->fake, 0, 1)};
    pthread_t thread;
    uint64_t expected = 0;
    assert_int_equal(pthread_create(&thread, NULL, produce, &producer), 0);
    while (expected < STREAM_EVENTS)
    {
        look_at(bench, 1);
        size_t count = take_all(bench, 0);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(bench->events[i].size, expected++);
        sched_yield();
    }
    pthread_join(thread, NULL);
    assert_true(producer.ring->wakes > 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(ring_that_is_half_full_is_spilled_and_its_order_kept),
        CASE(spilled_events_are_taken_up_to_the_bound),
        CASE(what_a_stuck_ring_holds_back_is_bounded_and_shared),
        CASE(slow_merge_serves_all_rings_in_turn),
        CASE(discarded_events_are_counted),
        CASE(waiting_thread_is_woken_when_half_is_free),
        CASE(full_ring_loses_nothing_and_its_waiter_is_woken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
