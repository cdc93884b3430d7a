// SPDX-License-Identifier: MIT
// The table of slabs and the sizes of zones. Asks nobody and keeps nothing.
//
// A slab has the fewest pages for which its tail is at most 1/64 of it, and which hold 16 slots or are at least 16 KiB:
// fewer slots would make the kernel's calls for a slab a cost of every block. 256 slots are the most.
#include "heap/zoned_layout.h"

#include <assert.h>

enum
{
    MAIN_SHARE = 16,    // of the space left, for all zones
    EXTENT_SHARE = 256, // of the space left, for an extent
};

#define CEILING_OF_2_32_OVER(divisor) (((UINT64_C(1) << ZONED_RECIPROCAL_SHIFT) + (divisor)-1) / (divisor))

// slot bytes, pages
#define SHAPE(slot, pages)                                                                                             \
    {                                                                                                                  \
        (slot), (pages)*PAGES_BYTES, (pages)*PAGES_BYTES / (slot), CEILING_OF_2_32_OVER(pages),                        \
            CEILING_OF_2_32_OVER((slot) / SIZE_CLASS_GRAIN)                                                            \
    }

const struct zoned_shape zoned_shapes[SIZE_CLASS_COUNT] = {
    SHAPE(16, 1),     SHAPE(32, 1),     SHAPE(48, 1),      SHAPE(64, 1),      // 256, 128, 85, 64 slots
    SHAPE(80, 1),     SHAPE(96, 1),     SHAPE(112, 1),     SHAPE(128, 1),     // 51, 42, 36, 32
    SHAPE(160, 2),    SHAPE(192, 1),    SHAPE(224, 1),     SHAPE(256, 1),     // 51, 21, 18, 16
    SHAPE(320, 3),    SHAPE(384, 2),    SHAPE(448, 2),     SHAPE(512, 2),     // 38, 21, 18, 16
    SHAPE(640, 3),    SHAPE(768, 3),    SHAPE(896, 4),     SHAPE(1024, 4),    // 19, 16, 18, 16
    SHAPE(1280, 5),   SHAPE(1536, 6),   SHAPE(1792, 4),    SHAPE(2048, 4),    // 16, 16, 9, 8
    SHAPE(2560, 5),   SHAPE(3072, 6),   SHAPE(3584, 7),    SHAPE(4096, 4),    // 8, 8, 8, 4
    SHAPE(5120, 5),   SHAPE(6144, 6),   SHAPE(7168, 7),    SHAPE(8192, 4),    // 4, 4, 4, 2
    SHAPE(10240, 5),  SHAPE(12288, 6),  SHAPE(14336, 7),   SHAPE(16384, 4),   // 2, 2, 2, 1
    SHAPE(20480, 5),  SHAPE(24576, 6),  SHAPE(28672, 7),   SHAPE(32768, 8),   // 1 from here on
    SHAPE(40960, 10), SHAPE(49152, 12), SHAPE(57344, 14),  SHAPE(65536, 16),  //
    SHAPE(81920, 20), SHAPE(98304, 24), SHAPE(114688, 28), SHAPE(131072, 32), //
};

static_assert(ZONED_ZONE_BYTES_MIN >= 2 * SIZE_CLASS_BYTES_MAX, "the least zone holds any slab and its guard");

static size_t power_of_two_from(size_t bytes)
{
    size_t power = ZONED_ZONE_BYTES_MIN;
    while (power < bytes && power < ZONED_ZONE_BYTES_MAX)
        power *= 2;
    return power;
}

size_t zoned_zone_bytes(size_t wanted, size_t physical_bytes, size_t space_left)
{
    size_t bytes = power_of_two_from(wanted ? wanted : physical_bytes);
    while (bytes > space_left / MAIN_SHARE / SIZE_CLASS_COUNT)
        bytes /= 2;
    return bytes < ZONED_ZONE_BYTES_MIN ? 0 : bytes;
}

size_t zoned_extent_bytes(size_t reserved, size_t space_left)
{
    size_t bytes = space_left == SIZE_MAX ? reserved : space_left / EXTENT_SHARE;
    if (bytes < ZONED_ZONE_BYTES_MIN)
        return ZONED_ZONE_BYTES_MIN;
    return bytes < ZONED_ZONE_BYTES_MAX ? bytes : ZONED_ZONE_BYTES_MAX;
}
