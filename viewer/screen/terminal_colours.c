// SPDX-License-Identifier: MIT
// The ladder of colours. With 256: cividis for magnitudes, and the eight of Okabe and Ito for what is told apart; both
// can be read by those who do not see red or green. With 8: five steps and seven colours. With none: attributes.
#include "viewer/screen/terminal_colours.h"

#include <ncurses.h>
#include <string.h>

#define DEFAULT_COLOUR (-1)

// [role] up to ROLE_RAMP: orange, sky blue, bluish green, yellow, blue, vermillion, purple, grey are 214 74 36 227 32
// 166 175 245.
static const short of_256[ROLE_RAMP] = {
    [ROLE_TEXT] = DEFAULT_COLOUR,
    [ROLE_DIM] = 244,
    [ROLE_LABEL] = 67,
    [ROLE_TITLE] = DEFAULT_COLOUR,
    [ROLE_KEY] = 38,
    [ROLE_WARNING] = 214,
    [ROLE_REQUESTED] = 32,
    [ROLE_ROUNDING] = 74,
    [ROLE_PINNED] = 166,
    [ROLE_RETAINED] = 214,
    [ROLE_METADATA] = 175,
    [ROLE_MORE] = 208,
    [ROLE_LESS] = 39,
    [ROLE_MARK_A] = 36,
    [ROLE_MARK_B] = 175,
    [ROLE_CURSOR] = 31,
    [ROLE_CATEGORY] = 214,
    74,
    36,
    227,
    32,
    166,
    175,
    245,
};
static const short ramp_256[ROLE_STEPS] = {17,  18,  236, 24,  60,  242, 66,  102,
                                           246, 247, 143, 179, 185, 221, 227, 229}; // cividis, from dark to light

static const short of_8[ROLE_RAMP] = {
    [ROLE_TEXT] = DEFAULT_COLOUR,
    [ROLE_DIM] = DEFAULT_COLOUR,
    [ROLE_LABEL] = COLOR_CYAN,
    [ROLE_TITLE] = DEFAULT_COLOUR,
    [ROLE_KEY] = COLOR_CYAN,
    [ROLE_WARNING] = COLOR_YELLOW,
    [ROLE_REQUESTED] = COLOR_BLUE,
    [ROLE_ROUNDING] = COLOR_CYAN,
    [ROLE_PINNED] = COLOR_RED,
    [ROLE_RETAINED] = COLOR_YELLOW,
    [ROLE_METADATA] = COLOR_MAGENTA,
    [ROLE_MORE] = COLOR_YELLOW,
    [ROLE_LESS] = COLOR_CYAN,
    [ROLE_MARK_A] = COLOR_CYAN,
    [ROLE_MARK_B] = COLOR_MAGENTA,
    [ROLE_CURSOR] = COLOR_BLUE,
    [ROLE_CATEGORY] = COLOR_YELLOW,
    COLOR_CYAN,
    COLOR_GREEN,
    COLOR_WHITE,
    COLOR_BLUE,
    COLOR_RED,
    COLOR_MAGENTA,
    DEFAULT_COLOUR,
};
static const short ramp_8[] = {COLOR_BLACK, COLOR_BLUE, COLOR_CYAN, COLOR_WHITE, COLOR_YELLOW};
#define RAMP_8_STEPS ((int)(sizeof ramp_8 / sizeof *ramp_8))

static struct
{
    enum canvas_colours count;
    int pair_count;                        // allocated; 0 is the terminal's own
    int16_t pairs[ROLE_COUNT][ROLE_COUNT]; // [role][ground], 0 = none yet
} colours;

void colours_begin(enum canvas_colours count)
{
    memset(&colours, 0, sizeof colours);
    colours.count = count;
}

static short colour_of(int role)
{
    int step = role - ROLE_RAMP;
    if (colours.count == CANVAS_256)
        return step >= 0 ? ramp_256[step] : of_256[role];
    return step >= 0 ? ramp_8[step * RAMP_8_STEPS / ROLE_STEPS] : of_8[role];
}

static int pair_of(int role, int ground)
{
    int16_t *pair = &colours.pairs[role][ground];
    if ((role == ROLE_TEXT && ground == ROLE_TEXT) || *pair != 0)
        return *pair;
    if (colours.pair_count + 1 >= COLOR_PAIRS || colours.pair_count == INT16_MAX)
        return ground == ROLE_TEXT ? 0 : pair_of(role, ROLE_TEXT);
    if (init_extended_pair(colours.pair_count + 1, colour_of(role), colour_of(ground)) == ERR)
        return 0;
    colours.pair_count++;
    return *pair = (int16_t)colours.pair_count;
}

static unsigned attributes_of_role(int role)
{
    switch (role)
    {
    case ROLE_TITLE:
    case ROLE_KEY:
    case ROLE_WARNING:
    case ROLE_CURSOR:
    case ROLE_MARK_A:
    case ROLE_MARK_B:
        return A_BOLD;
    case ROLE_DIM:
        return colours.count == CANVAS_256 ? A_NORMAL : A_DIM;
    default:
        return A_NORMAL;
    }
}

unsigned colours_of(const struct cell *cell, int *pair)
{
    int role = cell->role < ROLE_COUNT ? cell->role : ROLE_TEXT;
    int ground = cell->ground < ROLE_COUNT ? cell->ground : ROLE_TEXT;
    // A selected row is one bar, not a patch of each colour in it; magnitudes stay what they are.
    if ((cell->style & CELL_REVERSE) && role < ROLE_CATEGORY)
        role = ground = ROLE_TEXT;
    unsigned attributes = attributes_of_role(role);
    if (cell->style & CELL_BOLD)
        attributes |= A_BOLD;
    if (cell->style & CELL_UNDERLINE)
        attributes |= A_UNDERLINE;
    if (cell->style & CELL_REVERSE)
        attributes |= A_REVERSE;
    *pair = 0;
    if (colours.count != CANVAS_MONOCHROME)
        *pair = pair_of(role, ground);
    else if (ground != ROLE_TEXT)
        attributes ^= A_REVERSE;
    return attributes;
}
