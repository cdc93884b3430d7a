// SPDX-License-Identifier: MIT
// The blocks of a table as they are at a moment, for another thread. Whoever changes the table only copies memory; what
// is more work is done when the copy is settled, by whom it suits.
#ifndef HEAPREEL_REEL_BLOCKS_COPY_H
#define HEAPREEL_REEL_BLOCKS_COPY_H

#include "reel/blocks.h"

struct reel_blocks_copy
{
    struct reel_block *blocks;
    size_t count; // until it is settled with vacant entries among them
    size_t max;
    uint32_t *vacant; // their indexes
    size_t vacant_count;
};

int reel_blocks_copy_take(struct reel_blocks_copy *copy,
                          const struct reel_blocks *blocks); // REEL_OK or REEL_E_NO_MEMORY
// Leaves the live blocks alone, in no order.
void reel_blocks_copy_settle(struct reel_blocks_copy *copy);
void reel_blocks_copy_free(struct reel_blocks_copy *copy); // a zeroed one is allowed

#endif
