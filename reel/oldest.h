// SPDX-License-Identifier: MIT
// The oldest survivors at a moment: of the live blocks of each stack, each class or each page, the event that gave
// birth to the oldest. Made when asked, in one pass over the live blocks; regions say theirs with their other figures
// (reel_replay_regions). A block that came with a fork was born in the process that allocated it.
#ifndef HEAPREEL_REEL_OLDEST_H
#define HEAPREEL_REEL_OLDEST_H

#include "reel/replay.h"

#define REEL_OLDEST_NONE UINT64_MAX // of a birth: no block lives; of a time: it is not known

struct reel_oldest
{
    uint64_t *stacks; // [stack], 0 = blocks without one: of own blocks, as reel_replay_stacks has them
    size_t stack_count;
    uint64_t classes[REEL_CLASS_NUMBERS]; // [class number], as reel_replay_classes has them: with what came by forks
};

// Of a process, 0: of all that run. To be given back with reel_oldest_fini, also when it has failed. REEL_E_ARGUMENT:
// the reel has no such process.
int reel_oldest_find(struct reel_oldest *oldest, const struct reel_replay *replay, uint32_t process,
                     const struct reel_progress *progress, struct reel_error *error);
void reel_oldest_fini(struct reel_oldest *oldest);

// The same of the blocks that touch each of page_count pages, from the one that holds the address on, into the caller's
// births[page_count]. One process, with what came by a fork, as reel_replay_pages.
int reel_oldest_of_pages(const struct reel_replay *replay, uint32_t process, uint64_t address, size_t page_count,
                         uint64_t *births, const struct reel_progress *progress, struct reel_error *error);

// When each of these events was, into the caller's times_ns[count]; REEL_OLDEST_NONE for none, and for an event in a
// damaged chunk. Reads each chunk that has one of them once.
int reel_oldest_times(struct reel_reader *reader, const uint64_t *births, size_t count, uint64_t *times_ns,
                      const struct reel_progress *progress, struct reel_error *error);

#endif
