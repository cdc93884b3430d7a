// SPDX-License-Identifier: MIT
// What stacks are ranked by, and their amounts.
//
// Each question is about one process, or about all (0). By stack a block counts in the process that allocated it: what
// came with a fork is in no figure of the child, but for pinned, where it keeps the child's pages. So the figures of
// all processes together are those of process 0, but for the peaks, which each process has at a moment of its own. How
// many events were left out as damaged is told by reel_history_damaged_events.
#ifndef HEAPREEL_REEL_MEASURE_H
#define HEAPREEL_REEL_MEASURE_H

#include "reel/replay.h"

enum reel_measure
{
    REEL_MEASURE_LIVE = 1,      // requested bytes of live blocks at the moment
    REEL_MEASURE_PEAK = 2,      // the same at the greatest live_bytes of the run, or process, up to the moment
    REEL_MEASURE_ALLOCATED = 3, // requested bytes of all allocations up to the moment, and what resizes added to them
    REEL_MEASURE_TEMPORARY = 4, // of blocks freed by the next event of their thread, up to the moment
    REEL_MEASURE_LEAKED = 5,    // of blocks that lived when their process ended, up to the moment
    REEL_MEASURE_PINNED = 6,    // reel/blame.h
    REEL_MEASURE_ROUNDING = 7,  // usable less requested bytes of live blocks
    REEL_MEASURE_COUNT
};

const char *reel_measure_name(enum reel_measure measure); // live, peak, ...
bool reel_measure_parse(const char *name, enum reel_measure *measure);

struct reel_measured
{
    uint32_t stack; // 0 = blocks without one
    int64_t bytes;  // negative only in differences
    int64_t blocks;
};

// Amounts of all stacks that have any at the moment, by bytes descending, then blocks, then stack. Moves the replay, to
// the moment only for live, pinned and rounding. With rounding and pinned, blocks are all live ones of the stacks that
// have any bytes. The array is the caller's, to be freed with free(); *total is the sum over all of them.
// REEL_E_ARGUMENT: the reel has no such process or measure. The peak of one process reads its events up to the moment.
int reel_measure_at(struct reel_replay *replay, uint32_t process, enum reel_measure measure, uint64_t events,
                    const struct reel_progress *progress, struct reel_measured **rows, size_t *count,
                    struct reel_measured *total, struct reel_error *error);

// The four ways of looking at the events between two moments, begin and end.
enum reel_range_verb
{
    REEL_RANGE_ALLOCATED = 1, // allocated in it, and what resizes added in it to blocks of any age
    REEL_RANGE_FREED = 2,     // freed in it, by the allocation's stack; the end of a process frees nothing
    REEL_RANGE_ALIVE = 3,     // alive from its beginning to its end
    REEL_RANGE_UNFREED = 4,   // allocated in it and alive at its end
};
const char *reel_range_verb_name(enum reel_range_verb verb); // allocated, freed, alive, unfreed
bool reel_range_verb_parse(const char *name, enum reel_range_verb *verb);
// Rows as those of reel_measure_at, as large as the blocks were at the end or when they were freed. REEL_E_ARGUMENT: it
// begins after its end. Moves the replay.
int reel_measure_range(struct reel_replay *replay, uint32_t process, enum reel_range_verb verb, uint64_t begin,
                       uint64_t end, const struct reel_progress *progress, struct reel_measured **rows, size_t *count,
                       struct reel_measured *total, struct reel_error *error);

// A measure at the second moment less that at the first, by the greatness of the change. Moves the replay.
int reel_measure_difference(struct reel_replay *replay, uint32_t process, enum reel_measure measure, uint64_t first,
                            uint64_t second, const struct reel_progress *progress, struct reel_measured **rows,
                            size_t *count, struct reel_measured *total, struct reel_error *error);

#endif
