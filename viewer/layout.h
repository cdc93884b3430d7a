// SPDX-License-Identifier: MIT
// Where things stand on a screen of a size: a pure function. Any size works, down to one line.
#ifndef HEAPREEL_VIEWER_LAYOUT_H
#define HEAPREEL_VIEWER_LAYOUT_H

#include "viewer/screen/canvas.h"

// From 120x36 on the timeline has more rows; under 80x24 it has one; under 40x10 there is one line of figures, and what
// of the page fits. An area of height 0 is not there.
struct layout
{
    struct area header;   // one row: program, state, figures
    struct area timeline; // with its axis
    struct area tabs;     // one row, with the filter's chips
    struct area page;
    struct area footer; // one row: keys, a prompt, or what the engine does
};

struct layout layout_of(int width, int height, bool is_maximised);

#endif
