// SPDX-License-Identifier: MIT
// Which nodes of a call tree are opened, and the rows that are then in sight. What is opened is remembered by the path
// of functions: it stays when the tree is another.
#ifndef HEAPREEL_VIEWER_CALL_ROWS_H
#define HEAPREEL_VIEWER_CALL_ROWS_H

#include "viewer/pages/stacks/call_tree.h"

struct call_row
{
    uint32_t node;
    int indent;   // forks above it
    bool is_only; // the one child of the row above
};

struct call_rows
{
    struct call_row *rows;
    size_t count;
    size_t row_max;
    uint64_t *opened; // paths, ascending
    size_t opened_count;
    size_t opened_max;
};

void call_rows_fini(struct call_rows *rows); // also of one that is all zero
void call_rows_close_all(struct call_rows *rows);
bool call_rows_is_open(const struct call_rows *rows, const struct call_tree *tree, uint32_t node);

// These change what is opened; call_rows_lay_out makes the rows anew. False: no memory, and nothing has changed.
bool call_rows_open(struct call_rows *rows, const struct call_tree *tree, uint32_t node);
void call_rows_close(struct call_rows *rows, const struct call_tree *tree, uint32_t node);
bool call_rows_open_all(struct call_rows *rows, const struct call_tree *tree, uint32_t node);
// Opens the node, and what is below it down to where it forks. *fork: where that is.
bool call_rows_open_fork(struct call_rows *rows, const struct call_tree *tree, uint32_t node, uint32_t *fork);
// Opens all that the node is under.
bool call_rows_reveal(struct call_rows *rows, const struct call_tree *tree, uint32_t node);

bool call_rows_lay_out(struct call_rows *rows, const struct call_tree *tree);
// The row of a node, or of the nearest one above it that is in sight; 0 where there is none.
size_t call_rows_find(const struct call_rows *rows, const struct call_tree *tree, uint32_t node);

#endif
