// SPDX-License-Identifier: MIT
// The blocks that a workload holds, and what it draws at random. A block is written as a program would: its first
// bytes, which hold its size, its last byte, and each page between.
#ifndef HEAPREEL_LAB_WORKLOADS_BLOCKS_H
#define HEAPREEL_LAB_WORKLOADS_BLOCKS_H

#include "lab/workloads/workload.h"

#include <stdlib.h>

// xorshift64*: the same numbers in each run.
struct random
{
    uint64_t state; // never 0
};

struct blocks
{
    char **held; // from the kernel, not from malloc
    size_t count;
    struct random random;
    struct workload_sizes sizes;
};

_Noreturn void blocks_fail(const char *what); // one line on stderr, exit status 1

static inline uint64_t random_next(struct random *random)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return random->state * 0x2545f4914f6cdd1d;
}

// Below the bound, which is at most 2^32.
static inline uint64_t random_below(struct random *random, uint64_t bound)
{
    return (random_next(random) >> 32) * bound >> 32;
}

static inline size_t blocks_draw_size(struct blocks *blocks)
{
    return blocks->sizes.min + random_below(&blocks->random, blocks->sizes.max - blocks->sizes.min + 1);
}

static inline char *block_touch(char *block, size_t size)
{
    if (block == NULL)
        blocks_fail("out of memory");
    *(volatile uint64_t *)(void *)block = size;
    for (size_t at = 4096; at < size; at += 4096)
        *(volatile char *)(block + at) = 1;
    if (size > sizeof(uint64_t))
        *(volatile char *)(block + size - 1) = 1;
    return block;
}

static inline char *block_allocate(size_t size)
{
    return block_touch(malloc(size), size);
}

static inline void blocks_replace_one(struct blocks *blocks)
{
    char **block = &blocks->held[random_below(&blocks->random, blocks->count)];
    free(*block);
    *block = block_allocate(blocks_draw_size(blocks));
}

// No block is held yet.
void blocks_init(struct blocks *blocks, size_t count, struct workload_sizes sizes, uint64_t seed);
void blocks_fill(struct blocks *blocks);
// Replaces as many as there are, so that what is measured is not the order of their birth.
void blocks_stir(struct blocks *blocks);
uint64_t blocks_live_bytes(const struct blocks *blocks);

// Memory of the kernel's, resident at once.
void *blocks_table(size_t bytes);
// Anonymous memory of this process without the tables.
uint64_t blocks_resident_bytes(void);

#endif
