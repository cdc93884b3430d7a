// SPDX-License-Identifier: MIT
// Orders and draws regions.
#include "viewer/pages/classes/zone_list.h"

#include "reel/error.h"
#include "reel/words.h"
#include "text/class_size.h"
#include "text/format.h"
#include "viewer/screen/stacked_bar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column
{
    COLUMN_KIND,
    COLUMN_PINNED,
    COLUMN_FILL,
    COLUMN_LIVE,
    COLUMN_RESIDENT,
    COLUMN_RETAINED,
    COLUMN_SIZE,
    COLUMN_ADDRESS,
    COLUMN_BAR,
    COLUMN_COUNT,
};

static const struct table_column columns[COLUMN_COUNT] = {
    [COLUMN_KIND] = {.title = "ZONE", .width = 15, .importance = 10, .is_left = true},
    [COLUMN_PINNED] = {.title = "PINNED", .width = 9, .importance = 9},
    [COLUMN_FILL] = {.title = "FULL", .width = 7, .importance = 8},
    [COLUMN_LIVE] = {.title = "LIVE", .width = 9, .importance = 7},
    [COLUMN_RESIDENT] = {.title = "RESIDENT", .width = 9, .importance = 6},
    [COLUMN_RETAINED] = {.title = "RETAINED", .width = 9, .importance = 5},
    [COLUMN_SIZE] = {.title = "RANGE", .width = 9, .importance = 1},
    [COLUMN_ADDRESS] = {.title = "ADDRESS", .width = 13, .importance = 4},
    [COLUMN_BAR] = {.title = "", .importance = 3, .is_left = true},
};

static const struct stacked_part parts[] = {
    {"live", 0, ROLE_REQUESTED}, {"pinned", 2, ROLE_PINNED}, {"retained", 3, ROLE_RETAINED}};
#define PART_COUNT 3

void zone_list_fini(struct zone_list *list)
{
    free(list->rows);
    *list = (struct zone_list){0};
}

static uint64_t occupied_bytes(const struct reel_region *region)
{
    return region->occupied_pages * REEL_REPLAY_PAGE_BYTES;
}

// --- reading and order ---

// Of what is the greatest first.
static double key_of(const struct reel_region *region, int column)
{
    switch (column)
    {
    case COLUMN_PINNED:
        return (double)region->pinned_bytes;
    case COLUMN_FILL:
        return region->occupied_pages != 0 ? (double)region->live_bytes / (double)region->occupied_pages : 0;
    case COLUMN_LIVE:
        return (double)region->live_bytes;
    case COLUMN_RETAINED:
        return (double)region->retained_bytes;
    case COLUMN_SIZE:
        return (double)region->region_bytes;
    default:
        return (double)region->resident_pages;
    }
}

// Kinds and addresses ascend.
static int compare(const struct reel_region *a, const struct reel_region *b, int column)
{
    double left = key_of(a, column);
    double right = key_of(b, column);
    int order = column == COLUMN_ADDRESS ? 0
                : column == COLUMN_KIND  ? ((int)a->kind > (int)b->kind) - ((int)a->kind < (int)b->kind)
                                         : (left < right) - (left > right);
    return order != 0 ? order : (a->begin_address > b->begin_address) - (a->begin_address < b->begin_address);
}

struct order
{
    int column;
    bool is_reversed;
};

static int compare_rows(const void *left, const void *right, void *context)
{
    const struct order *order = context;
    int result = compare(left, right, order->column);
    return order->is_reversed ? -result : result;
}

static void sort(struct zone_list *list)
{
    struct order order = {list->table.sort_column, list->table.is_reversed};
    if (list->count != 0)
        qsort_r(list->rows, list->count, sizeof *list->rows, compare_rows, &order);
}

// Of the others there is nothing to say: they are reserved address space.
static bool is_used(const struct reel_region *region)
{
    return region->used_end_address > region->used_begin_address;
}

static bool make_room(struct zone_list *list, size_t count)
{
    if (count <= list->max)
        return true;
    struct reel_region *rows = reallocarray(list->rows, count, sizeof *rows);
    if (rows == NULL)
        return false;
    list->rows = rows;
    list->max = count;
    return true;
}

static void stay_on(struct zone_list *list, uint64_t address)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->rows[i].begin_address == address)
            list->table.selected = i;
}

int zone_list_read(struct zone_list *list, struct page_view *view, struct model_of *of, struct reel_error *error)
{
    const struct reel_region *regions = NULL;
    size_t count = 0;
    uint64_t address = list->table.selected < list->count ? list->rows[list->table.selected].begin_address : 0;
    bool is_at_top = list->table.selected == 0;
    int status = model_regions(view->model, view->state, &list->process, &regions, &count, of, error);
    if (status != REEL_OK)
        return status;
    if (!make_room(list, count))
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the regions of the heap");
    list->count = 0;
    for (size_t i = 0; i < count; i++)
        if (is_used(&regions[i]))
            list->rows[list->count++] = regions[i];
    list->unused = count - list->count;
    if (!list->is_sorted_once)
        list->table.sort_column = COLUMN_PINNED;
    list->is_sorted_once = true;
    sort(list);
    if (!is_at_top)
        stay_on(list, address);
    return REEL_OK;
}

// --- drawing ---

struct drawing
{
    const struct zone_list *list;
    const struct page_view *view;
};

// Of resident pages: what live blocks take, what is pinned, what is retained.
static void draw_bar(struct canvas *canvas, struct area cell, const struct reel_region *region)
{
    uint64_t whole = region->resident_pages * REEL_REPLAY_PAGE_BYTES;
    uint64_t empty = region->pinned_bytes + region->retained_bytes;
    const uint64_t bytes[PART_COUNT] = {whole > empty ? whole - empty : 0, region->pinned_bytes,
                                        region->retained_bytes};
    if (region->kind != REEL_REGION_METADATA)
        stacked_bar_draw(canvas, cell, parts, bytes, PART_COUNT);
}

static void draw_kind(const struct drawing *drawing, struct canvas *canvas, struct area cell,
                      const struct reel_region *region)
{
    char size[CLASS_SIZE_BYTES];
    struct reel_class_state class = reel_replay_class(model_replay(drawing->view->model), region->class_number);
    canvas_print(canvas, cell, 0, 0, ROLE_TEXT, "%s%s%s", reel_words_of_region(region->kind),
                 region->class_number != 0 ? " " : "", region->class_number != 0 ? class_size(size, &class) : "");
}

static void draw_cell(void *context, struct canvas *canvas, struct area cell, size_t row, int column)
{
    const struct drawing *drawing = context;
    const struct reel_region *region = &drawing->list->rows[row];
    char text[FORMAT_BYTES] = "";
    enum role role = ROLE_TEXT;
    switch (column)
    {
    case COLUMN_KIND:
        draw_kind(drawing, canvas, cell, region);
        return;
    case COLUMN_BAR:
        draw_bar(canvas, cell, region);
        return;
    case COLUMN_PINNED:
        format_bytes(text, region->pinned_bytes);
        role = ROLE_PINNED;
        break;
    case COLUMN_FILL:
        format_share(text, region->live_bytes, occupied_bytes(region));
        break;
    case COLUMN_LIVE:
        format_bytes(text, region->live_bytes);
        break;
    case COLUMN_RESIDENT:
        format_bytes(text, region->resident_pages * REEL_REPLAY_PAGE_BYTES);
        break;
    case COLUMN_RETAINED:
        format_bytes(text, region->retained_bytes);
        role = ROLE_RETAINED;
        break;
    case COLUMN_SIZE:
        format_bytes(text, region->region_bytes);
        break;
    default:
        snprintf(text, sizeof text, "%llx", (unsigned long long)region->begin_address);
        role = ROLE_LABEL;
        break;
    }
    canvas_text_right(canvas, cell, cell.width, 0, role, text);
}

static bool is_selected(const struct zone_list *list, const struct selection *selection,
                        const struct reel_region *region)
{
    return selection->has_address && (selection->process == 0 || selection->process == list->process) &&
           selection->address - region->begin_address < region->region_bytes;
}

static bool is_marked(void *context, size_t row)
{
    const struct drawing *drawing = context;
    const struct selection *selection = &drawing->view->state->selection;
    const struct reel_region *region = &drawing->list->rows[row];
    return is_selected(drawing->list, selection, region) ||
           (selection->has_class && region->class_number != 0 && region->class_number == selection->class_number);
}

void zone_list_draw(struct zone_list *list, struct page_view *view, struct canvas *canvas, struct area area,
                    bool has_keys)
{
    char text[FORMAT_BYTES];
    struct drawing drawing = {list, view};
    const struct table_cells cells = {.draw = draw_cell, .is_marked = is_marked, .context = &drawing};
    list->area = area;
    list->table.is_idle = !has_keys;
    struct table_column titled[COLUMN_COUNT];
    char title[STACKED_TITLE_BYTES];
    memcpy(titled, columns, sizeof titled);
    titled[COLUMN_BAR].title = stacked_bar_title(title, canvas->glyphs, parts, PART_COUNT);
    table_draw(&list->table, canvas, area, titled, COLUMN_COUNT, list->count, &cells);
    int below = (int)(list->count < 1000 ? list->count : 1000) + 1;
    if (list->count == 0)
        canvas_text(canvas, area, 1, 1, ROLE_DIM, "no memory serves blocks at this moment");
    else if (list->unused != 0 && below < area.height)
        canvas_print(canvas, area, 1, below, ROLE_DIM, "and %s of which no page is used",
                     format_count(text, list->unused));
}

// --- keys and mouse ---

static unsigned choose(const struct zone_list *list, struct page_view *view)
{
    struct selection *selection = &view->state->selection;
    if (list->table.selected >= list->count)
        return REACTION_TAKEN;
    const struct reel_region *region = &list->rows[list->table.selected];
    bool is_on = !(selection->has_address && selection->address == region->begin_address &&
                   selection->bytes == region->region_bytes);
    selection->has_address = is_on;
    selection->process = is_on ? list->process : 0;
    selection->address = is_on ? region->begin_address : 0;
    selection->bytes = is_on ? region->region_bytes : 0;
    view->said = is_on ? "the zone is selected: 3 shows it on the map; Enter again lets it go" : "no zone is selected";
    return REACTION_TAKEN | REACTION_DRAW;
}

unsigned zone_list_take(struct zone_list *list, struct page_view *view, enum action action)
{
    if (action == ACTION_OPEN)
        return choose(list, view);
    return table_take(&list->table, action, list->count, COLUMN_COUNT);
}

unsigned zone_list_point(struct zone_list *list, struct page_view *view, const struct page_mouse *mouse,
                         struct area page_area)
{
    struct page_mouse at = *mouse; // in the list
    size_t row = SIZE_MAX;
    at.x += page_area.x - list->area.x;
    at.y += page_area.y - list->area.y;
    unsigned taken = table_point(&list->table, &at, list->area, columns, COLUMN_COUNT, list->count, &row);
    if (row != SIZE_MAX && mouse->is_double)
        taken |= choose(list, view);
    return taken;
}
