// SPDX-License-Identifier: MIT
// The incremental walk: a thread's call stack, found by going outwards only as far as it has changed since the last
// walk.
//
// Each thread keeps the stack of its last walk, frame by frame: where the return address stood, what it was, and where
// the caller's rbp was saved and what that was. A new walk goes from the innermost frame outwards by the rules. When it
// reaches a frame that stands at the same place with the same return address as one of the kept stack, and every word
// that unwinding from there on would read still holds what it held, then the frames from there on are the kept ones:
// unwinding is a function of the rules and of those words alone (docs/decisions tells this at length).
#ifndef HEAPREEL_RECORD_WALK_H
#define HEAPREEL_RECORD_WALK_H

#include "record/unwind_rule.h"
#include "wire/session.h"

#include <stdbool.h>
#include <stdint.h>

struct walk_frame
{
    const uint64_t *return_slot; // where the return address into this frame stands
    uint64_t return_address;
    const uint64_t *rbp_slot; // where its rbp was saved by the frame further in
    uint64_t rbp;
    uint32_t node;     // of the stack tree
    uint32_t word_end; // the words that led to this frame and those further out are words[0 .. word_end)
    bool needs_rbp;    // unwinding from this frame outwards uses its rbp
};

// A word of the stack that unwinding has read.
struct walk_word
{
    const uint64_t *slot;
    uint64_t content;
};

// A thread's kept stack, outermost frame first, and the scratch space of a walk: the program's own stack may be small.
struct walk_stack
{
    uint32_t root;  // node that the stack stands under
    uint32_t count; // 0: nothing is kept
    struct walk_frame frames[WIRE_DEPTH_LIMIT];
    struct walk_word
        words[2 * WIRE_DEPTH_LIMIT]; // of the frames, in their order: return address, and rbp where it matters
    // Frames of the walk under way, innermost first, and the rules that led to them.
    uint32_t found_count;
    struct walk_frame found[WIRE_DEPTH_LIMIT];
    struct unwind_rule led_by[WIRE_DEPTH_LIMIT];
};

enum walk_result
{
    WALK_DONE = 0, // stack holds the frames; nodes of the first `known` ones are already there
    WALK_HARD = 1, // some frame needs libunwind; the kept stack is empty now
    WALK_DEEP = 2, // more than depth_max frames; the kept stack is empty now
};

// Walks outwards from a function that was called by the program and keeps its frame pointer: frame is its frame, where
// the program's rbp stands, and the return address after it. known: of how many frames, from the outermost inwards, the
// nodes are there already.
enum walk_result walk_outwards(struct walk_stack *stack, const uint64_t *frame, uint32_t generation, uint32_t depth_max,
                               uint32_t *known);

#endif
