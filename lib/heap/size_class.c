// SPDX-License-Identifier: MIT
// The tables of slot sizes and of the classes of small requests. Larger ones are arithmetic in the header; this file
// only lists and searches.
#include "heap/size_class.h"

// One row for each doubling from 129 bytes on.
const uint32_t size_class_bytes[SIZE_CLASS_COUNT] = {
    16,    32,    48,     64,     80, 96, 112, 128, // the linear ones
    160,   192,   224,    256,                      //
    320,   384,   448,    512,                      //
    640,   768,   896,    1024,                     //
    1280,  1536,  1792,   2048,                     //
    2560,  3072,  3584,   4096,                     //
    5120,  6144,  7168,   8192,                     //
    10240, 12288, 14336,  16384,                    //
    20480, 24576, 28672,  32768,                    //
    40960, 49152, 57344,  65536,                    //
    81920, 98304, 114688, 131072,                   //
};

// clang-format off
const uint8_t size_class_of_grains[] = {
    0, // 0
    0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 9, 10, 10, 11, 11, // 1 to 256
    12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15, // 257 to 512
    16, 16, 16, 16, 16, 16, 16, 16, 17, 17, 17, 17, 17, 17, 17, 17, // 513 to 768
    18, 18, 18, 18, 18, 18, 18, 18, 19, 19, 19, 19, 19, 19, 19, 19, // 769 to 1024
};
// clang-format on

uint32_t size_class_of_aligned(size_t size, size_t alignment)
{
    if (size > SIZE_CLASS_BYTES_MAX || alignment > SIZE_CLASS_BYTES_MAX)
        return SIZE_CLASS_NONE;
    uint32_t class_id = size_class_of(size);
    while (class_id < SIZE_CLASS_COUNT && size_class_bytes[class_id] % alignment != 0)
        class_id++;
    return class_id;
}
