// SPDX-License-Identifier: MIT
// One pass over the live blocks where a replay stands, in the order in which they lie in memory. Private to reel/.
#ifndef HEAPREEL_REEL_REPLAY_BLOCK_WALK_H
#define HEAPREEL_REEL_REPLAY_BLOCK_WALK_H

#include "reel/replay/replay_internal.h"

typedef void replay_take_block(void *context, const struct reel_block *block);

// Gives each live block of a process, 0: of all that run, with those that came by a fork. REEL_OK, REEL_E_NO_MEMORY or
// REEL_E_CANCELLED.
int replay_walk_blocks(const struct reel_replay *replay, uint32_t process, replay_take_block *take, void *context,
                       const struct reel_progress *progress, struct reel_error *error);

#endif
