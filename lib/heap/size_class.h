// SPDX-License-Identifier: MIT
// Size classes of `bump` and `zoned`: slots of 16, 32, ... 128 bytes, then four sizes to each doubling up to 128 KiB.
// The spacing is jemalloc's (also hardened_malloc's): rounding wastes under 20 % of a slot from 64 bytes on. Larger
// requests are large blocks.
//
// Laws: the class of a size never falls as sizes grow; the class of a slot's size is that slot; a slot is the smallest
// one that holds the request.
#ifndef HEAPREEL_HEAP_SIZE_CLASS_H
#define HEAPREEL_HEAP_SIZE_CLASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    SIZE_CLASS_COUNT = 48,
    SIZE_CLASS_GRAIN = 16,
    SIZE_CLASS_LINEAR_MAX = 128,    // up to here every multiple of the grain is a class
    SIZE_CLASS_LISTED_MAX = 1024,   // up to here the class is looked up
    SIZE_CLASS_STEPS = 4,           // classes in a doubling above
    SIZE_CLASS_BYTES_MAX = 1 << 17, // greatest slot
    SIZE_CLASS_NONE = SIZE_CLASS_COUNT,
};

extern const uint32_t size_class_bytes[SIZE_CLASS_COUNT];

extern const uint8_t size_class_of_grains[SIZE_CLASS_LISTED_MAX / SIZE_CLASS_GRAIN + 1];

// Class of a request of at most SIZE_CLASS_BYTES_MAX bytes. 0 bytes are served like 1. Sizes that are common are looked
// up: where they come mixed, the processor cannot foresee which way the arithmetic goes.
static inline uint32_t size_class_of(size_t size)
{
    if (size <= SIZE_CLASS_LISTED_MAX)
        return size_class_of_grains[(size + SIZE_CLASS_GRAIN - 1) / SIZE_CLASS_GRAIN];
    uint32_t doubling = 63 - (uint32_t)__builtin_clzll(size - 1); // 7: 129..256
    uint32_t step = (uint32_t)((size - 1) >> (doubling - 2)) & (SIZE_CLASS_STEPS - 1);
    return SIZE_CLASS_LINEAR_MAX / SIZE_CLASS_GRAIN + (doubling - 7) * SIZE_CLASS_STEPS + step;
}

// Smallest class whose slots hold size and are multiples of the alignment (a power of two); SIZE_CLASS_NONE: none.
uint32_t size_class_of_aligned(size_t size, size_t alignment);

#endif
