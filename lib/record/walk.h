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

enum
{
    // Of each frame the return address, rbp and CFA, and the word after the last frame.
    WALK_WORDS_MAX = 3 * WIRE_DEPTH_LIMIT + 1,
    WALK_RULES_BITS = 9,
    WALK_RULES_MAX = 1 << WALK_RULES_BITS,
    WALK_PAGES_MAX = 128,
};

// A word of the stack that unwinding has read.
struct walk_word
{
    const uint64_t *slot;
    uint64_t content;
};

struct walk_frame
{
    const uint64_t *return_slot; // where the return address into this frame stands
    uint64_t return_address;
    uint64_t rbp;
    struct walk_word *outer_words; // from here on: the words that led to the frames further out
    uint32_t node;                 // of the stack tree
    bool needs_rbp;                // unwinding from this frame outwards uses its rbp
};

struct walk_rule
{
    uint64_t return_address; // that it leads on from; 0: free
    uint64_t word;           // unwind_rule_word
};

// A frame of the walk under way.
struct walk_found
{
    const uint64_t *return_slot;
    uint64_t return_address;
    uint64_t rbp;
    const uint64_t *rbp_slot; // where its rbp was saved; NULL: it is that of the next inner frame
    const uint64_t *cfa_slot; // where the next inner frame keeps the place of this one; NULL: nowhere
    uint64_t onwards;         // unwind_rule_word of the rule to the caller
};

// A thread's kept stack, innermost frame first, at the end of the arrays; and the scratch space of a walk: the
// program's own stack may be small. It must not be moved.
struct walk_stack
{
    uint32_t root;                                  // node that the stack stands under; 0: none yet
    uint32_t generation;                            // of code, that all of this is true for
    struct walk_frame *first;                       // the kept frames are from here to frames + WIRE_DEPTH_LIMIT
    struct walk_frame frames[WIRE_DEPTH_LIMIT + 1]; // the last one stands outside of every stack
    struct walk_word words[WALK_WORDS_MAX + 1];     // the last one never holds what it says
    struct walk_found found[WIRE_DEPTH_LIMIT];      // innermost first
    struct walk_rule rules[WALK_RULES_MAX];         // a small copy of the process's table
    uintptr_t pages[WALK_PAGES_MAX];                // that can be read, by their numbers
    const uint32_t *is_silent;                      // atomic; not 0: a system call could be fatal
};

enum walk_result
{
    WALK_DONE = 0, // stack holds the frames
    WALK_HARD = 1, // some frame needs libunwind; the kept stack is empty now
    WALK_DEEP = 2, // more than depth_max frames; the kept stack is empty now
};

// Keeps nothing and knows no rule; the stack that comes stands under root. While *is_silent is not 0, walks make no
// system call, by which they otherwise make sure of pages that they have not read before.
void walk_begin(struct walk_stack *stack, uint32_t generation, uint32_t root, const uint32_t *is_silent);

// Walks outwards from a function that was called by the program and keeps its frame pointer: frame is its frame, where
// the program's rbp stands, and the return address after it. known: the first frame whose node is there already, as it
// is for all further out. depth_max is the same in all walks of a stack.
enum walk_result walk_outwards(struct walk_stack *stack, const uint64_t *frame, uint32_t depth_max,
                               struct walk_frame **known);

// Frames from that one outwards.
static inline uint32_t walk_depth(const struct walk_stack *stack, const struct walk_frame *from)
{
    return (uint32_t)(stack->frames + WIRE_DEPTH_LIMIT - from);
}

#endif
