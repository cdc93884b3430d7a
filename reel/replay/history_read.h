// SPDX-License-Identifier: MIT
// What all questions about events share: to read a range of them with progress, and to know when processes are copied
// and end. Private to reel/.
#ifndef HEAPREEL_REEL_REPLAY_HISTORY_READ_H
#define HEAPREEL_REEL_REPLAY_HISTORY_READ_H

#include "reel/replay.h"

// Takes events number first to first + count - 1. REEL_OK or REEL_E_NO_MEMORY, which ends the reading.
typedef int history_take(void *context, const struct reel_event *events, size_t count, uint64_t first);

// A question begins: it has left out nothing yet.
void history_begin_count(struct reel_reader *reader);
// Beside what was left out in reading, the replay's way has left out some, of which the reading may have met all.
void history_count_way(struct reel_replay *replay);

// Gives the events from begin to the one before end, in order; those of damaged chunks are left out, and counted.
int history_read(struct reel_reader *reader, uint64_t begin, uint64_t end, const struct reel_progress *progress,
                 history_take *take, void *context, struct reel_error *error);

// The progress of a part of the work, which goes from one fraction of the whole to another.
struct history_part
{
    const struct reel_progress *whole; // NULL: nobody asks
    double from;
    double to;
};
struct reel_progress history_part_progress(struct history_part *part); // valid as long as the part

// After so many events a process gets the blocks that its parent has then, or is gone.
struct history_turn
{
    uint64_t event;
    uint32_t process;
    uint32_t parent; // 0: it is gone
};

struct history_turns
{
    struct history_turn *turns; // by event; copies before ends
    size_t count;
    size_t process_count; // greatest number of a process; numbers are dense from 1
};

// Of processes that began before that many events, and ends before them. Rows after a missing number are left out: an
// event of such a process is of none. The turns are to be freed with free().
int history_turns_read(struct history_turns *turns, struct reel_reader *reader, uint64_t events,
                       struct reel_error *error);

#endif
