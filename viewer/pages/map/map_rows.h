// SPDX-License-Identifier: MIT
// Where on the map an address is drawn, and what a place on it is: pure arithmetic on the regions of a heap.
//
//     heap 55d0c0a00000  1.2 MiB  83 % full            a heading, then lines of tiles by address:
//     55d0c0a00000 ▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀            of one character the upper halves are one row of tiles,
//     55d0c0a30000 ▀▀▀▀▀▀▀▀▀▀                          the lower halves the next one
//     7f2a10000000 ▀▀▀▀   arena  16 KiB  75 % full     a region of few tiles has its heading beside them
//
// A tile is a power of two of pages. Regions come one after the other; what lies between them is left out.
#ifndef HEAPREEL_VIEWER_MAP_ROWS_H
#define HEAPREEL_VIEWER_MAP_ROWS_H

#include "reel/replay.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAP_HEADING_COLUMNS 40 // of a heading beside its tiles

struct map_rows
{
    struct reel_region *regions; // that are drawn, by address
    uint64_t *first_lines;       // [region], and after the last the number of lines
    size_t count;
    size_t max;
    int columns;         // tiles in a row
    int halves;          // rows of tiles in a line of the screen: 2, or 1 where there are no half characters
    uint64_t tile_pages; // a power of two
};

struct map_line
{
    size_t region;
    bool is_heading;        // and no tiles
    bool has_label;         // the heading stands beside its tiles
    uint64_t begin_address; // of the first tile
    int tiles[2];           // in the upper and in the lower row
};

// A tile's place.
struct map_place
{
    uint64_t line;
    int column;
    int half; // 0: the upper one
};

// A zeroed struct is empty. Takes a copy of the regions in which something is to be seen; the allocator's own tables
// are not. False: no memory, it is empty.
bool map_rows_set(struct map_rows *rows, const struct reel_region *regions, size_t count);
void map_rows_fini(struct map_rows *rows);
// The least power of two of pages for a tile with which all fits into so many lines, at most greatest_pages.
uint64_t map_rows_scale(const struct map_rows *rows, int columns, int halves, int line_count, uint64_t greatest_pages);
// Lays the lines out; all below is of the last layout.
void map_rows_arrange(struct map_rows *rows, int columns, int halves, uint64_t tile_pages);

uint64_t map_rows_lines(const struct map_rows *rows);
uint64_t map_rows_tile_bytes(const struct map_rows *rows);
// line is less than map_rows_lines.
struct map_line map_rows_line(const struct map_rows *rows, uint64_t line);
// The tile with the address; false: it is in no region, and *place is of the tile nearest after it, or of the last one.
bool map_rows_find(const struct map_rows *rows, uint64_t address, struct map_place *place);
// Where the tile at a place begins; false: there is none.
bool map_rows_address(const struct map_rows *rows, const struct map_place *place, uint64_t *address);
// The region with the address; NULL: none.
const struct reel_region *map_rows_region(const struct map_rows *rows, uint64_t address);

#endif
