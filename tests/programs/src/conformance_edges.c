// SPDX-License-Identifier: MIT
// Facts: calls at the edges, calls about the heap itself, and the C library's own use of it.
#define _GNU_SOURCE
#include "conformance.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum
{
    EMPTY_BLOCKS = 1000,
};

static int by_address(const void *left, const void *right)
{
    uintptr_t a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return (a > b) - (a < b);
}

static void blocks_of_no_bytes_differ(void)
{
    static uintptr_t blocks[EMPTY_BLOCKS];
    for (size_t i = 0; i < EMPTY_BLOCKS; i++)
        EXPECT((blocks[i] = (uintptr_t)(i % 2 ? malloc(0) : calloc(0, i))) != 0);
    qsort(blocks, EMPTY_BLOCKS, sizeof *blocks, by_address);
    for (size_t i = 0; i + 1 < EMPTY_BLOCKS; i++)
        EXPECT(blocks[i] != blocks[i + 1]);
    for (size_t i = 0; i < EMPTY_BLOCKS; i++)
        free((void *)blocks[i]);
}

static void free_of_null_does_nothing(void)
{
    for (int i = 0; i < 1000; i++)
        free(NULL);
}

static void usable_size_of_null_is_0(void)
{
    EXPECT(malloc_usable_size(NULL) == 0);
}

static void freed_small_blocks_are_used_again(void)
{
    if (allocator_promises("no-reuse"))
        conformance_skip("this allocator never uses memory again");
    uintptr_t lowest = UINTPTR_MAX, highest = 0;
    for (int i = 0; i < 2000000; i++)
    {
        void *block = malloc(200);
        uintptr_t address = (uintptr_t)block;
        lowest = address < lowest ? address : lowest;
        highest = address > highest ? address : highest;
        free(block);
    }
    EXPECT(highest - lowest < (uintptr_t)100 << 20);
}

static void freed_large_blocks_are_used_again(void)
{
    for (int i = 0; i < 3000; i++)
    {
        char *block = malloc((size_t)1 << 30);
        EXPECT(block);
        block[0] = block[((size_t)1 << 30) - 1] = 1;
        free(block);
    }
}

static void mallopt_takes_what_glibc_knows(void)
{
    const struct
    {
        int parameter, value;
    } known[] = {{M_MMAP_THRESHOLD, 128 * 1024},
                 {M_TRIM_THRESHOLD, 128 * 1024},
                 {M_TOP_PAD, 0},
                 {M_MMAP_MAX, 65536},
                 {M_ARENA_MAX, 1},
                 {M_ARENA_TEST, 1},
                 {M_MXFAST, 64},
                 {M_PERTURB, 0},
                 {M_CHECK_ACTION, 0}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        EXPECT(mallopt(known[i].parameter, known[i].value) == 1);
}

static void mallinfo2_counts_what_is_in_use(void)
{
    enum
    {
        COUNT = 100,
        BYTES = 20000,
        LARGE = 1 << 20,
    };
    void *blocks[COUNT], *large = malloc(LARGE);
    struct mallinfo2 before = mallinfo2();
    for (int i = 0; i < COUNT; i++)
        blocks[i] = malloc(BYTES);
    struct mallinfo2 after = mallinfo2();
    EXPECT(after.uordblks >= before.uordblks + (size_t)COUNT * BYTES);
    EXPECT(before.hblkhd + before.uordblks >= LARGE);
    for (int i = 0; i < COUNT; i++)
        free(blocks[i]);
    free(large);
    EXPECT(mallinfo2().uordblks < after.uordblks);
}

static void malloc_trim_answers_yes_or_no(void)
{
    void *block = malloc(100000);
    free(malloc(100000));
    int answer = malloc_trim(0);
    EXPECT(answer == 0 || answer == 1);
    free(block);
}

static void memory_of_the_c_library_can_be_freed(void)
{
    char *text = NULL, *line = NULL;
    size_t capacity = 0;
    FILE *file = tmpfile();
    EXPECT(asprintf(&text, "%s %0*d", "text", 5000, 7) == 5005);
    EXPECT(file && fprintf(file, "%s\nnext\n", text) > 0);
    rewind(file);
    EXPECT(getline(&line, &capacity, file) == 5006 && memcmp(line, text, 5005) == 0 && capacity >= 5007);
    EXPECT(getline(&line, &capacity, file) == 5);
    char *copy = strdup(text), *part = strndup(text, 4), *directory = getcwd(NULL, 0);
    EXPECT(strcmp(copy, text) == 0 && strcmp(part, "text") == 0 && directory[0] == '/');
    fclose(file);
    free(text);
    free(line);
    free(copy);
    free(part);
    free(directory);
}

static void memory_of_ours_can_grow_in_the_c_library(void)
{
    char *line = malloc(1), *text = NULL;
    size_t capacity = 1, length = 0;
    FILE *file = open_memstream(&text, &length);
    for (int i = 0; i < 20000; i++)
        fputs("0123456789", file);
    fclose(file);
    EXPECT(length == 200000 && strlen(text) == length);
    file = fmemopen(text, length, "r");
    EXPECT(getline(&line, &capacity, file) == 200000 && strcmp(line, text) == 0);
    fclose(file);
    free(line);
    free(text);
}

// For what no header of this C library declares.
static void find(void *slot, const char *name)
{
    void *symbol = dlsym(RTLD_DEFAULT, name);
    if (!symbol)
        conformance_skip("this C library has no such function");
    memcpy(slot, &symbol, sizeof symbol);
}

static void free_sized_frees(void)
{
    void (*free_sized)(void *block, size_t size);
    find(&free_sized, "free_sized");
    errno = 4711;
    free_sized(NULL, 10);
    for (size_t bytes = 0; bytes < (size_t)1 << 22; bytes = bytes * 5 / 4 + 1)
    {
        free_sized(malloc(bytes), bytes);
        free_sized(calloc(3, bytes), 3 * bytes);
        free_sized(realloc(malloc(7), bytes + 1), bytes + 1);
    }
    EXPECT(errno == 4711);
}

static void free_aligned_sized_frees(void)
{
    void (*free_aligned_sized)(void *block, size_t alignment, size_t size);
    find(&free_aligned_sized, "free_aligned_sized");
    errno = 4711;
    free_aligned_sized(NULL, 64, 64);
    for (size_t alignment = 8; alignment <= (size_t)1 << 24; alignment *= 2)
        for (size_t bytes = 1; bytes < 300000; bytes = bytes * 5 + 1)
            free_aligned_sized(aligned_alloc(alignment, bytes), alignment, bytes);
    EXPECT(errno == 4711);
}

static void cfree_frees(void)
{
    void (*cfree)(void *block);
    find(&cfree, "cfree");
    cfree(malloc(100));
    cfree(NULL);
}

const struct fact facts_of_edges[] = {
    FACT(blocks_of_no_bytes_differ),
    FACT(free_of_null_does_nothing),
    FACT(usable_size_of_null_is_0),
    FACT(freed_small_blocks_are_used_again),
    FACT(freed_large_blocks_are_used_again),
    FACT(mallopt_takes_what_glibc_knows),
    FACT(mallinfo2_counts_what_is_in_use),
    FACT(malloc_trim_answers_yes_or_no),
    FACT(memory_of_the_c_library_can_be_freed),
    FACT(memory_of_ours_can_grow_in_the_c_library),
    FACT(free_sized_frees),
    FACT(free_aligned_sized_frees),
    FACT(cfree_frees),
    {NULL, NULL},
};
