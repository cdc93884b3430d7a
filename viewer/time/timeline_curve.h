// SPDX-License-Identifier: MIT
// The curves of the timeline, from points: live bytes filled, resident bytes as a line above, and the rate of
// allocation. Private to the timeline.
#ifndef HEAPREEL_VIEWER_TIMELINE_CURVE_H
#define HEAPREEL_VIEWER_TIMELINE_CURVE_H

#include "viewer/screen/canvas.h"

#include <stddef.h>

// One point of time of the drawing.
struct curve_point
{
    uint64_t live_bytes;
    uint64_t resident_bytes; // 0: not known yet
    uint64_t allocations;
    uint64_t frees;
};

// Points for each column, left to right: 2 where there are dots of braille, else 1.
int curve_points_per_column(const struct canvas *canvas);

// How many heights so many rows can show.
int curve_steps(const struct canvas *canvas, int rows);

// columns * curve_points_per_column points. Bytes are drawn up to `greatest`: what is more is cut off.
void curve_draw_bytes(struct canvas *canvas, struct area area, const struct curve_point *points, uint64_t greatest);
// One row: live bytes alone, by height.
void curve_draw_line(struct canvas *canvas, struct area area, const struct curve_point *points, uint64_t greatest);
// Two rows: what was allocated stands on the middle, what was freed hangs from it, to the same scale.
void curve_draw_rate(struct canvas *canvas, struct area area, const struct curve_point *points);

#endif
