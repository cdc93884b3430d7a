// SPDX-License-Identifier: MIT
// Whose blocks were freed beside those of an advice, in the last events before the moment. Private to reel/.
#ifndef HEAPREEL_REEL_REPLAY_ADVICE_NEIGHBOURS_H
#define HEAPREEL_REEL_REPLAY_ADVICE_NEIGHBOURS_H

#include "reel/replay/advice_marks.h"

// Fills in the neighbours of the rows, whose stacks have marked their pages. Reads at most REEL_ADVICE_EVENTS events
// before that many, and does not move the replay.
int advice_neighbours_find(const struct advice_marks *marks, struct reel_replay *replay, uint64_t events,
                           const struct reel_progress *progress, struct reel_advice *rows, size_t row_count,
                           struct reel_error *error);

#endif
