// SPDX-License-Identifier: MIT
// The calls inlined into one function, as a tree that is read as far as addresses lead into it. Addresses are asked for
// in their order, and neighbours are in the same function: what one has read the next finds.
#ifndef HEAPREEL_TRACER_SCOPES_H
#define HEAPREEL_TRACER_SCOPES_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>

struct scopes_range
{
    Dwarf_Addr begin;
    Dwarf_Addr end;
};

// An inlined call, a block, or at place 0 the function itself.
struct scopes_node
{
    Dwarf_Die die;
    size_t range_first, range_count;
    size_t inside_first, inside_count; // nodes right inside it, once they are read
    bool is_read;
};

struct scopes
{
    struct scopes_node *nodes;
    size_t node_count, node_max;
    struct scopes_range *ranges;
    size_t range_count, range_max;
};

// The inlined calls at an address of a function, outermost first, and before them the function. Returns how many.
size_t scopes_at(struct scopes *scopes, const Dwarf_Die *function, Dwarf_Addr address, Dwarf_Die *found,
                 size_t capacity);
void scopes_clean_up(struct scopes *scopes);

#endif
