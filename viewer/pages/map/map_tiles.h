// SPDX-License-Identifier: MIT
// What the tiles in sight hold: read for the visible lines alone, in each frame. What needs a pass over the live blocks
// (which tiles hold blocks of the selection, how old the oldest one is) is kept until what was asked changes.
#ifndef HEAPREEL_VIEWER_MAP_TILES_H
#define HEAPREEL_VIEWER_MAP_TILES_H

#include "viewer/model/model.h"
#include "viewer/pages/map/map_rows.h"

#define MAP_NO_BIRTH UINT64_MAX

struct map_tile
{
    uint64_t page_count;     // of the region
    uint64_t occupied_pages; // with a live block
    uint64_t resident_pages; // as far as it is known
    uint64_t live_bytes;     // usable bytes of live blocks
    uint64_t blocks;         // that touch its pages, once for each page
    uint32_t class_number;   // of the page with the most live bytes
};

// Of a tile's blocks, by a pass over them.
struct map_mark
{
    uint64_t oldest_birth; // event, MAP_NO_BIRTH: none passed
    bool is_chosen;        // holds a block of the selected class or stack that passes the filter
    bool passes;           // holds a block that passes the filter
};

// What marks are of. Equal questions have equal answers.
struct map_question
{
    uint64_t moment;
    uint32_t process;
    struct selection selection;
    struct filter filter;
};

struct map_tiles
{
    struct map_tile *all; // [(line - first_line) * columns * halves + half * columns + column]
    struct map_mark *marks;
    size_t max;
    struct reel_page *pages; // of a line
    size_t page_max;
    uint64_t first_line;
    uint64_t line_count;
    // What the marks are of:
    bool has_marks;
    struct map_question question;
    uint64_t marked_line;
    uint64_t marked_lines;
    uint64_t marked_pages; // of a tile
    int marked_columns;
};

// A zeroed struct is empty.
void map_tiles_fini(struct map_tiles *tiles);
// Reads the pages of the lines from first_line on.
int map_tiles_read(struct map_tiles *tiles, const struct map_rows *rows, struct reel_replay *replay, uint32_t process,
                   uint64_t first_line, uint64_t line_count, struct reel_error *error);
// Makes the marks of the tiles that were read, unless they are there. is_moving: marks of another moment will do, if
// they are of the same lines.
int map_tiles_mark(struct map_tiles *tiles, const struct map_rows *rows, struct model *model,
                   const struct map_question *question, bool is_moving, struct reel_error *error);
// Of a tile that was read.
size_t map_tiles_index(const struct map_tiles *tiles, const struct map_rows *rows, const struct map_place *place);

#endif
