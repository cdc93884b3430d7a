// SPDX-License-Identifier: MIT
// The map's cursor: from tile to tile, by lines and screens, over headings and gaps.
#include "viewer/pages/map/map.h"

// A line that has tiles, from `line` on in a direction; false: there is none.
static bool find_line(const struct map_rows *rows, uint64_t *line, bool is_up)
{
    uint64_t total = map_rows_lines(rows);
    while (*line < total && map_rows_line(rows, *line).is_heading)
        *line = is_up ? *line - 1 : *line + 1; // before the first line: beyond the last
    return *line < total;
}

// The tile in the column, or the row's last one.
static void go(struct map *map, uint64_t number, int half, int column)
{
    struct map_line line = map_rows_line(&map->rows, number);
    half = line.tiles[half] != 0 ? half : 0;
    int last = line.tiles[half] - 1;
    struct map_place place = {number, column < last ? column : last, half};
    map_rows_address(&map->rows, &place, &map->cursor);
}

// So many lines on, or back, and to a line that has tiles, at the ends to the first or last one.
static void go_lines(struct map *map, struct map_place place, int64_t lines)
{
    uint64_t total = map_rows_lines(&map->rows);
    bool is_up = lines < 0;
    uint64_t far = is_up ? (uint64_t)-lines : (uint64_t)lines;
    uint64_t line = is_up ? place.line - (far < place.line ? far : place.line)
                          : place.line + (far < total - place.line ? far : total - place.line - 1);
    if (!find_line(&map->rows, &line, is_up))
    {
        line = is_up ? 0 : total - 1;
        if (!find_line(&map->rows, &line, !is_up))
            return;
    }
    go(map, line, place.half, place.column);
}

static void go_row(struct map *map, struct map_place place, bool is_up)
{
    struct map_line line = map_rows_line(&map->rows, place.line);
    if (is_up ? place.half == 1 : place.half == 0 && line.tiles[1] != 0)
    {
        go(map, place.line, 1 - place.half, place.column);
        return;
    }
    uint64_t next = is_up ? place.line - 1 : place.line + 1; // before the first line: beyond the last
    if (find_line(&map->rows, &next, is_up))
        go(map, next, is_up ? 1 : 0, place.column);
}

// The tile before or after, in the next region where the region ends.
static void go_tile(struct map *map, struct map_place place, bool is_back)
{
    struct map_line line = map_rows_line(&map->rows, place.line);
    int column = is_back ? place.column - 1 : place.column + 1;
    if (column >= 0 && column < line.tiles[place.half])
    {
        go(map, place.line, place.half, column);
        return;
    }
    uint64_t before = map->cursor;
    go_row(map, (struct map_place){place.line, is_back ? map->rows.columns : 0, place.half}, is_back);
    if ((map->cursor < before) != is_back)
        map->cursor = before;
}

void map_scroll(struct map *map, int lines)
{
    uint64_t total = map_rows_lines(&map->rows);
    uint64_t shown = map->tiles_area.height > 0 ? (uint64_t)map->tiles_area.height : 1;
    uint64_t greatest = total > shown ? total - shown : 0;
    uint64_t before = map->first_line;
    uint64_t far = lines < 0 ? (uint64_t)-lines : (uint64_t)lines;
    if (lines < 0)
        map->first_line -= far < map->first_line ? far : map->first_line;
    else
        map->first_line = map->first_line + far < greatest ? map->first_line + far : greatest;
    struct map_place place;
    map_rows_find(&map->rows, map->cursor, &place);
    if (place.line < map->first_line || place.line - map->first_line >= shown)
        go_lines(map, place, (int64_t)(map->first_line - before));
}

bool map_move(struct map *map, enum action action)
{
    struct map_place place;
    int screen = map->tiles_area.height > 1 ? map->tiles_area.height - 1 : 1;
    map_rows_find(&map->rows, map->cursor, &place);
    switch (action)
    {
    case ACTION_UP:
    case ACTION_DOWN:
        go_row(map, place, action == ACTION_UP);
        return true;
    case ACTION_LEFT:
    case ACTION_RIGHT:
        go_tile(map, place, action == ACTION_LEFT);
        return true;
    case ACTION_PAGE_UP:
    case ACTION_PAGE_DOWN:
        go_lines(map, place, action == ACTION_PAGE_UP ? -screen : screen);
        return true;
    case ACTION_FIRST:
        go_lines(map, (struct map_place){.line = place.line}, -(int64_t)map_rows_lines(&map->rows));
        return true;
    case ACTION_LAST:
        go_lines(map, (struct map_place){place.line, map->rows.columns, 1}, (int64_t)map_rows_lines(&map->rows));
        return true;
    default:
        return false;
    }
}
