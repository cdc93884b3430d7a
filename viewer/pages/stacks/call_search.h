// SPDX-License-Identifier: MIT
// Functions of a call tree by a part of their names, whatever the case.
#ifndef HEAPREEL_VIEWER_CALL_SEARCH_H
#define HEAPREEL_VIEWER_CALL_SEARCH_H

#include "viewer/pages/stacks/call_tree.h"

enum call_search_direction
{
    CALL_SEARCH_HERE, // this node, or the next
    CALL_SEARCH_ON,
    CALL_SEARCH_BACK,
};

bool call_search_matches(const struct call_tree *tree, uint32_t node, const char *part); // never for ""
// Whether a stack with such a function leads through the node: it, one above, or one below.
bool call_search_concerns(const struct call_tree *tree, uint32_t node, const char *part);
// The nearest node in that direction, in the order of the tree and round its end; 0: there is none.
uint32_t call_search(const struct call_tree *tree, uint32_t node, const char *part,
                     enum call_search_direction direction);

#endif
