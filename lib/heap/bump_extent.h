// SPDX-License-Identifier: MIT
// A reservation that is used from its start to its end, never backwards: pages are committed ahead of what is taken, in
// steps that grow with it. No lock: threads that need the same pages commit them both, which is harmless.
#ifndef HEAPREEL_HEAP_BUMP_EXTENT_H
#define HEAPREEL_HEAP_BUMP_EXTENT_H

#include "heap/observer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    BUMP_EXTENT_GRAIN = 16, // bytes for which the shadow has one
};

#define BUMP_EXTENT_FULL SIZE_MAX

struct bump_extent
{
    char *address; // constant, like all up to committed
    size_t bytes;
    enum heap_role role;
    struct bump_extent *shadow;    // NULL, or a byte for each grain: usable wherever this one is
    _Alignas(64) size_t committed; // usable bytes; compare and swap by anybody, grows. Read at every free
    _Alignas(64) size_t taken;     // the bump offset; compare and swap by anybody, grows
};

// False: not even bytes_min of address space.
bool bump_extent_open(struct bump_extent *extent, size_t bytes_wanted, size_t bytes_min, enum heap_role role);
// Offset of so many bytes at an address that is a multiple of the alignment; BUMP_EXTENT_FULL: no room, or no memory.
size_t bump_extent_take(struct bump_extent *extent, size_t bytes, size_t alignment);
// What there is of it, to an observer.
void bump_extent_describe(const struct bump_extent *extent, const struct heap_observer *observer);

static inline size_t bump_extent_committed(const struct bump_extent *extent)
{
    return __atomic_load_n(&extent->committed, __ATOMIC_ACQUIRE);
}

static inline size_t bump_extent_taken(const struct bump_extent *extent)
{
    return __atomic_load_n(&extent->taken, __ATOMIC_ACQUIRE);
}

#endif
