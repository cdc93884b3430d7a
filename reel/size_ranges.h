// SPDX-License-Identifier: MIT
// Ranges of usable sizes, which stand in the place of classes where the allocator tells none: up to 1024 steps of 16
// bytes, then quarters between powers of two. Internal to reel/.
#ifndef HEAPREEL_REEL_SIZE_RANGES_H
#define HEAPREEL_REEL_SIZE_RANGES_H

#include <stdint.h>

#define REEL_RANGE_STEP_BYTES 16u
#define REEL_RANGE_STEPS_BYTES 1024u
#define REEL_RANGE_STEPS (REEL_RANGE_STEPS_BYTES / REEL_RANGE_STEP_BYTES) // numbers 1 to REEL_RANGE_STEPS
#define REEL_RANGE_LAST 255u

// The number of the range, 1 to REEL_RANGE_LAST.
static inline uint8_t reel_range_of_size(uint64_t usable_bytes)
{
    if (usable_bytes <= REEL_RANGE_STEPS_BYTES)
        return (uint8_t)(usable_bytes == 0 ? 1 : (usable_bytes + REEL_RANGE_STEP_BYTES - 1) / REEL_RANGE_STEP_BYTES);
    uint64_t last = usable_bytes - 1; // a size that is a power of two is the greatest of its range
    uint32_t power = 63 - (uint32_t)__builtin_clzll(last) - 10;
    uint32_t quarter = (uint32_t)(last >> (power + 8)) & 3;
    uint32_t number = REEL_RANGE_STEPS + 1 + power * 4 + quarter;
    return number < REEL_RANGE_LAST ? (uint8_t)number : (uint8_t)REEL_RANGE_LAST;
}

// The greatest size of a range.
static inline uint64_t reel_range_greatest(uint32_t number)
{
    if (number <= REEL_RANGE_STEPS)
        return (uint64_t)number * REEL_RANGE_STEP_BYTES;
    uint32_t quarter = number - REEL_RANGE_STEPS - 1;
    uint32_t power = quarter / 4;
    if (power >= 53 || number >= REEL_RANGE_LAST)
        return UINT64_MAX;
    return ((uint64_t)REEL_RANGE_STEPS_BYTES << power) / 4 * (5 + quarter % 4);
}

#endif
