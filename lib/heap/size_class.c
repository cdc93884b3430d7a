// SPDX-License-Identifier: MIT
// The table of slot sizes. Which request goes where is arithmetic in the header; this file only lists and searches.
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

uint32_t size_class_of_aligned(size_t size, size_t alignment)
{
    if (size > SIZE_CLASS_BYTES_MAX || alignment > SIZE_CLASS_BYTES_MAX)
        return SIZE_CLASS_NONE;
    uint32_t class_id = size_class_of(size);
    while (class_id < SIZE_CLASS_COUNT && size_class_bytes[class_id] % alignment != 0)
        class_id++;
    return class_id;
}
