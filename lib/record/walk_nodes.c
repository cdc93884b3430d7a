// SPDX-License-Identifier: MIT
// What a thread's own table of nodes does not have.
#include "record/walk_nodes.h"

#include "record/recorder_internal.h"

#include <string.h>

void walk_nodes_forget(struct walk_nodes *nodes)
{
    memset(nodes, 0, sizeof *nodes);
}

__attribute__((noinline)) uint32_t walk_nodes_ask_tree(struct walk_node *entry, uint32_t parent, uint64_t address,
                                                       uint32_t depth)
{
    uint32_t child = parent ? stack_tree_intern(parent, address, depth) : 0;
    if (child)
        *entry = (struct walk_node){.address = address, .parent = parent, .node = child};
    return child;
}
