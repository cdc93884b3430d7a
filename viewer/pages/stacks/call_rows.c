// SPDX-License-Identifier: MIT
// Opened paths as an ordered array, and the walk that lays out the rows. Knows no screen.
#include "viewer/pages/stacks/call_rows.h"

#include <stdlib.h>
#include <string.h>

void call_rows_fini(struct call_rows *rows)
{
    free(rows->rows);
    free(rows->opened);
    *rows = (struct call_rows){0};
}

void call_rows_close_all(struct call_rows *rows)
{
    rows->opened_count = 0;
}

// Where a path stands, or would.
static size_t place_of(const struct call_rows *rows, uint64_t path)
{
    size_t low = 0;
    size_t high = rows->opened_count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (rows->opened[middle] < path)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has(const struct call_rows *rows, size_t place, uint64_t path)
{
    return place < rows->opened_count && rows->opened[place] == path;
}

bool call_rows_is_open(const struct call_rows *rows, const struct call_tree *tree, uint32_t node)
{
    uint64_t path = tree->nodes[node].path;
    return node == 0 || has(rows, place_of(rows, path), path);
}

bool call_rows_open(struct call_rows *rows, const struct call_tree *tree, uint32_t node)
{
    uint64_t path = tree->nodes[node].path;
    size_t place = place_of(rows, path);
    if (node == 0 || tree->nodes[node].first_child == 0 || has(rows, place, path))
        return true;
    if (rows->opened_count == rows->opened_max)
    {
        size_t bigger = rows->opened_max * 2 + 64;
        uint64_t *moved = reallocarray(rows->opened, bigger, sizeof *moved);
        if (moved == NULL)
            return false;
        rows->opened = moved;
        rows->opened_max = bigger;
    }
    memmove(&rows->opened[place + 1], &rows->opened[place], (rows->opened_count - place) * sizeof *rows->opened);
    rows->opened[place] = path;
    rows->opened_count++;
    return true;
}

void call_rows_close(struct call_rows *rows, const struct call_tree *tree, uint32_t node)
{
    uint64_t path = tree->nodes[node].path;
    size_t place = place_of(rows, path);
    if (!has(rows, place, path))
        return;
    rows->opened_count--;
    memmove(&rows->opened[place], &rows->opened[place + 1], (rows->opened_count - place) * sizeof *rows->opened);
}

bool call_rows_open_all(struct call_rows *rows, const struct call_tree *tree, uint32_t node)
{
    uint32_t end = call_tree_after_all(tree, node);
    bool is_done;
    do
    {
        is_done = call_rows_open(rows, tree, node);
        node = call_tree_after(tree, node);
    } while (is_done && node != end);
    return is_done;
}

bool call_rows_open_fork(struct call_rows *rows, const struct call_tree *tree, uint32_t node, uint32_t *fork)
{
    bool is_done = call_rows_open(rows, tree, node);
    while (is_done && tree->nodes[node].child_count == 1)
    {
        node = tree->nodes[node].first_child;
        is_done = call_rows_open(rows, tree, node);
    }
    *fork = node;
    return is_done;
}

bool call_rows_reveal(struct call_rows *rows, const struct call_tree *tree, uint32_t node)
{
    bool is_done = true;
    for (node = tree->nodes[node].parent; is_done && node != 0; node = tree->nodes[node].parent)
        is_done = call_rows_open(rows, tree, node);
    return is_done;
}

// ---- rows

static bool add_row(struct call_rows *rows, const struct call_row *row)
{
    if (rows->count == rows->row_max)
    {
        size_t bigger = rows->row_max * 2 + 256;
        struct call_row *moved = reallocarray(rows->rows, bigger, sizeof *moved);
        if (moved == NULL)
            return false;
        rows->rows = moved;
        rows->row_max = bigger;
    }
    rows->rows[rows->count++] = *row;
    return true;
}

// Of an only child the indent is its parent's: deep chains of calls stay in sight.
static int indent_below(const struct call_tree *tree, uint32_t parent, int indent)
{
    return indent + (parent != 0 && tree->nodes[parent].child_count > 1);
}

bool call_rows_lay_out(struct call_rows *rows, const struct call_tree *tree)
{
    rows->count = 0;
    int indent = 0;
    uint32_t node = tree->count != 0 ? tree->nodes[0].first_child : 0;
    while (node != 0)
    {
        const struct call_node *at = &tree->nodes[node];
        const struct call_row row = {
            .node = node, .indent = indent, .is_only = at->parent != 0 && tree->nodes[at->parent].child_count == 1};
        if (!add_row(rows, &row))
            return false;
        if (at->first_child != 0 && call_rows_is_open(rows, tree, node))
        {
            indent = indent_below(tree, node, indent);
            node = at->first_child;
            continue;
        }
        while (node != 0 && tree->nodes[node].next == 0)
        {
            node = tree->nodes[node].parent;
            indent -= indent_below(tree, node, 0);
        }
        node = tree->nodes[node].next;
    }
    return true;
}

size_t call_rows_find(const struct call_rows *rows, const struct call_tree *tree, uint32_t node)
{
    for (; node != 0; node = tree->nodes[node].parent)
        for (size_t i = 0; i < rows->count; i++)
            if (rows->rows[i].node == node)
                return i;
    return 0;
}
