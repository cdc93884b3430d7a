// SPDX-License-Identifier: MIT
// Between stacks and the nodes of a call tree: where a stack ends in it, and which stack a node stands for.
#ifndef HEAPREEL_VIEWER_CALL_STACKS_H
#define HEAPREEL_VIEWER_CALL_STACKS_H

#include "viewer/pages/stacks/call_tree.h"

// The node that a stack leads to, or the last on its way that the tree has. *node 0: none.
int call_stacks_node(const struct call_tree *tree, struct reel_reader *reader, uint32_t stack, bool is_inverted,
                     uint32_t *node, struct reel_error *error);
// The first of the rows whose stack leads through the node; *is_found false: none does.
int call_stacks_first(const struct call_tree *tree, struct reel_reader *reader, const struct reel_measured *rows,
                      size_t count, bool is_inverted, uint32_t node, uint32_t *stack, bool *is_found,
                      struct reel_error *error);

// A node stands for calls from several lines: it gets that of the first of the rows that lead through it, of so many.
#define CALL_STACKS_TOLD 64
int call_stacks_tell_lines(struct call_tree *tree, struct reel_reader *reader, const struct reel_measured *rows,
                           size_t count, bool is_inverted, struct reel_error *error);

#endif
