// SPDX-License-Identifier: MIT
// Nodes of the stack tree for the frames of a kept stack.
#ifndef HEAPREEL_RECORD_WALK_NODES_H
#define HEAPREEL_RECORD_WALK_NODES_H

#include "record/walk.h"

#include <stdint.h>

enum
{
    WALK_NODES_BITS = 10,
    WALK_NODES_MAX = 1 << WALK_NODES_BITS,
};

struct walk_node
{
    uint64_t address; // 0: free
    uint32_t parent;
    uint32_t node;
};

// A small copy of the stack tree's table. One for each thread.
struct walk_nodes
{
    struct walk_node entries[WALK_NODES_MAX];
};

// After the tree was begun anew.
void walk_nodes_forget(struct walk_nodes *nodes);

// Gives nodes to the frames before `known`, from there inwards. Returns the node of the innermost frame, that of
// the stack's root if there is none; 0: the tree is full, and then no stack is kept.
uint32_t walk_nodes_intern(struct walk_nodes *nodes, struct walk_stack *stack, struct walk_frame *known);

#endif
