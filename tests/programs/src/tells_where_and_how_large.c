// SPDX-License-Identifier: MIT
// Allocates blocks of many sizes in every way, keeps them, and prints where each is and how large it really is.
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum
{
    BLOCKS = 6000,
    LARGE_EACH = 500, // one of so many is mapped by itself
};

static void *blocks[BLOCKS];

static size_t size_of(size_t i)
{
    return i % LARGE_EACH == 0 ? 200000 + i : i * 37 % 3000;
}

static void *allocate(size_t i)
{
    switch (i % 4)
    {
    case 0:
        return malloc(size_of(i));
    case 1:
        return calloc(3, size_of(i) / 3 + 1);
    case 2:
        return memalign((size_t)32 << i % 5, size_of(i));
    default:
        return realloc(malloc(size_of(i) / 2 + 1), size_of(i) + 1);
    }
}

int main(void)
{
    for (size_t i = 0; i < BLOCKS; i++)
    {
        blocks[i] = allocate(i);
        if (i % 3 == 0) // what comes after it is used again
        {
            free(blocks[i]);
            blocks[i] = NULL;
        }
    }
    for (size_t i = 0; i < BLOCKS; i++)
        if (blocks[i])
            printf("%ju %zu\n", (uintmax_t)(uintptr_t)blocks[i], malloc_usable_size(blocks[i]));
    return 0;
}
