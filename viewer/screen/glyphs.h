// SPDX-License-Identifier: MIT
// The characters to draw with: three sets, for terminals with UTF-8, for the kernel's console, whose fonts have few of
// them, and for all others. In each, what colours tell can be told by characters alone.
#ifndef HEAPREEL_VIEWER_GLYPHS_H
#define HEAPREEL_VIEWER_GLYPHS_H

#include <stdbool.h>
#include <stdint.h>

#define GLYPHS_FILLS 10
#define GLYPHS_HEIGHTS 9
#define GLYPHS_PARTS 6

struct glyphs
{
    bool is_utf8;
    uint32_t fills[GLYPHS_FILLS];     // magnitudes without colour, nothing to full: " .:-=+*#%@"
    uint32_t heights[GLYPHS_HEIGHTS]; // nothing to a full column: sparklines
    uint32_t widths[GLYPHS_HEIGHTS];  // nothing to a full column: bars
    uint32_t upper_half;              // U+2580, 0: there is none
    uint32_t lower_half;
    uint32_t braille;             // U+2800, to which the dots of a cell are or-ed; 0: there is none
    uint32_t parts[GLYPHS_PARTS]; // requested, rounding, pinned, retained, metadata, untouched
    uint32_t line;                // horizontal
    uint32_t bar;                 // vertical
    uint32_t cursor;              // on the timeline
    uint32_t expanded;            // a node of a tree
    uint32_t collapsed;
    uint32_t more; // stands for what was cut
    uint32_t play;
    uint32_t pause;
    uint32_t up; // growth
    uint32_t down;
};

extern const struct glyphs glyphs_utf8;
extern const struct glyphs glyphs_console;
extern const struct glyphs glyphs_ascii;

#endif
