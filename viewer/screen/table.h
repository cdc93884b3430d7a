// SPDX-License-Identifier: MIT
// A list with columns: heading, rows, the selected one, scrolling, sorting. Shows what its page tells it; the page
// keeps the rows in order.
#ifndef HEAPREEL_VIEWER_TABLE_H
#define HEAPREEL_VIEWER_TABLE_H

#include "viewer/page.h"

struct table_column
{
    const char *title;
    int width; // columns of the terminal; 0: takes what is left (one of them), and -n the same, but needs n of them
    int importance; // where there is no room, the least important goes first; the first column never goes
    bool is_left;   // aligned; else right
};

#define TABLE_COLUMNS_MAX 16

// A page keeps one for each of its lists.
struct table
{
    size_t selected; // row
    size_t first;    // row at the top
    int sort_column;
    bool is_reversed;
    bool is_idle;   // another list has the keys: the selected row is not shown as such
    int rows_shown; // when last drawn
    int margin;     // columns at the left that say what is marked or grey, when last drawn
};

struct table_cells
{
    // Draws the cell of a row; area is the cell, one row high. is_selected: the row is drawn reversed afterwards.
    void (*draw)(void *context, struct canvas *canvas, struct area cell, size_t row, int column);
    // The row is highlighted (linked selection), or grey; NULL: never. A column at the left says it, too.
    bool (*is_marked)(void *context, size_t row);
    bool (*is_dim)(void *context, size_t row);
    void *context;
};

// The first row is the heading, where there are two. Rows keep their order and columns their place; the selected row is
// always in sight.
void table_draw(struct table *table, struct canvas *canvas, struct area area, const struct table_column *columns,
                int column_count, size_t row_count, const struct table_cells *cells);
// Movement and sorting: REACTION_TAKEN | REACTION_DRAW, or REACTION_NONE. Sorting changes sort_column and is_reversed
// alone.
unsigned table_take(struct table *table, enum action action, size_t row_count, int column_count);
// A click or the wheel in the area that was drawn last; *row is set for a click on a row, SIZE_MAX otherwise. A click
// on a heading sorts by it.
unsigned table_point(struct table *table, const struct page_mouse *mouse, struct area area,
                     const struct table_column *columns, int column_count, size_t row_count, size_t *row);

#endif
