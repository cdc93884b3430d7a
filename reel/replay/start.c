// SPDX-License-Identifier: MIT
// Where the way to a moment begins.
#include "reel/replay/replay_internal.h"

static void begin_anew(struct reel_replay *replay)
{
    replay_state_clear(&replay->state);
    replay->events = 0;
    replay->t_ns = 0;
    replay->damaged_events = 0;
    replay->is_broken = false;
}

int replay_start(struct reel_replay *replay, uint64_t events, struct reel_error *error)
{
    (void)error;
    if (replay->is_broken || events < replay->state.journal.from)
        begin_anew(replay);
    return REEL_OK;
}
