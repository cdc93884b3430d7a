// SPDX-License-Identifier: MIT
// Facts: the end of the address space is ENOMEM and no crash, and the kernel's limit of mappings is not in the way.
#define _GNU_SOURCE
#include "conformance.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MIB ((size_t)1 << 20)

enum
{
    LARGE_BLOCKS = 36000, // with an inaccessible page each they need more mappings than the kernel's 65,530
    LARGE_BYTES = 132 * 1024,
    SMALL_BLOCKS = 2000000, // in slabs of a page with inaccessible ones between: likewise
    SMALL_BYTES = 112,
};

static const size_t limit = 512 * MIB;

struct link
{
    struct link *next;
};

// Allocates until there is no more, which must come before twice the limit. Returns how many there were.
static size_t exhaust(struct link **chain, size_t bytes)
{
    for (size_t count = 0; count * bytes < 2 * limit; count++)
    {
        errno = 0;
        struct link *block = malloc(bytes);
        if (!block)
        {
            EXPECT(errno == ENOMEM);
            return count;
        }
        block->next = *chain;
        *chain = block;
    }
    conformance_fail(__FILE__, __LINE__, "the limit of the address space was not noticed");
}

static void free_all(struct link *chain)
{
    while (chain)
    {
        struct link *next = chain->next;
        free(chain);
        chain = next;
    }
}

// A good part of the limit is to be had, and what was freed serves again.
static void expect_an_orderly_end(size_t bytes)
{
    struct link *chain = NULL;
    size_t count = exhaust(&chain, bytes);
    EXPECT(count * bytes > limit / 8);
    free_all(chain);
    chain = NULL;
    if (!allocator_promises("no-reuse"))
        EXPECT(exhaust(&chain, bytes) > count / 2);
    free_all(chain);
}

static void small_blocks_end_in_enomem(void)
{
    conformance_begin_again_with(limit, __func__);
    expect_an_orderly_end(1000);
}

static void large_blocks_end_in_enomem(void)
{
    conformance_begin_again_with(limit, __func__);
    expect_an_orderly_end(MIB);
}

static void calls_refused_at_the_limit_change_nothing(void)
{
    conformance_begin_again_with(limit, __func__);
    unsigned char *volatile block = malloc(5000);
    unsigned char *volatile same = block;
    void *aligned = &aligned;
    fill(block, 5000, 1);
    errno = 0;
    EXPECT(realloc(block, 2 * limit) == NULL && errno == ENOMEM);
    errno = 0;
    EXPECT(calloc(2, limit) == NULL && errno == ENOMEM);
    errno = 4711;
    EXPECT(posix_memalign(&aligned, 4096, 2 * limit) == ENOMEM && aligned == &aligned && errno == 4711);
    EXPECT(is_filled(same, 5000, 1));
    free(same);
}

static void *allocate_a_little(void *argument)
{
    for (size_t bytes = 1; bytes < 2 * MIB; bytes *= 2)
        free(memset(malloc(bytes), 1, bytes));
    return argument;
}

static void threads_start_under_a_limit(void)
{
    conformance_begin_again_with(limit, __func__);
    for (int i = 0; i < 50; i++)
    {
        pthread_t threads[4];
        for (int j = 0; j < 4; j++)
            EXPECT(pthread_create(&threads[j], NULL, allocate_a_little, NULL) == 0);
        for (int j = 0; j < 4; j++)
            pthread_join(threads[j], NULL);
    }
}

static void every_size_is_served_under_a_limit(void)
{
    conformance_begin_again_with(limit, __func__);
    for (size_t bytes = 1; bytes < 64 * MIB; bytes += bytes / 8 + 1)
    {
        char *block = malloc(bytes);
        EXPECT(block);
        block[0] = block[bytes - 1] = 1;
        free(block);
    }
}

static void more_large_blocks_than_mappings(void)
{
    static uint32_t *blocks[LARGE_BLOCKS];
    for (uint32_t i = 0; i < LARGE_BLOCKS; i++)
    {
        blocks[i] = malloc(LARGE_BYTES);
        EXPECT(blocks[i]);
        *blocks[i] = i;
    }
    for (uint32_t i = 0; i < LARGE_BLOCKS; i += 2) // holes: a freed block may split a mapping
    {
        EXPECT(*blocks[i] == i);
        free(blocks[i]);
    }
    void *small = malloc(100), *medium = malloc(20000);
    EXPECT(small && medium);
    for (uint32_t i = 1; i < LARGE_BLOCKS; i += 2)
    {
        EXPECT(*blocks[i] == i);
        free(blocks[i]);
    }
    free(small);
    free(medium);
}

static void more_small_blocks_than_slabs_can_have_mappings(void)
{
    struct link *chain = NULL;
    for (size_t i = 0; i < SMALL_BLOCKS; i++)
    {
        struct link *block = malloc(SMALL_BYTES);
        EXPECT(block);
        block->next = chain;
        chain = block;
    }
    void *large = malloc(4 * MIB), *medium = malloc(20000);
    EXPECT(large && medium);
    free(large);
    free(medium);
    free_all(chain);
}

const struct fact facts_of_limits[] = {
    FACT(small_blocks_end_in_enomem),
    FACT(large_blocks_end_in_enomem),
    FACT(calls_refused_at_the_limit_change_nothing),
    FACT(threads_start_under_a_limit),
    FACT(every_size_is_served_under_a_limit),
    FACT(more_large_blocks_than_mappings),
    FACT(more_small_blocks_than_slabs_can_have_mappings),
    {NULL, NULL},
};
