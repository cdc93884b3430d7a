// SPDX-License-Identifier: MIT
// Queues from one pool: order, shares, and what is given back.
#include "tracer/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define BLOCKS 12
#define QUEUES 3

struct bench
{
    struct queue_pool pool;
    struct queue queues[QUEUES];
};

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    queue_pool_init(&bench->pool, BLOCKS);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < QUEUES; i++)
        queue_clear(&bench->queues[i], &bench->pool);
    assert_int_equal(bench->pool.block_count, 0);
    queue_pool_fini(&bench->pool);
    free(bench);
    return 0;
}

// Puts one event; false when there is no room.
static int put(struct bench *bench, int number, uint64_t time)
{
    size_t room;
    struct wire_event *event = queue_reserve(&bench->queues[number], &bench->pool, &room);
    if (event == NULL)
        return 0;
    assert_true(room > 0);
    *event = (struct wire_event){.time = time};
    queue_commit(&bench->queues[number], 1);
    return 1;
}

static size_t put_blocks(struct bench *bench, int number)
{
    size_t events = 0;
    while (put(bench, number, events))
        events++;
    assert_int_equal(events % QUEUE_BLOCK_EVENTS, 0);
    return events / QUEUE_BLOCK_EVENTS;
}

static void events_come_out_in_the_order_in_which_they_went_in(void **state)
{
    struct bench *bench = *state;
    const struct wire_event *events;
    uint64_t expected = 0;
    for (uint64_t time = 0; time < 3 * QUEUE_BLOCK_EVENTS + 5; time++)
        assert_true(put(bench, 0, time));
    assert_int_equal(bench->queues[0].event_count, 3 * QUEUE_BLOCK_EVENTS + 5);
    for (uint64_t bound = 100; expected < 3 * QUEUE_BLOCK_EVENTS + 5; bound += 100)
        for (size_t count; (count = queue_take(&bench->queues[0], &bench->pool, bound, &events)) != 0;)
            for (size_t i = 0; i < count; i++)
            {
                assert_int_equal(events[i].time, expected++);
                assert_true(events[i].time < bound);
            }
    assert_int_equal(bench->queues[0].event_count, 0);
}

static void one_queue_gets_half_of_the_pool(void **state)
{
    assert_int_equal(put_blocks(*state, 0), BLOCKS / 2);
}

static void the_next_gets_half_of_the_rest(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(put_blocks(bench, 0), 6);
    assert_int_equal(put_blocks(bench, 1), 3);
    assert_int_equal(put_blocks(bench, 2), 2);
    assert_true(bench->pool.block_count < BLOCKS);
}

static void queues_that_grow_together_have_the_same_share(void **state)
{
    struct bench *bench = *state;
    for (int is_room = 1; is_room;)
    {
        is_room = 0;
        for (int i = 0; i < QUEUES; i++)
            for (int k = 0; k < QUEUE_BLOCK_EVENTS; k++)
                is_room |= put(bench, i, 0);
    }
    for (int i = 0; i < QUEUES; i++)
        assert_int_equal(bench->queues[i].block_count, BLOCKS / (QUEUES + 1));
}

static void blocks_that_are_taken_serve_others(void **state)
{
    struct bench *bench = *state;
    const struct wire_event *events;
    assert_int_equal(put_blocks(bench, 0), 6);
    while (queue_take(&bench->queues[0], &bench->pool, UINT64_MAX, &events) != 0)
        continue;
    assert_int_equal(bench->pool.block_count, 0);
    assert_int_equal(put_blocks(bench, 1), 6);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(events_come_out_in_the_order_in_which_they_went_in),
        CASE(one_queue_gets_half_of_the_pool),
        CASE(the_next_gets_half_of_the_rest),
        CASE(queues_that_grow_together_have_the_same_share),
        CASE(blocks_that_are_taken_serve_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
