// SPDX-License-Identifier: MIT
// Stacks: the call tree of what is measured, opened where the most is. This file draws it; what keys do to it stands
// beside.
#include "viewer/pages/stacks/page_stacks.h"

#include "viewer/pages/stacks/amounts.h"
#include "viewer/pages/stacks/call_draw.h"
#include "viewer/pages/stacks/call_search.h"
#include "viewer/pages/stacks/call_stacks.h"

#include "text/format.h"

#include <stdio.h>

#define HEADING_BYTES 128

enum
{
    ROWS_FOR_TITLE = 3, // of the page; with fewer there is the tree alone
    ROWS_FOR_FIRST = 8,
    WIDE = 110, // room for a longer bar
};

// ---- drawing

// Deep in a tree the names would have no room.
static void find_indent(struct stacks *own)
{
    size_t end = own->table.first + (size_t)(own->table.rows_shown > 0 ? own->table.rows_shown : 0);
    own->indent = own->rows.rows[own->table.first].indent;
    for (size_t i = own->table.first; i < end && i < own->rows.count; i++)
        own->indent = own->rows.rows[i].indent < own->indent ? own->rows.rows[i].indent : own->indent;
}

static void draw_cell(void *context, struct canvas *canvas, struct area cell, size_t index, int column)
{
    const struct page_view *view = context;
    struct stacks *own = view->own;
    const struct call_row *row = &own->rows.rows[index];
    const struct call_node *node = &own->tree.nodes[row->node];
    char text[AMOUNTS_SIGNED_BYTES];
    enum role role = amounts_role(view->state, node->total_bytes);
    bool is_difference = view->state->mode == MODE_DIFFERENCE;
    uint64_t bytes = amounts_greatness(node->total_bytes);
    if (index == own->table.first && column == 0)
        find_indent(own);
    switch ((enum stacks_column)own->shown[column])
    {
    case COLUMN_BYTES:
        amounts_bytes(text, view->state, node->total_bytes);
        canvas_text_right(canvas, cell, cell.width, 0, is_difference ? role : ROLE_TEXT, text);
        return;
    case COLUMN_SHARE:
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT, format_share(text, bytes, own->tree.top_bytes));
        return;
    case COLUMN_BAR:
        canvas_bar(canvas, cell, 0, 0, cell.width, bytes, own->tree.top_bytes, role);
        return;
    case COLUMN_BLOCKS:
        amounts_blocks(text, view->state, node->total_blocks);
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT, text);
        return;
    case COLUMN_FUNCTION:
        call_draw(&(struct call_drawing){&own->tree, &own->rows, own->indent, own->searched}, canvas, cell, row);
        return;
    case STACKS_COLUMNS:
        return;
    }
}

static bool is_linked(void *context, size_t index)
{
    const struct stacks *own = ((const struct page_view *)context)->own;
    return own->linked != 0 && own->rows.rows[index].node == own->linked;
}

static bool is_filtered_out(void *context, size_t index)
{
    const struct page_view *view = context;
    const struct stacks *own = view->own;
    const char *function = view->state->filter.function;
    return function[0] != '\0' && !call_search_concerns(&own->tree, own->rows.rows[index].node, function);
}

// A stack that was selected in another page is gone to.
static void follow(struct page_view *view, uint32_t node)
{
    struct stacks *own = view->own;
    if (own->followed == view->state->selection.stack)
        return;
    own->followed = view->state->selection.stack;
    own->is_touched = true;
    if (call_rows_reveal(&own->rows, &own->tree, node))
        stacks_lay_out(own, node);
}

// The node in sight that the selected stack leads to.
static void find_linked(struct page_view *view)
{
    struct stacks *own = view->own;
    struct reel_error error = {0};
    uint32_t node = 0;
    own->linked = 0;
    if (!view->state->selection.has_stack ||
        call_stacks_node(&own->tree, model_reader(view->model), view->state->selection.stack, view->state->is_inverted,
                         &node, &error) != REEL_OK ||
        node == 0)
        return;
    follow(view, node);
    size_t row = call_rows_find(&own->rows, &own->tree, node);
    own->linked = own->rows.count != 0 ? own->rows.rows[row].node : 0;
}

// Which way the tree goes, and what is not in it, stands over the functions.
static void print_heading(char text[HEADING_BYTES], const struct stacks *own)
{
    char hidden[48] = "";
    char left[48] = "";
    if (own->tree.start_count != 0)
        snprintf(hidden, sizeof hidden, ", %zu start frame%s hidden", own->tree.start_count,
                 own->tree.start_count == 1 ? "" : "s");
    if (own->tree.left_out != 0)
        snprintf(left, sizeof left, ", %zu small branch%s left out", own->tree.left_out,
                 own->tree.left_out == 1 ? "" : "es");
    snprintf(text, HEADING_BYTES, "%s%s%s", own->source.kind.is_inverted ? "CALLEE < callers" : "CALLER > callees",
             hidden, left);
}

// Those that there is room for beside a name; gives how many.
static int make_columns(struct stacks *own, struct table_column columns[STACKS_COLUMNS], const char *heading, int width)
{
    const struct table_column all[STACKS_COLUMNS] = {
        [COLUMN_BYTES] = {.title = "BYTES", .width = 10, .importance = 9},
        [COLUMN_SHARE] = {.title = "SHARE", .width = 6, .importance = 7},
        [COLUMN_BAR] = {.title = "", .width = width < WIDE ? 4 : 10, .importance = 5, .is_left = true},
        [COLUMN_BLOCKS] = {.title = "BLOCKS", .width = 9, .importance = 6},
        [COLUMN_FUNCTION] = {.title = heading, .importance = 8, .is_left = true},
    };
    static const int least_width[STACKS_COLUMNS] = {[COLUMN_SHARE] = 46, [COLUMN_BAR] = 64, [COLUMN_BLOCKS] = 60};
    int count = 0;
    for (int column = 0; column < STACKS_COLUMNS; column++)
        if (width >= least_width[column])
        {
            own->shown[count] = (uint8_t)column;
            columns[count++] = all[column];
        }
    return count;
}

// The row with all that its calls have in the tree: stacks that differ in lines alone are one path there.
static struct reel_measured whole_function(struct page_view *view, const struct reel_measured *row)
{
    struct stacks *own = view->own;
    struct reel_measured whole = *row;
    struct reel_error error = {0};
    uint32_t node = 0;
    if (call_stacks_node(&own->tree, model_reader(view->model), row->stack, view->state->is_inverted, &node, &error) ==
            REEL_OK &&
        node != 0)
        whole.bytes = own->tree.nodes[node].total_bytes;
    return whole;
}

static struct area draw_titles(struct page_view *view, struct canvas *canvas, struct area area)
{
    struct stacks *own = view->own;
    const struct reel_measured *rows = NULL;
    struct reel_measured total = {0};
    struct reel_error error = {0};
    struct model_of of;
    size_t count = 0;
    if (area.height < ROWS_FOR_TITLE ||
        model_measured(view->model, view->state, &rows, &count, &total, &of, &error) != REEL_OK)
        return area;
    amounts_draw_title(view, canvas, area_top(area, 1), &total, &own->of);
    area = area_below(area, 1);
    if (area.height < ROWS_FOR_FIRST || count == 0)
        return area;
    const struct reel_measured greatest = whole_function(view, &rows[0]);
    amounts_draw_first(view, canvas, area_top(area, 1), &greatest, own->tree.top_bytes);
    return area_below(area, 1);
}

static void draw(struct page_view *view, struct canvas *canvas, struct area area)
{
    struct stacks *own = view->own;
    struct reel_error error = {0};
    struct table_column columns[STACKS_COLUMNS];
    char heading[HEADING_BYTES];
    const struct table_cells cells = {
        .draw = draw_cell, .is_marked = is_linked, .is_dim = is_filtered_out, .context = view};
    // What was stopped gives the last answer to the same question, if there is one: the tree that is kept is of
    // another.
    own->is_refused = stacks_refresh(view, &error) != REEL_OK;
    if (own->is_refused)
    {
        page_draw_failure(canvas, area, &error);
        return;
    }
    struct area rest = draw_titles(view, canvas, area);
    own->list = area_of(rest.x - area.x, rest.y - area.y, rest.width, rest.height);
    find_linked(view);
    print_heading(heading, own);
    int column_count = make_columns(own, columns, heading, area.width);
    if (own->rows.count == 0)
        amounts_draw_nothing(view->state, canvas, rest);
    else
        table_draw(&own->table, canvas, rest, columns, column_count, own->rows.count, &cells);
    if (own->card.is_open)
        stack_card_draw(&own->card, view, canvas, area);
}

// ---- the rest

// A click selects, another one, or a double one, opens.
static unsigned point(struct page_view *view, const struct page_mouse *mouse)
{
    struct stacks *own = view->own;
    struct page_mouse at = *mouse;
    size_t before = own->table.selected;
    struct table_column columns[STACKS_COLUMNS];
    size_t row;
    int column_count = make_columns(own, columns, "", own->list.width);
    at.x -= own->list.x;
    at.y -= own->list.y;
    if (own->card.is_open)
        return stack_card_point(&own->card, mouse);
    unsigned taken = table_point(&own->table, &at, own->list, columns, column_count, own->rows.count, &row);
    own->table.sort_column = 0; // a tree has one order
    own->table.is_reversed = false;
    own->is_touched = own->is_touched || taken != REACTION_NONE;
    if (row != SIZE_MAX && (row == before || mouse->is_double))
        return page_stacks_open(view, own->rows.rows[row].node);
    return taken;
}

static void fini(void *memory)
{
    struct stacks *own = memory;
    call_tree_fini(&own->tree);
    call_rows_fini(&own->rows);
}

const struct page page_stacks = {
    .own_bytes = sizeof(struct stacks),
    .draw = draw,
    .take = stacks_take,
    .point = point,
    .fini = fini,
    .explanation =
        "The calls that lead to the blocks, as a tree: how much was asked for by a function and all that it called, "
        "its "
        "share and its blocks, and the file and line that it calls from. What has the most is opened at first. Enter "
        "opens and closes, and shows the whole stack where no further call is; E opens down to where calls fork, * all "
        "below. M is the next measure, d the difference from A to B with its signs, V what was allocated, freed or "
        "stayed between them; i turns the tree around. Frames of the C library's start and of Heapreel's own library "
        "are "
        "left out. An only child stands under its caller without indent.",
};
