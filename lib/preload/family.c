// SPDX-License-Identifier: MIT
// The exported malloc family: each function serves the call through the backend and tells the recorder. Holds no
// allocation logic; what a call means is the backend's business, what it was is the recorder's.
#define _GNU_SOURCE
#include "preload/preload_internal.h"

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

enum
{
    ALIGNMENT_ALWAYS = 16, // of every block
};

#define INLINE __attribute__((always_inline)) static inline

// The functions below are inlined into each exported one: __builtin_frame_address is of that one, and this file is
// compiled with frame pointers.
INLINE const void *own_frame(void)
{
    return __builtin_frame_address(0);
}

INLINE uint32_t aligned_flag(size_t alignment)
{
    return alignment > ALIGNMENT_ALWAYS ? WIRE_EVENT_ALIGNED : 0;
}

INLINE uint32_t carved_flag(struct heap_grant grant)
{
    return grant.about & HEAP_GRANT_CARVED ? WIRE_EVENT_CARVED : 0;
}

INLINE void note_misuse(bool is_misuse, uint32_t flags)
{
    if (__builtin_expect(is_misuse, 0))
        preload_misuse(flags, own_frame());
}

static void note_block(struct heap_grant grant, size_t requested, uint32_t flags, const void *frame)
{
    size_t usable = heap_grant_usable(grant);
    if (usable == 0)
        usable = preload_heap()->usable_size(grant.block);
    if (__builtin_expect(record_alloc(grant.block, requested, usable, flags | carved_flag(grant), frame), 0))
        preload_note_thread();
}

// Out of the way of programs that are not recorded.
__attribute__((noinline)) static void *tell_grant(struct heap_grant grant, size_t requested, uint32_t flags,
                                                  const void *frame)
{
    if (__builtin_expect(!grant.block, 0))
    {
        preload_refusal(requested, 0, frame);
        return NULL;
    }
    note_block(grant, requested, flags, frame);
    if (__builtin_expect(grant.about & HEAP_GRANT_MISUSE, 0))
        preload_misuse(0, frame);
    return grant.block;
}

INLINE void *note_grant(struct heap_grant grant, size_t requested, uint32_t flags)
{
    if (__builtin_expect(grant.block && !(grant.about & HEAP_GRANT_MISUSE) && record_is_off(), 1))
        return grant.block;
    return tell_grant(grant, requested, flags, own_frame());
}

INLINE void note_free(const void *block)
{
    if (!record_is_off())
        record_free(block, own_frame());
}

INLINE void *allocate(size_t size)
{
    return note_grant(preload_heap()->malloc(size), size, 0);
}

INLINE void let_go(void *block)
{
    if (!block)
        return;
    note_free(block);
    note_misuse(preload_heap()->free(block), 0);
}

INLINE void let_go_sized(void *block, size_t size, size_t alignment)
{
    if (!block)
        return;
    note_free(block);
    note_misuse(preload_heap()->free_sized(block, size, alignment), 0);
}

INLINE void *resize(void *block, size_t size)
{
    if (!block)
        return allocate(size);
    const struct heap_backend *heap = preload_heap();
    struct record_realloc call = {.old = block, .requested = size};
    struct record_thread *thread = record_realloc_begin(&call.time_before);
    call.usable_before = thread ? heap->usable_size(block) : 0;
    struct heap_grant grant = heap->realloc(block, size);
    if (thread)
    {
        call.block = grant.block;
        call.usable = heap_grant_usable(grant);
        if (call.usable == 0 && grant.block)
            call.usable = heap->usable_size(grant.block);
        call.flags = carved_flag(grant);
        record_realloc_end(thread, &call, own_frame());
    }
    // A realloc to nothing is a free.
    const uint32_t flags = size > 0 ? WIRE_EVENT_REALLOC : 0;
    if (__builtin_expect(!grant.block, 0))
        preload_refusal(size, flags, own_frame());
    else
        note_misuse(grant.about & HEAP_GRANT_MISUSE, flags);
    return grant.block;
}

EXPORT void *malloc(size_t size)
{
    return allocate(size);
}

EXPORT void free(void *block)
{
    let_go(block);
}

EXPORT void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        bytes = SIZE_MAX;
    return note_grant(preload_heap()->calloc(count, size), bytes, WIRE_EVENT_ZEROED);
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
        preload_refusal(SIZE_MAX, 0, own_frame());
        return NULL;
    }
    return resize(block, bytes);
}

EXPORT void *memalign(size_t alignment, size_t size)
{
    return note_grant(preload_heap()->memalign(alignment, size), size, aligned_flag(alignment));
}

EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
    return note_grant(preload_heap()->aligned_alloc(alignment, size), size, aligned_flag(alignment));
}

EXPORT int posix_memalign(void **block, size_t alignment, size_t size)
{
    const struct heap_backend *heap = preload_heap();
    struct heap_grant grant = {NULL, 0};
    int result = heap->posix_memalign(&grant, alignment, size);
    if (note_grant(grant, size, aligned_flag(alignment)))
        *block = grant.block;
    return result;
}

EXPORT void *valloc(size_t size)
{
    return note_grant(preload_heap()->valloc(size), size, WIRE_EVENT_ALIGNED);
}

EXPORT void *pvalloc(size_t size)
{
    return note_grant(preload_heap()->pvalloc(size), size, WIRE_EVENT_ALIGNED);
}

EXPORT size_t malloc_usable_size(void *block)
{
    return block ? preload_heap()->usable_size(block) : 0;
}

EXPORT int malloc_trim(size_t pad)
{
    return preload_heap()->trim(pad);
}

EXPORT struct mallinfo2 mallinfo2(void)
{
    return preload_heap()->mallinfo2();
}

// Its numbers are as wide as they were in 1987: glibc, too, lets them wrap.
EXPORT struct mallinfo mallinfo(void)
{
    struct mallinfo2 wide = preload_heap()->mallinfo2();
    return (struct mallinfo){
        .arena = (int)wide.arena,
        .ordblks = (int)wide.ordblks,
        .smblks = (int)wide.smblks,
        .hblks = (int)wide.hblks,
        .hblkhd = (int)wide.hblkhd,
        .usmblks = (int)wide.usmblks,
        .fsmblks = (int)wide.fsmblks,
        .uordblks = (int)wide.uordblks,
        .fordblks = (int)wide.fordblks,
        .keepcost = (int)wide.keepcost,
    };
}

// Removed from glibc 2.26 for new programs; very old ones still call it.
EXPORT void cfree(void *block)
{
    let_go(block);
}

// C23 7.24.3.4 and 7.24.3.5.
EXPORT void free_sized(void *block, size_t size)
{
    let_go_sized(block, size, 0);
}

EXPORT void free_aligned_sized(void *block, size_t alignment, size_t size)
{
    let_go_sized(block, size, alignment);
}

extern __typeof(free_sized) preload_free_sized __attribute__((alias("free_sized"), visibility("hidden")));
extern __typeof(free_aligned_sized) preload_free_aligned_sized
    __attribute__((alias("free_aligned_sized"), visibility("hidden")));
