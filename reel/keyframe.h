// SPDX-License-Identifier: MIT
// Keyframes: all live blocks of all processes at a moment, as the writer keeps them, in a blob that can be read without
// any other. Private to reel/; the format is told in docs/keyframe.md.
//
// The moment is the one right after event number events - 1: what began, ended or was forked when the reel had that
// many events comes after it. So it holds the processes with begin_event < events <= end_event, and the copies with
// fork_event < events whose child has not begun by then.
//
// The decoder takes its bytes for hostile: lengths are checked before memory is asked for, blocks of a heap have
// ascending addresses, births before the moment and classes that the heap has, and a checksum finds flipped bits. Other
// numbers (processes, stacks, classes of the allocator) can be any.
#ifndef HEAPREEL_REEL_KEYFRAME_H
#define HEAPREEL_REEL_KEYFRAME_H

#include "reel/blocks.h"
#include "reel/reader.h"
#include "reel/status.h"

#define REEL_KEYFRAME_VERSION 1
#define REEL_KEYFRAME_FORMAT_MIN 4 // of the reel: older ones have none

// Slots of one of the allocator's classes in a process; classes that never had one are left out.
struct reel_keyframe_class
{
    uint32_t class_id; // of the allocator, less than REEL_CLASSES_MAX
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
    const struct reel_keyframe_class *classes; // at most REEL_CLASSES_MAX
    size_t class_count;
    // To the encoder in any order, from the decoder by address. size_class is 1 + the class_id of one of the classes
    // above, or 0: none.
    const struct reel_block *blocks;
    size_t block_count; // at most UINT32_MAX, and as many as the moment has events
};

struct reel_keyframe
{
    uint64_t events; // the moment
    const struct reel_keyframe_heap *heaps;
    size_t heap_count;
};

// *data is the caller's, to be freed with free(). REEL_OK, or REEL_E_NO_MEMORY.
int reel_keyframe_encode(const struct reel_keyframe *keyframe, void **data, size_t *bytes);

// Decoded; its arrays belong to it.
struct reel_keyframe_copy;
// REEL_OK, REEL_E_DAMAGED, REEL_E_NEWER or REEL_E_NO_MEMORY.
int reel_keyframe_decode(const void *data, size_t bytes, struct reel_keyframe_copy **out);
const struct reel_keyframe *reel_keyframe_get(const struct reel_keyframe_copy *copy);
void reel_keyframe_free(struct reel_keyframe_copy *copy); // NULL is allowed

// The last keyframe of the reel with at most that many events and at least from; *out = NULL: there is none, or none
// that can be read (then it is as if it were not there). REEL_OK, or REEL_E_NO_MEMORY.
int reel_keyframe_read(struct reel_reader *reader, uint64_t from, uint64_t events, struct reel_keyframe_copy **out,
                       struct reel_error *error);

#endif
