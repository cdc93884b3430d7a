// SPDX-License-Identifier: MIT
// A screen in memory: a grid of cells. All drawing goes here and knows no terminal; one file shows it by ncurses,
// another prints it as text.
//
// Drawing outside the grid, or outside the area that a function was given, is cut off. Text is UTF-8 that came through
// format_text or is ours; a character that is wider than a column, or none, is drawn as '?'. Where text is cut the last
// column says so: a figure of which the end is missing must not pass for another. Text keeps the ground that is there.
#ifndef HEAPREEL_VIEWER_CANVAS_H
#define HEAPREEL_VIEWER_CANVAS_H

#include "viewer/screen/glyphs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a cell means; colours are chosen by what shows it. Each meaning that matters is told by a character or a word as
// well.
enum role
{
    ROLE_TEXT = 0,
    ROLE_DIM,   // beside the point, filtered out, grey
    ROLE_LABEL, // names of figures, headings of columns
    ROLE_TITLE,
    ROLE_KEY, // a key in the footer
    ROLE_WARNING,
    ROLE_REQUESTED, // parts of the identity
    ROLE_ROUNDING,
    ROLE_PINNED,
    ROLE_RETAINED,
    ROLE_METADATA,
    ROLE_MORE, // differences
    ROLE_LESS,
    ROLE_MARK_A,
    ROLE_MARK_B,
    ROLE_CURSOR,
    ROLE_CATEGORY,                 // and the next ROLE_CATEGORIES - 1: zones, classes
    ROLE_RAMP = ROLE_CATEGORY + 8, // and the next ROLE_STEPS - 1: magnitudes, dark to light
    ROLE_COUNT = ROLE_RAMP + 16,
};
#define ROLE_CATEGORIES 8
#define ROLE_STEPS 16

enum cell_style
{
    CELL_BOLD = 1,
    CELL_REVERSE = 2, // the selected row
    CELL_UNDERLINE = 4,
};

struct cell
{
    uint32_t character; // a code point of one column
    uint8_t role;       // of the character
    uint8_t ground;     // role behind it; ROLE_TEXT: the terminal's own
    uint8_t style;      // enum cell_style, or-ed
};

struct area
{
    int x;
    int y;
    int width;
    int height;
};

enum canvas_colours
{
    CANVAS_MONOCHROME = 0,
    CANVAS_8 = 8, // and 16
    CANVAS_256 = 256,
};

struct canvas
{
    int width;
    int height;
    struct cell *cells; // [y * width + x]
    const struct glyphs *glyphs;
    enum canvas_colours colours; // that what shows it has: where there are none, characters must say all
};

// False: no memory. All cells are blank.
bool canvas_init(struct canvas *canvas, int width, int height, const struct glyphs *glyphs,
                 enum canvas_colours colours);
void canvas_fini(struct canvas *canvas);
struct area canvas_area(const struct canvas *canvas);
void canvas_clear(struct canvas *canvas, struct area area);

// x and y count from the area's corner. Each gives the column after the last one drawn (or cut).
int canvas_text(struct canvas *canvas, struct area area, int x, int y, enum role role, const char *text);
__attribute__((format(printf, 6, 7))) int canvas_print(struct canvas *canvas, struct area area, int x, int y,
                                                       enum role role, const char *format, ...);
// Right-aligned: ends before column x; what does not fit is cut at the left.
void canvas_text_right(struct canvas *canvas, struct area area, int x, int y, enum role role, const char *text);
void canvas_put(struct canvas *canvas, struct area area, int x, int y, uint32_t character, enum role role,
                enum role ground);
// Adds a style to cells that are drawn already.
void canvas_style(struct canvas *canvas, struct area area, int x, int y, int width, enum cell_style style);
// A bar of `width` columns of which part / whole are full, in eighths of a column where the glyphs have them.
void canvas_bar(struct canvas *canvas, struct area area, int x, int y, int width, uint64_t part, uint64_t whole,
                enum role role);
// Values side by side, one a column, by height; greatest 0: of the values.
void canvas_sparkline(struct canvas *canvas, struct area area, int x, int y, const uint64_t *values, int count,
                      uint64_t greatest, enum role role);

// How many columns text takes.
int canvas_columns(const char *text);
// How many bytes of the text are its first line where lines have so many columns: up to a blank, which the next line
// leaves out; a word that is longer than a line is broken. 0: the text is "".
size_t canvas_line_bytes(const char *text, int columns);
// The role of a magnitude: part / whole on the ramp; whole 0 gives the lowest.
enum role canvas_ramp(uint64_t part, uint64_t whole);

struct area area_of(int x, int y, int width, int height);
// The part of an area below its first n rows, or the n rows themselves.
struct area area_below(struct area area, int rows);
struct area area_top(struct area area, int rows);
struct area area_left(struct area area, int columns);
struct area area_right_of(struct area area, int columns);
bool area_has(struct area area, int x, int y);

// The grid as lines of UTF-8, trailing blanks left out. To be freed with free(); NULL: no memory.
char *canvas_to_text(const struct canvas *canvas);

#endif
