// SPDX-License-Identifier: MIT
// For programs that each misuse a block in one way: the functions that stand in the stacks which are looked for. Each
// keeps its frame while it calls.
#ifndef HEAPREEL_TESTS_SIN_H
#define HEAPREEL_TESTS_SIN_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define APART __attribute__((noinline, unused)) static

APART unsigned char *make_block(size_t bytes)
{
    unsigned char *volatile block = (unsigned char *)malloc(bytes);
    return block;
}

APART void free_first(void *block)
{
    void *volatile same = block;
    free(same);
    __asm__ volatile("");
}

APART void free_wrongly(void *block)
{
    void *volatile same = block;
    free(same);
    __asm__ volatile("");
}

// Says that the program outlived its misuse.
static inline int went_on(void)
{
    puts("went on");
    return 0;
}

#endif
