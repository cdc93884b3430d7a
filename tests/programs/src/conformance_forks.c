// SPDX-License-Identifier: MIT
// Facts: fork, also from a signal handler that interrupts malloc, and allocation in handlers.
#define _GNU_SOURCE
#include "conformance.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum
{
    THREADS = 3,
    INHERITED = 200,
    FORKS = 60,
    SIGNALS = 60,
    STEPS_AT_FULL_SPEED = 5000,
};

static atomic_bool is_over;

static void wait_a_little(void)
{
    const struct timespec moment = {.tv_nsec = 5000000};
    nanosleep(&moment, NULL);
}

static void *allocate_until_over(void *argument)
{
    for (size_t i = (uintptr_t)argument; !atomic_load(&is_over); i++)
    {
        if (i % 100 == 0 && i > STEPS_AT_FULL_SPEED) // on a slow machine this takes long: not so much memory and events
            wait_a_little();
        void *block = realloc(malloc(i % 700), i * 7 % 3000);
        free(i % 100 == 0 ? realloc(block, 300000) : block);
    }
    return NULL;
}

static void start(pthread_t *threads)
{
    for (uintptr_t i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, allocate_until_over, (void *)i) == 0);
}

static void stop(pthread_t *threads)
{
    atomic_store(&is_over, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void make(unsigned char **blocks)
{
    for (size_t i = 0; i < INHERITED; i++)
    {
        blocks[i] = i % 20 == 0 ? malloc(i * 3000) : memalign((size_t)16 << i % 5, i * 20);
        fill(blocks[i], i * 20, i);
    }
}

static void check_and_free(unsigned char **blocks)
{
    for (size_t i = 0; i < INHERITED; i++)
    {
        blocks[i] = realloc(blocks[i], i * 25 + 1);
        EXPECT(blocks[i] && is_filled(blocks[i], i * 20, i));
        free(blocks[i]);
    }
}

static void await_success(pid_t child)
{
    int status = 0;
    EXPECT(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

// Everything that a program does with its heap, in a child that inherited blocks.
static void live_as_a_child(unsigned char **blocks)
{
    unsigned char *own[INHERITED];
    make(own);
    check_and_free(blocks);
    check_and_free(own);
    exit(EXIT_SUCCESS);
}

static void fork_with_blocks(void)
{
    unsigned char *blocks[INHERITED];
    make(blocks);
    pid_t child = fork();
    if (child == 0)
        live_as_a_child(blocks);
    await_success(child);
    check_and_free(blocks);
}

static void children_use_and_free_what_they_inherited(void)
{
    for (int i = 0; i < FORKS; i++)
        fork_with_blocks();
}

static void children_of_threaded_programs_allocate(void)
{
    pthread_t threads[THREADS];
    start(threads);
    for (int i = 0; i < FORKS; i++)
        fork_with_blocks();
    stop(threads);
}

static void grandchildren_with_threads_allocate(void)
{
    pthread_t threads[THREADS];
    start(threads);
    for (int i = 0; i < FORKS / 4; i++)
    {
        pid_t child = fork();
        if (child == 0)
        {
            pthread_t own[THREADS];
            start(own);
            fork_with_blocks();
            stop(own);
            exit(EXIT_SUCCESS);
        }
        await_success(child);
    }
    stop(threads);
}

static void *fork_often(void *argument)
{
    for (int i = 0; i < FORKS / 3; i++)
        fork_with_blocks();
    return argument;
}

static void threads_fork_at_the_same_time(void)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, fork_often, NULL) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static struct
{
    void (*act)(void);
    volatile sig_atomic_t count;
    volatile sig_atomic_t is_child; // forked by a handler, and back from it
} handler;

// The timer is set anew by each handler: a steady one would leave a slow machine no time for anything else.
static void set_timer(long microseconds)
{
    struct itimerval timer = {.it_value = {0, microseconds}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void handle(int number)
{
    (void)number;
    handler.act();
    handler.count++;
    if (!handler.is_child)
        set_timer(10 + handler.count * 7 % 60);
}

// malloc and free are nearly all that the main program does, so that nearly every signal interrupts one of them.
static void interrupt_malloc_by(void (*act)(void))
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    handler.act = act;
    sigaction(SIGALRM, &action, NULL);
    set_timer(100);
    size_t bytes_max = allocator_promises("no-reuse") ? 32 : 2000;
    for (size_t i = 0; handler.count < SIGNALS && !handler.is_child; i++)
        free(malloc(i * 13 % bytes_max));
    set_timer(0);
}

static void fork_and_end(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(EXIT_SUCCESS);
    await_success(child);
}

static void fork_and_allocate(void)
{
    pid_t child = fork();
    if (child == 0)
    {
        for (size_t i = 0; i < 200; i++)
            free(realloc(malloc(i), i * 40));
        _exit(EXIT_SUCCESS);
    }
    await_success(child);
}

static void allocate_in_handler(void)
{
    unsigned char *block = malloc(300);
    fill(block, 300, 9);
    block = realloc(block, 400000);
    EXPECT(is_filled(block, 300, 9));
    free(block);
}

static void fork_and_go_on(void)
{
    pid_t child = fork();
    handler.is_child = child == 0;
    if (child != 0)
        await_success(child);
}

static void fork_without_handlers_and_go_on(void)
{
    pid_t child = _Fork();
    handler.is_child = child == 0;
    if (child != 0)
        await_success(child);
}

static void fork_allocate_and_go_on(void)
{
    pid_t child = fork();
    handler.is_child = child == 0;
    if (child == 0)
        allocate_in_handler();
    else
        await_success(child);
}

static void handlers_that_interrupt_malloc_may_fork(void)
{
    interrupt_malloc_by(fork_and_end);
}

static void expect_lock_free(void)
{
    if (!allocator_promises("lock-free"))
        conformance_skip("this allocator does not promise that malloc can be interrupted");
}

static void handlers_that_interrupt_malloc_may_allocate(void)
{
    expect_lock_free();
    interrupt_malloc_by(allocate_in_handler);
}

static void children_of_interrupted_malloc_may_allocate(void)
{
    expect_lock_free();
    interrupt_malloc_by(fork_and_allocate);
}

// The child returns from the handler into the call that was interrupted in its parent.
static void go_on_in_children_by(void (*act)(void))
{
    interrupt_malloc_by(act);
    if (!handler.is_child)
        return;
    for (size_t i = 0; i < 200; i++)
        free(realloc(malloc(i), i * 40));
    exit(EXIT_SUCCESS);
}

static void children_go_on_with_an_interrupted_malloc(void)
{
    go_on_in_children_by(fork_and_go_on);
}

static void children_go_on_though_no_fork_handler_ran(void)
{
    go_on_in_children_by(fork_without_handlers_and_go_on);
}

static void children_that_allocate_go_on_with_an_interrupted_malloc(void)
{
    expect_lock_free();
    go_on_in_children_by(fork_allocate_and_go_on);
}

static void threads_do_not_hinder_a_fork_of_interrupted_malloc(void)
{
    pthread_t threads[THREADS];
    expect_lock_free();
    start(threads);
    interrupt_malloc_by(fork_and_allocate);
    stop(threads);
}

const struct fact facts_of_forks[] = {
    FACT(children_use_and_free_what_they_inherited),
    FACT(children_of_threaded_programs_allocate),
    FACT(grandchildren_with_threads_allocate),
    FACT(threads_fork_at_the_same_time),
    FACT(handlers_that_interrupt_malloc_may_fork),
    FACT(handlers_that_interrupt_malloc_may_allocate),
    FACT(children_of_interrupted_malloc_may_allocate),
    FACT(children_go_on_with_an_interrupted_malloc),
    FACT(children_go_on_though_no_fork_handler_ran),
    FACT(children_that_allocate_go_on_with_an_interrupted_malloc),
    FACT(threads_do_not_hinder_a_fork_of_interrupted_malloc),
    {NULL, NULL},
};
