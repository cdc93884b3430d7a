// SPDX-License-Identifier: MIT
// Looks through a whole tree, opened or not, in one pass.
#include "viewer/pages/stacks/call_search.h"

#include <string.h>

bool call_search_matches(const struct call_tree *tree, uint32_t node, const char *part)
{
    const char *function = tree->nodes[node].function;
    return part[0] != '\0' && function != NULL && strcasestr(function, part) != NULL;
}

bool call_search_concerns(const struct call_tree *tree, uint32_t node, const char *part)
{
    for (uint32_t above = node; above != 0; above = tree->nodes[above].parent)
        if (call_search_matches(tree, above, part))
            return true;
    uint32_t end = call_tree_after_all(tree, node);
    for (uint32_t below = call_tree_after(tree, node); below != end; below = call_tree_after(tree, below))
        if (call_search_matches(tree, below, part))
            return true;
    return false;
}

uint32_t call_search(const struct call_tree *tree, uint32_t node, const char *part,
                     enum call_search_direction direction)
{
    uint32_t before = 0; // the last that was met before the node
    uint32_t last = 0;
    uint32_t first = 0;
    uint32_t after = 0;
    bool is_past = false;
    for (uint32_t at = call_tree_after(tree, 0); at != 0; at = call_tree_after(tree, at))
    {
        bool is_here = at == node;
        before = is_here ? last : before;
        is_past = is_past || (is_here && direction == CALL_SEARCH_HERE);
        if (call_search_matches(tree, at, part))
        {
            first = first != 0 ? first : at;
            after = is_past && after == 0 ? at : after;
            last = at;
        }
        is_past = is_past || is_here;
    }
    if (direction == CALL_SEARCH_BACK)
        return before != 0 ? before : last;
    return after != 0 ? after : first;
}
