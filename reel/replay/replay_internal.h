// SPDX-License-Identifier: MIT
// A replay's parts, for the files that answer from it: replay.c (the way to a moment), start.c (where a way begins),
// answers.c (sums, classes), live_blocks.c (blocks), and those of regions, identity and blame.
#ifndef HEAPREEL_REEL_REPLAY_REPLAY_INTERNAL_H
#define HEAPREEL_REEL_REPLAY_REPLAY_INTERNAL_H

#include "reel/replay.h"
#include "reel/replay/state.h"
#include "reel/replay/window.h"

struct reel_replay
{
    struct reel_reader *reader;
    struct replay_state state;
    struct replay_window window;
    uint64_t events; // where it stands
    uint64_t t_ns;
    uint64_t damaged_events;
    bool is_broken; // for want of memory: it begins anew
};

// The heap of a process that runs, NULL: it does not. That of a child is there from the fork on, before it begins.
static inline const struct replay_heap *replay_heap_of(const struct reel_replay *replay, uint32_t process)
{
    bool is_running = process < replay->state.lives.count && replay->state.processes[process].is_running;
    return is_running ? replay->state.heaps[process] : NULL;
}

// start.c

// Puts the state where the way to that many events is the shortest: it may stay, or begin at a keyframe or at 0.
int replay_start(struct reel_replay *replay, uint64_t events, struct reel_error *error);

#endif
