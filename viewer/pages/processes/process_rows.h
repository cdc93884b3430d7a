// SPDX-License-Identifier: MIT
// The order in which processes stand: as a tree of parents and children, or by a figure. Private to their page.
#ifndef HEAPREEL_VIEWER_PROCESS_ROWS_H
#define HEAPREEL_VIEWER_PROCESS_ROWS_H

#include "viewer/model/model.h"

enum process_column
{
    COLUMN_PROCESS,
    COLUMN_PID,
    COLUMN_LIVE,
    COLUMN_PEAK,
    COLUMN_HOW,
    COLUMN_LOST,
    COLUMN_BEGIN,
    COLUMN_END,
    COLUMN_EVENTS,
    COLUMN_COMMAND,
    COLUMN_COUNT,
};

// A process; those with a parent stand below it, one step further in.
struct process_row
{
    size_t parent;
    size_t first_child;
    size_t next_sibling;
    int depth;
};

// All zero is empty.
struct process_rows
{
    struct process_row *rows; // [index in the summary]
    size_t *order;            // indices, as they are shown
    size_t count;
};

// Puts the processes of the model's summary in order: by the column of the number, as a tree. False: no memory.
bool process_rows_order(struct process_rows *rows, const struct model *model, int column, bool is_reversed);
void process_rows_fini(struct process_rows *rows);

// Requested bytes of the process's live blocks at the moment, those that came with its fork included; 0: of all, where
// no block counts twice.
uint64_t process_rows_live_bytes(const struct model *model, uint32_t process);

#endif
