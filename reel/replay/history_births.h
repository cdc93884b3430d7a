// SPDX-License-Identifier: MIT
// When the blocks of a moment were born, and by whom: a replay knows only the number of the event. Private to reel/.
#ifndef HEAPREEL_REEL_REPLAY_HISTORY_BIRTHS_H
#define HEAPREEL_REEL_REPLAY_HISTORY_BIRTHS_H

#include "reel/replay.h"

// A block that lives, with its sizes of now, and the event of its birth.
struct history_birth
{
    uint64_t event;
    uint64_t address;
    uint64_t requested_bytes;
    uint32_t process;
};

// REEL_OK or REEL_E_NO_MEMORY.
typedef int history_take_birth(void *context, const struct history_birth *birth, const struct reel_event *event);

// Gives the births of all blocks that live where the replay stands, in their order; not those of blocks that came with
// a fork, nor what lies in damaged chunks. Reads only chunks that have some.
int history_births_read(struct reel_replay *replay, const struct reel_progress *progress, history_take_birth *take,
                        void *context, struct reel_error *error);

#endif
