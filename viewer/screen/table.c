// SPDX-License-Identifier: MIT
// Where the columns and rows of a list stand, and what keys and the mouse do to it. What a cell shows, its page knows.
#include "viewer/screen/table.h"

#define LEAST_REST 8 // columns of the terminal that a column without a width needs to be of use
#define WHEEL_ROWS 3
#define LEAST_WITH_MARGIN 20

struct span
{
    int x;
    int width; // 0: not shown
};

static int width_of(const struct table_column *column)
{
    return column->width > 0 ? column->width : column->width < 0 ? -column->width : LEAST_REST;
}

static int columns_needed(const struct table_column *columns, int count, const struct span *spans)
{
    int needed = -1; // no gap before the first
    for (int i = 0; i < count; i++)
        if (spans[i].width > 0)
            needed += width_of(&columns[i]) + 1;
    return needed;
}

// Of those that are shown, the last of the least important; 0: only the first is left.
static int least_important(const struct table_column *columns, int count, const struct span *spans)
{
    int found = 0;
    for (int i = 1; i < count; i++)
        if (spans[i].width > 0 && (found == 0 || columns[i].importance <= columns[found].importance))
            found = i;
    return found;
}

static void place_columns(const struct table_column *columns, int count, int margin, int width, struct span *spans)
{
    int x = margin;
    for (int i = 0; i < count; i++)
        spans[i].width = width_of(&columns[i]);
    for (int drop; columns_needed(columns, count, spans) > width - margin;)
    {
        if ((drop = least_important(columns, count, spans)) == 0)
            break;
        spans[drop].width = 0;
    }
    int rest = width - margin - columns_needed(columns, count, spans);
    for (int i = 0; i < count; i++)
    {
        spans[i].x = x;
        if (spans[i].width > 0 && columns[i].width <= 0 && rest > 0)
            spans[i].width += rest;
        if (i == 0 && spans[0].width > width - margin)
            spans[0].width = width - margin;
        x += spans[i].width > 0 ? spans[i].width + 1 : 0;
    }
}

static int heading_rows(struct area area)
{
    return area.height > 1;
}

static void keep_in_sight(struct table *table, size_t row_count, size_t rows_shown)
{
    if (table->selected >= row_count)
        table->selected = row_count > 0 ? row_count - 1 : 0;
    size_t last_first = row_count > rows_shown ? row_count - rows_shown : 0;
    if (table->first > last_first)
        table->first = last_first;
    if (table->first > table->selected)
        table->first = table->selected;
    if (rows_shown > 0 && table->selected - table->first >= rows_shown)
        table->first = table->selected - rows_shown + 1;
}

static void draw_heading(const struct table *table, struct canvas *canvas, struct area area,
                         const struct table_column *columns, int count, const struct span *spans)
{
    for (int i = 0; i < count; i++)
    {
        int width = spans[i].width;
        int length = canvas_columns(columns[i].title);
        bool is_sorted = i == table->sort_column && width > length;
        struct area cell = area_of(area.x + spans[i].x, area.y, width, 1);
        int begin = columns[i].is_left || length > width ? 0 : width - length - (is_sorted ? 1 : 0);
        if (width <= 0)
            continue;
        canvas_text(canvas, cell, begin, 0, ROLE_LABEL, columns[i].title);
        if (is_sorted)
            canvas_put(canvas, cell, begin + length, 0, table->is_reversed ? canvas->glyphs->up : canvas->glyphs->down,
                       ROLE_LABEL, ROLE_TEXT);
        canvas_style(canvas, cell, 0, 0, width, i == table->sort_column ? CELL_BOLD | CELL_UNDERLINE : CELL_UNDERLINE);
    }
}

static void make_grey(struct canvas *canvas, struct area line)
{
    for (int x = line.x; line.y < canvas->height && x < line.x + line.width && x < canvas->width; x++)
        canvas->cells[(size_t)line.y * (size_t)canvas->width + (size_t)x].role = ROLE_DIM;
}

static void draw_row(const struct table *table, struct canvas *canvas, struct area line, int count,
                     const struct span *spans, size_t row, const struct table_cells *cells)
{
    for (int i = 0; i < count; i++)
        if (spans[i].width > 0)
            cells->draw(cells->context, canvas, area_of(line.x + spans[i].x, line.y, spans[i].width, 1), row, i);
    if (cells->is_dim != NULL && cells->is_dim(cells->context, row))
    {
        make_grey(canvas, line);
        if (table->margin > 0)
            canvas_put(canvas, line, 0, 0, canvas->glyphs->fills[1], ROLE_DIM, ROLE_TEXT);
    }
    if (cells->is_marked != NULL && cells->is_marked(cells->context, row))
    {
        if (table->margin > 0)
            canvas_put(canvas, line, 0, 0, canvas->glyphs->play, ROLE_CURSOR, ROLE_TEXT);
        canvas_style(canvas, line, 0, 0, line.width, CELL_BOLD);
    }
    if (row == table->selected && !table->is_idle)
        canvas_style(canvas, line, 0, 0, line.width, CELL_REVERSE);
}

void table_draw(struct table *table, struct canvas *canvas, struct area area, const struct table_column *columns,
                int column_count, size_t row_count, const struct table_cells *cells)
{
    struct span spans[TABLE_COLUMNS_MAX] = {{0}};
    int heading = heading_rows(area);
    if (column_count > TABLE_COLUMNS_MAX)
        column_count = TABLE_COLUMNS_MAX;
    table->margin = (cells->is_marked != NULL || cells->is_dim != NULL) && area.width >= LEAST_WITH_MARGIN;
    table->rows_shown = area.height - heading;
    place_columns(columns, column_count, table->margin, area.width, spans);
    keep_in_sight(table, row_count, (size_t)table->rows_shown);
    canvas_clear(canvas, area);
    if (heading > 0)
        draw_heading(table, canvas, area, columns, column_count, spans);
    for (int y = 0; y < table->rows_shown && table->first + (size_t)y < row_count; y++)
        draw_row(table, canvas, area_of(area.x, area.y + heading + y, area.width, 1), column_count, spans,
                 table->first + (size_t)y, cells);
}

// Rows by which the action moves; false: it does not move.
static bool step_of(const struct table *table, enum action action, size_t *step, bool *is_up)
{
    *step = table->rows_shown > 1 ? (size_t)table->rows_shown - 1 : 1; // a row stays, for the eye
    *is_up = action == ACTION_UP || action == ACTION_PAGE_UP || action == ACTION_FIRST;
    switch (action)
    {
    case ACTION_UP:
    case ACTION_DOWN:
        *step = 1;
        return true;
    case ACTION_PAGE_UP:
    case ACTION_PAGE_DOWN:
        return true;
    case ACTION_FIRST:
    case ACTION_LAST:
        *step = SIZE_MAX;
        return true;
    default:
        return false;
    }
}

static void move(struct table *table, size_t row_count, size_t step, bool is_up)
{
    size_t last = row_count > 0 ? row_count - 1 : 0;
    if (is_up)
        table->selected -= step < table->selected ? step : table->selected;
    else
        table->selected = table->selected < last && step < last - table->selected ? table->selected + step : last;
}

static unsigned sort(struct table *table, enum action action, int column_count)
{
    if (column_count <= 0)
        return REACTION_NONE;
    if (action == ACTION_SORT_REVERSE)
        table->is_reversed = !table->is_reversed;
    else
    {
        int step = action == ACTION_SORT_NEXT ? 1 : column_count - 1;
        table->sort_column = (table->sort_column + step) % column_count;
        table->is_reversed = false;
    }
    return REACTION_TAKEN | REACTION_DRAW;
}

unsigned table_take(struct table *table, enum action action, size_t row_count, int column_count)
{
    size_t step = 0;
    bool is_up = false;
    if (action == ACTION_SORT_NEXT || action == ACTION_SORT_PREVIOUS || action == ACTION_SORT_REVERSE)
        return sort(table, action, column_count);
    if (!step_of(table, action, &step, &is_up))
        return REACTION_NONE;
    move(table, row_count, step, is_up);
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned sort_by_column_at(struct table *table, const struct table_column *columns, int count, int x, int width)
{
    struct span spans[TABLE_COLUMNS_MAX] = {{0}};
    place_columns(columns, count, table->margin, width, spans);
    for (int i = 0; i < count; i++)
    {
        if (x < spans[i].x || x >= spans[i].x + spans[i].width)
            continue;
        table->is_reversed = i == table->sort_column && !table->is_reversed;
        table->sort_column = i;
        return REACTION_TAKEN | REACTION_DRAW;
    }
    return REACTION_TAKEN;
}

unsigned table_point(struct table *table, const struct page_mouse *mouse, struct area area,
                     const struct table_column *columns, int column_count, size_t row_count, size_t *row)
{
    *row = SIZE_MAX;
    if (mouse->x < 0 || mouse->y < 0 || mouse->x >= area.width || mouse->y >= area.height)
        return REACTION_NONE;
    if (column_count > TABLE_COLUMNS_MAX)
        column_count = TABLE_COLUMNS_MAX;
    int y = mouse->y - heading_rows(area);
    if (mouse->wheel != 0)
        move(table, row_count, WHEEL_ROWS, mouse->wheel < 0);
    else if (y < 0)
        return sort_by_column_at(table, columns, column_count, mouse->x, area.width);
    else if (table->first + (size_t)y < row_count)
        *row = table->selected = table->first + (size_t)y;
    else
        return REACTION_TAKEN;
    return REACTION_TAKEN | REACTION_DRAW;
}
