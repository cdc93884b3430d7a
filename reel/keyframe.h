// SPDX-License-Identifier: MIT
// Keyframes: all live blocks of all processes at a moment, as the writer keeps them, in a blob that can be read without
// any other. Private to reel/; the format is told in docs/keyframe.md.
//
// The decoder takes its bytes for hostile: lengths are checked, and a checksum finds flipped bits.
#ifndef HEAPREEL_REEL_KEYFRAME_H
#define HEAPREEL_REEL_KEYFRAME_H

#include "reel/blocks.h"
#include "reel/reader.h"
#include "reel/status.h"

#define REEL_KEYFRAME_VERSION 1

// Slots of one of the allocator's classes in a process; classes that never had one are left out.
struct reel_keyframe_class
{
    uint32_t class_id; // of the allocator
    uint64_t carved_slots;
    uint64_t peak_live_slots;
};

// A process that runs, or, with fork_serial, the copy of one that waits for a child that it forked.
struct reel_keyframe_heap
{
    uint32_t process;     // of a waiting copy: the parent
    uint32_t fork_serial; // 0: a process
    bool is_blind;        // of a parent whose blocks were not known at the fork
    uint64_t peak_slot_bytes;
    const struct reel_keyframe_class *classes;
    size_t class_count;
    const struct reel_block *blocks; // in no order; size_class is 1 + the class_id of the allocator, or 0: none
    size_t block_count;
};

struct reel_keyframe
{
    uint64_t events; // the moment
    const struct reel_keyframe_heap *heaps;
    size_t heap_count;
};

// *data is the caller's, to be freed with free(). Sorts the blocks of the heaps where they lie. REEL_OK, or
// REEL_E_NO_MEMORY.
int reel_keyframe_encode(const struct reel_keyframe *keyframe, void **data, size_t *bytes);

// Decoded; its arrays belong to it.
struct reel_keyframe_copy;
// REEL_OK, REEL_E_DAMAGED, REEL_E_NEWER or REEL_E_NO_MEMORY. size_class of the blocks as it was
// encoded: the writer puts class_id + 1 there in place of its own number.
int reel_keyframe_decode(const void *data, size_t bytes, struct reel_keyframe_copy **out);
const struct reel_keyframe *reel_keyframe_get(const struct reel_keyframe_copy *copy);
void reel_keyframe_free(struct reel_keyframe_copy *copy); // NULL is allowed

// The last keyframe of the reel with at most that many events and at least from; *out = NULL: there is none, or none
// that can be read (then it is as if it were not there). REEL_OK, or REEL_E_NO_MEMORY.
int reel_keyframe_read(struct reel_reader *reader, uint64_t from, uint64_t events, struct reel_keyframe_copy **out,
                       struct reel_error *error);

#endif
