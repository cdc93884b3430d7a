// SPDX-License-Identifier: MIT
// The exported malloc family: each function serves the call through the backend and tells the recorder. Holds no
// allocation logic; what a call means is the backend's business, what it was is the recorder's.
#define _GNU_SOURCE
#include "preload/preload_internal.h"

#include "heap/backend.h"
#include "record/record.h"
#include "wire/event.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define EXPORT __attribute__((visibility("default")))

// No header of this C library declares these.
void cfree(void *block);
void free_sized(void *block, size_t size);
void free_aligned_sized(void *block, size_t alignment, size_t size);

static const struct heap_backend *const heap = &heap_system;

// The three below are inlined into each exported function: __builtin_frame_address is of that one, and this file is
// compiled with frame pointers.
__attribute__((always_inline)) static inline void *note_alloc(void *block, size_t requested, uint32_t flags)
{
    if (block)
    {
        record_alloc(block, requested, heap->usable_size(block), flags, __builtin_frame_address(0));
        preload_note_thread();
    }
    return block;
}

__attribute__((always_inline)) static inline void let_go(void *block)
{
    if (!block)
        return;
    record_free(block, __builtin_frame_address(0));
    heap->free(block);
}

__attribute__((always_inline)) static inline void *resize(void *block, size_t size)
{
    if (!block)
        return note_alloc(heap->realloc(NULL, size), size, 0);
    uint64_t time_before;
    struct record_thread *thread = record_realloc_begin(&time_before);
    size_t usable_before = thread ? heap->usable_size(block) : 0;
    void *result = heap->realloc(block, size);
    if (thread)
        record_realloc_end(thread, time_before, block, usable_before, result, size,
                           result ? heap->usable_size(result) : 0, __builtin_frame_address(0));
    return result;
}

EXPORT void *malloc(size_t size)
{
    return note_alloc(heap->malloc(size), size, 0);
}

EXPORT void free(void *block)
{
    let_go(block);
}

EXPORT void *calloc(size_t count, size_t size)
{
    // The product cannot overflow where a block was given.
    return note_alloc(heap->calloc(count, size), count * size, WIRE_EVENT_ZEROED);
}

EXPORT void *realloc(void *block, size_t size)
{
    return resize(block, size);
}

EXPORT void *reallocarray(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
    {
        errno = ENOMEM;
        return NULL;
    }
    return resize(block, bytes);
}

EXPORT void *memalign(size_t alignment, size_t size)
{
    return note_alloc(heap->memalign(alignment, size), size, WIRE_EVENT_ALIGNED);
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
    return note_alloc(heap->aligned_alloc(alignment, size), size, WIRE_EVENT_ALIGNED);
}

EXPORT int posix_memalign(void **block, size_t alignment, size_t size)
{
    int result = heap->posix_memalign(block, alignment, size);
    if (result == 0)
        note_alloc(*block, size, WIRE_EVENT_ALIGNED);
    return result;
}

EXPORT void *valloc(size_t size)
{
    return note_alloc(heap->valloc(size), size, WIRE_EVENT_ALIGNED);
}

EXPORT void *pvalloc(size_t size)
{
    return note_alloc(heap->pvalloc(size), size, WIRE_EVENT_ALIGNED);
}

EXPORT size_t malloc_usable_size(void *block)
{
    return block ? heap->usable_size(block) : 0;
}

EXPORT int malloc_trim(size_t pad)
{
    return heap->trim(pad);
}

EXPORT struct mallinfo2 mallinfo2(void)
{
    return heap->mallinfo2();
}

// Removed from glibc 2.26 for new programs; very old ones still call it.
EXPORT void cfree(void *block)
{
    let_go(block);
}

// C23 7.24.3.4 and 7.24.3.5.
EXPORT void free_sized(void *block, size_t size)
{
    (void)size;
    let_go(block);
}

EXPORT void free_aligned_sized(void *block, size_t alignment, size_t size)
{
    (void)alignment;
    (void)size;
    let_go(block);
}
