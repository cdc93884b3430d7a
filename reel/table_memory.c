// SPDX-License-Identifier: MIT
// Aligned mappings for large tables, and the few that are kept when they are freed.
#define _GNU_SOURCE
#include "reel/table_memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CACHE_LINE_BYTES 64
#define HUGE_PAGE_BYTES ((size_t)2 << 20)
#define KEPT_MAX 8
#define KEPT_BYTES_MAX ((size_t)128 << 20)

// Freed mappings, as they were left.
static struct
{
    pthread_mutex_t mutex;
    struct
    {
        char *memory;
        size_t bytes;
    } all[KEPT_MAX];
    size_t count;
    size_t bytes;
} kept = {.mutex = PTHREAD_MUTEX_INITIALIZER};

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

// Removes the mapping at the index.
static char *release(size_t index, size_t *bytes)
{
    char *memory = kept.all[index].memory;
    *bytes = kept.all[index].bytes;
    kept.bytes -= *bytes;
    kept.count--;
    memmove(&kept.all[index], &kept.all[index + 1], (kept.count - index) * sizeof kept.all[0]);
    return memory;
}

// The largest that is not much larger than wanted, made as large as that. NULL: there is none.
static void *take_kept(size_t bytes)
{
    char *memory = NULL;
    size_t found_bytes = 0;
    size_t found = KEPT_MAX;
    pthread_mutex_lock(&kept.mutex);
    for (size_t i = 0; i < kept.count; i++)
        if (kept.all[i].bytes / 2 <= bytes && (found == KEPT_MAX || kept.all[i].bytes > kept.all[found].bytes))
            found = i;
    if (found != KEPT_MAX)
        memory = release(found, &found_bytes);
    pthread_mutex_unlock(&kept.mutex);
    if (memory == NULL)
        return NULL;
    if (found_bytes > bytes)
        munmap(memory + bytes, found_bytes - bytes);
    void *grown = found_bytes < bytes ? grow_mapping(memory, found_bytes, bytes) : memory;
    if (grown == NULL)
        munmap(memory, found_bytes);
    return grown;
}

// The oldest make room.
static void keep(char *memory, size_t bytes)
{
    pthread_mutex_lock(&kept.mutex);
    while (kept.count == KEPT_MAX || (kept.count != 0 && bytes + kept.bytes > KEPT_BYTES_MAX))
    {
        size_t old_bytes;
        char *old = release(0, &old_bytes);
        munmap(old, old_bytes);
    }
    if (bytes <= KEPT_BYTES_MAX)
    {
        kept.all[kept.count].memory = memory;
        kept.all[kept.count++].bytes = bytes;
        kept.bytes += bytes;
        memory = NULL;
    }
    pthread_mutex_unlock(&kept.mutex);
    if (memory != NULL)
        munmap(memory, bytes);
}

static void *allocate(size_t bytes, bool *is_zero)
{
    *is_zero = false;
    if (!is_mapped(bytes))
        return aligned_alloc(CACHE_LINE_BYTES, rounded(bytes, CACHE_LINE_BYTES));
    void *memory = take_kept(mapped_bytes(bytes));
    if (memory != NULL)
        return memory;
    *is_zero = true;
    return map(mapped_bytes(bytes));
}

void *table_memory_allocate(size_t bytes)
{
    bool is_zero;
    return allocate(bytes, &is_zero);
}

void *table_memory_allocate_zeroed(size_t bytes)
{
    bool is_zero;
    void *memory = allocate(bytes, &is_zero);
    if (memory != NULL && !is_zero)
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
        keep(memory, mapped_bytes(bytes));
    else
        free(memory);
}
