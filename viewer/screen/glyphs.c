// SPDX-License-Identifier: MIT
// The sets of characters. What stands for an amount grows from left to right.
#include "viewer/screen/glyphs.h"

const struct glyphs glyphs_utf8 = {
    .is_utf8 = true,
    .fills = {' ', 0xb7, ':', 0x2591, 0x2591, 0x2592, 0x2592, 0x2593, 0x2593, 0x2588},
    .heights = {' ', 0x2581, 0x2582, 0x2583, 0x2584, 0x2585, 0x2586, 0x2587, 0x2588},
    .widths = {' ', 0x258f, 0x258e, 0x258d, 0x258c, 0x258b, 0x258a, 0x2589, 0x2588},
    .upper_half = 0x2580,
    .lower_half = 0x2584,
    .braille = 0x2800,
    .parts = {0x2588, 0x2593, 0x2592, 0x2591, 0x259a, 0xb7},
    .line = 0x2500,
    .bar = 0x2502,
    .cursor = 0x25cf,
    .expanded = 0x25be,
    .collapsed = 0x25b8,
    .more = 0x2026,
    .play = 0x25b6,
    .pause = 0x2016,
    .up = 0x25b2,
    .down = 0x25bc,
};

const struct glyphs glyphs_console = {
    .is_utf8 = true,
    .fills = {' ', 0xb7, ':', 0x2591, 0x2591, 0x2592, 0x2592, 0x2593, 0x2593, 0x2588},
    .heights = {' ', '_', '_', 0x2584, 0x2584, 0x2584, 0x2588, 0x2588, 0x2588},
    .widths = {' ', ' ', 0x258c, 0x258c, 0x258c, 0x258c, 0x2588, 0x2588, 0x2588},
    .upper_half = 0x2580,
    .lower_half = 0x2584,
    .parts = {0x2588, 0x2593, 0x2592, 0x2591, '%', 0xb7},
    .line = 0x2500,
    .bar = 0x2502,
    .cursor = 'O',
    .expanded = '-',
    .collapsed = '+',
    .more = '~',
    .play = '>',
    .pause = '=',
    .up = '^',
    .down = 'v',
};

const struct glyphs glyphs_ascii = {
    .is_utf8 = false,
    .fills = {' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'},
    .heights = {' ', '.', '_', '-', '=', '+', '*', '%', '#'},
    .widths = {' ', ' ', ' ', '-', '-', '-', '#', '#', '#'},
    .parts = {'=', '+', '#', '-', '%', '.'},
    .line = '-',
    .bar = '|',
    .cursor = 'O',
    .expanded = '-',
    .collapsed = '+',
    .more = '~',
    .play = '>',
    .pause = '=',
    .up = '^',
    .down = 'v',
};
