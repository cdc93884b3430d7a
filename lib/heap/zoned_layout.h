// SPDX-License-Identifier: MIT
// How `zoned` divides its memory: the slabs of each class, and how large a zone is. Pure arithmetic.
//
//   zone (address space of one class)
//   | slab 0 | slab 1 | slab 2 | ...                 guards=off
//   | slab 0 |  ####  | slab 1 |  ####  | ...        guards=on: every second position is inaccessible
//
//   slab (whole pages)
//   | slot 0 | slot 1 | ... | slot n-1 | tail |      the tail is at most 1/64 of the slab
#ifndef HEAPREEL_HEAP_ZONED_LAYOUT_H
#define HEAPREEL_HEAP_ZONED_LAYOUT_H

#include "heap/pages.h"
#include "heap/size_class.h"

#include <stddef.h>
#include <stdint.h>

enum
{
    ZONED_SLOTS_MAX = 256,         // in a slab: four words of bits
    ZONED_ZONE_BYTES_MIN = 262144, // holds a slab of every class, and its guard
    ZONED_RECIPROCAL_SHIFT = 32,
};
#define ZONED_ZONE_BYTES_MAX ((size_t)64 << 30)

struct zoned_shape
{
    uint32_t slot_bytes;
    uint32_t slab_bytes;
    uint32_t slots;
    // ceil(2^32 / divisor): (number * reciprocal) >> 32 is number / divisor, exact while number * divisor < 2^32. That
    // holds for the pages of a zone (2^24) over those of a slab (2^5), and for the grains in a slab over those in a
    // slot (2^13 each).
    uint64_t slab_reciprocal;
    uint64_t slot_reciprocal;
};

extern const struct zoned_shape zoned_shapes[SIZE_CLASS_COUNT];

// Which slab position the offset in a zone is in.
static inline uint32_t zoned_position_of(const struct zoned_shape *shape, size_t offset)
{
    return (uint32_t)((offset / PAGES_BYTES * shape->slab_reciprocal) >> ZONED_RECIPROCAL_SHIFT);
}

// Which slot the offset in a slab is in; shape->slots for the tail.
static inline uint32_t zoned_slot_of(const struct zoned_shape *shape, uint32_t offset)
{
    return (uint32_t)((offset / SIZE_CLASS_GRAIN * shape->slot_reciprocal) >> ZONED_RECIPROCAL_SHIFT);
}

// A power of two, so that a zone is found by a shift: physical memory rounded up, or what is wanted (0: nothing
// special), while all zones together take at most a sixteenth of the space that is left: what a zone reserves and does
// not use is lost for all others. 0: then the least zones are too large, and every class begins with an extent.
size_t zoned_zone_bytes(size_t wanted, size_t physical_bytes, size_t space_left);

// Bytes of the next extent of a class that has reserved so much. As much again; but under a limit a small part of what
// is left, so that 48 classes together cannot take from each other what none of them uses.
size_t zoned_extent_bytes(size_t reserved, size_t space_left);

#endif
