// SPDX-License-Identifier: MIT
// The size classes of a run, and which of them a block belongs to. Internal to reel/.
#ifndef HEAPREEL_REEL_CLASSES_H
#define HEAPREEL_REEL_CLASSES_H

#include <stdbool.h>
#include <stdint.h>

#define REEL_CLASSES_MAX 127 // so that the number of a class fits seven bits
#define REEL_PAGE_BYTES 4096

struct reel_size_class
{
    uint64_t slot_bytes;
    uint64_t usable_bytes;
    uint32_t class_id; // of the allocator
    bool is_aligned;
};

struct reel_classes
{
    struct reel_size_class all[1 + REEL_CLASSES_MAX]; // [number], 0 is unused: no class
    uint32_t count;                                   // with the unused one; 0 = empty
    struct
    {
        uint64_t key; // usable bytes and alignedness
        uint8_t number;
    } slots[512]; // hash of the key, linear probing; number 0 = empty. Holds two keys a class at most: half full
};

enum reel_classes_result
{
    REEL_CLASSES_ADDED,
    REEL_CLASSES_KNOWN,   // the very same class is there
    REEL_CLASSES_REFUSED, // another one with that id or those blocks is there, or there is no room
};

// A zeroed struct is empty.
enum reel_classes_result reel_classes_add(struct reel_classes *classes, const struct reel_size_class *added);
// The class with that id, 0 = there is none.
uint8_t reel_classes_with_id(const struct reel_classes *classes, uint32_t class_id);
// The class of a block: the one with its usable bytes; where two have the same, the one of that alignedness. 0 = none.
uint8_t reel_classes_of_block(const struct reel_classes *classes, uint64_t usable_bytes, bool is_aligned);

#endif
