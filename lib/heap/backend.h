// SPDX-License-Identifier: MIT
// An allocator as the preload library sees it: one file, one table of functions.
//
// Each function has the contract of its namesake in the C library, errno included; free keeps errno. All may be called
// from any thread, before constructors have run and after destructors have.
#ifndef HEAPREEL_HEAP_BACKEND_H
#define HEAPREEL_HEAP_BACKEND_H

#include <malloc.h>
#include <stddef.h>

struct heap_backend
{
    const char *name;
    void *(*malloc)(size_t size);
    void (*free)(void *block);
    void *(*calloc)(size_t count, size_t size);
    void *(*realloc)(void *block, size_t size);
    void *(*memalign)(size_t alignment, size_t size);
    void *(*aligned_alloc)(size_t alignment, size_t size);
    int (*posix_memalign)(void **block, size_t alignment, size_t size);
    void *(*valloc)(size_t size);
    void *(*pvalloc)(size_t size);
    size_t (*usable_size)(void *block);
    int (*trim)(size_t pad);
    struct mallinfo2 (*mallinfo2)(void);
};

// Pass-through to the malloc that the program would have used.
extern const struct heap_backend heap_system;

#endif
