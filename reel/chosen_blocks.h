// SPDX-License-Identifier: MIT
// Where chosen blocks lie, and of which classes they are: what a filter leaves of the pages and classes. Made when
// asked, in one pass over the live blocks.
#ifndef HEAPREEL_REEL_CHOSEN_BLOCKS_H
#define HEAPREEL_REEL_CHOSEN_BLOCKS_H

#include "reel/replay.h"

struct reel_block_choice
{
    const bool *stacks;   // [of reel_replay_stacks; 0: blocks without one]; NULL = any
    int32_t class_number; // -1 = any
    uint64_t least_bytes; // requested
    uint64_t most_bytes;  // 0 = no bound
};

// Usable bytes, at most 4096, of the chosen live blocks on each of page_count pages, from the one that holds the
// address on, into the caller's bytes[page_count]. One process, with what came by a fork, as reel_replay_pages.
// REEL_E_ARGUMENT: the reel has no such process.
int reel_chosen_pages(const struct reel_replay *replay, uint32_t process, const struct reel_block_choice *choice,
                      uint64_t address, size_t page_count, uint16_t *bytes, const struct reel_progress *progress,
                      struct reel_error *error);

struct reel_chosen_class
{
    uint64_t live_blocks;
    uint64_t live_bytes; // requested
    uint64_t usable_bytes;
};

// What the chosen live blocks are of each class, into the caller's array; of a process or of all that run (0), with
// what came by forks, as reel_replay_classes. REEL_E_ARGUMENT: no such process.
int reel_chosen_classes(const struct reel_replay *replay, uint32_t process, const struct reel_block_choice *choice,
                        struct reel_chosen_class classes[REEL_CLASS_NUMBERS], const struct reel_progress *progress,
                        struct reel_error *error);

#endif
