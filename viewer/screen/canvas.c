// SPDX-License-Identifier: MIT
// Drawing into the grid of cells: every function cuts at its area and at the grid, so that pages need not.
#include "viewer/screen/canvas.h"

#include "viewer/screen/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

__extension__ typedef unsigned __int128 wide_number;

#define LINE_BYTES 1024
#define BLANK ((struct cell){.character = ' ', .role = ROLE_TEXT, .ground = ROLE_TEXT})

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int greatest_of(int a, int b)
{
    return a > b ? a : b;
}

// part * steps / whole, rounded down; something is never nothing, and less than all never all.
static int scaled(uint64_t part, uint64_t whole, int steps)
{
    if (part == 0 || whole == 0)
        return 0;
    if (part >= whole)
        return steps;
    int step = (int)((wide_number)part * (unsigned)steps / whole);
    return step > 0 ? step : 1;
}

bool canvas_init(struct canvas *canvas, int width, int height, const struct glyphs *glyphs, enum canvas_colours colours)
{
    *canvas = (struct canvas){
        .width = greatest_of(width, 1), .height = greatest_of(height, 1), .glyphs = glyphs, .colours = colours};
    canvas->cells = calloc((size_t)canvas->width * (size_t)canvas->height, sizeof *canvas->cells);
    if (canvas->cells == NULL)
        return false;
    canvas_clear(canvas, canvas_area(canvas));
    return true;
}

void canvas_fini(struct canvas *canvas)
{
    free(canvas->cells);
    canvas->cells = NULL;
}

struct area canvas_area(const struct canvas *canvas)
{
    return (struct area){.width = canvas->width, .height = canvas->height};
}

// NULL: outside the area or the grid.
static struct cell *cell_of(struct canvas *canvas, struct area area, int x, int y)
{
    if (x < 0 || y < 0 || x >= area.width || y >= area.height)
        return NULL;
    x += area.x;
    y += area.y;
    if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height)
        return NULL;
    return &canvas->cells[(size_t)y * (size_t)canvas->width + (size_t)x];
}

void canvas_clear(struct canvas *canvas, struct area area)
{
    for (int y = 0; y < area.height; y++)
        for (int x = 0; x < area.width; x++)
        {
            struct cell *cell = cell_of(canvas, area, x, y);
            if (cell != NULL)
                *cell = BLANK;
        }
}

static void put_letter(struct canvas *canvas, struct area area, int x, int y, uint32_t character, enum role role)
{
    struct cell *cell = cell_of(canvas, area, x, y);
    if (cell == NULL)
        return;
    bool is_drawn = canvas->glyphs->is_utf8 ? utf8_is_one_column(character) : character >= ' ' && character < 0x7f;
    cell->character = is_drawn ? character : '?';
    cell->role = (uint8_t)role;
    cell->style = 0;
}

// The area as far as it lies on the grid: at its edge text is cut as at the area's.
static int columns_inside(const struct canvas *canvas, struct area area)
{
    return least(area.width, canvas->width - area.x);
}

int canvas_text(struct canvas *canvas, struct area area, int x, int y, enum role role, const char *text)
{
    int inside = columns_inside(canvas, area);
    bool is_cut = false;
    for (uint32_t character; (character = utf8_next(&text)) != 0; x++)
    {
        put_letter(canvas, area, x, y, character, role);
        is_cut = is_cut || (x >= inside && character != ' ');
    }
    if (is_cut)
        put_letter(canvas, area, inside - 1, y, canvas->glyphs->more, role);
    return x;
}

int canvas_print(struct canvas *canvas, struct area area, int x, int y, enum role role, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return canvas_text(canvas, area, x, y, role, text);
}

void canvas_text_right(struct canvas *canvas, struct area area, int x, int y, enum role role, const char *text)
{
    int begin = x - canvas_columns(text);
    canvas_text(canvas, area, begin, y, role, text);
    if (begin < 0 && x > 0)
        put_letter(canvas, area, 0, y, canvas->glyphs->more, role);
}

void canvas_put(struct canvas *canvas, struct area area, int x, int y, uint32_t character, enum role role,
                enum role ground)
{
    struct cell *cell = cell_of(canvas, area, x, y);
    put_letter(canvas, area, x, y, character, role);
    if (cell != NULL)
        cell->ground = (uint8_t)ground;
}

void canvas_style(struct canvas *canvas, struct area area, int x, int y, int width, enum cell_style style)
{
    for (int end = x + width; x < end; x++)
    {
        struct cell *cell = cell_of(canvas, area, x, y);
        if (cell != NULL)
            cell->style |= (uint8_t)style;
    }
}

void canvas_bar(struct canvas *canvas, struct area area, int x, int y, int width, uint64_t part, uint64_t whole,
                enum role role)
{
    int eighths = scaled(part, whole, greatest_of(width, 0) * 8);
    for (int column = 0; column < width; column++)
    {
        int full = least(greatest_of(eighths - column * 8, 0), GLYPHS_HEIGHTS - 1);
        put_letter(canvas, area, x + column, y, canvas->glyphs->widths[full], role);
    }
}

void canvas_sparkline(struct canvas *canvas, struct area area, int x, int y, const uint64_t *values, int count,
                      uint64_t greatest, enum role role)
{
    bool is_given = greatest != 0;
    for (int i = 0; !is_given && i < count; i++)
        greatest = values[i] > greatest ? values[i] : greatest;
    for (int i = 0; i < count; i++)
    {
        int height = scaled(values[i], greatest, GLYPHS_HEIGHTS - 1);
        put_letter(canvas, area, x + i, y, canvas->glyphs->heights[height], role);
    }
}

int canvas_columns(const char *text)
{
    int columns = 0;
    while (utf8_next(&text) != 0)
        columns++;
    return columns;
}

size_t canvas_line_bytes(const char *text, int columns)
{
    const char *at = text;
    const char *blank = text;
    for (int column = 0; *at != '\0' && column < greatest_of(columns, 1); column++)
    {
        blank = *at == ' ' ? at : blank;
        utf8_next(&at);
    }
    bool is_whole = *at == '\0' || *at == ' ' || blank == text;
    return (size_t)((is_whole ? at : blank) - text);
}

enum role canvas_ramp(uint64_t part, uint64_t whole)
{
    if (part == 0 || whole == 0)
        return ROLE_RAMP;
    if (part >= whole)
        return ROLE_RAMP + ROLE_STEPS - 1;
    return ROLE_RAMP + (enum role)((wide_number)part * ROLE_STEPS / whole);
}

struct area area_of(int x, int y, int width, int height)
{
    return (struct area){.x = x, .y = y, .width = greatest_of(width, 0), .height = greatest_of(height, 0)};
}

struct area area_below(struct area area, int rows)
{
    rows = least(greatest_of(rows, 0), area.height);
    return area_of(area.x, area.y + rows, area.width, area.height - rows);
}

struct area area_top(struct area area, int rows)
{
    return area_of(area.x, area.y, area.width, least(rows, area.height));
}

struct area area_left(struct area area, int columns)
{
    return area_of(area.x, area.y, least(columns, area.width), area.height);
}

struct area area_right_of(struct area area, int columns)
{
    columns = least(greatest_of(columns, 0), area.width);
    return area_of(area.x + columns, area.y, area.width - columns, area.height);
}

bool area_has(struct area area, int x, int y)
{
    return x >= area.x && y >= area.y && x < area.x + area.width && y < area.y + area.height;
}

// Without its trailing blanks; returns the end.
static char *write_row(const struct canvas *canvas, int y, char *out)
{
    const struct cell *row = &canvas->cells[(size_t)y * (size_t)canvas->width];
    int columns = canvas->width;
    while (columns > 0 && row[columns - 1].character == ' ')
        columns--;
    for (int x = 0; x < columns; x++)
        out += utf8_put(out, row[x].character);
    *out++ = '\n';
    return out;
}

char *canvas_to_text(const struct canvas *canvas)
{
    size_t row_bytes = (size_t)canvas->width * UTF8_BYTES_MAX + 1;
    char *text = malloc(row_bytes * (size_t)canvas->height + 1);
    char *out = text;
    if (text == NULL)
        return NULL;
    for (int y = 0; y < canvas->height; y++)
        out = write_row(canvas, y, out);
    *out = '\0';
    return text;
}
