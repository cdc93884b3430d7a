// SPDX-License-Identifier: MIT
// Most frames that are new in a stack have been seen before under the same caller: a thread looks in a small table of
// its own, direct mapped, before it asks the tree that all threads share.
#include "record/walk_nodes.h"

#include "record/recorder_internal.h"

#include <string.h>

void walk_nodes_forget(struct walk_nodes *nodes)
{
    memset(nodes, 0, sizeof *nodes);
}

static inline uint32_t child_of(struct walk_nodes *nodes, uint32_t parent, uint64_t address, uint32_t depth)
{
    // Fibonacci hashing (Knuth, The Art of Computer Programming, 6.4).
    uint32_t at = ((uint32_t)address + parent * 0x85ebca6bu) * 0x9e3779b9u >> (32 - WALK_NODES_BITS);
    if (__builtin_expect(nodes->entries[at].address == address && nodes->entries[at].parent == parent, 1))
        return nodes->entries[at].node;
    uint32_t node = stack_tree_intern(parent, address, depth);
    if (node)
    {
        nodes->entries[at].address = address;
        nodes->entries[at].parent = parent;
        nodes->entries[at].node = node;
    }
    return node;
}

uint32_t walk_nodes_intern(struct walk_nodes *nodes, struct walk_stack *stack, struct walk_frame *known)
{
    uint32_t node = known != stack->frames + WIRE_DEPTH_LIMIT ? known->node : stack->root;
    for (struct walk_frame *frame = known; frame-- > stack->first && node;)
        node = frame->node = child_of(nodes, node, frame->return_address, walk_depth(stack, frame));
    if (__builtin_expect(!node, 0))
        stack->first = stack->frames + WIRE_DEPTH_LIMIT;
    return node;
}
