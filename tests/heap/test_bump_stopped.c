// SPDX-License-Identifier: MIT
// `bump` while somebody is in the middle of it: whoever is stopped at any step, others go on; a signal handler at any
// step may allocate; a child forked there may too. A process opens one allocator, so a case must be named.
#include "cases.h"

#include "interleave.h"
#include "opened_heap.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    BLOCK = 48,
    POOL = 3,
    ROUNDS = 50,
    HELD = 4,
};

static unsigned char *held[HELD];

// Blocks do not overlap: each is filled with its own number, and looked at before it goes.
static void hold(unsigned char *block, unsigned char number)
{
    memset(block, number, BLOCK);
    held[number] = block;
}

static bool is_intact(unsigned char number)
{
    for (size_t i = 0; i < BLOCK; i++)
        if (held[number][i] != number)
            return false;
    return true;
}

// What is stopped: all ways through malloc, free and realloc, from free slots and fresh ones.
static void use_heap(void *context)
{
    (void)context;
    hold(heap->malloc(BLOCK).block, 0);
    hold(heap->malloc(BLOCK).block, 1);
    heap->free(held[1]);
    hold(heap->realloc(NULL, BLOCK).block, 1);
    hold(heap->realloc(held[1], 3 * BLOCK).block, 1);
    heap->free(heap->memalign(64, BLOCK).block);
}

static void go_on(void *context)
{
    size_t *rounds = context;
    for (int round = 0; round < ROUNDS; round++)
    {
        hold(heap->malloc(BLOCK).block, 2);
        hold(heap->malloc(BLOCK).block, 3);
        if (!is_intact(2))
            return;
        heap->free(held[2]);
        if (!is_intact(3))
            return;
        heap->free(held[3]);
        ++*rounds;
    }
}

static void fill_pool(void)
{
    void *pool[POOL];
    for (size_t i = 0; i < POOL; i++)
        pool[i] = allocate(BLOCK);
    for (size_t i = 0; i < POOL; i++)
        release(pool[i]);
}

static void check_others_go_on(const char *spec)
{
    open_heap(spec);
    for (size_t n = 0;; n++)
    {
        size_t rounds = 0;
        const struct interleave_program programs[2] = {{use_heap, NULL}, {go_on, &rounds}};
        fill_pool();
        bool was_stopped = interleave_stopped_at(programs, n);
        assert_int_equal(rounds, ROUNDS);
        assert_true(is_intact(0));
        assert_true(is_intact(1));
        release(held[0]);
        release(held[1]);
        assert_int_equal(census_of(BLOCK).used, 0);
        assert_in_range(census_of(BLOCK).carved, POOL, POOL + 2);
        if (!was_stopped)
        {
            assert_true(n > 10);
            return;
        }
    }
}

static void others_go_on_while_lifo_is_stopped_at_any_step(void **state)
{
    (void)state;
    check_others_go_on("bump:lifo");
}

static void others_go_on_while_fifo_is_stopped_at_any_step(void **state)
{
    (void)state;
    check_others_go_on("bump:fifo");
}

// In place of handing the turn to another program, one step raises a signal: steps to go, 0 for none.
static size_t steps_to_signal;
static size_t rounds_in_handlers;

static void handle(int number)
{
    (void)number;
    go_on(&rounds_in_handlers);
}

static void fork_and_handle(int number)
{
    pid_t child = fork();
    if (child < 0)
        abort();
    if (child == 0)
    {
        size_t rounds = 0;
        handle(number);
        go_on(&rounds);
        _exit(rounds == ROUNDS ? 0 : 1);
    }
    int status;
    if (waitpid(child, &status, 0) != child || status != 0)
        abort();
    handle(number);
}

void bump_step(void);

void bump_step(void)
{
    interleave_step();
    if (steps_to_signal != 0 && --steps_to_signal == 0 && raise(SIGUSR1) != 0)
        abort();
}

static void check_handlers(const char *spec, void (*handler)(int))
{
    size_t n = 0;
    open_heap(spec);
    assert_int_not_equal((intptr_t)signal(SIGUSR1, handler), (intptr_t)SIG_ERR);
    do
    {
        fill_pool();
        rounds_in_handlers = 0;
        steps_to_signal = ++n;
        use_heap(NULL);
        assert_int_equal(rounds_in_handlers, steps_to_signal == 0 ? ROUNDS : 0);
        assert_true(is_intact(0));
        assert_true(is_intact(1));
        release(held[0]);
        release(held[1]);
        assert_int_equal(census_of(BLOCK).used, 0);
    } while (steps_to_signal == 0);
    assert_true(n > 10);
}

static void a_signal_handler_in_any_step_of_lifo_may_allocate(void **state)
{
    (void)state;
    check_handlers("bump:lifo", handle);
}

static void a_signal_handler_in_any_step_of_fifo_may_allocate(void **state)
{
    (void)state;
    check_handlers("bump:fifo", handle);
}

static void a_signal_handler_in_any_step_of_none_may_allocate(void **state)
{
    (void)state;
    check_handlers("bump:none", handle);
}

static void a_child_forked_in_any_step_of_lifo_may_allocate(void **state)
{
    (void)state;
    check_handlers("bump:lifo", fork_and_handle);
}

static void a_child_forked_in_any_step_of_fifo_may_allocate(void **state)
{
    (void)state;
    check_handlers("bump:fifo", fork_and_handle);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_go_on_while_lifo_is_stopped_at_any_step),
        cmocka_unit_test(others_go_on_while_fifo_is_stopped_at_any_step),
        cmocka_unit_test(a_signal_handler_in_any_step_of_lifo_may_allocate),
        cmocka_unit_test(a_signal_handler_in_any_step_of_fifo_may_allocate),
        cmocka_unit_test(a_signal_handler_in_any_step_of_none_may_allocate),
        cmocka_unit_test(a_child_forked_in_any_step_of_lifo_may_allocate),
        cmocka_unit_test(a_child_forked_in_any_step_of_fifo_may_allocate),
    };
    if (argument_count != 2)
        return 2;
    return RUN_CASES(argument_count, arguments, tests);
}
