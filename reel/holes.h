// SPDX-License-Identifier: MIT
// Free room of a heap that is cut into pieces: how large the holes between live blocks are.
#ifndef HEAPREEL_REEL_HOLES_H
#define HEAPREEL_REEL_HOLES_H

#include "reel/replay.h"

#define REEL_HOLE_SIZES 64

// A hole is a run of bytes of no live block and no header, as long as it goes on occupied pages that lie side by side.
// All holes together are the pinned bytes, but for headers that lie on a page of no block. Of these a block of 2^n
// bytes cannot use what lies in smaller holes: the unusable free space for its size is the sum of bytes[0] to bytes[n -
// 1]. An allocator with size classes can use still less.
struct reel_holes
{
    uint64_t holes[REEL_HOLE_SIZES]; // [n]: of at least 2^n bytes and less than twice as many
    uint64_t bytes[REEL_HOLE_SIZES]; // in them
    uint64_t free_bytes;             // in all
    uint64_t greatest_bytes;         // of the largest one
};

// Where the replay stands; for process 0 the sums over all that run, each with its inherited blocks. Puts the live
// blocks in order, which takes as long as there are many of them.
int reel_holes_find(const struct reel_replay *replay, uint32_t process, struct reel_holes *holes,
                    const struct reel_progress *progress, struct reel_error *error);

#endif
