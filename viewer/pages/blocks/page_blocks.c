// SPDX-License-Identifier: MIT
// The live blocks as a list that is read as far as it is looked at, and the card of one of them.
#include "text/class_size.h"
#include "text/format.h"
#include "viewer/pages/blocks/block_card.h"
#include "viewer/pages/blocks/block_list.h"

#include <inttypes.h>
#include <stdio.h>

static const struct table_column columns[BLOCK_COLUMNS] = {
    [BLOCK_ADDRESS] = {"ADDRESS", 12, 10, false}, [BLOCK_SIZE] = {"SIZE", 9, 9, false},
    [BLOCK_ROUNDING] = {"ROUNDING", 9, 3, false}, [BLOCK_CLASS] = {"CLASS", 13, 5, false},
    [BLOCK_AGE] = {"AGE", 12, 7, false},          [BLOCK_STACK] = {"ALLOCATED BY", -28, 8, true},
    [BLOCK_PROCESS] = {"PROCESS", 8, 4, false},
};

#define WITH_TITLE 3 // rows
#define MANY 100000  // blocks that are not gone through for each frame

struct blocks
{
    struct table table;
    struct block_list list;
    struct block_card card;
    bool is_sought;  // the address below has been looked for
    bool is_missing; // and no live block holds it
    uint32_t sought_process;
    uint64_t sought_address;
    struct area list_area; // in the page's area
};

struct drawing
{
    struct page_view *view;
    const struct blocks *own;
};

static struct block_order order_of(const struct blocks *own)
{
    return (struct block_order){own->table.sort_column, own->table.is_reversed};
}

static int column_count(const struct page_view *view)
{
    size_t processes = 0;
    reel_replay_processes(model_replay(view->model), &processes);
    return view->state->process == 0 && processes > 1 ? BLOCK_COLUMNS : BLOCK_PROCESS;
}

// --- reading ---

// While the moment moves a list of many is of where it stood.
static bool is_stale_allowed(const struct blocks *own, const struct page_view *view)
{
    struct block_order order = order_of(own);
    return model_is_moving(view->model) && own->list.is_read && own->list.all_count > MANY &&
           own->list.order.column == order.column && own->list.order.is_reversed == order.is_reversed;
}

// The selected block stays selected, at the same height of the screen; where it is gone, the next one.
static int read_again(struct blocks *own, struct page_view *view, struct reel_error *error)
{
    bool has_rows = own->list.count != 0 && own->table.selected < own->list.count;
    bool is_at_begin = own->list.before_count == 0 && own->table.selected < (size_t)own->table.rows_shown;
    struct reel_live_block selected =
        has_rows ? own->list.rows[own->table.selected].block : (struct reel_live_block){0};
    bool has_first = has_rows && own->table.first < own->list.count;
    struct reel_live_block first = has_first ? own->list.rows[own->table.first].block : selected;
    bool is_same_order =
        own->list.order.column == order_of(own).column && own->list.order.is_reversed == order_of(own).is_reversed;
    bool is_kept = has_rows && is_same_order && !is_at_begin;
    int status = block_list_read(&own->list, view, order_of(own), is_kept ? &first : NULL, error);
    if (status != REEL_OK)
        return status;
    size_t row = has_rows ? block_list_row_of(&own->list, selected.process, selected.address) : 0;
    if (row < own->list.count && is_same_order)
        own->table.selected = row;
    else if (!is_same_order)
        own->table.selected = 0;
    if (is_kept || !is_same_order)
        own->table.first = 0;
    return REEL_OK;
}

static void select_block(struct blocks *own, struct page_view *view, const struct reel_live_block *block,
                         struct reel_error *error)
{
    long shift = 0;
    size_t row = block_list_row_of(&own->list, block->process, block->address);
    if (row == own->list.count || !block_list_is_current(&own->list, view, order_of(own)))
    {
        if (block_list_read(&own->list, view, order_of(own), block, error) != REEL_OK)
            return;
        row = block_list_row_of(&own->list, block->process, block->address);
        row = row < own->list.count ? row : 0;
        if (block_list_extend(&own->list, view, true, &shift, error) == REEL_OK)
            row += (size_t)shift;
        own->table.first = row > (size_t)own->table.rows_shown / 2 ? row - (size_t)own->table.rows_shown / 2 : 0;
    }
    own->table.selected = row;
}

static bool is_sought(const struct blocks *own, const struct selection *selection)
{
    return own->is_sought && own->sought_address == selection->address && own->sought_process == selection->process;
}

static void note_sought(struct blocks *own, const struct selection *selection)
{
    own->is_sought = true;
    own->sought_process = selection->process;
    own->sought_address = selection->address;
}

// What another page or the prompt has selected.
static void seek_selection(struct blocks *own, struct page_view *view, struct reel_error *error)
{
    const struct selection *selection = &view->state->selection;
    struct reel_live_block block = {.process = selection->process, .address = selection->address};
    if (!selection->has_address)
        own->is_sought = own->is_missing = false;
    if (!selection->has_address || is_sought(own, selection))
        return;
    note_sought(own, selection);
    own->card.is_placed = false;
    own->is_missing = !reel_replay_block_at(model_replay(view->model), selection->process, selection->address, &block);
    if (!own->is_missing || order_of(own).column == BLOCK_ADDRESS)
        select_block(own, view, &block, error);
}

// Where the end of what was read is in sight, more is.
static int read_on(struct blocks *own, struct page_view *view, struct reel_error *error)
{
    size_t shown = own->table.rows_shown > 0 ? (size_t)own->table.rows_shown : 1;
    long shift = 0;
    int status = REEL_OK;
    if (own->table.selected < shown && own->list.before_count != 0)
        status = block_list_extend(&own->list, view, true, &shift, error);
    else if (own->table.selected + shown >= own->list.count)
        status = block_list_extend(&own->list, view, false, &shift, error);
    own->table.selected += (size_t)shift;
    own->table.first += (size_t)shift;
    return status;
}

static int read_rows(struct blocks *own, struct page_view *view, struct reel_error *error)
{
    int status = REEL_OK;
    if (!block_list_is_current(&own->list, view, order_of(own)))
        status = read_again(own, view, error);
    return status == REEL_OK ? read_on(own, view, error) : status;
}

// --- drawing ---

static void draw_age(struct canvas *canvas, struct area cell, const struct drawing *drawing,
                     const struct block_row *row)
{
    char text[FORMAT_BYTES];
    uint64_t now_ns = reel_replay_t_ns(model_replay(drawing->view->model));
    bool is_known = row->is_dated && row->birth_ns <= now_ns;
    canvas_text_right(canvas, cell, cell.width, 0, is_known ? ROLE_TEXT : ROLE_DIM,
                      is_known ? format_duration(text, now_ns - row->birth_ns) : "?");
}

static void draw_cell(void *context, struct canvas *canvas, struct area cell, size_t index, int column)
{
    const struct drawing *drawing = context;
    const struct block_row *row = &drawing->own->list.rows[index];
    const struct reel_live_block *block = &row->block;
    struct model *model = drawing->view->model;
    struct reel_class_state class = reel_replay_class(model_replay(model), block->class_number);
    char text[CLASS_SIZE_BYTES > FORMAT_BYTES ? CLASS_SIZE_BYTES : FORMAT_BYTES] = "";
    enum role role = ROLE_TEXT;
    switch (column)
    {
    case BLOCK_ADDRESS:
        snprintf(text, sizeof text, "%" PRIx64, block->address);
        role = ROLE_LABEL;
        break;
    case BLOCK_SIZE:
        format_bytes(text, block->requested_bytes);
        break;
    case BLOCK_ROUNDING:
        role = ROLE_ROUNDING;
        format_bytes(text,
                     block->usable_bytes > block->requested_bytes ? block->usable_bytes - block->requested_bytes : 0);
        break;
    case BLOCK_CLASS:
        class_size(text, &class);
        break;
    case BLOCK_AGE:
        draw_age(canvas, cell, drawing, row);
        return;
    case BLOCK_STACK:
        page_draw_stack(drawing->view, canvas, cell, ROLE_TEXT, block->stack);
        return;
    default:
        snprintf(text, sizeof text, "%u%s", block->process, block->is_inherited ? " fork" : "");
        break;
    }
    canvas_text_right(canvas, cell, cell.width, 0, role, text);
}

static bool is_marked(void *context, size_t index)
{
    const struct drawing *drawing = context;
    const struct selection *selection = &drawing->view->state->selection;
    const struct reel_live_block *block = &drawing->own->list.rows[index].block;
    bool is_inside = selection->has_address && (selection->process == 0 || selection->process == block->process) &&
                     block->address < selection->address + (selection->bytes != 0 ? selection->bytes : 1) &&
                     selection->address < block->address + (block->usable_bytes != 0 ? block->usable_bytes : 1);
    return is_inside || (selection->has_stack && selection->stack == block->stack) ||
           (selection->has_class && selection->class_number == block->class_number);
}

static void draw_title(const struct blocks *own, const struct page_view *view, struct canvas *canvas, struct area area)
{
    char count[FORMAT_BYTES];
    char bytes[FORMAT_BYTES];
    char row[FORMAT_BYTES];
    bool is_filtered = !filter_is_empty(&view->state->filter);
    int x = canvas_text(canvas, area, 0, 0, ROLE_TITLE, format_count(count, own->list.all_count));
    x = canvas_print(canvas, area, x, 0, ROLE_TEXT, " live block%s%s, %s", own->list.all_count == 1 ? "" : "s",
                     !is_filtered               ? ""
                     : own->list.all_count == 1 ? " that passes the filter"
                                                : " that pass the filter",
                     format_bytes(bytes, own->list.all_bytes));
    if (own->is_missing)
        canvas_print(canvas, area, x, 0, ROLE_WARNING, "   0x%" PRIx64 " is in none at this moment; Enter: its history",
                     own->sought_address);
    else if (area.width >= 60 && own->list.moment == reel_replay_events(model_replay(view->model)))
    {
        char place[2 * FORMAT_BYTES];
        snprintf(place, sizeof place, "%s of %s", format_count(row, own->list.before_count + own->table.selected + 1),
                 count);
        canvas_text_right(canvas, area, area.width, 0, ROLE_DIM, place);
    }
}

static void draw_empty(const struct page_view *view, struct canvas *canvas, struct area area)
{
    const struct reel_error passed_over = {
        .status = REEL_E_ARGUMENT,
        .text = "no live block passes the filter at this moment: Esc lets it go, P goes to the peak"};
    if (filter_is_empty(&view->state->filter))
        page_draw_no_blocks(view, canvas, area);
    else
        page_draw_failure(canvas, area, &passed_over);
}

static void draw_list(struct blocks *own, struct page_view *view, struct canvas *canvas, struct area area)
{
    struct drawing drawing = {view, own};
    const struct table_cells cells = {.draw = draw_cell, .is_marked = is_marked, .context = &drawing};
    struct area list = area.height >= WITH_TITLE ? area_below(area, 1) : area;
    size_t shown = (size_t)(list.height > 1 ? list.height - 1 : list.height);
    // The list may be shorter than it was when a row was selected; the table finds that out as it is drawn.
    size_t last = own->list.count != 0 ? own->list.count - 1 : 0;
    size_t selected = own->table.selected < last ? own->table.selected : last;
    size_t first = selected > shown ? selected - shown : 0;
    // What will be in sight is around the selected row, wherever the table puts that.
    block_list_date(&own->list, view, first, 2 * shown + 1);
    table_draw(&own->table, canvas, list, columns, column_count(view), own->list.count, &cells);
    if (list.height < area.height)
        draw_title(own, view, canvas, area);
    own->list_area = area_of(0, area.height - list.height, list.width, list.height);
}

static void draw(struct page_view *view, struct canvas *canvas, struct area area)
{
    struct blocks *own = view->own;
    struct reel_error error = {0};
    int status = REEL_OK;
    canvas_clear(canvas, area);
    seek_selection(own, view, &error);
    if (own->card.is_open && view->state->selection.has_address)
    {
        block_card_draw(&own->card, view, canvas, area);
        return;
    }
    own->card.is_open = false;
    bool is_stale = !block_list_is_current(&own->list, view, order_of(own)) && is_stale_allowed(own, view);
    if (!is_stale)
        status = read_rows(own, view, &error);
    own->list_area = (struct area){0};
    if (status != REEL_OK)
    {
        error.status = (enum reel_status)status;
        page_draw_failure(canvas, area, &error);
    }
    else if (own->list.count == 0 && !own->is_missing)
        draw_empty(view, canvas, area);
    else
    {
        const struct model_of of = {.moment = own->list.moment, .is_stale = is_stale};
        draw_list(own, view, canvas, area);
        page_draw_stale(canvas, area, view->model, &of);
    }
}

// --- keys and mouse ---

static unsigned open_card(struct blocks *own, struct page_view *view)
{
    struct selection *selection = &view->state->selection;
    if (!own->is_missing && own->table.selected >= own->list.count)
        return REACTION_TAKEN;
    if (!own->is_missing)
    {
        const struct reel_live_block *block = &own->list.rows[own->table.selected].block;
        selection->has_address = selection->has_stack = true;
        selection->process = block->process;
        selection->address = block->address;
        selection->bytes = block->usable_bytes != 0 ? block->usable_bytes : 1;
        selection->stack = block->stack;
        note_sought(own, selection);
    }
    block_card_open(&own->card);
    return REACTION_TAKEN | REACTION_DRAW;
}

// To the first or the last of all; the table knows only those that were read.
static unsigned go_to_end(struct blocks *own, struct page_view *view, bool is_first)
{
    struct block_list *list = &own->list;
    struct block_list ends = {0};
    struct reel_error error = {0};
    struct block_order order = order_of(own);
    if (is_first && list->before_count != 0)
        block_list_fini(list);
    if (is_first || list->before_count + list->count >= list->all_count)
    {
        own->table.selected = is_first || list->count == 0 ? 0 : list->count - 1;
        return REACTION_TAKEN | REACTION_DRAW;
    }
    order.is_reversed = !order.is_reversed;
    if (block_list_read(&ends, view, order, NULL, &error) == REEL_OK && ends.count != 0)
        select_block(own, view, &ends.rows[0].block, &error);
    block_list_fini(&ends);
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned search(struct blocks *own, struct page_view *view, enum action action)
{
    bool is_up = action == ACTION_SEARCH_PREVIOUS;
    struct reel_error error = {0};
    struct reel_live_block found;
    if (view->state->search[0] == '\0' || own->table.selected >= own->list.count)
        return REACTION_NONE;
    struct reel_live_block from = own->list.rows[own->table.selected].block;
    if (action == ACTION_SEARCH && model_stack_has(view->model, from.stack, view->state->search))
        return REACTION_TAKEN | REACTION_DRAW;
    if (block_list_search(&own->list, view, &from, is_up, &found) ||
        block_list_search(&own->list, view, NULL, is_up, &found))
        select_block(own, view, &found, &error);
    else
        view->said = "no live block has that function in its stack";
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned take(struct page_view *view, enum action action)
{
    struct blocks *own = view->own;
    if (own->card.is_open)
        return block_card_take(&own->card, view, action);
    switch (action)
    {
    case ACTION_OPEN:
        return open_card(own, view);
    case ACTION_FIRST:
    case ACTION_LAST:
        own->is_missing = false;
        return go_to_end(own, view, action == ACTION_FIRST);
    case ACTION_SEARCH:
    case ACTION_SEARCH_NEXT:
    case ACTION_SEARCH_PREVIOUS:
        return search(own, view, action);
    default:
        break;
    }
    unsigned taken = table_take(&own->table, action, own->list.count, column_count(view));
    own->is_missing = own->is_missing && taken == REACTION_NONE;
    return taken;
}

static unsigned point(struct page_view *view, const struct page_mouse *mouse)
{
    struct blocks *own = view->own;
    struct page_mouse inside = *mouse;
    size_t row = SIZE_MAX;
    if (own->card.is_open)
        return block_card_point(&own->card, view, mouse);
    inside.y -= own->list_area.y;
    unsigned taken =
        table_point(&own->table, &inside, own->list_area, columns, column_count(view), own->list.count, &row);
    own->is_missing = own->is_missing && taken == REACTION_NONE;
    return row != SIZE_MAX && mouse->is_double ? open_card(own, view) : taken;
}

static void fini(void *context)
{
    struct blocks *own = context;
    block_list_fini(&own->list);
}

const struct page page_blocks = {
    .own_bytes = sizeof(struct blocks),
    .draw = draw,
    .take = take,
    .point = point,
    .fini = fini,
    .explanation =
        "The live blocks at this moment, by address or by the column that < and > choose; I turns the order round. The "
        "filter keeps some: class, size, a function in the stack that allocated them. :0x7f... goes to the block at an "
        "address. Enter opens a block: every block that ever held its address, when each was born and how long it "
        "lived, and who allocated and who freed it; grey ones come later than this moment. Enter there goes to that "
        "birth.",
};
