// SPDX-License-Identifier: MIT
// The requested sizes of the live blocks of a class: which sizes fit the class badly. Made when asked, in one pass over
// the live blocks.
#ifndef HEAPREEL_REEL_SIZES_H
#define HEAPREEL_REEL_SIZES_H

#include "reel/replay.h"

struct reel_size
{
    uint64_t requested_bytes; // of each block
    uint64_t live_blocks;
    uint64_t usable_bytes; // of all of them
};

#define REEL_SIZES_ALL_CLASSES (-1)

// By live blocks descending, then by size; of a process or of all that run (0), with what came by forks, as
// reel_replay_classes. The array is the caller's, to be freed with free(). REEL_E_ARGUMENT: no such process.
int reel_sizes_find(const struct reel_replay *replay, uint32_t process, int32_t class_number, struct reel_size **sizes,
                    size_t *count, const struct reel_progress *progress, struct reel_error *error);

#endif
