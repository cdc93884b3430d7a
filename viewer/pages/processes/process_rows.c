// SPDX-License-Identifier: MIT
// Parents and children as a file tells them, which may be anything, and processes by their figures.
#include "viewer/pages/processes/process_rows.h"

#include <stdlib.h>
#include <string.h>

#define NO_ROW SIZE_MAX

static const struct reel_process_summary *process_at(const struct model *model, size_t index)
{
    return &model_summary(model)->processes[index];
}

uint64_t process_rows_live_bytes(const struct model *model, uint32_t process)
{
    struct reel_heap_state heap;
    struct reel_error error = {0};
    if (reel_replay_heap(model_replay(model), process, &heap, &error) != REEL_OK)
        return 0;
    return heap.requested_bytes + (process != 0 ? heap.inherited_requested_bytes : 0);
}

// In the summary they stand by number, and parents before their children: what a file says else is no parent.
static size_t find_parent(const struct reel_summary *summary, size_t index)
{
    uint32_t wanted = summary->processes[index].parent_process;
    size_t low = 0;
    size_t high = index;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (summary->processes[middle].process < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < index && wanted != 0 && summary->processes[low].process == wanted ? low : NO_ROW;
}

// Children in the order of their numbers.
static void link_rows(struct process_rows *rows, const struct reel_summary *summary)
{
    for (size_t i = 0; i < rows->count; i++)
        rows->rows[i] =
            (struct process_row){.parent = find_parent(summary, i), .first_child = NO_ROW, .next_sibling = NO_ROW};
    for (size_t i = rows->count; i-- > 0;)
    {
        size_t parent = rows->rows[i].parent;
        if (parent == NO_ROW)
            continue;
        rows->rows[i].next_sibling = rows->rows[parent].first_child;
        rows->rows[parent].first_child = i;
    }
    for (size_t i = 0; i < rows->count; i++)
        rows->rows[i].depth = rows->rows[i].parent != NO_ROW ? rows->rows[rows->rows[i].parent].depth + 1 : 0;
}

static size_t put_tree(struct process_rows *rows, size_t root, size_t at)
{
    for (size_t row = root; row != NO_ROW;)
    {
        rows->order[at++] = row;
        if (rows->rows[row].first_child != NO_ROW)
        {
            row = rows->rows[row].first_child;
            continue;
        }
        while (row != root && rows->rows[row].next_sibling == NO_ROW)
            row = rows->rows[row].parent;
        row = row != root ? rows->rows[row].next_sibling : NO_ROW;
    }
    return at;
}

static void put_in_tree_order(struct process_rows *rows)
{
    size_t at = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (rows->rows[i].parent == NO_ROW)
            at = put_tree(rows, i, at);
}

struct sorting
{
    const struct model *model;
    int column;
    bool is_reversed;
};

static uint64_t sort_key(const struct model *model, size_t index, int column)
{
    const struct reel_process_summary *process = process_at(model, index);
    switch (column)
    {
    case COLUMN_PID:
        return (uint64_t)(int64_t)process->pid;
    case COLUMN_LIVE:
        return process_rows_live_bytes(model, process->process);
    case COLUMN_PEAK:
        return process->figures.peak_live_bytes;
    case COLUMN_HOW:
        return (uint64_t)process->end;
    case COLUMN_LOST:
        return process->figures.lost_events;
    case COLUMN_BEGIN:
        return process->begin_ns;
    case COLUMN_END:
        return process->end != 0 ? process->end_ns : UINT64_MAX;
    case COLUMN_EVENTS:
        return process->figures.events;
    default:
        return index;
    }
}

// The greatest first, and equal ones by number.
static int compare(const void *left, const void *right, void *context)
{
    const struct sorting *sorting = context;
    size_t a = *(const size_t *)left;
    size_t b = *(const size_t *)right;
    int order = 0;
    if (sorting->column == COLUMN_COMMAND)
        order = strcmp(process_at(sorting->model, a)->command, process_at(sorting->model, b)->command);
    else
    {
        uint64_t of_a = sort_key(sorting->model, a, sorting->column);
        uint64_t of_b = sort_key(sorting->model, b, sorting->column);
        order = of_a > of_b ? -1 : of_a < of_b;
    }
    if (order != 0)
        return sorting->is_reversed ? -order : order;
    return a < b ? -1 : a > b;
}

static void turn_round(size_t *order, size_t count)
{
    for (size_t i = 0; i < count / 2; i++)
    {
        size_t kept = order[i];
        order[i] = order[count - 1 - i];
        order[count - 1 - i] = kept;
    }
}

static bool make_room(struct process_rows *rows, size_t count)
{
    if (count > rows->count)
    {
        struct process_row *moved = reallocarray(rows->rows, count, sizeof *moved);
        if (moved == NULL)
            return false;
        rows->rows = moved;
        size_t *order = reallocarray(rows->order, count, sizeof *order);
        if (order == NULL)
            return false;
        rows->order = order;
    }
    rows->count = count;
    return true;
}

bool process_rows_order(struct process_rows *rows, const struct model *model, int column, bool is_reversed)
{
    const struct reel_summary *summary = model_summary(model);
    struct sorting sorting = {model, column, is_reversed};
    if (!make_room(rows, summary->process_count))
        return false;
    link_rows(rows, summary);
    put_in_tree_order(rows);
    if (column != COLUMN_PROCESS && rows->count != 0)
        qsort_r(rows->order, rows->count, sizeof *rows->order, compare, &sorting);
    else if (is_reversed)
        turn_round(rows->order, rows->count);
    return true;
}

void process_rows_fini(struct process_rows *rows)
{
    free(rows->rows);
    free(rows->order);
}
