// SPDX-License-Identifier: MIT
// A made-up program: it allocates and frees as programs do, as fast as its events can be thought up. The same
// configuration gives the same events.
//
// It grows to its long-lived blocks, churns, and shrinks again. Most blocks die within a few hundred events of their
// thread; among them come those that live long, at call sites of their own. Call sites follow each other as in loops,
// and most of them ask for one size. Freed places serve the thread's next block of their size, last in, first out;
// resizes and threads that free what others allocated are among them.
#ifndef HEAPREEL_BENCH_MADE_HEAP_H
#define HEAPREEL_BENCH_MADE_HEAP_H

#include "reel/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct made_heap_config
{
    uint64_t events;
    uint64_t live_blocks; // that live long at the height of the run
    uint32_t thread_count;
    const uint32_t *site_stacks; // a stack for each call site
    uint32_t site_count;
    uint64_t seed;
};

struct made_heap;

// NULL: no memory. The stacks must outlive it.
struct made_heap *made_heap_create(const struct made_heap_config *config);
void made_heap_destroy(struct made_heap *heap); // NULL is allowed

// The next events, count of them; false: no memory. Threads are 1 .. thread_count, of process 1.
bool made_heap_next(struct made_heap *heap, struct reel_event *events, size_t count);

// Numbers from a seed that is not 0 (Marsaglia, Xorshift RNGs).
static inline uint64_t made_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
