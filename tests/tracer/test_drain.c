// SPDX-License-Identifier: MIT
// The consumer's side of the ring: bounds by the busy marks, taking, recycling, and rings that lie.
#include "drain_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

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
    assert_int_equal(take(bench, 0, DRAIN_NO_BOUND), 1);
}

static void events_are_taken_in_order_across_the_wrap(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    uint64_t time = 0;
    uint64_t expected = 0;
    for (int round = 0; round < 10; round++)
    {
        for (int i = 0; i < RING_RECORDS - 7; i++)
        {
            time++;
            fake_event(&bench->fake, ring, time, WIRE_EVENT_ALLOC, time);
        }
        look_at(bench, time + 1);
        size_t count = take_all(bench, 0);
        assert_int_equal(ring->tail, time);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(wire_where_address(bench->events[i].where), ++expected);
    }
    assert_int_equal(expected, time);
}

static void events_from_the_bound_on_stay_in_their_ring(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    for (uint64_t time = 10; time <= 30; time += 10)
        fake_event(&bench->fake, ring, time, WIRE_EVENT_ALLOC, time);
    look_at(bench, 100);
    assert_int_equal(take(bench, 0, 20), 1);
    assert_int_equal(ring->tail, 1);
    assert_int_equal(take(bench, 0, 20), 0);
    assert_false(drain_is_empty(&bench->source.rings[0]));
    assert_int_equal(take(bench, 0, 31), 2);
    assert_int_equal(bench->events[0].time, 20);
    assert_true(drain_is_empty(&bench->source.rings[0]));
}

static void no_more_is_taken_than_the_slice_holds(void **state)
{
    struct bench *bench = *state;
    struct drain_ring *mine = &bench->source.rings[0];
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    for (uint64_t time = 1; time <= 5; time++)
        fake_event(&bench->fake, ring, time, WIRE_EVENT_ALLOC, time);
    look_at(bench, 100);
    static const size_t expected[] = {2, 2, 1, 0};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(drain_take(&bench->source, mine, 100, bench->slice, 2, &bench->events), expected[i]);
}

static void what_was_committed_after_the_look_is_left_to_the_next(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    fake_event(&bench->fake, ring, 10, WIRE_EVENT_ALLOC, 1);
    look_at(bench, 100);
    fake_event(&bench->fake, ring, 20, WIRE_EVENT_ALLOC, 2);
    assert_int_equal(take_all(bench, 0), 1);
    assert_int_equal(take_all(bench, 0), 0);
    look_at(bench, 200);
    assert_int_equal(take_all(bench, 0), 1);
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
    assert_int_equal(take(bench, 0, 12), 2); // a part of the batch, and still in order
    assert_int_equal(wire_where_address(bench->events[1].where), order[1]);
    assert_int_equal(take_all(bench, 0), 4);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(wire_where_address(bench->events[i].where), order[2 + i]);
    assert_int_equal(bench->source.rings[0].late, 0);
}

// The process writes where it may not any more, between the look and the merge.
static void events_that_change_after_the_look_are_moved_into_order(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    struct drain_counters counters;
    bench->latest = 100;
    for (uint64_t time = 10; time <= 40; time += 10)
        fake_event(&bench->fake, ring, time, WIRE_EVENT_ALLOC, time);
    look_at(bench, 100);
    ring->records[1].time = 5;
    ring->records[2].time = UINT64_MAX;
    assert_int_equal(take_all(bench, 0), 4);
    static const uint64_t times[] = {10, 10, 100, 100};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(bench->events[i].time, times[i]);
    drain_counters(&bench->source, &counters);
    assert_int_equal(counters.late, 2);
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
    assert_int_equal(take_all(bench, 0), 2);
    drain_counters(&bench->source, &counters);
    assert_int_equal(counters.corrupt, 2);
    assert_int_equal(counters.committed, 3);
    assert_int_equal(counters.queued, 0);
}

static void refused_records_hide_none_behind_them(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    for (uint64_t time = 1; time <= 10; time++)
        fake_event(&bench->fake, ring, time, 0, time);
    fake_event(&bench->fake, ring, 11, WIRE_EVENT_ALLOC, 7);
    look_at(bench, 100);
    assert_int_equal(drain_take(&bench->source, &bench->source.rings[0], 100, bench->slice, 4, &bench->events), 1);
    assert_int_equal(wire_where_address(bench->events[0].where), 7);
    assert_true(drain_is_empty(&bench->source.rings[0]));
}

// Times are read where the program can still change them, to find out how many events are older than the bound.
static void every_bound_divides_the_ring_where_it_should(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    for (uint64_t time = 1; time <= 40; time++)
        fake_event(&bench->fake, ring, time, WIRE_EVENT_ALLOC, time);
    bench->latest = 40;
    look_at(bench, 41);
    for (uint64_t bound = 0; bound <= 40; bound++)
    {
        assert_int_equal(take(bench, 0, bound), bound > 1);
        assert_true(bound <= 1 || bench->events[0].time == bound - 1);
    }
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
    assert_int_equal(take_all(bench, 0), 0);
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
    assert_int_equal(counters.queued, 3);
    assert_int_equal(take_all(bench, 0), 3);
    drain_counters(&bench->source, &counters);
    assert_int_equal(counters.committed, 1);
    assert_int_equal(counters.queued, 0);
}

static void times_from_the_future_are_cut_off(void **state)
{
    struct bench *bench = *state;
    struct wire_ring *ring = fake_claim(&bench->fake, 0, 1);
    fake_event(&bench->fake, ring, UINT64_MAX, WIRE_EVENT_ALLOC, 1);
    bench->latest = 120;
    look_at(bench, 100);
    assert_int_equal(take(bench, 0, 121), 1);
    assert_int_equal(bench->events[0].time, 120);
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
    assert_int_equal(take_all(bench, 0), 1); // what was found before
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
    assert_int_equal(take_all(bench, 0), 1);
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

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(source_without_rings_is_bound_by_the_look),
        CASE(idle_ring_is_bound_by_the_look),
        CASE(ring_that_became_busy_is_bound_by_the_look_before),
        CASE(ring_that_was_idle_in_between_is_bound_by_the_look_before),
        CASE(ring_that_stays_busy_keeps_its_bound),
        CASE(ring_that_is_busy_when_first_seen_is_bound_by_the_look_before),
        CASE(stuck_ring_stops_holding_the_merge_until_it_moves),
        CASE(dead_process_has_no_bound),
        CASE(events_are_taken_in_order_across_the_wrap),
        CASE(events_from_the_bound_on_stay_in_their_ring),
        CASE(no_more_is_taken_than_the_slice_holds),
        CASE(what_was_committed_after_the_look_is_left_to_the_next),
        CASE(nested_events_of_a_batch_are_sorted_by_time),
        CASE(events_that_change_after_the_look_are_moved_into_order),
        CASE(records_of_no_known_kind_are_refused_and_counted),
        CASE(refused_records_hide_none_behind_them),
        CASE(every_bound_divides_the_ring_where_it_should),
        CASE(records_with_impossible_values_are_refused_and_counted),
        CASE(events_that_are_not_of_blocks_are_no_part_of_the_count),
        CASE(times_from_the_future_are_cut_off),
        CASE(ring_with_an_impossible_head_is_never_read_again),
        CASE(retired_ring_becomes_free_when_its_queue_is_merged),
        CASE(rings_of_dead_threads_are_retired),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
