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
#include "record/walk_nodes.h"
#include "wire/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    // Of each frame the return address, rbp and CFA, and the word after the last frame.
    WALK_WORDS_MAX = 3 * WIRE_DEPTH_LIMIT + 1,
    WALK_RULES_MAX = 512,
    WALK_PAGES_MAX = 128,
};

// A word of the stack that unwinding has read.
struct walk_word
{
    const uint64_t *slot;
    uint64_t content;
};

enum walk_word_kind
{
    WALK_FRAME = 0,          // the return address into a frame
    WALK_FRAME_WITH_RBP = 1, // the same; unwinding from that frame outwards uses its rbp
    WALK_NO_FRAME = 2,       // the CFA or rbp of the frame that comes next, or what stands after the last one
};

// What a word that is a return address says of its frame.
struct walk_frame
{
    uint64_t rbp;   // of WALK_FRAME_WITH_RBP
    uint32_t node;  // of the stack tree
    uint16_t depth; // frames from here outwards
    uint8_t kind;   // enum walk_word_kind
};

struct walk_rule
{
    uint64_t return_address; // that it leads on from
    uint64_t word;           // unwind_rule_word
};

// A frame of the walk under way.
struct walk_found
{
    const uint64_t *return_slot;
    uint64_t return_address;
    uint64_t rbp;
    uint64_t onwards; // unwind_rule_word of the rule to the caller
};

// A thread's kept stack, at the end of the arrays: the words that unwinding would read, in its order, and with the same
// index what is known of their frames. Those that tell where a return address and the rbp of its frame stand come
// before it. And the scratch space of a walk: the program's own stack may be small. It must not be moved.
struct walk_stack
{
    uint32_t generation; // of code, that all of this is true for; 0: nothing is kept
    uint32_t depth_max;
    struct walk_word *first; // from here to walk_end; two more stand outside of every stack
    struct walk_word words[WALK_WORDS_MAX + 2];
    struct walk_frame frames[WALK_WORDS_MAX + 2];
    struct walk_found found[WIRE_DEPTH_LIMIT + 2]; // innermost first
    struct walk_rule rules[WALK_RULES_MAX];        // a small copy of the process's table
    uintptr_t pages[WALK_PAGES_MAX];               // that can be read, by their numbers
    const uint32_t *is_silent;                     // atomic; not 0: a system call could be fatal
};

enum walk_result
{
    WALK_DONE = 0, // stack holds the frames
    WALK_HARD = 1, // some frame needs libunwind; the kept stack is empty now
    WALK_DEEP = 2, // more than depth_max frames; the kept stack is empty now
};

// Keeps nothing and knows no rule; the stack that comes stands under root and has at most depth_max frames. While
// *is_silent is not 0, walks make no system call, by which they otherwise make sure of pages that they have not read
// before.
void walk_begin(struct walk_stack *stack, uint32_t generation, uint32_t root, uint32_t depth_max,
                const uint32_t *is_silent);

// Walks outwards from a function that was called by the program and keeps its frame pointer: frame is its frame, where
// the program's rbp stands, and the return address after it. Gives nodes to the frames that are new. Where the tree is
// full the innermost frame has node 0; then the stack must be forgotten.
enum walk_result walk_outwards(struct walk_stack *stack, struct walk_nodes *nodes, const uint64_t *frame);

// What the outermost frame stands on: its node is the root.
static inline struct walk_word *walk_end(struct walk_stack *stack)
{
    return &stack->words[WALK_WORDS_MAX];
}

// By the distance of the arrays alone: a walk does this for each frame.
static inline struct walk_frame *walk_frame_of(const struct walk_word *word)
{
    const size_t distance = offsetof(struct walk_stack, frames) - offsetof(struct walk_stack, words);
    return (struct walk_frame *)((uintptr_t)word + distance);
}
_Static_assert(sizeof(struct walk_frame) == sizeof(struct walk_word), "one index is one distance");

// All is to begin anew if there is not even a root.
static inline void walk_forget(struct walk_stack *stack)
{
    stack->first = walk_end(stack);
    if (!walk_frame_of(stack->first)->node)
        stack->generation = 0;
}

// Frames from that one outwards.
static inline uint32_t walk_depth(const struct walk_word *from)
{
    return walk_frame_of(from)->depth;
}

// The first frame from that word outwards. There must be one.
static inline struct walk_word *walk_frame_from(struct walk_word *word)
{
    while (walk_frame_of(word)->kind == WALK_NO_FRAME)
        word++;
    return word;
}

#endif
