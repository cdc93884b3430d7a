// SPDX-License-Identifier: MIT
// Reads inlined calls and blocks into nodes. Without memory what is further in stays unnamed.
#include "tracer/scopes.h"

#include <dwarf.h>
#include <stdlib.h>

#define SCOPES_NONE SIZE_MAX

static bool add_range(struct scopes *scopes, struct scopes_range range)
{
    if (scopes->range_count == scopes->range_max)
    {
        size_t max = scopes->range_max == 0 ? 256 : 2 * scopes->range_max;
        struct scopes_range *ranges = reallocarray(scopes->ranges, max, sizeof *ranges);
        if (ranges == NULL)
            return false;
        scopes->ranges = ranges;
        scopes->range_max = max;
    }
    scopes->ranges[scopes->range_count++] = range;
    return true;
}

static bool add_node(struct scopes *scopes, const Dwarf_Die *die)
{
    if (scopes->node_count == scopes->node_max)
    {
        size_t max = scopes->node_max == 0 ? 256 : 2 * scopes->node_max;
        struct scopes_node *nodes = reallocarray(scopes->nodes, max, sizeof *nodes);
        if (nodes == NULL)
            return false;
        scopes->nodes = nodes;
        scopes->node_max = max;
    }
    scopes->nodes[scopes->node_count++] = (struct scopes_node){.die = *die, .range_first = scopes->range_count};
    return true;
}

static bool add_inside(struct scopes *scopes, Dwarf_Die *die)
{
    Dwarf_Addr base;
    struct scopes_range range;
    ptrdiff_t at = 0;
    if (!add_node(scopes, die))
        return false;
    while ((at = dwarf_ranges(die, at, &base, &range.begin, &range.end)) > 0)
        if (!add_range(scopes, range))
            return false;
    struct scopes_node *node = &scopes->nodes[scopes->node_count - 1];
    node->range_count = scopes->range_count - node->range_first;
    return true;
}

static void read_inside(struct scopes *scopes, size_t parent)
{
    Dwarf_Die die;
    scopes->nodes[parent].is_read = true;
    scopes->nodes[parent].inside_first = scopes->node_count;
    if (dwarf_child(&scopes->nodes[parent].die, &die) != 0)
        return;
    do
    {
        int tag = dwarf_tag(&die);
        if ((tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block) && !add_inside(scopes, &die))
            break;
    } while (dwarf_siblingof(&die, &die) == 0);
    scopes->nodes[parent].inside_count = scopes->node_count - scopes->nodes[parent].inside_first;
}

static bool holds(const struct scopes *scopes, const struct scopes_node *node, Dwarf_Addr address)
{
    for (size_t i = node->range_first; i < node->range_first + node->range_count; i++)
        if (address >= scopes->ranges[i].begin && address < scopes->ranges[i].end)
            return true;
    return false;
}

static size_t step_inside(struct scopes *scopes, size_t parent, Dwarf_Addr address)
{
    if (!scopes->nodes[parent].is_read)
        read_inside(scopes, parent);
    const struct scopes_node *node = &scopes->nodes[parent];
    for (size_t at = node->inside_first; at < node->inside_first + node->inside_count; at++)
        if (holds(scopes, &scopes->nodes[at], address))
            return at;
    return SCOPES_NONE;
}

size_t scopes_at(struct scopes *scopes, const Dwarf_Die *function, Dwarf_Addr address, Dwarf_Die *found,
                 size_t capacity)
{
    size_t count = 0;
    if (scopes->node_count == 0 || scopes->nodes[0].die.addr != function->addr)
    {
        scopes->node_count = scopes->range_count = 0;
        if (!add_node(scopes, function))
            return 0;
    }
    for (size_t at = 0; at != SCOPES_NONE && count < capacity; at = step_inside(scopes, at, address))
        if (at == 0 || dwarf_tag(&scopes->nodes[at].die) == DW_TAG_inlined_subroutine)
            found[count++] = scopes->nodes[at].die;
    return count;
}

void scopes_clean_up(struct scopes *scopes)
{
    free(scopes->nodes);
    free(scopes->ranges);
    *scopes = (struct scopes){0};
}
