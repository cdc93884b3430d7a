// SPDX-License-Identifier: MIT
// Facts: allocation in threads, at their end, before main and after exit.
#define _GNU_SOURCE
#include "conformance.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum
{
    THREADS = 4,
    KEYS = 40, // more than a thread has room for without an allocation
    HANDED = 20000,
};

static unsigned char *made_before_constructors, *made_in_constructor;

static void before_constructors(void)
{
    made_before_constructors = calloc(1, 5000);
}

__attribute__((section(".preinit_array"), used)) static void (*const preinit)(void) = before_constructors;

__attribute__((constructor(101))) static void construct(void)
{
    made_in_constructor = malloc(300000);
    fill(made_in_constructor, 300000, 1);
}

__attribute__((destructor(101))) static void destruct(void)
{
    free(made_in_constructor);
    free(malloc(5000));
}

static void blocks_from_before_main_are_blocks(void)
{
    EXPECT(made_before_constructors && malloc_usable_size(made_before_constructors) >= 5000);
    EXPECT(made_before_constructors[0] == 0 && made_before_constructors[4999] == 0);
    made_before_constructors = realloc(made_before_constructors, 100000);
    EXPECT(is_filled(made_in_constructor, 300000, 1));
    free(made_before_constructors);
}

static void allocate_after_exit(void)
{
    for (size_t bytes = 1; bytes < 1000000; bytes *= 3)
    {
        void *block = realloc(calloc(1, bytes), bytes * 2);
        EXPECT(block);
        free(block);
    }
}

// The destructors of this program and its libraries come after this handler.
static void exit_handlers_allocate(void)
{
    atexit(allocate_after_exit);
}

static void run_threads(void *(*body)(void *))
{
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, body, (void *)i) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void *churn(void *argument)
{
    enum
    {
        KEPT = 100,
    };
    unsigned char *kept[KEPT] = {NULL};
    size_t salt = (uintptr_t)argument + 1, sizes[KEPT] = {0};
    for (size_t i = 0; i < 100000; i++)
    {
        size_t at = i * 17 % KEPT;
        EXPECT(is_filled(kept[at], sizes[at], salt));
        free(kept[at]);
        sizes[at] = i * salt * 31 % 600;
        kept[at] = malloc(sizes[at]);
        fill(kept[at], sizes[at], salt);
    }
    for (size_t i = 0; i < KEPT; i++)
        free(kept[i]);
    return NULL;
}

static void threads_do_not_share_blocks(void)
{
    run_threads(churn);
}

static _Atomic(unsigned char *) handed[HANDED];

static void *allocate_for_others(void *argument)
{
    for (size_t i = (uintptr_t)argument; i < HANDED; i += THREADS)
    {
        unsigned char *block = malloc(i % 3000);
        fill(block, i % 3000, i);
        atomic_store(&handed[i], block);
    }
    return NULL;
}

static void *free_of_others(void *argument)
{
    for (size_t i = 0; i < HANDED; i++)
    {
        size_t at = (i + (uintptr_t)argument * HANDED / THREADS) % HANDED;
        unsigned char *block = atomic_exchange(&handed[at], NULL);
        if (!block)
            continue;
        EXPECT(is_filled(block, at % 3000, at));
        block = realloc(block, at % 3000 + 100);
        EXPECT(is_filled(block, at % 3000, at));
        free(block);
    }
    return NULL;
}

static void blocks_outlive_their_thread_and_are_freed_by_others(void)
{
    run_threads(allocate_for_others);
    run_threads(free_of_others);
}

static pthread_key_t keys[KEYS];

static void free_and_allocate(void *value)
{
    EXPECT(is_filled(value, 100, 5));
    free(value);
    free(realloc(malloc(33), 5000));
}

static void *fill_keys(void *argument)
{
    for (size_t i = 0; i < KEYS; i++)
    {
        void *value = malloc(100);
        fill(value, 100, 5);
        EXPECT(pthread_setspecific(keys[i], value) == 0);
    }
    return argument;
}

static void threads_free_in_the_destructors_of_their_keys(void)
{
    for (size_t i = 0; i < KEYS; i++)
        EXPECT(pthread_key_create(&keys[i], free_and_allocate) == 0);
    for (int round = 0; round < 50; round++)
        run_threads(fill_keys);
}

static void *allocate_once(void *argument)
{
    size_t bytes = (uintptr_t)argument % 5000;
    void *block = malloc(bytes);
    memset(block, 1, bytes);
    free(block);
    return NULL;
}

static void two_thousand_threads_come_and_go(void)
{
    for (uintptr_t i = 0; i < 2000; i++)
    {
        pthread_t thread;
        EXPECT(pthread_create(&thread, NULL, allocate_once, (void *)(i * 37)) == 0);
        pthread_join(thread, NULL);
    }
}

const struct fact facts_of_threads[] = {
    FACT(blocks_from_before_main_are_blocks),
    FACT(exit_handlers_allocate),
    FACT(threads_do_not_share_blocks),
    FACT(blocks_outlive_their_thread_and_are_freed_by_others),
    FACT(threads_free_in_the_destructors_of_their_keys),
    FACT(two_thousand_threads_come_and_go),
    {NULL, NULL},
};
