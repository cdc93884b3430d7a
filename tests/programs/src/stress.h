// SPDX-License-Identifier: MIT
// Random work for an allocator: threads allocate, check, resize, hand blocks to each other and free them. Every block
// is filled with a pattern of its own and looked at before each change, so that an overlap is seen by the contents.
//
// The same seed gives each thread the same random numbers; which blocks it gets from others depends on the scheduler.
// What is not so ends the process with a line that names the seed.
#ifndef HEAPREEL_TESTS_STRESS_H
#define HEAPREEL_TESTS_STRESS_H

#include <stddef.h>
#include <stdint.h>

enum
{
    STRESS_THREADS_MAX = 16,
};

// The allocator's functions, each like its namesake in the C library.
struct stress_family
{
    void *(*malloc)(size_t size);
    void *(*calloc)(size_t count, size_t size);
    void *(*realloc)(void *block, size_t size);
    void *(*memalign)(size_t alignment, size_t size);
    void (*free)(void *block);
    void (*free_sized)(void *block, size_t size, size_t alignment); // alignment of 0: none was asked for
    size_t (*usable_size)(void *block);
};

struct stress_thread;

struct stress_plan
{
    struct stress_family family;
    uint64_t seed;
    size_t steps; // of each thread
    unsigned threads;
    // Called by each thread after so many of its steps; NULL: never.
    void (*pause)(struct stress_thread *thread);
    size_t steps_between_pauses;
};

// Until all threads are done and all blocks are freed.
void stress_run(const struct stress_plan *plan);

// In a pause:
const struct stress_plan *stress_plan_of(const struct stress_thread *thread);
unsigned stress_thread_number(const struct stress_thread *thread);
// More work with the blocks that this thread holds, without further pauses.
void stress_work(struct stress_thread *thread, size_t steps);
// Looks at all blocks that this thread holds and frees them.
void stress_drain(struct stress_thread *thread);

#endif
