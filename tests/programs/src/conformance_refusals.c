// SPDX-License-Identifier: MIT
// Facts: what the malloc family refuses, how it says so, and what it leaves alone then. errno.
#define _GNU_SOURCE
#include "conformance.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

// Volatile: the compiler would refuse these sizes itself.
static const volatile size_t too_large[] = {
    (size_t)PTRDIFF_MAX + 1, SIZE_MAX / 2 + 4096, SIZE_MAX - 4096, SIZE_MAX - 4095,
    SIZE_MAX - 16,           SIZE_MAX - 15,       SIZE_MAX - 1,    SIZE_MAX,
};
static volatile size_t half = SIZE_MAX / 2 + 2, quarter = SIZE_MAX / 4 + 2, square = (size_t)1 << 33,
                       largest = PTRDIFF_MAX, enormous = (size_t)1 << 62, odd_alignment = 48;

#define EXPECT_NO_MEMORY(call)                                                                                         \
    do                                                                                                                 \
    {                                                                                                                  \
        errno = 0;                                                                                                     \
        void *volatile refused = (call);                                                                               \
        EXPECT(refused == NULL);                                                                                       \
        EXPECT(errno == ENOMEM);                                                                                       \
    } while (0)

#define FOR_EACH_TOO_LARGE(bytes)                                                                                      \
    for (size_t index = 0, bytes; index < sizeof too_large / sizeof *too_large && (bytes = too_large[index], 1);       \
         index++)

static void malloc_refuses_more_than_ptrdiff_max(void)
{
    FOR_EACH_TOO_LARGE(bytes)
    EXPECT_NO_MEMORY(malloc(bytes));
}

static void calloc_refuses_more_than_ptrdiff_max(void)
{
    FOR_EACH_TOO_LARGE(bytes)
    {
        EXPECT_NO_MEMORY(calloc(bytes, 1));
        EXPECT_NO_MEMORY(calloc(1, bytes));
    }
}

static void realloc_refuses_more_than_ptrdiff_max(void)
{
    FOR_EACH_TOO_LARGE(bytes)
    {
        void *volatile block = malloc(100);
        EXPECT_NO_MEMORY(realloc(block, bytes));
        EXPECT_NO_MEMORY(realloc(NULL, bytes));
        free(block);
    }
}

static void reallocarray_refuses_more_than_ptrdiff_max(void)
{
    FOR_EACH_TOO_LARGE(bytes)
    EXPECT_NO_MEMORY(reallocarray(NULL, bytes, 1));
}

static void memalign_refuses_more_than_ptrdiff_max(void)
{
    FOR_EACH_TOO_LARGE(bytes)
    for (size_t alignment = 8; alignment <= 1 << 20; alignment *= 8)
        EXPECT_NO_MEMORY(memalign(alignment, bytes));
}

static void aligned_alloc_refuses_more_than_ptrdiff_max(void)
{
    FOR_EACH_TOO_LARGE(bytes)
    for (size_t alignment = 8; alignment <= 1 << 20; alignment *= 8)
        EXPECT_NO_MEMORY(aligned_alloc(alignment, bytes));
}

static void posix_memalign_refuses_more_than_ptrdiff_max(void)
{
    void *block = &block;
    FOR_EACH_TOO_LARGE(bytes)
    EXPECT(posix_memalign(&block, 64, bytes) == ENOMEM && block == &block);
}

static void valloc_and_pvalloc_refuse_more_than_ptrdiff_max(void)
{
    FOR_EACH_TOO_LARGE(bytes)
    {
        EXPECT_NO_MEMORY(valloc(bytes));
        EXPECT_NO_MEMORY(pvalloc(bytes));
    }
}

// Legal sizes that no address space holds.
static void ptrdiff_max_itself_is_refused(void)
{
    EXPECT_NO_MEMORY(malloc(largest));
    EXPECT_NO_MEMORY(calloc(1, largest));
    EXPECT_NO_MEMORY(memalign(4096, largest));
    EXPECT_NO_MEMORY(memalign((size_t)1 << 30, largest - 4096));
    EXPECT_NO_MEMORY(pvalloc(largest));
    EXPECT_NO_MEMORY(memalign(enormous, 100));
}

static void calloc_overflow_is_enomem(void)
{
    EXPECT_NO_MEMORY(calloc(half, 2));
    EXPECT_NO_MEMORY(calloc(2, half));
    EXPECT_NO_MEMORY(calloc(quarter, 5));
    EXPECT_NO_MEMORY(calloc(square, square));
}

static void reallocarray_overflow_is_enomem_and_keeps_the_block(void)
{
    char *volatile block = malloc(100);
    char *volatile same = block;
    fill(block, 100, 1);
    EXPECT_NO_MEMORY(reallocarray(block, half, 2));
    EXPECT_NO_MEMORY(reallocarray(same, 5, quarter));
    EXPECT(is_filled(same, 100, 1));
    free(same);
}

static void refused_realloc_keeps_the_block(void)
{
    const size_t sizes[] = {1, 100, 5000, 200000, 3000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
        char *volatile block = malloc(sizes[i]);
        char *volatile same = block;
        fill(block, sizes[i], i);
        EXPECT_NO_MEMORY(realloc(block, too_large[0]));
        EXPECT_NO_MEMORY(realloc(same, largest));
        EXPECT(is_filled(same, sizes[i], i) && malloc_usable_size(same) >= sizes[i]);
        free(same);
    }
}

static void free_keeps_errno(void)
{
    for (size_t bytes = 0; bytes < (size_t)64 << 20; bytes = bytes * 3 + 1)
    {
        void *block = malloc(bytes), *aligned = memalign(8192, bytes);
        errno = 4711;
        free(block);
        free(aligned);
        free(NULL);
        EXPECT(errno == 4711);
    }
}

static void successful_calls_keep_errno(void)
{
    errno = 4711;
    free(malloc(100));
    free(calloc(3, 100));
    free(realloc(malloc(10), 100000));
    free(memalign(256, 100));
    free(malloc((size_t)1 << 22));
    EXPECT(errno == 4711);
}

static void posix_memalign_refuses_bad_alignments_and_touches_nothing(void)
{
    const size_t bad[] = {0, 1, 2, 4, 3, 12, 24, 100, 4097, SIZE_MAX};
    void *block = &block;
    errno = 4711;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT(posix_memalign(&block, bad[i], 10) == EINVAL && block == &block);
    EXPECT(errno == 4711);
}

// glibc documents a power of two; it refused others before 2.16 and again from 2.38, and rounded up between.
static void aligned_alloc_refuses_an_odd_alignment_or_rounds_it_up(void)
{
    errno = 0;
    void *block = aligned_alloc(odd_alignment, 96);
    EXPECT(block ? (uintptr_t)block % 64 == 0 : errno == EINVAL);
    free(block);
}

static void memalign_rounds_an_odd_alignment_up(void)
{
    void *kept[50];
    for (size_t i = 0; i < 50; i++)
    {
        kept[i] = memalign(33 + i % 30, 40);
        EXPECT(kept[i] && (uintptr_t)kept[i] % 64 == 0);
    }
    for (size_t i = 0; i < 50; i++)
        free(kept[i]);
}

const struct fact facts_of_refusals[] = {
    FACT(malloc_refuses_more_than_ptrdiff_max),
    FACT(calloc_refuses_more_than_ptrdiff_max),
    FACT(realloc_refuses_more_than_ptrdiff_max),
    FACT(reallocarray_refuses_more_than_ptrdiff_max),
    FACT(memalign_refuses_more_than_ptrdiff_max),
    FACT(aligned_alloc_refuses_more_than_ptrdiff_max),
    FACT(posix_memalign_refuses_more_than_ptrdiff_max),
    FACT(valloc_and_pvalloc_refuse_more_than_ptrdiff_max),
    FACT(ptrdiff_max_itself_is_refused),
    FACT(calloc_overflow_is_enomem),
    FACT(reallocarray_overflow_is_enomem_and_keeps_the_block),
    FACT(refused_realloc_keeps_the_block),
    FACT(free_keeps_errno),
    FACT(successful_calls_keep_errno),
    FACT(posix_memalign_refuses_bad_alignments_and_touches_nothing),
    FACT(aligned_alloc_refuses_an_odd_alignment_or_rounds_it_up),
    FACT(memalign_rounds_an_odd_alignment_up),
    {NULL, NULL},
};
