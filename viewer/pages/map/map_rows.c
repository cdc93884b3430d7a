// SPDX-License-Identifier: MIT
// The lines of the map. Draws nothing, reads no page.
#include "viewer/pages/map/map_rows.h"

#include <stdlib.h>

#define PAGE UINT64_C(4096)

void map_rows_fini(struct map_rows *rows)
{
    free(rows->regions);
    free(rows->first_lines);
    *rows = (struct map_rows){0};
}

static bool make_room(struct map_rows *rows, size_t count)
{
    if (count + 1 <= rows->max)
        return true;
    map_rows_fini(rows);
    rows->regions = calloc(count + 1, sizeof *rows->regions);
    rows->first_lines = calloc(count + 1, sizeof *rows->first_lines);
    if (rows->regions == NULL || rows->first_lines == NULL)
    {
        map_rows_fini(rows);
        return false;
    }
    rows->max = count + 1;
    return true;
}

// The allocator's tables lie scattered over a large range, and nobody's blocks are in them.
static bool is_drawn(const struct reel_region *region)
{
    return region->kind != REEL_REGION_METADATA && region->used_end_address > region->used_begin_address;
}

bool map_rows_set(struct map_rows *rows, const struct reel_region *regions, size_t count)
{
    if (!make_room(rows, count))
        return false;
    rows->count = 0;
    for (size_t i = 0; i < count; i++)
        if (is_drawn(&regions[i]))
            rows->regions[rows->count++] = regions[i];
    map_rows_arrange(rows, rows->columns, rows->halves, rows->tile_pages);
    return true;
}

static uint64_t tile_bytes(uint64_t tile_pages)
{
    return tile_pages * PAGE;
}

// Tiles begin at multiples of their size, so that what they hold stays the same while the region grows. The first and
// the last one may reach beyond the region; what of them is outside belongs to no tile of it.
static uint64_t begin_of(const struct reel_region *region, uint64_t tile_pages)
{
    return region->used_begin_address & ~(tile_bytes(tile_pages) - 1);
}

static uint64_t tiles_of(const struct reel_region *region, uint64_t tile_pages)
{
    return (region->used_end_address - begin_of(region, tile_pages) - 1) / tile_bytes(tile_pages) + 1;
}

static bool has_label(uint64_t tiles, int columns)
{
    return columns > MAP_HEADING_COLUMNS && tiles <= (uint64_t)(columns - MAP_HEADING_COLUMNS);
}

static uint64_t lines_of(const struct reel_region *region, int columns, int halves, uint64_t tile_pages)
{
    uint64_t tiles = tiles_of(region, tile_pages);
    uint64_t a_line = (uint64_t)columns * (uint64_t)halves;
    return has_label(tiles, columns) ? 1 : 1 + (tiles - 1) / a_line + 1;
}

static uint64_t count_lines(const struct map_rows *rows, int columns, int halves, uint64_t tile_pages)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < rows->count; i++)
        lines += lines_of(&rows->regions[i], columns, halves, tile_pages);
    return lines;
}

// Where there are more regions than lines no scale makes them fit: then one suffices with which their tiles would.
static bool fits(const struct map_rows *rows, int columns, int halves, int line_count, uint64_t tile_pages)
{
    uint64_t tiles = 0;
    if (count_lines(rows, columns, halves, tile_pages) <= (uint64_t)line_count)
        return true;
    for (size_t i = 0; i < rows->count; i++)
        tiles += tiles_of(&rows->regions[i], tile_pages);
    return rows->count * 2 > (size_t)line_count && tiles <= (uint64_t)columns * (uint64_t)halves * (uint64_t)line_count;
}

uint64_t map_rows_scale(const struct map_rows *rows, int columns, int halves, int line_count, uint64_t greatest_pages)
{
    uint64_t tile_pages = 1;
    while (tile_pages * 2 <= greatest_pages && !fits(rows, columns, halves, line_count, tile_pages))
        tile_pages *= 2;
    return tile_pages;
}

void map_rows_arrange(struct map_rows *rows, int columns, int halves, uint64_t tile_pages)
{
    rows->columns = columns > 0 ? columns : 1;
    rows->halves = halves == 2 ? 2 : 1;
    rows->tile_pages = tile_pages != 0 ? tile_pages : 1;
    uint64_t line = 0;
    for (size_t i = 0; i < rows->count; i++)
    {
        rows->first_lines[i] = line;
        line += lines_of(&rows->regions[i], rows->columns, rows->halves, rows->tile_pages);
    }
    if (rows->first_lines != NULL)
        rows->first_lines[rows->count] = line;
}

uint64_t map_rows_lines(const struct map_rows *rows)
{
    return rows->first_lines != NULL ? rows->first_lines[rows->count] : 0;
}

uint64_t map_rows_tile_bytes(const struct map_rows *rows)
{
    return tile_bytes(rows->tile_pages);
}

static int at_most(uint64_t tiles, int columns)
{
    return tiles < (uint64_t)columns ? (int)tiles : columns;
}

struct map_line map_rows_line(const struct map_rows *rows, uint64_t line)
{
    size_t low = 0;
    size_t high = rows->count;
    while (high - low > 1)
    {
        size_t middle = low + (high - low) / 2;
        if (rows->first_lines[middle] <= line)
            low = middle;
        else
            high = middle;
    }
    const struct reel_region *region = &rows->regions[low];
    uint64_t tiles = tiles_of(region, rows->tile_pages);
    uint64_t within = line - rows->first_lines[low];
    struct map_line found = {.region = low, .has_label = has_label(tiles, rows->columns)};
    found.is_heading = !found.has_label && within == 0;
    uint64_t before =
        within != 0 ? (within - 1) * (uint64_t)rows->columns * (uint64_t)rows->halves : 0; // tiles on lines above
    found.begin_address = begin_of(region, rows->tile_pages) + before * tile_bytes(rows->tile_pages);
    if (found.is_heading)
        return found;
    found.tiles[0] = at_most(tiles - before, rows->columns);
    found.tiles[1] = rows->halves == 2 ? at_most(tiles - before - (uint64_t)found.tiles[0], rows->columns) : 0;
    return found;
}

// The last region that begins at or before the address; count: none.
static size_t region_before(const struct map_rows *rows, uint64_t address)
{
    size_t low = 0;
    size_t high = rows->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (rows->regions[middle].used_begin_address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low != 0 ? low - 1 : rows->count;
}

static struct map_place place_of(const struct map_rows *rows, size_t region, uint64_t tile)
{
    uint64_t columns = (uint64_t)rows->columns;
    uint64_t a_line = columns * (uint64_t)rows->halves;
    bool is_beside = has_label(tiles_of(&rows->regions[region], rows->tile_pages), rows->columns);
    return (struct map_place){.line = rows->first_lines[region] + (is_beside ? 0 : 1) + tile / a_line,
                              .column = (int)(tile % columns),
                              .half = (int)(tile % a_line / columns)};
}

bool map_rows_find(const struct map_rows *rows, uint64_t address, struct map_place *place)
{
    *place = (struct map_place){0};
    if (rows->count == 0)
        return false;
    size_t region = region_before(rows, address);
    if (region == rows->count)
    {
        *place = place_of(rows, 0, 0);
        return false;
    }
    uint64_t tiles = tiles_of(&rows->regions[region], rows->tile_pages);
    uint64_t tile = (address - begin_of(&rows->regions[region], rows->tile_pages)) / tile_bytes(rows->tile_pages);
    bool is_there = tile < tiles;
    if (is_there || region + 1 == rows->count)
        *place = place_of(rows, region, is_there ? tile : tiles - 1);
    else
        *place = place_of(rows, region + 1, 0);
    return is_there;
}

bool map_rows_address(const struct map_rows *rows, const struct map_place *place, uint64_t *address)
{
    if (place->line >= map_rows_lines(rows) || place->half < 0 || place->half >= rows->halves || place->column < 0)
        return false;
    struct map_line line = map_rows_line(rows, place->line);
    if (place->column >= line.tiles[place->half])
        return false;
    uint64_t tile = (uint64_t)place->half * (uint64_t)rows->columns + (uint64_t)place->column;
    uint64_t begin = line.begin_address + tile * tile_bytes(rows->tile_pages);
    uint64_t used = rows->regions[line.region].used_begin_address;
    *address = begin > used ? begin : used;
    return true;
}

const struct reel_region *map_rows_region(const struct map_rows *rows, uint64_t address)
{
    size_t region = region_before(rows, address);
    if (region == rows->count || address >= rows->regions[region].used_end_address)
        return NULL;
    return &rows->regions[region];
}
