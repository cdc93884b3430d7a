// SPDX-License-Identifier: MIT
// What a tile of the map looks like, and the legend that says so. One table of meanings for colours and for characters:
// where there are no colours the characters tell the same.
#ifndef HEAPREEL_VIEWER_MAP_PAINT_H
#define HEAPREEL_VIEWER_MAP_PAINT_H

#include "viewer/pages/map/map_tiles.h"
#include "viewer/screen/canvas.h"

enum map_colour
{
    MAP_FILL = 0,
    MAP_CLASS,
    MAP_ZONE,
    MAP_AGE,    // of the oldest block: needs marks
    MAP_CHOSEN, // blocks of the selected class or stack: needs marks
    MAP_COLOURS,
};

#define MAP_CHOSEN_BYTES 64

struct map_palette
{
    enum map_colour colour;
    bool has_classes; // categories are chosen
    uint32_t classes[ROLE_CATEGORIES];
    int class_count;
    bool is_filtered;              // what does not pass is grey
    char chosen[MAP_CHOSEN_BYTES]; // what is selected, for the legend
    uint64_t moment;
};

// What stands for a tile: as a character by itself, and as a colour.
struct map_ink
{
    bool is_blank; // nothing is there
    uint32_t character;
    enum role role;
};

// Whether a character shows two rows of tiles, by its halves.
bool map_paint_has_halves(const struct canvas *canvas);
// A category each to the classes that hold the most bytes.
void map_paint_choose_classes(struct map_palette *palette, const struct reel_class_state *classes, size_t count);
struct map_ink map_paint_tile(const struct map_palette *palette, const struct glyphs *glyphs,
                              const struct map_tile *tile, const struct map_mark *mark, size_t region);
// Of a region, as its tiles by zone have it.
enum role map_paint_region(size_t region);
// One line. rows: for the zones' names.
void map_paint_legend(const struct map_palette *palette, struct canvas *canvas, struct area area,
                      const struct reel_replay *replay, const struct map_rows *rows);

#endif
