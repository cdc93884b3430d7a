// SPDX-License-Identifier: MIT
// Aligned mappings for large tables. Refuses to remember any of them.
#define _GNU_SOURCE
#include "reel/table_memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CACHE_LINE_BYTES 64
#define HUGE_PAGE_BYTES ((size_t)2 << 20)

static size_t rounded(size_t bytes, size_t unit)
{
    return (bytes + unit - 1) / unit * unit;
}

static bool is_mapped(size_t bytes)
{
    return bytes >= HUGE_PAGE_BYTES;
}

static size_t mapped_bytes(size_t bytes)
{
    return rounded(bytes, HUGE_PAGE_BYTES);
}

// Address space without memory that begins with a huge page. NULL: there is none.
static char *reserve(size_t bytes)
{
    char *begin = mmap(NULL, bytes + HUGE_PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (begin == MAP_FAILED)
        return NULL;
    size_t head = mapped_bytes((uintptr_t)begin) - (uintptr_t)begin;
    if (head != 0)
        munmap(begin, head);
    munmap(begin + head + bytes, HUGE_PAGE_BYTES - head);
    return begin + head;
}

static void *map(size_t bytes)
{
    char *memory = reserve(bytes);
    if (memory == NULL)
        return NULL;
    if (mprotect(memory, bytes, PROT_READ | PROT_WRITE) != 0)
    {
        munmap(memory, bytes);
        return NULL;
    }
    madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

static void *grow_mapping(void *memory, size_t old_bytes, size_t bytes)
{
    if (bytes == old_bytes)
        return memory;
    char *place = reserve(bytes);
    if (place == NULL)
        return NULL;
    void *grown = mremap(memory, old_bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, place);
    if (grown != MAP_FAILED)
        return grown;
    munmap(place, bytes);
    return NULL;
}

void *table_memory_allocate(size_t bytes)
{
    return is_mapped(bytes) ? map(mapped_bytes(bytes))
                            : aligned_alloc(CACHE_LINE_BYTES, rounded(bytes, CACHE_LINE_BYTES));
}

void *table_memory_allocate_zeroed(size_t bytes)
{
    void *memory = table_memory_allocate(bytes);
    if (memory != NULL && !is_mapped(bytes))
        memset(memory, 0, bytes);
    return memory;
}

void *table_memory_grow(void *memory, size_t old_bytes, size_t bytes)
{
    if (is_mapped(old_bytes))
        return grow_mapping(memory, mapped_bytes(old_bytes), mapped_bytes(bytes));
    void *grown = table_memory_allocate(bytes);
    if (grown == NULL)
        return NULL;
    memcpy(grown, memory, old_bytes);
    free(memory);
    return grown;
}

void table_memory_free(void *memory, size_t bytes)
{
    if (memory != NULL && is_mapped(bytes))
        munmap(memory, mapped_bytes(bytes));
    else
        free(memory);
}
