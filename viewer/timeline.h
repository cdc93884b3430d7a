// SPDX-License-Identifier: MIT
// The run as a curve that is always in sight: live and resident bytes, the rate of allocation in two tones, marks and
// the cursor.
#ifndef HEAPREEL_VIEWER_TIMELINE_H
#define HEAPREEL_VIEWER_TIMELINE_H

#include "viewer/page.h"

void timeline_draw(struct page_view *view, struct canvas *canvas, struct area area);
// How many columns of the area are time, and the first of them.
int timeline_columns(struct area area, int *first);
// The moment (events) of a column of the area that was drawn last.
int timeline_moment_of(struct page_view *view, struct area area, int column, uint64_t *events,
                       struct reel_error *error);

#endif
