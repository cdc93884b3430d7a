// SPDX-License-Identifier: MIT
// Orders and draws size classes.
#include "viewer/pages/classes/class_list.h"

#include "text/class_size.h"
#include "text/format.h"
#include "viewer/screen/stacked_bar.h"

#include <string.h>

enum column
{
    COLUMN_CLASS,
    COLUMN_PINNED,
    COLUMN_SHARE,
    COLUMN_ROUNDING,
    COLUMN_REQUESTED,
    COLUMN_BLOCKS,
    COLUMN_PARTS,
    COLUMN_CARVED,
    COLUMN_PEAK,
    COLUMN_USE,
    COLUMN_COUNT,
};
#define COLUMNS_TOLD 3 // the last ones, of slots

static const struct table_column columns[COLUMN_COUNT] = {
    [COLUMN_CLASS] = {.title = "CLASS", .width = 13, .importance = 10},
    [COLUMN_PINNED] = {.title = "PINNED", .width = 9, .importance = 9},
    [COLUMN_SHARE] = {.title = "WASTE", .width = 7, .importance = 6},
    [COLUMN_ROUNDING] = {.title = "ROUNDING", .width = 9, .importance = 5},
    [COLUMN_REQUESTED] = {.title = "REQUESTED", .width = 9, .importance = 8},
    [COLUMN_BLOCKS] = {.title = "BLOCKS", .width = 11, .importance = 7},
    [COLUMN_PARTS] = {.title = "", .importance = 4, .is_left = true},
    [COLUMN_CARVED] = {.title = "CARVED", .width = 10, .importance = 2},
    [COLUMN_PEAK] = {.title = "PEAK", .width = 10, .importance = 1},
    [COLUMN_USE] = {.title = "IN USE", .width = 7, .importance = 3},
};

static const struct stacked_part parts[] = {
    {"requested", 0, ROLE_REQUESTED}, {"rounding", 1, ROLE_ROUNDING}, {"pinned", 2, ROLE_PINNED}};
#define PART_COUNT 3

static int column_count(const struct class_list *list)
{
    return list->is_told ? COLUMN_COUNT : COLUMN_COUNT - COLUMNS_TOLD;
}

static uint64_t rounding_of(const struct class_row *row)
{
    return row->state.usable_bytes > row->state.requested_bytes ? row->state.usable_bytes - row->state.requested_bytes
                                                                : 0;
}

static uint64_t waste_of(const struct class_row *row)
{
    return row->pinned_bytes + rounding_of(row);
}

static bool has_slots(const struct class_row *row)
{
    return row->state.class_id != UINT32_MAX;
}

// --- reading and order ---

static uint64_t key_of(const struct class_row *row, int column)
{
    switch (column)
    {
    case COLUMN_PINNED:
        return row->pinned_bytes;
    case COLUMN_SHARE:
        return waste_of(row);
    case COLUMN_ROUNDING:
        return rounding_of(row);
    case COLUMN_BLOCKS:
        return row->state.live_blocks;
    case COLUMN_CARVED:
        return row->state.carved_slots;
    case COLUMN_PEAK:
        return row->state.peak_live_slots;
    case COLUMN_USE:
        return row->state.carved_slots != 0 ? row->state.live_blocks * 1000 / row->state.carved_slots : 0;
    default:
        return row->state.requested_bytes;
    }
}

// The greatest first, and names ascending; equal ones by number.
static bool is_before(const struct class_list *list, const struct class_row *a, const struct class_row *b)
{
    const struct class_row *first = list->table.is_reversed ? b : a;
    const struct class_row *second = list->table.is_reversed ? a : b;
    int column = list->table.sort_column;
    if (column != COLUMN_CLASS && key_of(first, column) != key_of(second, column))
        return key_of(first, column) > key_of(second, column);
    return first->state.number < second->state.number;
}

static void sort(struct class_list *list)
{
    for (size_t i = 1; i < list->count; i++)
    {
        struct class_row moved = list->rows[i];
        size_t at = i;
        for (; at > 0 && is_before(list, &moved, &list->rows[at - 1]); at--)
            list->rows[at] = list->rows[at - 1];
        list->rows[at] = moved;
    }
}

static void add_up(struct class_list *list)
{
    list->all = (struct class_row){.state.class_id = UINT32_MAX};
    for (size_t i = 0; i < list->count; i++)
    {
        const struct reel_class_state *state = &list->rows[i].state;
        list->all.state.live_blocks += state->live_blocks;
        list->all.state.requested_bytes += state->requested_bytes;
        list->all.state.usable_bytes += state->usable_bytes;
        list->all.state.carved_slots += state->carved_slots;
    }
}

static void take_pinned(struct class_list *list, struct page_view *view, struct model_of *of)
{
    const struct reel_blame *blame = NULL;
    struct reel_error ignored = {0};
    size_t count = 0;
    list->is_pinned_known = model_blame(view->model, view->state, &blame, of, &ignored) == REEL_OK;
    if (!list->is_pinned_known)
        return;
    const struct reel_blame_share *shares = reel_blame_classes(blame, &count);
    for (size_t i = 0; i < list->count; i++)
        if (list->rows[i].state.number < count)
            list->rows[i].pinned_bytes = shares[list->rows[i].state.number].pinned_bytes;
    list->all.pinned_bytes = reel_blame_total(blame).pinned_bytes;
}

// The row of a class, after the sum.
static size_t row_of(const struct class_list *list, uint32_t number)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->rows[i].state.number == number)
            return 1 + i;
    return 0;
}

int class_list_read(struct class_list *list, struct page_view *view, struct model_of *of, struct reel_error *error)
{
    const struct reel_class_state *classes = NULL;
    size_t count = 0;
    size_t selected = list->table.selected;
    bool is_on_class = selected >= 1 && selected <= list->count;
    uint32_t number = is_on_class ? list->rows[selected - 1].state.number : 0;
    int status = model_classes(view->model, view->state, &classes, &count, error);
    if (status != REEL_OK)
        return status;
    list->count = count < REEL_CLASS_NUMBERS ? count : REEL_CLASS_NUMBERS;
    list->is_told = false;
    for (size_t i = 0; i < list->count; i++)
    {
        list->rows[i] = (struct class_row){.state = classes[i]};
        list->is_told |= classes[i].carved_slots != 0;
    }
    add_up(list);
    take_pinned(list, view, of);
    if (!list->is_sorted_once)
        list->table = (struct table){.sort_column = COLUMN_PINNED, .selected = 1};
    list->is_sorted_once = true;
    sort(list);
    if (is_on_class && selected != 1)
        list->table.selected = row_of(list, number);
    return REEL_OK;
}

// --- drawing ---

struct drawing
{
    const struct class_list *list;
    const struct page_view *view;
};

// The allocator's counts are "-" for a class that it does not know.
static char *format_slots(char text[FORMAT_BYTES], bool is_known, uint64_t count)
{
    if (!is_known)
        return strcpy(text, "-");
    return format_count(text, count);
}

static void draw_figure(const struct drawing *drawing, struct canvas *canvas, struct area cell,
                        const struct class_row *row, int column)
{
    const struct class_list *list = drawing->list;
    bool is_sum = row == &list->all;
    char text[FORMAT_BYTES] = "-";
    switch (column)
    {
    case COLUMN_PINNED:
        if (list->is_pinned_known)
            format_bytes(text, row->pinned_bytes);
        break;
    case COLUMN_SHARE:
        format_share(text, waste_of(row), waste_of(&list->all));
        break;
    case COLUMN_ROUNDING:
        format_bytes(text, rounding_of(row));
        break;
    case COLUMN_REQUESTED:
        format_bytes(text, row->state.requested_bytes);
        break;
    case COLUMN_BLOCKS:
        format_count(text, row->state.live_blocks);
        break;
    case COLUMN_CARVED:
        format_slots(text, is_sum || has_slots(row), row->state.carved_slots);
        break;
    case COLUMN_PEAK:
        format_slots(text, !is_sum && has_slots(row), row->state.peak_live_slots);
        break;
    case COLUMN_USE:
        if (has_slots(row))
            format_share(text, row->state.live_blocks, row->state.carved_slots);
        break;
    default:
        break;
    }
    enum role role = column == COLUMN_PINNED ? ROLE_PINNED : column == COLUMN_ROUNDING ? ROLE_ROUNDING : ROLE_TEXT;
    canvas_text_right(canvas, cell, cell.width, 0, role, text);
}

static const struct class_row *row_at(const struct class_list *list, size_t row)
{
    return row == 0 ? &list->all : &list->rows[row - 1];
}

static void draw_cell(void *context, struct canvas *canvas, struct area cell, size_t number, int column)
{
    const struct drawing *drawing = context;
    const struct class_row *row = row_at(drawing->list, number);
    const uint64_t bytes[PART_COUNT] = {row->state.requested_bytes, rounding_of(row), row->pinned_bytes};
    char text[CLASS_SIZE_BYTES] = "all";
    if (column == COLUMN_CLASS)
        canvas_text_right(canvas, cell, cell.width, 0, number == 0 ? ROLE_TITLE : ROLE_TEXT,
                          number == 0 ? text : class_size(text, &row->state));
    else if (column == COLUMN_PARTS)
        stacked_bar_draw(canvas, cell, parts, bytes, PART_COUNT);
    else
        draw_figure(drawing, canvas, cell, row, column);
}

static bool is_marked(void *context, size_t number)
{
    const struct drawing *drawing = context;
    const struct selection *selection = &drawing->view->state->selection;
    return number != 0 && selection->has_class &&
           row_at(drawing->list, number)->state.number == selection->class_number;
}

static bool is_dim(void *context, size_t number)
{
    const struct drawing *drawing = context;
    const struct filter *filter = &drawing->view->state->filter;
    const struct reel_class_state *state = &row_at(drawing->list, number)->state;
    return number != 0 && (state->live_blocks == 0 || (filter->has_class && filter->class_number != state->number));
}

void class_list_draw(struct class_list *list, struct page_view *view, struct canvas *canvas, struct area area,
                     bool has_keys)
{
    struct drawing drawing = {list, view};
    const struct table_cells cells = {.draw = draw_cell, .is_marked = is_marked, .is_dim = is_dim, .context = &drawing};
    list->area = area;
    list->table.is_idle = !has_keys;
    struct table_column titled[COLUMN_COUNT];
    char title[STACKED_TITLE_BYTES];
    memcpy(titled, columns, sizeof titled);
    titled[COLUMN_PARTS].title = stacked_bar_title(title, canvas->glyphs, parts, PART_COUNT);
    table_draw(&list->table, canvas, area, titled, column_count(list), list->count + 1, &cells);
}

void class_list_draw_sum(const struct class_list *list, struct canvas *canvas, struct area area)
{
    char pinned[FORMAT_BYTES];
    char rounding[FORMAT_BYTES];
    char requested[FORMAT_BYTES];
    int x = canvas_print(canvas, area, 0, 0, ROLE_PINNED, "pinned %s",
                         list->is_pinned_known ? format_bytes(pinned, list->all.pinned_bytes) : "-");
    canvas_print(canvas, area, x, 0, ROLE_TEXT, "  requested %s",
                 format_bytes(requested, list->all.state.requested_bytes));
    canvas_print(canvas, area, 0, 1, ROLE_ROUNDING, "rounding %s", format_bytes(rounding, rounding_of(&list->all)));
}

// --- keys and mouse ---

static unsigned choose(const struct class_list *list, struct page_view *view)
{
    struct selection *selection = &view->state->selection;
    size_t row = list->table.selected;
    bool is_class = row >= 1 && row <= list->count;
    uint32_t number = is_class ? list->rows[row - 1].state.number : 0;
    bool is_on = is_class && !(selection->has_class && selection->class_number == number);
    selection->has_class = is_on;
    selection->class_number = is_on ? number : 0;
    view->said =
        is_on ? "the class is selected: 3 shows where its blocks are; Enter again lets it go" : "no class is selected";
    return REACTION_TAKEN | REACTION_DRAW;
}

unsigned class_list_take(struct class_list *list, struct page_view *view, enum action action)
{
    if (action == ACTION_OPEN)
        return choose(list, view);
    return table_take(&list->table, action, list->count + 1, column_count(list));
}

unsigned class_list_point(struct class_list *list, struct page_view *view, const struct page_mouse *mouse,
                          struct area page_area)
{
    struct page_mouse at = *mouse; // in the list
    size_t row = SIZE_MAX;
    at.x += page_area.x - list->area.x;
    at.y += page_area.y - list->area.y;
    unsigned taken = table_point(&list->table, &at, list->area, columns, column_count(list), list->count + 1, &row);
    if (row != SIZE_MAX && mouse->is_double)
        taken |= choose(list, view);
    return taken;
}
