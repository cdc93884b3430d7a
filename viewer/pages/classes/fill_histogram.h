// SPDX-License-Identifier: MIT
// How full the pages of a heap are: by tenths.
#ifndef HEAPREEL_VIEWER_FILL_HISTOGRAM_H
#define HEAPREEL_VIEWER_FILL_HISTOGRAM_H

#include "viewer/screen/canvas.h"

#include "reel/replay.h"

#define FILL_HISTOGRAM_ROWS (REEL_FILL_STEPS + 1) // with its title

// A title and a row for each tenth; fewer rows: one line of columns side by side.
void fill_histogram_draw(struct canvas *canvas, struct area area, const struct reel_heap_state *heap);

// The role of a magnitude of something that is there: never as dark as nothing, also where there are eight colours.
enum role fill_role(uint64_t part, uint64_t whole);

#endif
