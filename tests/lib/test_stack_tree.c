// SPDX-License-Identifier: MIT
// The stack tree: interning is a function, nodes lead back to what was interned, threads may do it at once.
#define _GNU_SOURCE
#include "record/recorder_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
// cmocka needs the three above.
#include <cmocka.h>
#include <pthread.h>

enum
{
    NODE_COUNT_MAX = 1 << 16,
    KEYS = 20000,
    THREADS = 4,
};

static struct wire_channel channel; // without room for a module log
static const struct wire_session session = {.clock = WIRE_CLOCK_TSC};

static int open_tree(void **state)
{
    (void)state;
    channel.node_count = 1;
    recorder.channel = &channel;
    recorder.session = &session;
    recorder.nodes = aligned_alloc(WIRE_PAGE_BYTES, NODE_COUNT_MAX * sizeof *recorder.nodes);
    return !recorder.nodes || !stack_tree_open(NODE_COUNT_MAX) || !modules_open();
}

static int close_tree(void **state)
{
    (void)state;
    free(recorder.nodes);
    return 0;
}

static void same_key_gives_the_same_node(void **state)
{
    (void)state;
    uint32_t root = stack_tree_intern(0, 1, 0);
    for (uint64_t key = 1; key <= KEYS; key++)
    {
        uint32_t node = stack_tree_intern(root, key << 4, 1);
        assert_int_not_equal(node, 0);
        assert_int_equal(recorder.nodes[node].address, key << 4);
        assert_int_equal(recorder.nodes[node].parent, root);
    }
    uint32_t count = channel.node_count;
    for (uint64_t key = 1; key <= KEYS; key++)
        assert_int_equal(recorder.nodes[stack_tree_intern(root, key << 4, 1)].address, key << 4);
    assert_int_equal(channel.node_count, count);
}

static void roots_of_two_generations_are_two_nodes(void **state)
{
    (void)state;
    assert_int_not_equal(stack_tree_intern(0, 1, 0), stack_tree_intern(0, 2, 0));
    assert_int_not_equal(stack_tree_intern(0, 1, 0), stack_tree_intern(0, 1, WIRE_STACK_CUT));
}

static void *intern_all(void *context)
{
    uint32_t *nodes = context;
    for (uint64_t key = 0; key < KEYS; key++)
        nodes[key] = stack_tree_intern(1, (key + 1) << 5 | 1, 1);
    return NULL;
}

static void threads_find_what_they_interned(void **state)
{
    (void)state;
    static uint32_t nodes[THREADS][KEYS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, intern_all, nodes[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        for (uint64_t key = 0; key < KEYS; key++)
            assert_int_equal(recorder.nodes[nodes[i][key]].address, (key + 1) << 5 | 1);
}

static void full_tree_refuses_and_counts(void **state)
{
    (void)state;
    uint64_t key = 1;
    while (stack_tree_intern(1, key << 6 | 3, 1) && key <= NODE_COUNT_MAX)
        key++;
    assert_true(key <= NODE_COUNT_MAX);
    assert_int_equal(channel.stacks_refused, 1);
    assert_int_equal(recorder.nodes[stack_tree_intern(1, 1 << 6 | 3, 1)].address, 1 << 6 | 3);
}

static void reset_tree_starts_empty(void **state)
{
    (void)state;
    stack_tree_reset();
    channel.node_count = 1;
    assert_int_equal(stack_tree_intern(0, 1, 0), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_key_gives_the_same_node),    cmocka_unit_test(roots_of_two_generations_are_two_nodes),
        cmocka_unit_test(threads_find_what_they_interned), cmocka_unit_test(full_tree_refuses_and_counts),
        cmocka_unit_test(reset_tree_starts_empty),
    };
    return cmocka_run_group_tests(tests, open_tree, close_tree);
}
