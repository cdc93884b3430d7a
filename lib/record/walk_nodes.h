// SPDX-License-Identifier: MIT
// Nodes of the stack tree for frames. Most frames that are new in a stack have been seen before under the same caller:
// a thread looks in a small table of its own, direct mapped, before it asks the tree that all threads share.
#ifndef HEAPREEL_RECORD_WALK_NODES_H
#define HEAPREEL_RECORD_WALK_NODES_H

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

// The child's node from the tree, which then stands in the entry. 0: the tree is full, or parent is 0.
uint32_t walk_nodes_ask_tree(struct walk_node *entry, uint32_t parent, uint64_t address, uint32_t depth);

// The node of the frame with that return address, called from the frame of the parent node. 0: the tree is full, or
// parent is 0.
static inline uint32_t walk_nodes_child(struct walk_nodes *nodes, uint32_t parent, uint64_t address, uint32_t depth)
{
    // Fibonacci hashing (Knuth, The Art of Computer Programming, 6.4).
    struct walk_node *entry =
        &nodes->entries[((uint32_t)address ^ parent << 7) * 0x9e3779b9u >> (32 - WALK_NODES_BITS)];
    if (__builtin_expect(entry->address == address && entry->parent == parent, 1))
        return entry->node;
    return walk_nodes_ask_tree(entry, parent, address, depth);
}

#endif
