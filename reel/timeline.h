// SPDX-License-Identifier: MIT
// The run as points, from chunk rows alone: no event is read.
#ifndef HEAPREEL_REEL_TIMELINE_H
#define HEAPREEL_REEL_TIMELINE_H

#include "reel/reader.h"

struct reel_timeline_point
{
    uint64_t begin_ns;    // of the point's stretch of time, which ends where the next one begins
    uint64_t end_ns;      // what happens at it belongs to it; the first point has what happens at its beginning, too
    uint64_t events;      // in the reel up to its end
    uint64_t allocations; // in it; a chunk that lies in several points gives each its share of the time
    uint64_t frees;
    uint64_t resizes;
    uint64_t requested_bytes;
    uint64_t live_bytes_min; // of the chunks that touch it, and of the heap that it begins with
    uint64_t live_bytes_max;
    uint64_t live_bytes;     // at its end; inside a chunk on the line from the chunk's beginning to its end
    uint64_t live_blocks;    // the same
    uint64_t resident_bytes; // of all processes that ran at the last sample up to its end; 0 = none yet
};
// The stretch from begin_ns to end_ns (UINT64_MAX: the end of the reel) in point_count equal parts. The array is the
// caller's, to be freed with free(). REEL_E_ARGUMENT: no point, or an end before the beginning.
int reel_timeline_read(struct reel_reader *reader, uint64_t begin_ns, uint64_t end_ns, size_t point_count,
                       struct reel_timeline_point **points, struct reel_error *error);

#endif
