// SPDX-License-Identifier: MIT
// The page map: every page of the heap in sight as a tile, by address. Keeps what is scrolled to, the cursor and the
// scale; where tiles lie, what they hold and how they look is told by others.
#include "viewer/pages/classes/fill_histogram.h"
#include "viewer/pages/map/map.h"

#include "reel/error.h"
#include "text/class_size.h"
#include "text/format.h"

#define CARD_COLUMNS 72                // of a card beside the map
#define CARD_BESIDE 150                // columns of a page from which on it is beside it
#define AUTO_PAGES (UINT64_C(1) << 17) // in sight with a scale that we choose
#define MOST_PAGES (UINT64_C(1) << 20) // and with any
#define WHEEL_LINES 3

// What stands around the tiles beside the title, by how much room there is.
struct furniture
{
    bool has_legend;
    bool has_cursor;
    bool has_fill;
    bool has_sparse;
};

static struct furniture furniture_of(int height)
{
    return (struct furniture){
        .has_legend = height >= 5, .has_cursor = height >= 3, .has_fill = height >= 10, .has_sparse = height >= 8};
}

// --- what is shown ---

static void follow_selection(struct map *map, const struct selection *selection)
{
    const struct selection *seen = &map->seen;
    bool was_chosen = seen->has_class || seen->has_stack;
    bool is_chosen = selection->has_class || selection->has_stack;
    bool is_new = is_chosen && (selection->has_class != seen->has_class || selection->has_stack != seen->has_stack ||
                                (selection->has_class && selection->class_number != seen->class_number) ||
                                (selection->has_stack && selection->stack != seen->stack));
    if (is_new)
        map->palette.colour = MAP_CHOSEN;
    else if (was_chosen && !is_chosen && map->palette.colour == MAP_CHOSEN)
        map->palette.colour = MAP_FILL;
    if (selection->has_address && (!seen->has_address || selection->address != seen->address))
    {
        map->has_cursor = true;
        map->cursor = selection->address;
    }
    map->seen = *selection;
}

static void choose_scale(struct map *map, const struct canvas *canvas, int width, int lines)
{
    int columns = map_columns(width);
    int halves = map_paint_has_halves(canvas) ? 2 : 1;
    uint64_t in_sight = (uint64_t)columns * (uint64_t)halves * (uint64_t)(lines > 0 ? lines : 1);
    uint64_t most = MOST_PAGES / in_sight;
    uint64_t pages = map_rows_scale(&map->rows, columns, halves, lines, AUTO_PAGES / in_sight);
    // With the card the map stays as it was.
    if (map->card.is_open && map->rows.tile_pages <= most)
        pages = map->rows.tile_pages;
    else if (map->is_held)
        for (pages = map->held_pages; pages > 1 && pages > most;)
            pages /= 2;
    map_rows_arrange(&map->rows, columns, halves, pages);
}

// The cursor's tile, in sight.
static struct map_place scroll(struct map *map, int lines)
{
    struct map_place place = {0};
    uint64_t total = map_rows_lines(&map->rows);
    uint64_t shown = lines > 0 ? (uint64_t)lines : 1;
    if (!map_rows_find(&map->rows, map->has_cursor ? map->cursor : 0, &place))
        map_rows_address(&map->rows, &place, &map->cursor);
    map->has_cursor = true;
    if (place.line < map->first_line)
        map->first_line = place.line;
    if (place.line - map->first_line >= shown)
        map->first_line = place.line - shown + 1;
    if (map->first_line + shown > total)
        map->first_line = total > shown ? total - shown : 0;
    // The heading above the first tiles is worth its line.
    if (map->first_line == place.line && place.line > 0 && shown > 1 &&
        map_rows_line(&map->rows, place.line - 1).is_heading)
        map->first_line--;
    return place;
}

static int look(struct map *map, struct page_view *view, struct reel_error *error)
{
    const struct reel_region *regions = NULL;
    size_t count = 0;
    struct model_of of = {0};
    uint32_t process = 0;
    int status = model_regions(view->model, view->state, &process, &regions, &count, &of, error);
    if (status != REEL_OK)
        return status;
    if (process != map->process)
        map->palette.has_classes = false;
    map->process = process;
    map->is_moving = of.is_stale;
    if (!map_rows_set(&map->rows, regions, count))
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the page map");
    return REEL_OK;
}

static void name_chosen(struct map *map, struct page_view *view)
{
    const struct selection *selection = &view->state->selection;
    struct reel_class_state class = reel_replay_class(model_replay(view->model), selection->class_number);
    char size[CLASS_SIZE_BYTES];
    format_text(map->palette.chosen, sizeof map->palette.chosen,
                selection->has_stack   ? model_stack_name(view->model, selection->stack)
                : selection->has_class ? class_size(size, &class)
                                       : "");
}

static int mark(struct map *map, struct page_view *view, struct reel_error *error)
{
    const struct state *state = view->state;
    const struct map_question question = {.moment = reel_replay_events(model_replay(view->model)),
                                          .process = map->process,
                                          .selection = state->selection,
                                          .filter = state->filter};
    map->palette.moment = question.moment;
    name_chosen(map, view);
    map->palette.is_filtered = !filter_is_empty(&state->filter);
    if (map->palette.colour != MAP_AGE && map->palette.colour != MAP_CHOSEN && !map->palette.is_filtered)
        return REEL_OK;
    return map_tiles_mark(&map->tiles, &map->rows, view->model, &question, map->is_moving, error);
}

static int choose_classes(struct map *map, struct page_view *view, struct reel_error *error)
{
    const struct reel_class_state *classes = NULL;
    size_t count = 0;
    struct state of = *view->state;
    of.process = map->process;
    if (map->palette.colour != MAP_CLASS || map->palette.has_classes)
        return REEL_OK;
    int status = model_classes(view->model, &of, &classes, &count, error);
    if (status == REEL_OK)
        map_paint_choose_classes(&map->palette, classes, count);
    return status;
}

// --- the lines around them ---

static struct area take_bottom(struct area *area, int rows)
{
    area->height -= rows;
    return area_of(area->x, area->y + area->height, area->width, rows);
}

// A small map leaves room for more than a line of it.
static int histogram_rows(const struct map *map, struct area area)
{
    uint64_t needed = map_rows_lines(&map->rows) + FILL_HISTOGRAM_ROWS + 4; // and the lines around it
    return area.height > 0 && (uint64_t)area.height > needed ? FILL_HISTOGRAM_ROWS : 1;
}

// Draws what stands around the tiles; what is left of the area is theirs.
static struct area draw_around(const struct drawing *drawing, struct area area, struct area *under_cursor)
{
    struct furniture has = furniture_of(area.height);
    const struct reel_heap_state *heap = NULL;
    struct reel_error error = {0};
    struct state state = *drawing->view->state;
    state.process = drawing->map->process;
    bool is_known = model_heap(drawing->view->model, &state, &heap, &error) == REEL_OK;
    if (is_known)
        map_draw_title(drawing, area, heap);
    area = area_below(area, 1);
    if (has.has_sparse)
        map_draw_sparse(drawing, take_bottom(&area, 1));
    if (has.has_fill && is_known)
        fill_histogram_draw(drawing->canvas, take_bottom(&area, histogram_rows(drawing->map, area)), heap);
    if (has.has_legend)
        map_paint_legend(&drawing->map->palette, drawing->canvas, take_bottom(&area, 1),
                         model_replay(drawing->view->model), &drawing->map->rows);
    *under_cursor = has.has_cursor ? take_bottom(&area, 1) : area_top(area, 0);
    return area;
}

// Where the card is, and what is left of the area for the map.
static struct area card_area(const struct map *map, struct area *area)
{
    if (!map->card.is_open)
        return area_top(*area, 0);
    if (area->width >= CARD_BESIDE)
    {
        struct area card = area_right_of(*area, area->width - CARD_COLUMNS);
        *area = area_left(*area, area->width - CARD_COLUMNS - 2);
        return card;
    }
    if (area->height < 2 * FILL_HISTOGRAM_ROWS)
    {
        struct area card = *area;
        *area = area_top(*area, 0);
        return card;
    }
    struct area card = area_below(*area, area->height / 2);
    *area = area_top(*area, area->height / 2);
    return card;
}

static int draw_map(const struct drawing *drawing, struct area area, struct reel_error *error)
{
    struct map *map = drawing->map;
    struct furniture has = furniture_of(area.height);
    int lines = area.height - 1 - has.has_sparse - has.has_fill - has.has_legend - has.has_cursor;
    choose_scale(map, drawing->canvas, area.width, lines);
    struct map_place cursor = scroll(map, lines);
    int status = map_tiles_read(&map->tiles, &map->rows, model_replay(drawing->view->model), map->process,
                                map->first_line, (uint64_t)(lines > 0 ? lines : 0), error);
    if (status == REEL_OK)
        status = choose_classes(map, drawing->view, error);
    if (status == REEL_OK)
        status = mark(map, drawing->view, error);
    if (status != REEL_OK)
        return status;
    struct area under_cursor;
    map->tiles_area = draw_around(drawing, area, &under_cursor);
    map_draw_lines(drawing, map->tiles_area, cursor);
    if (cursor.line - map->tiles.first_line < map->tiles.line_count && under_cursor.height > 0)
        map_draw_tile(drawing, under_cursor, cursor);
    return REEL_OK;
}

static void draw(struct page_view *view, struct canvas *canvas, struct area area)
{
    struct map *map = view->own;
    struct reel_error error = {0};
    const struct drawing drawing = {map, view, canvas};
    map->area = area;
    map->tiles_area = area_top(area, 0);
    follow_selection(map, &view->state->selection);
    int status = look(map, view, &error);
    if (status == REEL_OK && map->rows.count == 0)
    {
        page_draw_no_blocks(view, canvas, area);
        return;
    }
    struct area card = card_area(map, &area);
    if (status == REEL_OK && area.height > 0)
        status = draw_map(&drawing, area, &error);
    if (status != REEL_OK)
    {
        error.status = status;
        page_draw_failure(canvas, area, &error);
        return;
    }
    if (card.height > 0)
        map_card_draw(&map->card, view, canvas, card, map_rows_region(&map->rows, map->card.begin_address),
                      map->is_moving);
}

// --- keys and mouse ---

static void select_tile(struct map *map, struct page_view *view)
{
    struct selection *selection = &view->state->selection;
    uint64_t bytes = map_rows_tile_bytes(&map->rows);
    struct map_place place;
    map_rows_find(&map->rows, map->cursor, &place);
    selection->has_address = map_rows_address(&map->rows, &place, &selection->address);
    selection->process = map->process;
    selection->bytes = bytes - selection->address % bytes;
    map->seen = *selection;
}

static unsigned open_card(struct map *map, struct page_view *view)
{
    const struct selection *selection = &view->state->selection;
    select_tile(map, view);
    map_card_open(&map->card, map->process, selection->address, selection->address + selection->bytes);
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned cycle_colour(struct map *map, struct page_view *view)
{
    const struct selection *selection = &view->state->selection;
    map->palette.colour = (enum map_colour)((map->palette.colour + 1) % MAP_COLOURS);
    if (map->palette.colour == MAP_CHOSEN && !selection->has_class && !selection->has_stack)
    {
        map->palette.colour = MAP_FILL;
        view->said = "colours by fill; select a class or a stack in another page to see where its blocks are";
    }
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned scale(struct map *map, enum action action)
{
    uint64_t pages = map->rows.tile_pages;
    map->is_held = action != ACTION_EXPAND_ALL;
    map->held_pages = action == ACTION_COLLAPSE ? pages * 2 : pages > 1 ? pages / 2 : 1;
    map->held_pages = map->held_pages < MOST_PAGES ? map->held_pages : MOST_PAGES;
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned take(struct page_view *view, enum action action)
{
    struct map *map = view->own;
    if (action == ACTION_COLOUR)
        return cycle_colour(map, view);
    if (map->card.is_open)
        return map_card_take(&map->card, view, action);
    if (map->rows.count == 0)
        return REACTION_NONE;
    if (action == ACTION_OPEN)
        return open_card(map, view);
    if (action == ACTION_EXPAND || action == ACTION_COLLAPSE || action == ACTION_EXPAND_ALL)
        return scale(map, action);
    return map_move(map, action) ? REACTION_TAKEN | REACTION_DRAW : REACTION_NONE;
}

static unsigned point(struct page_view *view, const struct page_mouse *mouse)
{
    struct map *map = view->own;
    int x = map->area.x + mouse->x;
    int y = map->area.y + mouse->y;
    struct map_place place = {.column = x - map->tiles_area.x - map_gutter(map->tiles_area.width)};
    if (map->card.is_open && area_has(map->card.area, x, y))
        return map_card_point(&map->card, view, mouse, map->area);
    if (!area_has(map->tiles_area, x, y) || map->rows.count == 0)
        return REACTION_NONE;
    if (mouse->wheel != 0)
    {
        map_scroll(map, mouse->wheel * WHEEL_LINES);
        return REACTION_TAKEN | REACTION_DRAW;
    }
    place.line = map->first_line + (uint64_t)(y - map->tiles_area.y);
    if (!map_rows_address(&map->rows, &place, &map->cursor))
        return REACTION_TAKEN;
    if (mouse->is_double || map->card.is_open)
        return open_card(map, view);
    select_tile(map, view);
    return REACTION_TAKEN | REACTION_DRAW;
}

static void fini(void *own)
{
    struct map *map = own;
    map_rows_fini(&map->rows);
    map_tiles_fini(&map->tiles);
    map_card_fini(&map->card);
}

const struct page page_map = {
    .own_bytes = sizeof(struct map),
    .draw = draw,
    .take = take,
    .point = point,
    .fini = fini,
    .explanation =
        "All pages of the heap by address, region after region; gaps between regions are left out. A tile is a page, "
        "or "
        "with a large heap some: + and - change how many, * chooses what fits. Dark tiles hold little: free bytes on "
        "them are pinned, nobody can return them while a block is there. Retained pages hold no block at all: the "
        "allocator keeps them. c colours by fill, class, zone, age of the oldest block, or shows where the blocks of "
        "the selected class or stack are. Enter lists the blocks of a tile, the oldest first, and who allocated them; "
        "Enter on a block selects its stack in all pages. Below: how many pages are how full, and what freeing the few "
        "blocks on sparse pages would give back.",
};
