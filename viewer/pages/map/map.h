// SPDX-License-Identifier: MIT
// What the page map keeps between frames, and what its drawing functions are given.
#ifndef HEAPREEL_VIEWER_MAP_H
#define HEAPREEL_VIEWER_MAP_H

#include "viewer/page.h"
#include "viewer/pages/map/map_card.h"
#include "viewer/pages/map/map_paint.h"
#include "viewer/pages/map/map_rows.h"
#include "viewer/pages/map/map_tiles.h"

struct map
{
    struct map_rows rows;
    struct map_tiles tiles;
    struct map_palette palette;
    struct map_card card;
    uint32_t process;
    uint64_t first_line;
    bool is_held; // the user chose the scale
    uint64_t held_pages;
    bool has_cursor;
    uint64_t cursor; // address
    struct selection seen;
    struct area area;       // as drawn last
    struct area tiles_area; // of the lines, with the gutter
    bool is_moving;
};

struct drawing
{
    struct map *map;
    struct page_view *view;
    struct canvas *canvas;
};

// Columns beside the tiles, for addresses.
int map_gutter(int width);
// Tiles in a row of an area of that width.
int map_columns(int width);
// The lines in sight, and the cursor in them.
void map_draw_lines(const struct drawing *drawing, struct area area, struct map_place cursor);

// A line each: the heap, the tile under the cursor, the sparse pages.
void map_draw_title(const struct drawing *drawing, struct area area, const struct reel_heap_state *heap);
void map_draw_tile(const struct drawing *drawing, struct area area, struct map_place place);
void map_draw_sparse(const struct drawing *drawing, struct area area);

// Moves the cursor; false: the action is none that does.
bool map_move(struct map *map, enum action action);
// Scrolls, and takes the cursor along.
void map_scroll(struct map *map, int lines);

#endif
