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

// Fibonacci hashing (Knuth, The Art of Computer Programming, 6.4).
static inline struct walk_node *entry_of(struct walk_nodes *nodes, uint32_t parent, uint64_t address)
{
    return &nodes->entries[((uint32_t)address ^ parent << 7) * 0x9e3779b9u >> (32 - WALK_NODES_BITS)];
}

static inline bool is_of(const struct walk_node *entry, uint32_t parent, uint64_t address)
{
    return entry->address == address && entry->parent == parent;
}

// From the frame inwards, with the tree's help. Out of the way of the common case.
__attribute__((noinline)) static uint32_t ask_tree(struct walk_nodes *nodes, struct walk_stack *stack, uint32_t parent,
                                                   struct walk_frame *frame)
{
    uint32_t node = parent;
    for (; frame >= stack->first && node; frame--)
    {
        struct walk_node *entry = entry_of(nodes, node, frame->return_address);
        if (!is_of(entry, node, frame->return_address))
        {
            uint32_t child = stack_tree_intern(node, frame->return_address, walk_depth(stack, frame));
            *entry = (struct walk_node){.address = child ? frame->return_address : 0, .parent = node, .node = child};
        }
        node = frame->node = entry->node;
    }
    if (!node)
        stack->first = stack->frames + WIRE_DEPTH_LIMIT;
    return node;
}

uint32_t walk_nodes_intern(struct walk_nodes *nodes, struct walk_stack *stack, struct walk_frame *known)
{
    struct walk_frame *first = stack->first;
    uint32_t node = known != stack->frames + WIRE_DEPTH_LIMIT ? known->node : stack->root;
    for (struct walk_frame *frame = known; frame-- > first;)
    {
        const struct walk_node *entry = entry_of(nodes, node, frame->return_address);
        if (__builtin_expect(!is_of(entry, node, frame->return_address), 0))
            return ask_tree(nodes, stack, node, frame);
        node = frame->node = entry->node;
    }
    return node;
}
