// SPDX-License-Identifier: MIT
// The call tree as people read it: frames of Heapreel's own library and of the C library's start are left out as if
// they were not there, and what was under them is put together; so are frames without names that call each other.
#ifndef HEAPREEL_VIEWER_CALL_TREE_H
#define HEAPREEL_VIEWER_CALL_TREE_H

#include "reel/flame.h"

#include <stdbool.h>

struct call_node
{
    uint32_t parent; // index; the root is 0 and its own parent
    uint32_t first_child;
    uint32_t next;
    uint32_t child_count;
    uint64_t path; // of the functions from the root on: the same in every tree of one direction
    int64_t total_bytes;
    int64_t total_blocks;
    const char *function; // as in reel_flame_node, they live as long as the reader
    const char *file;
    const char *module;
    int line;
    bool is_told; // file and line are of the greatest stack
};

#define CALL_PATH_ROOT UINT64_C(14695981039346656037)
#define CALL_TREE_START_NAMES 16

struct call_tree
{
    struct call_node *nodes; // [0] is the root; parents come before their children
    size_t count;
    size_t left_out;    // small branches that the answer has not
    size_t start_count; // functions of the C library's start that are not shown
    const char *start_names[CALL_TREE_START_NAMES];
    uint64_t top_bytes; // sum over the root's children without signs: what shares are of
};

// False: no memory, *tree is empty then. To be freed with call_tree_fini().
bool call_tree_make(struct call_tree *tree, const struct reel_flame *flame);
void call_tree_fini(struct call_tree *tree); // also of one that is all zero

// The node of a path; 0: there is none.
uint32_t call_tree_find(const struct call_tree *tree, uint64_t path);
// A frame's place below a path.
uint64_t call_path(uint64_t path, const char *function, const char *module);
bool call_is_hidden(const char *function, const char *module);
// Whether a frame without a name is called by another such frame of its module: they are one node.
bool call_is_same_unnamed(const char *caller, const char *caller_module, const char *function, const char *module);
// The node after this one as they are shown when all are opened; 0: it was the last. After the root comes the first.
uint32_t call_tree_after(const struct call_tree *tree, uint32_t node);
// The one after all that is below the node; 0: nothing.
uint32_t call_tree_after_all(const struct call_tree *tree, uint32_t node);

#endif
