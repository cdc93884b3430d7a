// SPDX-License-Identifier: MIT
// The size classes over time: what each class holds at the end of each of equal parts of a stretch of time, the parts
// being those of a timeline (reel/timeline.h).
#ifndef HEAPREEL_REEL_CLASSES_OVER_H
#define HEAPREEL_REEL_CLASSES_OVER_H

#include "reel/replay.h"

// Of a class at the end of a point, as reel_replay_classes has it.
struct reel_class_point
{
    uint64_t live_blocks;
    uint64_t requested_bytes;
    uint64_t usable_bytes;
    uint64_t carved_slots; // 0 where the allocator does not tell
};

struct reel_classes_over
{
    uint64_t begin_ns;
    uint64_t end_ns;
    size_t point_count;
    size_t class_count;
    struct reel_class_state *classes; // those that have blocks or carved slots at a point, by number; without figures
    struct reel_class_point *points;  // [number * point_count + point], of any number
};

// The stretch from begin_ns to end_ns (UINT64_MAX: the end of the reel) in point_count equal parts, of a process or of
// all (0). To be given back with reel_classes_over_fini, also when it has failed. The replay says which classes there
// are; it is not moved. REEL_E_ARGUMENT: no such process, no point, or an end before the beginning.
//
// Of a stretch of more than 1,048,576 events it is told by the rows of class_totals: exact where a chunk ends, inside a
// chunk on the straight line from its beginning to its end. Of a shorter one, and where rows are missing (older reels
// have none), it is exact: reads the events from the last keyframe before the first point's end on, without the sums
// that other answers need.
int reel_classes_over_read(struct reel_classes_over *over, const struct reel_replay *replay, uint32_t process,
                           uint64_t begin_ns, uint64_t end_ns, size_t point_count, const struct reel_progress *progress,
                           struct reel_error *error);
void reel_classes_over_fini(struct reel_classes_over *over);

#endif
