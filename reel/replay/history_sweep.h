// SPDX-License-Identifier: MIT
// A range of events with the blocks that live in it, as far as questions about births and frees need them. Blocks that
// came with a fork count where they were allocated, and are left out. Private to reel/.
#ifndef HEAPREEL_REEL_REPLAY_HISTORY_SWEEP_H
#define HEAPREEL_REEL_REPLAY_HISTORY_SWEEP_H

#include "reel/replay.h"

// What is remembered of a birth; there is room for one.
enum history_birthmark
{
    HISTORY_BIRTH_NS,
    HISTORY_BIRTH_THREAD,
};

struct history_life
{
    uint64_t birth_event;
    uint64_t birthmark;
    uint64_t requested_bytes; // as it was last
};

struct history_question
{
    enum history_birthmark birthmark;
    // A block is freed by the event. REEL_OK or REEL_E_NO_MEMORY.
    int (*take_free)(void *context, const struct history_life *life, const struct reel_event *event);
    // A block lives at the end of the range; may be NULL.
    void (*take_survivor)(void *context, const struct history_life *life);
    void *context;
};

// Moves the replay to the beginning of the range. An end after the reel's is the reel's.
int history_sweep(struct reel_replay *replay, uint64_t begin, uint64_t end, const struct history_question *question,
                  const struct reel_progress *progress, struct reel_error *error);

#endif
