// SPDX-License-Identifier: MIT
// Calls of the malloc family that keep their own count, so that a program can say what its reel must hold. Counts
// events as a reel does: a realloc that keeps the address is a resize, one that moves is a free and an allocation.
// Prints without stdio's buffers, which would be an allocation more.
#ifndef HEAPREEL_TESTS_COUNTED_H
#define HEAPREEL_TESTS_COUNTED_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct
{
    atomic_ulong allocations;
    atomic_ulong frees;
    atomic_ulong resizes;
} counted;

static inline void counted_add(atomic_ulong *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static inline void *counted_malloc(size_t bytes)
{
    void *block = malloc(bytes);
    if (block != NULL)
        counted_add(&counted.allocations);
    return block;
}

static inline void counted_free(void *block)
{
    if (block != NULL)
        counted_add(&counted.frees);
    free(block);
}

// bytes is not 0.
static inline void *counted_realloc(void *block, size_t bytes)
{
    uintptr_t before = (uintptr_t)block;
    void *after = realloc(block, bytes);
    if (after == NULL)
        return NULL;
    if (before != 0 && before == (uintptr_t)after)
    {
        counted_add(&counted.resizes);
        return after;
    }
    counted_add(&counted.allocations);
    if (before != 0)
        counted_add(&counted.frees);
    return after;
}

static inline void counted_report(void)
{
    char line[128];
    int length =
        snprintf(line, sizeof line, "counted allocations=%lu frees=%lu resizes=%lu\n",
                 atomic_load(&counted.allocations), atomic_load(&counted.frees), atomic_load(&counted.resizes));
    if (write(STDOUT_FILENO, line, (size_t)length) != length)
        _exit(99);
}

#endif
