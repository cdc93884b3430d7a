// SPDX-License-Identifier: MIT
// Draws the map's lines: addresses, tiles, headings, the cursor.
#include "viewer/pages/map/map.h"

#include "reel/words.h"
#include "text/class_size.h"
#include "text/format.h"

#define GUTTER_COLUMNS 13 // an address, beside its tiles
#define GUTTER_LEAST 40   // columns of a page that has one
#define ROW_STEP 8        // rows have a multiple of so many tiles

int map_gutter(int width)
{
    return width >= GUTTER_LEAST ? GUTTER_COLUMNS : 0;
}

int map_columns(int width)
{
    int columns = width - map_gutter(width);
    return columns >= 2 * ROW_STEP ? columns / ROW_STEP * ROW_STEP : columns > 0 ? columns : 1;
}

static struct map_ink ink_of(const struct drawing *drawing, const struct map_line *line, struct map_place place)
{
    const struct map *map = drawing->map;
    static const struct map_mark no_mark = {.oldest_birth = MAP_NO_BIRTH};
    if (place.column >= line->tiles[place.half])
        return (struct map_ink){.is_blank = true, .character = ' '};
    size_t index = map_tiles_index(&map->tiles, &map->rows, &place);
    return map_paint_tile(&map->palette, drawing->canvas->glyphs, &map->tiles.all[index],
                          map->tiles.has_marks ? &map->tiles.marks[index] : &no_mark, line->region);
}

static bool is_selected(const struct drawing *drawing, struct map_place place)
{
    const struct map *map = drawing->map;
    const struct selection *selection = &drawing->view->state->selection;
    uint64_t begin;
    if (!selection->has_address || (selection->process != 0 && selection->process != map->process) ||
        !map_rows_address(&map->rows, &place, &begin))
        return false;
    uint64_t bytes = map_rows_tile_bytes(&map->rows);
    uint64_t left = bytes - begin % bytes; // of the tile from there on
    return selection->address >= begin ? selection->address - begin < left
                                       : begin - selection->address < selection->bytes;
}

// Two tiles in a character: the halves that are there.
static void put_halves(struct canvas *canvas, struct area area, int x, int y, struct map_ink upper,
                       struct map_ink lower)
{
    const struct glyphs *glyphs = canvas->glyphs;
    if (upper.is_blank && lower.is_blank)
        return;
    if (upper.is_blank)
        canvas_put(canvas, area, x, y, glyphs->lower_half, lower.role, ROLE_TEXT);
    else
        canvas_put(canvas, area, x, y, glyphs->upper_half, upper.role, lower.is_blank ? ROLE_TEXT : lower.role);
}

static void draw_tiles(const struct drawing *drawing, struct area area, const struct map_line *line, uint64_t number)
{
    struct canvas *canvas = drawing->canvas;
    bool has_halves = drawing->map->rows.halves == 2;
    for (int x = 0; x < line->tiles[0]; x++)
    {
        struct map_place upper = {number, x, 0};
        struct map_place lower = {number, x, 1};
        struct map_ink ink = ink_of(drawing, line, upper);
        if (has_halves)
            put_halves(canvas, area, x, 0, ink, ink_of(drawing, line, lower));
        else if (!ink.is_blank)
            canvas_put(canvas, area, x, 0, ink.character, ink.role, ROLE_TEXT);
        if (is_selected(drawing, upper) || (has_halves && is_selected(drawing, lower)))
            canvas_style(canvas, area, x, 0, 1, CELL_UNDERLINE | CELL_BOLD);
    }
}

static void draw_heading(const struct drawing *drawing, struct area area, int x, size_t number)
{
    char bytes[FORMAT_BYTES];
    char share[FORMAT_BYTES];
    char size[CLASS_SIZE_BYTES];
    const struct reel_region *region = &drawing->map->rows.regions[number];
    struct reel_class_state class = reel_replay_class(model_replay(drawing->view->model), region->class_number);
    enum role role = drawing->map->palette.colour == MAP_ZONE ? map_paint_region(number) : ROLE_LABEL;
    uint64_t occupied = region->occupied_pages * REEL_REPLAY_PAGE_BYTES;
    x = canvas_print(drawing->canvas, area, x, 0, role, "%s%s%s", reel_words_of_region(region->kind),
                     region->class_number != 0 ? " " : "", region->class_number != 0 ? class_size(size, &class) : "");
    x = canvas_print(drawing->canvas, area, x, 0, ROLE_TEXT, "  %s",
                     format_bytes(bytes, region->used_end_address - region->used_begin_address));
    if (occupied != 0)
        canvas_print(drawing->canvas, area, x, 0, ROLE_TEXT, "  %s full",
                     format_share(share, region->live_bytes, occupied));
    else
        canvas_text(drawing->canvas, area, x, 0, ROLE_DIM, "  no live block");
}

static void draw_line(const struct drawing *drawing, struct area area, uint64_t number)
{
    const struct map_rows *rows = &drawing->map->rows;
    struct map_line line = map_rows_line(rows, number);
    struct map_place first = {.line = number};
    uint64_t address = 0;
    int gutter = map_gutter(area.width);
    if (line.is_heading)
    {
        draw_heading(drawing, area, 0, line.region);
        return;
    }
    if (gutter != 0 && map_rows_address(rows, &first, &address))
        canvas_print(drawing->canvas, area, 0, 0, ROLE_DIM, "%12llx", (unsigned long long)address);
    draw_tiles(drawing, area_right_of(area, gutter), &line, number);
    if (line.has_label)
        draw_heading(drawing, area, gutter + line.tiles[0] + 2, line.region);
}

// The cursor stands out by its place: in a half as a tile of its colour, else reversed.
static void draw_cursor(const struct drawing *drawing, struct area area, struct map_place place)
{
    const struct map *map = drawing->map;
    struct canvas *canvas = drawing->canvas;
    const struct map_ink ink = {.role = ROLE_CURSOR};
    int y = (int)(place.line - map->tiles.first_line);
    int x = map_gutter(area.width) + place.column;
    if (map->rows.halves == 1)
    {
        canvas_style(canvas, area, x, y, 1, CELL_REVERSE);
        return;
    }
    struct map_line line = map_rows_line(&map->rows, place.line);
    struct map_place other = {place.line, place.column, 1 - place.half};
    struct map_ink beside = ink_of(drawing, &line, other);
    put_halves(canvas, area, x, y, place.half == 0 ? ink : beside, place.half == 0 ? beside : ink);
}

void map_draw_lines(const struct drawing *drawing, struct area area, struct map_place cursor)
{
    const struct map_tiles *tiles = &drawing->map->tiles;
    for (uint64_t i = 0; i < tiles->line_count; i++)
        draw_line(drawing, area_top(area_below(area, (int)i), 1), tiles->first_line + i);
    if (cursor.line - tiles->first_line < tiles->line_count)
        draw_cursor(drawing, area, cursor);
}
