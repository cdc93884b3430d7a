// SPDX-License-Identifier: MIT
// Reels whose events are known, and the sums by stack that a naive reading of these gives: blocks are found by the
// place that an address has in an array.
#ifndef HEAPREEL_TESTS_REEL_NAIVE_SUMS_H
#define HEAPREEL_TESTS_REEL_NAIVE_SUMS_H

#include "recording.h"
#include "reel/measure.h"

#define SUMMED_PROCESSES 3
#define SUMMED_STACKS 39

// The events of a reel, and when its processes end.
struct summed
{
    struct recording *recording;
    struct reel_reader *reader;
    struct reel_replay *replay;
    struct reel_event *events;
    size_t count;
    size_t ends[SUMMED_PROCESSES + 1]; // [process], in events; 0: it does not
};

struct naive_sum
{
    int64_t bytes;
    int64_t blocks;
};

struct naive_sums
{
    struct naive_sum stacks[SUMMED_STACKS + 1];
};

// More than a chunk of random events. The third process ends in the middle, the second a little before the end, the
// first with the recording.
struct summed summed_make(struct recording *recording, uint64_t seed);
void summed_free(struct summed *summed);

// What others put together: stacks of the numbers 1 to SUMMED_STACKS; the end of a process after the events that there
// are; reading what was written.
void summed_add_stacks(struct recording *recording, struct reel_writer *writer);
void summed_end_process(struct summed *summed, struct reel_writer *writer, uint32_t process);
void summed_open(struct summed *summed);

void naive_add(struct naive_sums *sums, uint32_t stack, uint64_t bytes, int64_t blocks);
struct naive_sums naive_minus(struct naive_sums left, const struct naive_sums *right);
// Any but pinned. Of one process; 0: of all.
struct naive_sums naive_measure(const struct summed *summed, uint32_t process, enum reel_measure measure,
                                size_t events);
struct naive_sums naive_range(const struct summed *summed, uint32_t process, enum reel_range_verb verb, size_t begin,
                              size_t end);

#endif
