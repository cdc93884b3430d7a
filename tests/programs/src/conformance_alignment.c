// SPDX-License-Identifier: MIT
// Facts: where blocks lie and how much of them may be used.
#define _GNU_SOURCE
#include "conformance.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum
{
    KEPT = 64,
};

static const size_t greatest_alignment = (size_t)1 << 30;

static bool is_aligned(const void *block, size_t alignment)
{
    return block && (uintptr_t)block % alignment == 0;
}

// Every size at first, then steps of a thirtieth: each class of any allocator, each side of its bounds.
static size_t next_size(size_t bytes)
{
    return bytes < 2100 ? bytes + 1 : bytes + bytes / 30;
}

static void every_block_lies_at_a_multiple_of_16(void)
{
    for (size_t bytes = 0; bytes < (size_t)8 << 20; bytes = next_size(bytes))
    {
        void *blocks[] = {malloc(bytes), calloc(1, bytes), realloc(malloc(1), bytes + 1), realloc(NULL, bytes)};
        for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        {
            EXPECT(is_aligned(blocks[i], 16));
            free(blocks[i]);
        }
    }
}

static void usable_size_holds_the_request_and_can_be_written(void)
{
    for (size_t bytes = 0; bytes < (size_t)8 << 20; bytes = next_size(bytes))
    {
        char *block = malloc(bytes), *neighbour = malloc(bytes);
        size_t usable = malloc_usable_size(block);
        EXPECT(usable >= bytes);
        fill(neighbour, bytes < 500 ? bytes : 500, bytes);
        memset(block, 0x5a, usable);
        EXPECT(malloc_usable_size(block) == usable && is_filled(neighbour, bytes < 500 ? bytes : 500, bytes));
        free(block);
        free(neighbour);
    }
}

static void *by_memalign(size_t alignment, size_t bytes)
{
    return memalign(alignment, bytes);
}

static void *by_aligned_alloc(size_t alignment, size_t bytes)
{
    return aligned_alloc(alignment, bytes);
}

static void *by_posix_memalign(size_t alignment, size_t bytes)
{
    void *block = NULL;
    return posix_memalign(&block, alignment, bytes) == 0 ? block : NULL;
}

// Several blocks at once for each alignment: the first may be aligned by chance.
static void expect_alignments(void *allocate(size_t alignment, size_t bytes))
{
    for (size_t alignment = sizeof(void *); alignment <= greatest_alignment; alignment *= 2)
        for (size_t bytes = 1; bytes < 300000; bytes = bytes * 7 + 1)
        {
            unsigned char *blocks[3];
            for (size_t i = 0; i < 3; i++)
            {
                blocks[i] = allocate(alignment, bytes);
                EXPECT(is_aligned(blocks[i], alignment) && malloc_usable_size(blocks[i]) >= bytes);
                blocks[i][0] = blocks[i][bytes - 1] = (unsigned char)(i + 1);
            }
            for (size_t i = 0; i < 3; i++)
            {
                EXPECT(blocks[i][0] == i + 1 && blocks[i][bytes - 1] == i + 1);
                free(blocks[i]);
            }
        }
}

static void memalign_serves_every_power_of_two_to_1_gib(void)
{
    expect_alignments(by_memalign);
}

static void aligned_alloc_serves_every_power_of_two_to_1_gib(void)
{
    expect_alignments(by_aligned_alloc);
}

static void posix_memalign_serves_every_power_of_two_to_1_gib(void)
{
    expect_alignments(by_posix_memalign);
}

static void aligned_blocks_of_no_bytes_are_blocks(void)
{
    for (size_t alignment = sizeof(void *); alignment <= greatest_alignment; alignment *= 2)
    {
        void *first = memalign(alignment, 0), *second = by_posix_memalign(alignment, 0);
        EXPECT(is_aligned(first, alignment) && is_aligned(second, alignment) && first != second);
        free(first);
        free(second);
    }
}

// Freed slots of one alignment must not come back for a greater one.
static void recycled_blocks_keep_their_alignment(void)
{
    unsigned char *kept[KEPT] = {NULL};
    for (size_t i = 0; i < 20000; i++)
    {
        unsigned char **at = &kept[i * 31 % KEPT];
        size_t alignment = (size_t)8 << i * 7 % 11, bytes = i * 37 % 3000;
        free(*at);
        *at = i % 3 == 0 ? malloc(bytes) : memalign(alignment, bytes);
        EXPECT(is_aligned(*at, i % 3 == 0 ? 16 : alignment));
        memset(*at, (int)i, bytes);
    }
    for (size_t i = 0; i < KEPT; i++)
        free(kept[i]);
}

static void aligned_blocks_can_be_resized(void)
{
    for (size_t alignment = 16; alignment <= (size_t)1 << 22; alignment *= 4)
        for (size_t bytes = 10; bytes < 200000; bytes *= 9)
        {
            void *block = memalign(alignment, bytes);
            fill(block, bytes, alignment);
            block = realloc(block, bytes * 3);
            EXPECT(is_aligned(block, 16) && is_filled(block, bytes, alignment));
            block = realloc(block, bytes / 2);
            EXPECT(is_aligned(block, 16) && is_filled(block, bytes / 2, alignment));
            free(block);
        }
}

static void valloc_gives_pages(void)
{
    for (size_t bytes = 0; bytes < 100000; bytes = bytes * 3 + 1)
    {
        char *block = valloc(bytes);
        EXPECT(is_aligned(block, 4096) && malloc_usable_size(block) >= bytes);
        memset(block, 1, bytes);
        free(block);
    }
}

static void pvalloc_gives_whole_pages(void)
{
    for (size_t bytes = 0; bytes < 100000; bytes = bytes * 3 + 1)
    {
        char *block = pvalloc(bytes);
        size_t whole = (bytes + 4095) / 4096 * 4096;
        EXPECT(is_aligned(block, 4096) && malloc_usable_size(block) >= whole);
        memset(block, 1, whole);
        free(block);
    }
}

const struct fact facts_of_alignment[] = {
    FACT(every_block_lies_at_a_multiple_of_16),
    FACT(usable_size_holds_the_request_and_can_be_written),
    FACT(memalign_serves_every_power_of_two_to_1_gib),
    FACT(aligned_alloc_serves_every_power_of_two_to_1_gib),
    FACT(posix_memalign_serves_every_power_of_two_to_1_gib),
    FACT(aligned_blocks_of_no_bytes_are_blocks),
    FACT(recycled_blocks_keep_their_alignment),
    FACT(aligned_blocks_can_be_resized),
    FACT(valloc_gives_pages),
    FACT(pvalloc_gives_whole_pages),
    {NULL, NULL},
};
