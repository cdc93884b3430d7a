// SPDX-License-Identifier: MIT
// The lock-free queue: every order of the steps of two programs is explained by whole operations; whoever is stopped
// anywhere, others go on, and nothing is lost or doubled.
#include "cases.h"

#include "heap/index_queue.h"
#include "index_orders.h"
#include "interleave.h"

#include <string.h>

enum
{
    INDEX_COUNT = 64,
    ROUNDS = 200,
};

static struct index_queue queue;
static struct index_queue_node nodes[INDEX_COUNT + 2];

// A node for each index, and the dummy.
static void empty(void)
{
    memset(nodes, 0, sizeof nodes);
    index_queue_nodes = nodes;
    index_queue_open(&queue, INDEX_COUNT + 1);
    for (uint32_t node = 1; node <= INDEX_COUNT; node++)
        index_queue_provide(&queue, node);
}

static void put(uint32_t index)
{
    index_queue_put(&queue, index);
}

static uint32_t take(void)
{
    return index_queue_take(&queue);
}

static const struct index_container container = {empty, put, take, false};

static void the_first_put_is_taken_first(void **state)
{
    (void)state;
    empty();
    assert_int_equal(take(), 0);
    for (uint32_t round = 0; round < ROUNDS; round++)
    {
        for (uint32_t index = 1; index <= INDEX_COUNT; index++)
            put(index);
        for (uint32_t index = 1; index <= INDEX_COUNT; index++)
            assert_int_equal(take(), index);
        assert_int_equal(take(), 0);
    }
}

static void every_order_of_queue_operations_is_explained(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"t", "t"}, {"t", "n"}, {"n", "n"}, {"tb", "t"}, {"tb", "n"}, {"nt", "t"}};
    size_t orders = 0;
    for (uint32_t start = 0; start < 3; start++)
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
            orders += index_try_every_order(&container, start, pairs[i][0], pairs[i][1]);
    assert_true(orders > 1000);
}

struct stopped
{
    bool is_put;
    uint32_t taken;
    size_t others_moved;
};

static void operate_once(void *context)
{
    struct stopped *stopped = context;
    if (stopped->is_put)
        put(INDEX_COUNT);
    else
        stopped->taken = take();
}

static void go_on(void *context)
{
    struct stopped *stopped = context;
    for (int round = 0; round < ROUNDS; round++)
    {
        uint32_t index = take();
        if (index == 0)
            continue;
        put(index);
        stopped->others_moved++;
    }
}

// Every index is once in the queue, or was taken, or is still outside.
static void check_all_are_there(const struct stopped *stopped)
{
    bool is_seen[INDEX_COUNT + 1] = {false};
    is_seen[stopped->taken] = true;
    for (uint32_t index; (index = take()) != 0;)
    {
        assert_false(is_seen[index] && index != 0);
        is_seen[index] = true;
    }
    for (uint32_t index = 1; index <= 3; index++)
        assert_true(is_seen[index]);
    assert_int_equal(is_seen[INDEX_COUNT], stopped->is_put);
}

// Returns how many places there were to stop at.
static size_t stop_everywhere(bool is_put)
{
    for (size_t n = 0;; n++)
    {
        struct stopped stopped = {.is_put = is_put};
        const struct interleave_program programs[2] = {{operate_once, &stopped}, {go_on, &stopped}};
        empty();
        for (uint32_t index = 1; index <= 3; index++)
            put(index);
        bool was_stopped = interleave_stopped_at(programs, n);
        assert_int_equal(stopped.others_moved, ROUNDS);
        check_all_are_there(&stopped);
        if (!was_stopped)
            return n;
    }
}

static void others_go_on_while_a_put_is_stopped_at_any_step(void **state)
{
    (void)state;
    assert_true(stop_everywhere(true) >= 5);
}

static void others_go_on_while_a_take_is_stopped_at_any_step(void **state)
{
    (void)state;
    assert_true(stop_everywhere(false) >= 4);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_put_is_taken_first),
        cmocka_unit_test(every_order_of_queue_operations_is_explained),
        cmocka_unit_test(others_go_on_while_a_put_is_stopped_at_any_step),
        cmocka_unit_test(others_go_on_while_a_take_is_stopped_at_any_step),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
