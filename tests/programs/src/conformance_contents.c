// SPDX-License-Identifier: MIT
// Facts: what is in a block, before and after realloc, after calloc, beside other blocks.
#define _GNU_SOURCE
#include "conformance.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum
{
    BLOCKS = 4000,
};

static const size_t greatest = (size_t)6 << 20;

static size_t next_size(size_t bytes)
{
    return bytes + bytes / 6 + 1;
}

static bool is_zero(const unsigned char *block, size_t bytes)
{
    return bytes == 0 || (block[0] == 0 && memcmp(block, block + 1, bytes - 1) == 0);
}

static void realloc_of_null_allocates(void)
{
    for (size_t bytes = 0; bytes < greatest; bytes = next_size(bytes))
    {
        void *block = realloc(NULL, bytes);
        EXPECT(block && malloc_usable_size(block) >= bytes);
        fill(block, bytes, bytes);
        EXPECT(is_filled(block, bytes, bytes));
        free(block);
    }
}

static void realloc_to_nothing_frees(void)
{
    for (size_t bytes = 0; bytes < greatest; bytes = next_size(bytes))
    {
        void *block = realloc(malloc(bytes), 0);
        EXPECT(block == NULL);
    }
    void *fresh = realloc(NULL, 0);
    EXPECT(fresh != NULL);
    free(fresh);
}

static void growing_keeps_contents_through_all_classes(void)
{
    size_t bytes = 1;
    unsigned char *block = malloc(bytes);
    fill(block, bytes, 1);
    while (bytes < greatest)
    {
        size_t more = next_size(bytes);
        block = realloc(block, more);
        EXPECT(block && is_filled(block, bytes, 1) && malloc_usable_size(block) >= more);
        fill(block, more, 1);
        bytes = more;
    }
    free(block);
}

static void shrinking_keeps_contents_through_all_classes(void)
{
    size_t bytes = greatest;
    unsigned char *block = malloc(bytes);
    fill(block, bytes, 2);
    while (bytes > 1)
    {
        bytes -= bytes / 7 + 1;
        block = realloc(block, bytes + 1);
        EXPECT(block && is_filled(block, bytes + 1, 2));
    }
    free(block);
}

static void resizing_crosses_between_small_and_large(void)
{
    const size_t sizes[] = {1, (size_t)40 << 20, 100, 140000, 16, 131072, 131073, 131071, 4096, (size_t)5 << 20, 1};
    size_t bytes = 50;
    unsigned char *block = malloc(bytes);
    fill(block, bytes, 3);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
        block = realloc(block, sizes[i]);
        EXPECT(block && is_filled(block, bytes < sizes[i] ? bytes : sizes[i], 3));
        bytes = sizes[i];
        fill(block, bytes, 3);
    }
    free(block);
}

static void realloc_to_the_same_size_keeps_contents(void)
{
    for (size_t bytes = 1; bytes < greatest; bytes = next_size(bytes))
    {
        void *block = malloc(bytes);
        fill(block, bytes, bytes);
        block = realloc(block, bytes);
        EXPECT(block && is_filled(block, bytes, bytes));
        block = realloc(block, malloc_usable_size(block));
        EXPECT(block && is_filled(block, bytes, bytes));
        free(block);
    }
}

static void resizing_many_blocks_harms_no_neighbour(void)
{
    static unsigned char *blocks[BLOCKS];
    static size_t sizes[BLOCKS];
    for (size_t i = 0; i < (size_t)BLOCKS * 10; i++)
    {
        size_t at = i * 7919 % BLOCKS, bytes = 1 + i * i % (i % 50 == 0 ? 200000 : 700);
        EXPECT(is_filled(blocks[at], sizes[at], at));
        unsigned char *block = realloc(blocks[at], bytes);
        EXPECT(block && is_filled(block, bytes < sizes[at] ? bytes : sizes[at], at));
        fill(block, bytes, at);
        blocks[at] = block;
        sizes[at] = bytes;
    }
    for (size_t i = 0; i < BLOCKS; i++)
    {
        EXPECT(is_filled(blocks[i], sizes[i], i));
        free(blocks[i]);
    }
}

static void calloc_gives_zeroes(void)
{
    for (size_t bytes = 0; bytes < greatest; bytes = next_size(bytes))
    {
        unsigned char *block = calloc(bytes, 1);
        EXPECT(block && is_zero(block, bytes));
        free(block);
    }
}

// Several blocks of a size, as an allocator may hold back those that were just freed.
static void calloc_zeroes_recycled_memory(void)
{
    unsigned char *blocks[16];
    for (size_t bytes = 1; bytes < greatest / 4; bytes = bytes * 3 / 2 + 1)
        for (int round = 0; round < 3; round++)
        {
            for (size_t i = 0; i < 16; i++)
            {
                blocks[i] = i % 2 == 0 ? calloc(1, bytes) : calloc(bytes, 1);
                EXPECT(blocks[i] && is_zero(blocks[i], bytes));
                memset(blocks[i], 0xff, malloc_usable_size(blocks[i]));
            }
            for (size_t i = 0; i < 16; i++)
                free(blocks[i]);
        }
}

static void calloc_zeroes_what_other_calls_left(void)
{
    for (size_t bytes = 1; bytes < greatest; bytes = next_size(bytes))
    {
        unsigned char *left = memalign(64, bytes);
        memset(left, 0xff, bytes);
        left = realloc(left, bytes / 2 + 1);
        memset(left, 0xff, bytes / 2 + 1);
        free(left);
        unsigned char *block = calloc(1, bytes);
        EXPECT(block && is_zero(block, bytes));
        free(block);
    }
}

static void live_blocks_do_not_overlap(void)
{
    static unsigned char *blocks[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++)
    {
        blocks[i] = i % 5 == 0 ? memalign((size_t)16 << i % 9, i % 1000) : malloc(i % 2000);
        fill(blocks[i], malloc_usable_size(blocks[i]), i);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        EXPECT(is_filled(blocks[i], malloc_usable_size(blocks[i]), i));
    for (size_t i = 0; i < BLOCKS; i++)
        free(blocks[i]);
}

const struct fact facts_of_contents[] = {
    FACT(realloc_of_null_allocates),
    FACT(realloc_to_nothing_frees),
    FACT(growing_keeps_contents_through_all_classes),
    FACT(shrinking_keeps_contents_through_all_classes),
    FACT(resizing_crosses_between_small_and_large),
    FACT(realloc_to_the_same_size_keeps_contents),
    FACT(resizing_many_blocks_harms_no_neighbour),
    FACT(calloc_gives_zeroes),
    FACT(calloc_zeroes_recycled_memory),
    FACT(calloc_zeroes_what_other_calls_left),
    FACT(live_blocks_do_not_overlap),
    {NULL, NULL},
};
