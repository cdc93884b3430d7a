// SPDX-License-Identifier: MIT
// Roles as colours and attributes of ncurses, for as many colours as a terminal has.
#ifndef HEAPREEL_VIEWER_TERMINAL_COLOURS_H
#define HEAPREEL_VIEWER_TERMINAL_COLOURS_H

#include "viewer/screen/canvas.h"

// After start_color() or, for none, without it; forgets all pairs.
void colours_begin(enum canvas_colours colours);
// The attributes of a cell, and *pair, of which there may be fewer than there are combinations: then the ground goes.
unsigned colours_of(const struct cell *cell, int *pair);

#endif
