// SPDX-License-Identifier: MIT
// A range of events read once, with the blocks that live in it: what was allocated, freed or temporary by stack, or
// where the live bytes were greatest. Blocks that came with a fork are left out. Private to reel/.
#ifndef HEAPREEL_REEL_REPLAY_MEASURE_PASS_H
#define HEAPREEL_REEL_REPLAY_MEASURE_PASS_H

#include "reel/replay.h"

// Amounts of numbers that may be negative in a difference, kept without a sign: those of a damaged reel wrap around.
struct measure_sum
{
    uint64_t bytes;
    uint64_t blocks;
};

struct measure_sums
{
    struct measure_sum *stacks; // [stack], 0 = blocks without one
    size_t count;
};

static inline void measure_add(struct measure_sums *sums, uint32_t stack, uint64_t bytes, uint64_t blocks)
{
    struct measure_sum *sum = &sums->stacks[stack < sums->count ? stack : 0];
    sum->bytes += bytes;
    sum->blocks += blocks;
}

enum measure_tally
{
    MEASURE_ALLOCATED = 1, // by alloc events, and what resizes added
    MEASURE_FREED = 2,     // by free events, as large as the blocks were last
    MEASURE_TEMPORARY = 3, // of them those that were the thread's next event; right from the beginning of the reel only
};

// Adds the tally of the events from begin to the one before end to the sums; of all processes for process 0, which the
// next ones mean as well. Moves the replay to the beginning, unless that is the reel's or not after the process's.
int measure_pass(struct reel_replay *replay, uint32_t process, enum measure_tally tally, uint64_t begin, uint64_t end,
                 struct measure_sums *sums, const struct reel_progress *progress, struct reel_error *error);

// After how many of these events the live bytes were greatest for the first time, and how many they were; 0 and 0: they
// were none. Moves the replay.
int measure_pass_peak(struct reel_replay *replay, uint32_t process, uint64_t begin, uint64_t end, uint64_t *moment,
                      uint64_t *bytes, const struct reel_progress *progress, struct reel_error *error);

// The same for all events before a moment: reads a chunk or two, of one process all that happened in its time.
int measure_find_peak(struct reel_replay *replay, uint32_t process, uint64_t events, uint64_t *moment,
                      const struct reel_progress *progress, struct reel_error *error);

#endif
