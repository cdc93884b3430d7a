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

// A stretch of time in so many columns. Column c is what happens after the end of the column before, up to and with its
// own end; the first has its beginning too. So is each point of reel/timeline.h, of which a column has one or two.
struct timeline_span
{
    uint64_t begin_ns;
    uint64_t end_ns; // after begin_ns
    int columns;     // at least 1
};

// What the state's zoom shows: cut at the end of the reel, and never empty.
struct timeline_span timeline_span_of(const struct model *model, const struct state *state, int columns);
// The column that a time lies in: negative before the stretch, `columns` or more after it.
int64_t timeline_column_at(const struct timeline_span *span, uint64_t t_ns);
// The last nanosecond of a column, which may lie outside of the stretch; 0 before the reel.
uint64_t timeline_column_end(const struct timeline_span *span, int64_t column);

#endif
