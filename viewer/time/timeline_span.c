// SPDX-License-Identifier: MIT
// Columns of the timeline and the times they stand for: each way undoes the other. Draws nothing.
#include "viewer/time/timeline.h"

__extension__ typedef __int128 wide;

struct timeline_span timeline_span_of(const struct model *model, const struct state *state, int columns)
{
    uint64_t end_ns = model_end_ns(model);
    struct timeline_span span = {.begin_ns = state->zoom_begin_ns, .end_ns = state->zoom_end_ns};
    if (span.end_ns > end_ns)
        span.end_ns = end_ns;
    if (span.begin_ns >= span.end_ns)
        span = (struct timeline_span){.begin_ns = 0, .end_ns = end_ns != 0 ? end_ns : 1};
    span.columns = columns > 0 ? columns : 1;
    return span;
}

// Rounded down, also below 0.
static wide divide(wide number, wide by)
{
    return number / by - (number % by < 0);
}

int64_t timeline_column_at(const struct timeline_span *span, uint64_t t_ns)
{
    wide width = (wide)span->end_ns - span->begin_ns;
    wide distance = (wide)t_ns - span->begin_ns;
    if (distance == 0)
        return 0;
    wide column = -divide(-distance * span->columns, width) - 1;
    return column > INT32_MAX ? INT32_MAX : column < INT32_MIN ? INT32_MIN : (int64_t)column;
}

uint64_t timeline_column_end(const struct timeline_span *span, int64_t column)
{
    wide width = (wide)span->end_ns - span->begin_ns;
    wide end = span->begin_ns + divide(width * (column + 1), span->columns);
    return end < 0 ? 0 : end > UINT64_MAX ? UINT64_MAX : (uint64_t)end;
}
