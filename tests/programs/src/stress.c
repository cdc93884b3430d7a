// SPDX-License-Identifier: MIT
// Random work for an allocator. Knows its functions by their contract alone, and nothing of what it is.
#define _GNU_SOURCE
#include "stress.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    HELD = 400,                // blocks that a thread holds at most
    MAILBOXES = 256,           // blocks on their way between threads
    WHOLE_BYTES = 16384,       // larger blocks are not looked at in every word
    WORDS_APART = 64,          // but in one of so many
    EXTREME_ALIGNMENT_LOG = 23 // of 8 MiB, now and then
};

// What is known of a block stands beside it; at is NULL where there is none.
struct held_block
{
    unsigned char *at;
    size_t size;      // filled bytes: what was asked for, or what is usable
    size_t requested; // as the allocator knows it
    size_t alignment; // 0: none was asked for
    uint64_t salt;
};

// One thread's own; nobody else touches it.
struct stress_thread
{
    const struct stress_plan *plan;
    unsigned number;
    uint64_t random;
    size_t step;
    struct held_block held[HELD];
};

// Blocks on their way, each described in memory of the allocator under test: whoever takes the pointer owns both.
static _Atomic(struct held_block *) mailboxes[MAILBOXES];

static void require(bool truth, const struct stress_thread *thread, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "stress: seed %" PRIu64 ", thread %u, step %zu: not so: %s\n", thread->plan->seed, thread->number,
            thread->step, what);
    abort();
}

static uint64_t next_random(struct stress_thread *thread)
{
    thread->random ^= thread->random >> 12;
    thread->random ^= thread->random << 25;
    thread->random ^= thread->random >> 27;
    return thread->random * 2685821657736338717u;
}

static bool one_in(struct stress_thread *thread, unsigned count)
{
    return next_random(thread) >> 32 < ((uint64_t)1 << 32) / count;
}

// Most are small; each doubling above is rarer, up to 4 MiB.
static size_t random_size(struct stress_thread *thread)
{
    static const unsigned char logs[] = {4, 5, 6, 6, 7, 7, 8, 8, 9, 10, 11, 12, 13, 14, 15, 17};
    uint64_t random = next_random(thread);
    unsigned log = logs[random % sizeof logs];
    if (log == 17 && one_in(thread, 8))
        log = one_in(thread, 8) ? 22 : 20;
    return (random >> 8) % (((size_t)1 << log) + 1);
}

static uint64_t word_at(const struct held_block *block, size_t offset)
{
    return (block->salt + offset) * 0x9e3779b97f4a7c15u;
}

static size_t distance(size_t size)
{
    return sizeof(uint64_t) * (size > WHOLE_BYTES ? WORDS_APART : 1);
}

static void fill(const struct held_block *block)
{
    size_t at = 0, step = distance(block->size);
    for (; at + sizeof(uint64_t) <= block->size; at += step)
    {
        uint64_t word = word_at(block, at);
        memcpy(block->at + at, &word, sizeof word);
    }
    for (at = block->size & ~(size_t)7; at < block->size; at++)
        block->at[at] = (unsigned char)(block->salt + at);
}

// The first kept bytes are as they were when the block had its size.
static bool is_filled(const struct held_block *block, size_t kept)
{
    size_t at = 0, step = distance(block->size), whole = block->size & ~(size_t)7;
    for (; at + sizeof(uint64_t) <= kept && at < whole; at += step)
    {
        uint64_t word = word_at(block, at);
        if (memcmp(block->at + at, &word, sizeof word) != 0)
            return false;
    }
    for (at = whole; at < kept; at++)
        if (block->at[at] != (unsigned char)(block->salt + at))
            return false;
    return true;
}

static bool is_zero(const unsigned char *block, size_t size)
{
    return size == 0 || (block[0] == 0 && memcmp(block, block + 1, size - 1) == 0);
}

static size_t random_alignment(struct stress_thread *thread)
{
    return (size_t)1 << (one_in(thread, 50) ? EXTREME_ALIGNMENT_LOG - next_random(thread) % 10
                                            : next_random(thread) % 13);
}

static unsigned char *allocate_somehow(struct stress_thread *thread, struct held_block *block)
{
    const struct stress_family *family = &thread->plan->family;
    switch (next_random(thread) % 8)
    {
    case 0:
        block->at = family->calloc(1, block->requested);
        require(block->at && is_zero(block->at, block->requested), thread, "calloc gives zeroes");
        return block->at;
    case 1:
        block->alignment = random_alignment(thread);
        block->at = family->memalign(block->alignment, block->requested);
        require((uintptr_t)block->at % block->alignment == 0, thread, "memalign aligns");
        return block->at;
    case 2:
        return block->at = family->realloc(NULL, block->requested);
    default:
        return block->at = family->malloc(block->requested);
    }
}

// Now and then a program uses all that it was given.
static void choose_pattern(struct stress_thread *thread, struct held_block *block)
{
    size_t usable = thread->plan->family.usable_size(block->at);
    require(usable >= block->requested, thread, "the usable size holds the request");
    require((uintptr_t)block->at % 16 == 0, thread, "blocks lie at multiples of 16");
    block->size = one_in(thread, 16) ? usable : block->requested;
    block->salt = next_random(thread);
    fill(block);
}

static struct held_block make(struct stress_thread *thread)
{
    struct held_block block = {.requested = random_size(thread)};
    require(allocate_somehow(thread, &block) != NULL, thread, "there is memory");
    choose_pattern(thread, &block);
    return block;
}

static void end(struct stress_thread *thread, struct held_block *block)
{
    const struct stress_family *family = &thread->plan->family;
    require(is_filled(block, block->size), thread, "a block keeps its contents until it is freed");
    if (one_in(thread, 4))
        family->free_sized(block->at, block->requested, block->alignment);
    else
        family->free(block->at);
    block->at = NULL;
}

static void resize(struct stress_thread *thread, struct held_block *block)
{
    size_t size = one_in(thread, 3) ? random_size(thread) : block->requested + next_random(thread) % 100;
    require(is_filled(block, block->size), thread, "a block keeps its contents until it is resized");
    block->requested = size ? size : 1;
    block->at = thread->plan->family.realloc(block->at, block->requested);
    block->alignment = 0;
    require(block->at != NULL, thread, "there is memory to resize");
    require(is_filled(block, block->size < block->requested ? block->size : block->requested), thread,
            "a resized block keeps its contents");
    choose_pattern(thread, block);
}

static void hand_over(struct stress_thread *thread, struct held_block *block)
{
    struct held_block *sent = thread->plan->family.malloc(sizeof *sent);
    require(sent != NULL, thread, "there is memory for a letter");
    *sent = *block;
    block->at = NULL;
    struct held_block *got = atomic_exchange(&mailboxes[next_random(thread) % MAILBOXES], sent);
    if (!got)
        return;
    *block = *got;
    thread->plan->family.free(got);
    require(is_filled(block, block->size), thread, "a block keeps its contents on its way to another thread");
}

static void take_step(struct stress_thread *thread)
{
    struct held_block *block = &thread->held[next_random(thread) % HELD];
    thread->step++;
    if (!block->at)
        *block = make(thread);
    else if (one_in(thread, 3))
        resize(thread, block);
    else if (one_in(thread, 4))
        hand_over(thread, block);
    else
        end(thread, block);
}

void stress_work(struct stress_thread *thread, size_t steps)
{
    while (steps-- > 0)
        take_step(thread);
}

void stress_drain(struct stress_thread *thread)
{
    for (size_t i = 0; i < HELD; i++)
        if (thread->held[i].at)
            end(thread, &thread->held[i]);
}

const struct stress_plan *stress_plan_of(const struct stress_thread *thread)
{
    return thread->plan;
}

unsigned stress_thread_number(const struct stress_thread *thread)
{
    return thread->number;
}

static void *run_thread(void *argument)
{
    struct stress_thread *thread = argument;
    const struct stress_plan *plan = thread->plan;
    for (size_t done = 0; done < plan->steps;)
    {
        size_t left = plan->steps - done;
        size_t steps = plan->pause && left > plan->steps_between_pauses ? plan->steps_between_pauses : left;
        stress_work(thread, steps);
        done += steps;
        if (plan->pause)
            plan->pause(thread);
    }
    stress_drain(thread);
    return NULL;
}

static void drain_mailboxes(struct stress_thread *thread)
{
    for (size_t i = 0; i < MAILBOXES; i++)
    {
        struct held_block *got = atomic_exchange(&mailboxes[i], NULL);
        if (!got)
            continue;
        end(thread, got);
        thread->plan->family.free(got);
    }
}

void stress_run(const struct stress_plan *plan)
{
    static struct stress_thread threads[STRESS_THREADS_MAX];
    pthread_t ids[STRESS_THREADS_MAX];
    unsigned count = plan->threads < STRESS_THREADS_MAX ? plan->threads : STRESS_THREADS_MAX;
    for (unsigned i = 0; i < count; i++)
    {
        threads[i] = (struct stress_thread){.plan = plan, .number = i};
        threads[i].random = (plan->seed + 1) * 0x9e3779b97f4a7c15u + i * 0xbf58476d1ce4e5b9u;
        require(pthread_create(&ids[i], NULL, run_thread, &threads[i]) == 0, &threads[i], "threads can be started");
    }
    for (unsigned i = 0; i < count; i++)
        pthread_join(ids[i], NULL);
    drain_mailboxes(&threads[0]);
}
