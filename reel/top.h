// SPDX-License-Identifier: MIT
// Call stacks ranked by what they hold at a moment.
#ifndef HEAPREEL_REEL_TOP_H
#define HEAPREEL_REEL_TOP_H

#include "reel/reader.h"

struct reel_top_row
{
    uint32_t stack; // 0 = blocks without stack
    uint64_t blocks;
    uint64_t bytes; // requested
};

// Live blocks per allocation stack after that many events, by bytes descending, at most limit rows (0 = all). The array
// is the caller's, to be freed with free(). *total is the sum over all stacks.
int reel_top_live(struct reel_reader *reader, uint64_t events, size_t limit, const struct reel_progress *progress,
                  struct reel_top_row **rows, size_t *count, struct reel_top_row *total, struct reel_error *error);

#endif
