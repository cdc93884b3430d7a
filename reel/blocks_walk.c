// SPDX-License-Identifier: MIT
// The blocks in the order in which they lie. The groups name them in the order of a hash, so that each would have to be
// fetched from anywhere; which places of the pool are vacant is a bit each, made from the list of them.
#include "reel/blocks_walk.h"

#include <stdlib.h>

#include "reel/status.h"

#define WORD_BITS 64

int reel_blocks_walk_begin(struct reel_blocks_walk *walk, const struct reel_blocks *blocks)
{
    *walk = (struct reel_blocks_walk){.blocks = blocks, .index = 1};
    walk->vacant = calloc(blocks->pool_end / WORD_BITS + 1, sizeof *walk->vacant);
    if (walk->vacant == NULL)
        return REEL_E_NO_MEMORY;
    for (uint32_t i = 0; i < blocks->vacant_count; i++)
        walk->vacant[blocks->vacant[i] / WORD_BITS] |= UINT64_C(1) << blocks->vacant[i] % WORD_BITS;
    return REEL_OK;
}

const struct reel_block *reel_blocks_walk_next(struct reel_blocks_walk *walk)
{
    while (walk->index < walk->blocks->pool_end)
    {
        uint32_t index = walk->index++;
        if ((walk->vacant[index / WORD_BITS] >> index % WORD_BITS & 1) == 0)
            return &walk->blocks->pool[index];
    }
    return NULL;
}

void reel_blocks_walk_end(struct reel_blocks_walk *walk)
{
    free(walk->vacant);
}
