// SPDX-License-Identifier: MIT
// The C library's rules for arguments, the same in all allocators of ours, so that a backend gives only the parts that
// differ: memalign for any valid alignment. The arbiter is what glibc documents.
#ifndef HEAPREEL_HEAP_ARGUMENTS_H
#define HEAPREEL_HEAP_ARGUMENTS_H

#include "heap/backend.h"

// Serves size bytes at a multiple of alignment, a power of two. Called with sizes of at most PTRDIFF_MAX.
typedef struct heap_grant heap_allocate(size_t alignment, size_t size);

// True if a request of that size can be considered. Otherwise errno is ENOMEM, and an absurd size is noted.
bool heap_size_is_sane(size_t size);
// What a refused or failed request gives: NULL, ENOMEM, and whether a misuse was noted.
struct heap_grant heap_no_memory(bool is_misuse);

// memalign rounds an alignment that is no power of two up to one; aligned_alloc wants a power of two, EINVAL;
// posix_memalign wants a power of two and multiple of sizeof(void *), and returns EINVAL or ENOMEM with errno
// untouched.
struct heap_grant heap_memalign(heap_allocate *allocate, size_t alignment, size_t size);
struct heap_grant heap_aligned_alloc(heap_allocate *allocate, size_t alignment, size_t size);
int heap_posix_memalign(heap_allocate *allocate, struct heap_grant *grant, size_t alignment, size_t size);
struct heap_grant heap_valloc(heap_allocate *allocate, size_t size);
struct heap_grant heap_pvalloc(heap_allocate *allocate, size_t size);

#endif
