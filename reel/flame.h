// SPDX-License-Identifier: MIT
// Call trees: amounts of stacks, summed over their callers.
#ifndef HEAPREEL_REEL_FLAME_H
#define HEAPREEL_REEL_FLAME_H

#include "reel/measure.h"

// A function called from its parent; children of one parent with one function and module are one node. Recursion is
// not folded.
struct reel_flame_node
{
    uint32_t parent;      // index; the root is 0 and its own parent
    uint32_t first_child; // 0 = none; children follow each other by next, the greatest first
    uint32_t next;        // 0 = none
    uint32_t frame;       // one of the frames that it stands for; 0: the root, blocks without a stack (its function
                          // is "(no stack)"), or frames further out than the recording keeps ("...")
    uint32_t depth;
    int64_t self_bytes;  // of stacks that end here
    int64_t total_bytes; // self, and the totals of the children, those that were left out included
    int64_t total_blocks;
    const char *function; // as in reel_frame; NULL = unknown
    const char *file;
    const char *module;
    int line;       // of the call, in one of the frames
    uint32_t stack; // the only one of the rows that it is of; 0 = several, or blocks without one
};

struct reel_flame
{
    struct reel_flame_node *nodes; // [0] is the root; parents come before their children
    size_t count;
    size_t left_out; // children of these that are not here, whose amounts are in their parents' totals and nowhere else
};

enum reel_flame_direction
{
    REEL_FLAME_CALLERS_FIRST = 0, // from main inwards
    REEL_FLAME_CALLEES_FIRST = 1, // from the allocation outwards
};

// node_max: 0 = no limit; else at most that many nodes are kept, the root included: those under which the sum of the
// rows' bytes, each without its sign, is greatest. Children are in the order of their total bytes without sign. Strings
// live as long as the reader. A stack that the reel does not have is REEL_E_DAMAGED.
int reel_flame_make(struct reel_flame **out, struct reel_reader *reader, const struct reel_measured *rows, size_t count,
                    enum reel_flame_direction direction, size_t node_max, struct reel_error *error);
void reel_flame_destroy(struct reel_flame *flame); // NULL is allowed

#endif
