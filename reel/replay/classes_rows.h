// SPDX-License-Identifier: MIT
// Classes over time from the totals that the recording kept with each chunk: no event is read. Private to reel/.
#ifndef HEAPREEL_REEL_REPLAY_CLASSES_ROWS_H
#define HEAPREEL_REEL_REPLAY_CLASSES_ROWS_H

#include "reel/classes_over.h"
#include "reel/timeline.h"

// Adds to the points of `over`, which are zero, what the totals say; inside a chunk on the straight line from its
// beginning to its end. *is_there: all rows that are needed are there, of the classes that the replay knows; else the
// points are not to be used.
int replay_classes_from_rows(struct reel_classes_over *over, const struct reel_replay *replay, uint32_t process,
                             const struct reel_timeline_point *points, bool *is_there, struct reel_error *error);

#endif
