// SPDX-License-Identifier: MIT
// A walk over all live blocks of a table in the order in which they lie in memory: for passes over very many.
#ifndef HEAPREEL_REEL_BLOCKS_WALK_H
#define HEAPREEL_REEL_BLOCKS_WALK_H

#include "reel/blocks.h"

struct reel_blocks_walk
{
    const struct reel_blocks *blocks;
    uint64_t *vacant; // a bit for each place of the pool
    uint32_t index;   // of the next place
};

// The table must not change until the walk has ended. REEL_OK, or REEL_E_NO_MEMORY: there is no walk to end.
int reel_blocks_walk_begin(struct reel_blocks_walk *walk, const struct reel_blocks *blocks);
const struct reel_block *reel_blocks_walk_next(struct reel_blocks_walk *walk); // NULL at the end
void reel_blocks_walk_end(struct reel_blocks_walk *walk);

#endif
