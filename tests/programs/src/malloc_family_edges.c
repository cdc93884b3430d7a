// SPDX-License-Identifier: MIT
// What the malloc family gives: alignment at every size, contents kept by realloc, zeroes, and the calls at the edges.
#define _GNU_SOURCE
#include "expect.h"

#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void align(void)
{
    for (size_t bytes = 0; bytes < 3000; bytes += bytes < 300 ? 1 : 37)
    {
        char *block = malloc(bytes);
        EXPECT(block != NULL && (uintptr_t)block % _Alignof(max_align_t) == 0 && malloc_usable_size(block) >= bytes);
        memset(block, 0xa5, bytes);
        block = realloc(block, bytes + 1);
        for (size_t i = 0; i < bytes; i++)
            EXPECT(block[i] == (char)0xa5);
        free(block);
    }
    for (size_t alignment = 8; alignment <= 1 << 20; alignment *= 2)
    {
        void *made[3] = {memalign(alignment, 100), aligned_alloc(alignment, alignment), NULL};
        EXPECT(posix_memalign(&made[2], alignment, 100) == 0);
        for (int i = 0; i < 3; i++)
        {
            EXPECT(made[i] != NULL && (uintptr_t)made[i] % alignment == 0);
            free(made[i]);
        }
    }
}

static void stay_within_the_edges(void)
{
    EXPECT(malloc_usable_size(NULL) == 0);
    void *none = malloc(0), *other = malloc(0);
    EXPECT(none != NULL && other != NULL && none != other);
    free(none);
    EXPECT(realloc(other, 0) == NULL); // glibc frees it
    void *page = valloc(10), *pages = pvalloc(5000);
    EXPECT((uintptr_t)page % 4096 == 0 && (uintptr_t)pages % 4096 == 0 && malloc_usable_size(pages) >= 8192);
    free(page);
    free(pages);
    char *zeroed = calloc(1000, 7);
    for (int i = 0; i < 7000; i++)
        EXPECT(zeroed[i] == 0);
    free(zeroed);
    EXPECT(mallopt(M_MMAP_THRESHOLD, 128 * 1024) == 1);
    EXPECT(mallinfo2().arena != 0 || mallinfo2().hblkhd != 0 || mallinfo2().uordblks == 0);
    malloc_trim(0);
}

int main(void)
{
    align();
    stay_within_the_edges();
    printf("%d failures\n", failures);
    return failures != 0;
}
