// SPDX-License-Identifier: MIT
// The consumer's side of the ring: bounds by the busy marks, copying, recycling, waking, and rings that lie.
#include "fake_channel.h"
#include "tracer/drain.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define RING_RECORDS 64
#define STUCK_TICKS 1000

struct bench
{
    struct fake_channel fake;
    struct drain_source source;
    struct drain_look look;
    uint64_t latest; // what the clock says after copying
};

static uint64_t read_latest(const void *context)
{
    return *(const uint64_t *)context;
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    fake_channel_create(&bench->fake, 8, RING_RECORDS);
    assert_int_equal(drain_open(&bench->source, &bench->fake.channel), REEL_OK);
    bench->latest = UINT64_MAX;
    bench->look = (struct drain_look){
        .stuck_ticks = STUCK_TICKS, .queue_budget = SIZE_MAX, .clock = read_latest, .clock_context = &bench->latest};
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    drain_close(&bench->source);
    fake_channel_destroy(&bench->fake);
    free(bench);
    return 0;
}

static uint64_t look_at(struct bench *bench, uint64_t now)
{
    uint64_t bound;
    bench->look.previous = bench->look.now;
    bench->look.now = now;
    assert_int_equal(drain_look(&bench->source, &bench->look, &bound), REEL_OK);
    bench->look.held = bound;
    return bound;
}

static void source_without_rings_is_bound_by_the_look(void **state)
{
    assert_int_equal(look_at(*state, 100), 100);
}

static void idle_ring_is_bound_by_the_look(void **state)
{
    struct bench *bench = *state;
    fake_claim(&bench->fake, 0, 1);
    assert_int_equal(look_at(bench, 100), 100);
    assert_int_equal(look_at(bench, 200), 200);
}

static void ring_that_became_busy_is_bound_by_the_look_before(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    look_at(bench, 100);
    fake_busy(ring);
    assert_int_equal(look_at(bench, 200), 100);
}

static void ring_that_was_idle_in_between_is_bound_by_the_look_before(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    fake_busy(ring);
    look_at(bench, 100);
    fake_event(&bench->fake, ring, 150, WIRE_EVENT_ALLOC, 1);
    fake_busy(ring);
    assert_int_equal(look_at(bench, 200), 100);
}

static void ring_that_stays_busy_keeps_its_bound(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    look_at(bench, 100);
    fake_busy(ring);
    look_at(bench, 200);
    assert_int_equal(look_at(bench, 300), 100);
    assert_int_equal(look_at(bench, 400), 100);
    fake_commit(ring, 0);
    assert_int_equal(look_at(bench, 500), 500);
}

static void ring_that_is_busy_when_first_seen_is_bound_by_the_look_before(void **state)
{
    struct bench *bench = *state;
    look_at(bench, 100);
    fake_busy(fake_claim(&bench->fake, 0, 1));
    assert_int_equal(look_at(bench, 200), 100);
}

static void stuck_ring_stops_holding_the_merge_until_it_moves(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *stuck = fake_claim(&bench->fake, 0, 1);
    fake_claim(&bench->fake, 1, 2);
    look_at(bench, 100);
    fake_busy(stuck);
    assert_int_equal(look_at(bench, 200), 100);
    assert_int_equal(look_at(bench, 200 + STUCK_TICKS), 100);
    assert_int_equal(look_at(bench, 201 + STUCK_TICKS), 201 + STUCK_TICKS);
    fake_event(&bench->fake, stuck, 150, WIRE_EVENT_ALLOC, 1);
    fake_busy(stuck);
    assert_int_equal(look_at(bench, 300 + STUCK_TICKS), 201 + STUCK_TICKS);
}

static void dead_process_has_no_bound(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    fake_event(&bench->fake, ring, 50, WIRE_EVENT_ALLOC, 1);
    fake_busy(ring);
    bench->source.is_dead = true;
    assert_int_equal(look_at(bench, 100), DRAIN_NO_BOUND);
    assert_int_equal(bench->source.rings[0].end, 1);
}

static void events_are_copied_in_order_across_the_wrap(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    struct drain_ring *mine = &bench->source.rings[0];
    uint64_t time = 0;
    uint64_t expected = 0;
    for (int round = 0; round < 10; round++)
    {
        for (int i = 0; i < RING_RECORDS - 7; i++)
        {
            time++;
            fake_event(&bench->fake, ring, time, WIRE_EVENT_ALLOC, time);
        }
        look_at(bench, time);
        assert_int_equal(ring->tail, time);
        for (; mine->first < mine->end; mine->first++)
            assert_int_equal(wire_where_address(mine->events[mine->first].where), ++expected);
    }
    assert_int_equal(expected, time);
}

static void nested_events_of_a_batch_are_sorted_by_time(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    static const uint64_t times[] = {10, 14, 12, 13, 11, 14};
    fake_busy(ring);
    for (uint32_t i = 0; i < 6; i++)
        fake_put(&bench->fake, ring, i,
                 (struct wire_event){.time = times[i], .where = wire_where(i, WIRE_EVENT_ALLOC, 0)});
    fake_commit(ring, 6);
    look_at(bench, 20);
    static const uint64_t order[] = {0, 4, 2, 3, 1, 5};
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(wire_where_address(bench->source.rings[0].events[i].where), order[i]);
}

static void records_of_no_known_kind_are_refused_and_counted(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    struct drain_counters counters;
    fake_event(&bench->fake, ring, 1, 0, 1);
    fake_event(&bench->fake, ring, 2, WIRE_EVENT_FREE, 2);
    fake_event(&bench->fake, ring, 3, WIRE_EVENT_MISUSE + 1, 3);
    fake_event(&bench->fake, ring, 4, WIRE_EVENT_FORK, 0);
    look_at(bench, 10);
    drain_counters(&bench->source, &counters);
    assert_int_equal(counters.corrupt, 2);
    assert_int_equal(counters.committed, 3);
    assert_int_equal(counters.queued, 2);
}

static void records_with_impossible_values_are_refused_and_counted(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    struct drain_counters counters;
    const struct wire_event impossible[] = {
        {.where = wire_where(WIRE_NO_CLASS, WIRE_EVENT_CLASS, 0), .size = 16, .slack = 16},
        {.where = wire_where(1, WIRE_EVENT_CLASS, 0), .size = 0},
        {.where = wire_where(1, WIRE_EVENT_CLASS, 0), .size = 16, .slack = 17},
        {.where = wire_where(4096, WIRE_EVENT_ZONE, 0), .size = 4096},
        {.where = wire_where(4096, WIRE_EVENT_ZONE, 0), .size = 4096, .slack = 5 << WIRE_CLASS_BITS},
        {.where = wire_where(4096, WIRE_EVENT_ZONE, 0), .size = UINT64_MAX, .slack = 1 << WIRE_CLASS_BITS},
        {.where = wire_where(4096, WIRE_EVENT_COMMIT, 0), .size = 0},
        {.where = wire_where(WIRE_ADDRESS_MASK, WIRE_EVENT_RETURN, 0), .size = 4096},
        {.where = wire_where(WIRE_NO_CLASS, WIRE_EVENT_CENSUS, 0)},
        {.where = wire_where(4096, WIRE_EVENT_MISUSE, 0), .slack = 0},
        {.where = wire_where(4096, WIRE_EVENT_MISUSE, 0), .slack = WIRE_MISUSE_ABSURD_SIZE + 1},
    };
    const uint32_t count = sizeof impossible / sizeof *impossible;
    fake_busy(ring);
    for (uint32_t i = 0; i < count; i++)
        fake_put(&bench->fake, ring, i, impossible[i]);
    fake_commit(ring, count);
    look_at(bench, 10);
    drain_counters(&bench->source, &counters);
    assert_int_equal(counters.corrupt, count);
    assert_int_equal(counters.queued, 0);
}

static void events_that_are_not_of_blocks_are_no_part_of_the_count(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    struct drain_counters counters;
    fake_busy(ring);
    fake_put(&bench->fake, ring, 0, (struct wire_event){.where = wire_where(4096, WIRE_EVENT_COMMIT, 0), .size = 4096});
    fake_put(&bench->fake, ring, 1, (struct wire_event){.where = wire_where(4096, WIRE_EVENT_MISUSE, 0), .slack = 1});
    fake_commit(ring, 2);
    fake_event(&bench->fake, ring, 2, WIRE_EVENT_FREE, 2);
    look_at(bench, 10);
    drain_counters(&bench->source, &counters);
    assert_int_equal(counters.committed, 1);
    assert_int_equal(counters.queued, 3);
}

static void times_from_the_future_are_cut_off(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    fake_event(&bench->fake, ring, UINT64_MAX, WIRE_EVENT_ALLOC, 1);
    bench->latest = 120;
    look_at(bench, 100);
    assert_int_equal(bench->source.rings[0].events[0].time, 120);
}

static void ring_with_an_impossible_head_is_never_read_again(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    struct drain_counters counters;
    fake_event(&bench->fake, ring, 1, WIRE_EVENT_ALLOC, 1);
    look_at(bench, 100);
    ring->state = (uint64_t)(RING_RECORDS + 2) << 1;
    assert_int_equal(look_at(bench, 200), 200);
    ring->state = (uint64_t)2 << 1;
    look_at(bench, 300);
    drain_counters(&bench->source, &counters);
    assert_int_equal(counters.committed, 1);
    assert_int_equal(counters.corrupt, 1);
}

static void count_end(void *context, struct drain_ring *ring, uint64_t end_time)
{
    assert_int_equal(ring->tid, 11);
    assert_int_equal(end_time, 99);
    ++*(int *)context;
}

static void retired_ring_becomes_free_when_its_queue_is_merged(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 11);
    int ends = 0;
    fake_event(&bench->fake, ring, 1, WIRE_EVENT_ALLOC, 1);
    ring->end_time = 99;
    ring->owner = WIRE_RING_RETIRED;
    look_at(bench, 100);
    drain_recycle(&bench->source, count_end, &ends);
    assert_int_equal(ring->owner, WIRE_RING_RETIRED);
    bench->source.rings[0].first = bench->source.rings[0].end;
    drain_recycle(&bench->source, count_end, &ends);
    assert_int_equal(ring->owner, WIRE_RING_FREE);
    assert_int_equal(ends, 1);
    bench->source.rings[0].thread = 5;
    fake_event(&bench->fake, fake_claim(&bench->fake, 0, 12), 101, WIRE_EVENT_ALLOC, 2);
    look_at(bench, 200);
    assert_int_equal(bench->source.rings[0].tid, 12);
    assert_int_equal(bench->source.rings[0].thread, 0);
}

static bool exists_when_even(void *context, int32_t tid)
{
    (void)context;
    return tid % 2 == 0;
}

static void rings_of_dead_threads_are_retired(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *dead = fake_claim(&bench->fake, 0, 1);
    struct wire_ring *living = fake_claim(&bench->fake, 1, 2);
    look_at(bench, 100);
    drain_retire_orphans(&bench->source, exists_when_even, NULL);
    assert_int_equal(dead->owner, WIRE_RING_RETIRED);
    assert_int_equal(living->owner, WIRE_RING_LIVE);
}

static void full_queue_makes_rings_wait_but_not_the_one_that_holds_the_merge(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *holder = fake_claim(&bench->fake, 0, 1);
    struct wire_ring *other = fake_claim(&bench->fake, 1, 2);
    look_at(bench, 100);
    fake_event(&bench->fake, other, 110, WIRE_EVENT_ALLOC, 1);
    fake_busy(holder);
    assert_int_equal(look_at(bench, 200), 100);
    bench->look.queue_budget = 1; // and one event is queued
    fake_event(&bench->fake, other, 210, WIRE_EVENT_ALLOC, 2);
    fake_event(&bench->fake, holder, 120, WIRE_EVENT_ALLOC, 3);
    // What the other ring still holds is not older than what it gave.
    assert_int_equal(look_at(bench, 300), 110);
    assert_int_equal(bench->source.rings[0].end, 1);
    assert_int_equal(bench->source.rings[1].end, 1);
    // Now it is the one that holds the merge.
    assert_int_equal(look_at(bench, 400), 400);
    assert_int_equal(bench->source.rings[1].end, 2);
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
    struct drain_ring *mine = &bench->source.rings[0];
    pthread_t thread;
    uint64_t expected = 0;
    assert_int_equal(pthread_create(&thread, NULL, produce, &producer), 0);
    while (expected < STREAM_EVENTS)
    {
        look_at(bench, 1);
        for (; mine->first < mine->end; mine->first++)
            assert_int_equal(mine->events[mine->first].size, expected++);
        sched_yield();
    }
    pthread_join(thread, NULL);
    assert_true(producer.ring->wakes > 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(source_without_rings_is_bound_by_the_look),
        CASE(idle_ring_is_bound_by_the_look),
        CASE(ring_that_became_busy_is_bound_by_the_look_before),
        CASE(ring_that_was_idle_in_between_is_bound_by_the_look_before),
        CASE(ring_that_stays_busy_keeps_its_bound),
        CASE(ring_that_is_busy_when_first_seen_is_bound_by_the_look_before),
        CASE(stuck_ring_stops_holding_the_merge_until_it_moves),
        CASE(dead_process_has_no_bound),
        CASE(events_are_copied_in_order_across_the_wrap),
        CASE(nested_events_of_a_batch_are_sorted_by_time),
        CASE(records_of_no_known_kind_are_refused_and_counted),
        CASE(records_with_impossible_values_are_refused_and_counted),
        CASE(events_that_are_not_of_blocks_are_no_part_of_the_count),
        CASE(times_from_the_future_are_cut_off),
        CASE(ring_with_an_impossible_head_is_never_read_again),
        CASE(retired_ring_becomes_free_when_its_queue_is_merged),
        CASE(rings_of_dead_threads_are_retired),
        CASE(full_queue_makes_rings_wait_but_not_the_one_that_holds_the_merge),
        CASE(full_ring_loses_nothing_and_its_waiter_is_woken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
