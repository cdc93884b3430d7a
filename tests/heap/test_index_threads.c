// SPDX-License-Identifier: MIT
// Stack and queue with threads that take and put back as fast as they can: no index ever has two owners, none is lost.
#include "cases.h"

#include "heap/index_queue.h"

#include <pthread.h>

enum
{
    INDEX_COUNT = 3, // fewer than threads, so that they meet
    THREADS = 4,
    ROUNDS = 20000,
};

static struct index_stack stack;
static struct index_queue queue;
static struct index_queue_node nodes[INDEX_COUNT + 2];
static uint32_t links[INDEX_COUNT + 1];
static uint32_t owners[INDEX_COUNT + 1];

static uint32_t *link_at(uint32_t index)
{
    return &links[index];
}

static const struct index_links stack_links = {.at = link_at};

static void push(uint32_t index)
{
    index_stack_push(&stack, &stack_links, index);
}

static uint32_t pop(void)
{
    return index_stack_pop(&stack, &stack_links, NULL);
}

static void put(uint32_t index)
{
    index_queue_put(&queue, index);
}

static uint32_t take(void)
{
    return index_queue_take(&queue);
}

struct container
{
    void (*put)(uint32_t index);
    uint32_t (*take)(void);
};

// Returns the context if an index had another owner too.
static void *take_and_put(void *context)
{
    const struct container *container = context;
    for (int round = 0; round < ROUNDS; round++)
    {
        uint32_t index = container->take();
        if (index == 0)
            continue;
        if (__atomic_fetch_add(&owners[index], 1, __ATOMIC_RELAXED) != 0)
            return context;
        __atomic_fetch_sub(&owners[index], 1, __ATOMIC_RELAXED);
        container->put(index);
    }
    return NULL;
}

static void check_with_threads(struct container container)
{
    pthread_t threads[THREADS];
    for (uint32_t index = 1; index <= INDEX_COUNT; index++)
        container.put(index);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_put, &container), 0);
    for (int i = 0; i < THREADS; i++)
    {
        void *shared;
        pthread_join(threads[i], &shared);
        assert_null(shared);
    }
    uint32_t sum = 0;
    for (uint32_t i = 0; i < INDEX_COUNT; i++)
        sum |= 1u << container.take();
    assert_int_equal(sum, (1u << (INDEX_COUNT + 1)) - 2);
    assert_int_equal(container.take(), 0);
}

static void threads_never_own_the_same_index_of_a_stack(void **state)
{
    (void)state;
    check_with_threads((struct container){push, pop});
}

static void threads_never_own_the_same_index_of_a_queue(void **state)
{
    (void)state;
    index_queue_nodes = nodes;
    index_queue_open(&queue, INDEX_COUNT + 1);
    for (uint32_t node = 1; node <= INDEX_COUNT; node++)
        index_queue_provide(&queue, node);
    check_with_threads((struct container){put, take});
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_never_own_the_same_index_of_a_stack),
        cmocka_unit_test(threads_never_own_the_same_index_of_a_queue),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
