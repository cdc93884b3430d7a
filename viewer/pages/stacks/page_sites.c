// SPDX-License-Identifier: MIT
// Sites: what is measured by stack as a list, with the other figures of the same blocks beside it. Orders and draws
// rows of the engine.
#include "viewer/page.h"

#include "viewer/pages/stacks/amounts.h"
#include "viewer/pages/stacks/site_rows.h"
#include "viewer/pages/stacks/stack_card.h"
#include "viewer/screen/table.h"

#include "text/format.h"

enum
{
    ROWS_FOR_TITLE = 3,
    ROWS_FOR_FIRST = 8,
};

struct sites
{
    struct site_rows rows;
    struct table table;
    struct area list; // where the table was drawn, in the page
    struct stack_card card;
    enum site_column shown[SITE_COLUMNS];
    int column_count;
    uint32_t followed; // the selected stack that was last gone to
    bool is_refused;   // the last question: the rows are of another
};

// ---- columns

static const struct table_column all_columns[SITE_COLUMNS] = {
    [SITE_BYTES] = {.title = "BYTES", .width = 10, .importance = 9},
    [SITE_SHARE] = {.title = "SHARE", .width = 7, .importance = 6},
    [SITE_BLOCKS] = {.title = "BLOCKS", .width = 10, .importance = 7},
    [SITE_AVERAGE] = {.title = "AVERAGE", .width = 9, .importance = 3},
    [SITE_LIVE] = {.title = "LIVE", .width = 9, .importance = 4},
    [SITE_PINNED] = {.title = "PINNED", .width = 9, .importance = 5},
    [SITE_ROUNDING] = {.title = "ROUNDING", .width = 9, .importance = 2},
    [SITE_FUNCTION] = {.title = "FUNCTION", .importance = 8, .is_left = true},
};

// A figure that the measure is of stands in the first column already; and there must be room for a name.
static bool is_shown(const struct state *state, enum site_column column, int width)
{
    static const int least_width[SITE_COLUMNS] = {[SITE_SHARE] = 46, [SITE_BLOCKS] = 58,  [SITE_PINNED] = 72,
                                                  [SITE_LIVE] = 82,  [SITE_AVERAGE] = 92, [SITE_ROUNDING] = 102};
    if (state->mode == MODE_MOMENT && ((column == SITE_LIVE && state->measure == REEL_MEASURE_LIVE) ||
                                       (column == SITE_PINNED && state->measure == REEL_MEASURE_PINNED) ||
                                       (column == SITE_ROUNDING && state->measure == REEL_MEASURE_ROUNDING)))
        return false;
    return width >= least_width[column];
}

// Keeps the column that is sorted by, where it is still shown.
static void choose_columns(struct sites *own, const struct state *state, int width,
                           struct table_column columns[SITE_COLUMNS])
{
    int sorted = own->table.sort_column;
    enum site_column by = own->column_count != 0 && sorted < own->column_count ? own->shown[sorted] : SITE_BYTES;
    own->column_count = 0;
    own->table.sort_column = 0;
    for (int column = 0; column < SITE_COLUMNS; column++)
    {
        if (!is_shown(state, (enum site_column)column, width))
            continue;
        if ((enum site_column)column == by)
            own->table.sort_column = own->column_count;
        columns[own->column_count] = all_columns[column];
        own->shown[own->column_count++] = (enum site_column)column;
    }
}

// ---- drawing

static void draw_bytes(struct canvas *canvas, struct area cell, enum role role, uint64_t bytes)
{
    char text[FORMAT_BYTES];
    canvas_text_right(canvas, cell, cell.width, 0, bytes == 0 ? ROLE_DIM : role, format_bytes(text, bytes));
}

static void draw_cell(void *context, struct canvas *canvas, struct area cell, size_t row, int column)
{
    const struct page_view *view = context;
    const struct sites *own = view->own;
    const struct site *site = &own->rows.sites[row];
    char text[AMOUNTS_SIGNED_BYTES];
    enum role role = view->state->mode == MODE_DIFFERENCE ? amounts_role(view->state, site->measured.bytes) : ROLE_TEXT;
    switch (own->shown[column])
    {
    case SITE_BYTES:
        amounts_bytes(text, view->state, site->measured.bytes);
        canvas_text_right(canvas, cell, cell.width, 0, role, text);
        return;
    case SITE_SHARE:
        format_share(text, amounts_greatness(site->measured.bytes), own->rows.whole);
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT, text);
        return;
    case SITE_BLOCKS:
        amounts_blocks(text, view->state, site->measured.blocks);
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT, text);
        return;
    case SITE_AVERAGE:
        draw_bytes(canvas, cell, ROLE_TEXT, site_average(site));
        return;
    case SITE_LIVE:
        draw_bytes(canvas, cell, ROLE_REQUESTED, site->live_bytes);
        return;
    case SITE_PINNED:
        draw_bytes(canvas, cell, ROLE_PINNED, site->pinned_bytes);
        return;
    case SITE_ROUNDING:
        draw_bytes(canvas, cell, ROLE_ROUNDING, site->rounding_bytes);
        return;
    case SITE_FUNCTION:
        page_draw_stack(view, canvas, cell, ROLE_TITLE, site->measured.stack);
        return;
    case SITE_COLUMNS:
        return;
    }
}

static bool is_linked(void *context, size_t row)
{
    const struct page_view *view = context;
    const struct sites *own = view->own;
    const struct selection *selection = &view->state->selection;
    return selection->has_stack && own->rows.sites[row].measured.stack == selection->stack;
}

static bool is_filtered_out(void *context, size_t row)
{
    const struct page_view *view = context;
    const struct sites *own = view->own;
    return !model_stack_has(view->model, own->rows.sites[row].measured.stack, view->state->filter.function);
}

// A stack that was selected in another page is gone to.
static void follow(struct sites *own, const struct selection *selection)
{
    if (!selection->has_stack || own->followed == selection->stack)
        return;
    own->followed = selection->stack;
    for (size_t i = 0; i < own->rows.count; i++)
        if (own->rows.sites[i].measured.stack == selection->stack)
            own->table.selected = i;
}

static struct area draw_titles(struct page_view *view, struct canvas *canvas, struct area area)
{
    struct sites *own = view->own;
    if (area.height < ROWS_FOR_TITLE)
        return area;
    amounts_draw_title(view, canvas, area_top(area, 1), &own->rows.total, &own->rows.of);
    area = area_below(area, 1);
    if (area.height < ROWS_FOR_FIRST || own->rows.count == 0)
        return area;
    amounts_draw_first(view, canvas, area_top(area, 1), &own->rows.greatest, own->rows.whole);
    return area_below(area, 1);
}

static void draw(struct page_view *view, struct canvas *canvas, struct area area)
{
    struct sites *own = view->own;
    struct table_column columns[SITE_COLUMNS];
    struct reel_error error = {0};
    const struct table_cells cells = {
        .draw = draw_cell, .is_marked = is_linked, .is_dim = is_filtered_out, .context = view};
    choose_columns(own, view->state, area.width, columns);
    const struct site_order order = {.column = own->shown[own->table.sort_column],
                                     .is_reversed = own->table.is_reversed};
    own->is_refused = site_rows_ask(&own->rows, view, &order, &own->table.selected, &error) != REEL_OK;
    if (own->is_refused)
    {
        page_draw_failure(canvas, area, &error);
        return;
    }
    follow(own, &view->state->selection);
    struct area rest = draw_titles(view, canvas, area);
    own->list = area_of(rest.x - area.x, rest.y - area.y, rest.width, rest.height);
    if (own->rows.count == 0)
        amounts_draw_nothing(view->state, canvas, rest);
    else
        table_draw(&own->table, canvas, rest, columns, own->column_count, own->rows.count, &cells);
    if (own->card.is_open)
        stack_card_draw(&own->card, view, canvas, area);
}

// ---- keys and mouse

static unsigned open_selected(struct page_view *view)
{
    struct sites *own = view->own;
    if (own->rows.count == 0 || own->is_refused)
        model_ask_again(view->model);
    else if (own->table.selected < own->rows.count)
        stack_card_open(&own->card, view, own->rows.sites[own->table.selected].measured.stack);
    return REACTION_TAKEN | REACTION_DRAW;
}

static bool has_function(struct page_view *view, size_t row)
{
    const struct sites *own = view->own;
    return model_stack_has(view->model, own->rows.sites[row].measured.stack, view->state->search);
}

static unsigned search(struct page_view *view, enum action action)
{
    struct sites *own = view->own;
    size_t row = page_search(view, action, own->table.selected, own->rows.count, has_function);
    if (row != SIZE_MAX)
        own->table.selected = row;
    else if (view->state->search[0] != '\0')
        view->said = "no function of these stacks has that in its name; M and V show other stacks";
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned take(struct page_view *view, enum action action)
{
    struct sites *own = view->own;
    unsigned taken = stack_card_take(&own->card, action);
    if (taken == REACTION_NONE)
        taken = amounts_take(view, action);
    if (taken != REACTION_NONE)
        return taken;
    if (action == ACTION_OPEN || action == ACTION_RIGHT)
        return open_selected(view);
    if (action == ACTION_SEARCH || action == ACTION_SEARCH_NEXT || action == ACTION_SEARCH_PREVIOUS)
        return search(view, action);
    return table_take(&own->table, action, own->rows.count, own->column_count);
}

static unsigned point(struct page_view *view, const struct page_mouse *mouse)
{
    struct sites *own = view->own;
    struct table_column columns[SITE_COLUMNS];
    struct page_mouse at = *mouse;
    size_t before = own->table.selected;
    size_t row;
    if (own->card.is_open)
        return stack_card_point(&own->card, mouse);
    at.x -= own->list.x;
    at.y -= own->list.y;
    choose_columns(own, view->state, own->list.width, columns);
    unsigned taken = table_point(&own->table, &at, own->list, columns, own->column_count, own->rows.count, &row);
    return row != SIZE_MAX && (row == before || mouse->is_double) ? open_selected(view) : taken;
}

static void fini(void *memory)
{
    struct sites *own = memory;
    site_rows_fini(&own->rows);
}

const struct page page_sites = {
    .own_bytes = sizeof(struct sites),
    .draw = draw,
    .take = take,
    .point = point,
    .fini = fini,
    .explanation =
        "Each call stack that allocates, as one row: the amount that is measured and its share, blocks and their "
        "average "
        "size, and what else its live blocks hold at this moment: requested, pinned, and rounding. > and < sort by "
        "another column, I reverses. Enter selects the stack, in all pages, and shows it whole. M is the next measure, "
        "d "
        "the difference from A to B, V what was allocated, freed or stayed between them.",
};
