// SPDX-License-Identifier: MIT
// The grid of sizes and lifetimes as a screen has room for it: which of the answer's places share a row or a cell,
// where they stand, and what they are called.
#ifndef HEAPREEL_VIEWER_LIFETIME_GRID_H
#define HEAPREEL_VIEWER_LIFETIME_GRID_H

#include "text/format.h"
#include "viewer/screen/canvas.h"

#include "reel/history.h"

#define LIFETIME_ALIVE REEL_LIFETIME_TIMES // in place of a time: blocks that were alive
#define LIFETIME_LABEL_COLUMNS 9
#define LIFETIME_TOTAL_COLUMNS 12
#define LIFETIME_HINTS_ROWS 12 // from which on there is room for a row of hints below
#define LIFETIME_WORDS_BYTES 256

// Which part of the answer is drawn, and where.
struct lifetime_grid
{
    const struct reel_lifetimes *answer;
    bool is_by_bytes;
    int first_size; // with blocks; up to before last_size
    int last_size;
    int first_time;
    int last_time;
    int sizes_a_row; // of the answer's that share one
    int times_a_cell;
    int cell_columns;
    struct area cells; // in the page's area
    int freed_end;     // column before which totals end, 0: not shown
    int alive_end;
    uint64_t greatest; // of a cell
};

// For an area that has a sentence and the axis above the cells, and a sentence below them.
struct lifetime_grid lifetime_grid_place(const struct reel_lifetimes *answer, bool is_by_bytes, struct area area);
// The first size of the row that has it, and the first time of the cell.
int lifetime_grid_row_of(const struct lifetime_grid *grid, int size);
int lifetime_grid_cell_of(const struct lifetime_grid *grid, int time);

// Blocks, or bytes: of one place of the answer, of a cell, of a row.
uint64_t lifetime_grid_freed(const struct lifetime_grid *grid, int size, int time);
uint64_t lifetime_grid_cell(const struct lifetime_grid *grid, int size, int time);
uint64_t lifetime_grid_row(const struct lifetime_grid *grid, int size, bool is_alive);
uint64_t lifetime_grid_all(const struct lifetime_grid *grid, bool is_alive);

// The least that is counted in a place of the answer: 0, 1, 2, 4, 8, ...
uint64_t lifetime_grid_least_of(int place);
char *lifetime_grid_amount(char text[FORMAT_BYTES], const struct lifetime_grid *grid, uint64_t amount);
// A time on the axis: "8us". Powers of two are so close to those of ten that it may say so.
void lifetime_grid_time(char text[FORMAT_BYTES], int time);
// "12 blocks of 64 B to 127 B lived 1.02 us to 2.05 us: 33 % of the freed"
void lifetime_grid_words(char text[LIFETIME_WORDS_BYTES], const struct lifetime_grid *grid, int size, int time);

#endif
