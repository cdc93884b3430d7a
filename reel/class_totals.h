// SPDX-License-Identifier: MIT
// What the live blocks of each class come to at the end of a chunk, as a blob of the table class_totals and back.
// Private to reel/; the format is told in docs/reel.md.
//
// The decoder takes its bytes for hostile: a checksum finds flipped bits, processes ascend, and there is nothing behind
// the last total. Other numbers can be any.
#ifndef HEAPREEL_REEL_CLASS_TOTALS_H
#define HEAPREEL_REEL_CLASS_TOTALS_H

#include "reel/reader.h"

#define REEL_CLASS_TOTALS_BYTES_MAX 8192 // of a blob: what would be more is left out
#define REEL_CLASS_TOTALS_FORMAT_MIN 5   // of the reel: older ones have none

struct reel_class_total
{
    uint32_t process;
    uint32_t key; // where classes are told: 1 + class_id, or 0: none; else the number of the range of usable sizes
    uint64_t live_blocks;
    uint64_t requested_bytes;
    uint64_t usable_bytes; // at least the requested
    uint64_t carved_slots;
};

struct reel_class_totals
{
    bool are_told; // keys are those of classes of the allocator
    struct reel_class_total *totals;
    size_t count;
};

// By ascending processes. How many bytes were written; 0: there is not enough room.
size_t reel_class_totals_encode(const struct reel_class_totals *totals,
                                uint8_t data[static REEL_CLASS_TOTALS_BYTES_MAX]);
// The totals are the caller's, to be freed with free(). REEL_OK, REEL_E_DAMAGED, REEL_E_NEWER or REEL_E_NO_MEMORY.
int reel_class_totals_decode(const void *data, size_t bytes, struct reel_class_totals *totals);

#endif
