// SPDX-License-Identifier: MIT
// Curves in dots of braille, two by four a cell, or in characters of different heights. Knows no reel.
#include "viewer/time/timeline_curve.h"

#define DOT_ROWS 4

// From the top of a cell down, left and right.
static const uint32_t dots[DOT_ROWS][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

int curve_points_per_column(const struct canvas *canvas)
{
    return canvas->glyphs->braille != 0 ? 2 : 1;
}

int curve_steps(const struct canvas *canvas, int rows)
{
    return rows * (canvas->glyphs->braille != 0 ? DOT_ROWS : GLYPHS_HEIGHTS - 1);
}

// In steps of which `greatest` has that many; what there is shows as one step at least.
static int height_of(uint64_t value, uint64_t greatest, int steps)
{
    if (value == 0 || greatest == 0)
        return 0;
    if (value >= greatest)
        return steps;
    int height = (int)((double)value * steps / (double)greatest + 0.5);
    return height < 1 ? 1 : height > steps ? steps : height;
}

// Dots of a cell, counted from its bottom, from one height up to another.
static uint32_t column_dots(int side, int from, int to)
{
    uint32_t set = 0;
    for (int level = from < 0 ? 0 : from; level < to && level < DOT_ROWS; level++)
        set |= dots[DOT_ROWS - 1 - level][side];
    return set;
}

// ---- live and resident bytes

// The line goes on from the height that it had: a jump has no gap.
static uint32_t line_dots(int side, int base, int before, int height)
{
    if (height == 0)
        return 0;
    int low = before != 0 && before < height ? before : height - 1;
    int high = before > height ? before : height;
    return column_dots(side, low - base, high - base);
}

static void draw_cell_of_dots(struct canvas *canvas, struct area area, int x, int row, const int live[2],
                              const int resident[3])
{
    int base = (area.height - 1 - row) * DOT_ROWS;
    uint32_t filled = 0;
    uint32_t line = 0;
    for (int side = 0; side < 2; side++)
    {
        filled |= column_dots(side, 0, live[side] - base);
        line |= line_dots(side, base, resident[side], resident[side + 1]);
    }
    enum role role = filled != 0 ? ROLE_REQUESTED : ROLE_RETAINED;
    if ((filled | line) != 0)
        canvas_put(canvas, area, x, row, canvas->glyphs->braille | filled | line, role, ROLE_TEXT);
}

static void draw_dots(struct canvas *canvas, struct area area, const struct curve_point *points, uint64_t greatest)
{
    int steps = area.height * DOT_ROWS;
    int before = 0;
    for (int x = 0; x < area.width; x++)
    {
        const struct curve_point *two = &points[(size_t)x * 2];
        const int live[2] = {height_of(two[0].live_bytes, greatest, steps),
                             height_of(two[1].live_bytes, greatest, steps)};
        const int resident[3] = {before, height_of(two[0].resident_bytes, greatest, steps),
                                 height_of(two[1].resident_bytes, greatest, steps)};
        before = resident[2];
        for (int row = 0; row < area.height; row++)
            draw_cell_of_dots(canvas, area, x, row, live, resident);
    }
}

static void draw_characters(struct canvas *canvas, struct area area, const struct curve_point *points,
                            uint64_t greatest)
{
    const int full = GLYPHS_HEIGHTS - 1;
    int steps = area.height * full;
    for (int x = 0; x < area.width; x++)
    {
        int live = height_of(points[x].live_bytes, greatest, steps);
        int resident = height_of(points[x].resident_bytes, greatest, steps);
        for (int row = 0; row < area.height; row++)
        {
            int base = (area.height - 1 - row) * full;
            int height = live - base > full ? full : live - base;
            if (height > 0)
                canvas_put(canvas, area, x, row, canvas->glyphs->heights[height], ROLE_REQUESTED, ROLE_TEXT);
            else if (resident > base && resident <= base + full)
                canvas_put(canvas, area, x, row, canvas->glyphs->line, ROLE_RETAINED, ROLE_TEXT);
        }
    }
}

void curve_draw_bytes(struct canvas *canvas, struct area area, const struct curve_point *points, uint64_t greatest)
{
    if (canvas->glyphs->braille != 0)
        draw_dots(canvas, area, points, greatest);
    else
        draw_characters(canvas, area, points, greatest);
}

void curve_draw_line(struct canvas *canvas, struct area area, const struct curve_point *points, uint64_t greatest)
{
    int per_column = curve_points_per_column(canvas);
    for (int x = 0; x < area.width; x++)
    {
        uint64_t bytes = 0;
        for (int i = 0; i < per_column; i++)
            if (points[x * per_column + i].live_bytes > bytes)
                bytes = points[x * per_column + i].live_bytes;
        int height = height_of(bytes, greatest, GLYPHS_HEIGHTS - 1);
        canvas_put(canvas, area, x, 0, canvas->glyphs->heights[height], ROLE_REQUESTED, ROLE_TEXT);
    }
}

// ---- rate

static uint64_t greatest_rate(const struct curve_point *points, int count)
{
    uint64_t greatest = 0;
    for (int i = 0; i < count; i++)
    {
        greatest = points[i].allocations > greatest ? points[i].allocations : greatest;
        greatest = points[i].frees > greatest ? points[i].frees : greatest;
    }
    return greatest;
}

static uint32_t rate_in_dots(const struct canvas *canvas, const uint64_t two[2], uint64_t greatest, bool is_hanging)
{
    uint32_t set = 0;
    for (int side = 0; side < 2; side++)
    {
        int height = height_of(two[side], greatest, DOT_ROWS);
        set |= is_hanging ? column_dots(side, DOT_ROWS - height, DOT_ROWS) : column_dots(side, 0, height);
    }
    return set != 0 ? canvas->glyphs->braille | set : ' ';
}

void curve_draw_rate(struct canvas *canvas, struct area area, const struct curve_point *points)
{
    bool has_dots = canvas->glyphs->braille != 0;
    int per_column = curve_points_per_column(canvas);
    uint64_t greatest = greatest_rate(points, area.width * per_column);
    for (int x = 0; x < area.width; x++)
    {
        const struct curve_point *first = &points[(size_t)x * (size_t)per_column];
        const struct curve_point *last = first + per_column - 1;
        const uint64_t rates[2][2] = {{first->allocations, last->allocations}, {first->frees, last->frees}};
        for (int row = 0; row < 2; row++)
        {
            uint32_t character = has_dots
                                     ? rate_in_dots(canvas, rates[row], greatest, row == 1)
                                     : canvas->glyphs->heights[height_of(rates[row][0], greatest, GLYPHS_HEIGHTS - 1)];
            canvas_put(canvas, area, x, row, character, row == 0 ? ROLE_MORE : ROLE_LESS, ROLE_TEXT);
        }
    }
}
