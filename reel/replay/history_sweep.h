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
    uint64_t birthmark;
    uint64_t requested_bytes; // as it was last
    uint32_t stack;           // of its allocation
    bool is_of_range;         // born in it
};

// The time from its birth, where that is remembered, to the event that frees it.
static inline uint64_t history_lifetime_ns(const struct history_life *life, const struct reel_event *event)
{
    return event->t_ns > life->birthmark ? event->t_ns - life->birthmark : 0;
}

// 0 for 0, n for 2^(n-1) up to 2^n - 1; the last one is for all above it too.
static inline size_t history_step_of(uint64_t amount, size_t step_count)
{
    size_t step = amount == 0 ? 0 : 64 - (size_t)__builtin_clzll(amount);
    return step < step_count ? step : step_count - 1;
}

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
