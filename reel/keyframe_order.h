// SPDX-License-Identifier: MIT
// The order of blocks by address. Internal to the keyframe's encoder.
#ifndef HEAPREEL_REEL_KEYFRAME_ORDER_H
#define HEAPREEL_REEL_KEYFRAME_ORDER_H

#include "reel/blocks.h"

struct keyframe_key
{
    uint64_t address;
    uint32_t index; // of the block
};

struct keyframe_order
{
    struct keyframe_key *keys; // one for each block, by address
    size_t count;
    unsigned shift; // all addresses are multiples of 1 << shift
};

// shift is at most shift_max. REEL_OK or REEL_E_NO_MEMORY.
int keyframe_order_find(struct keyframe_order *order, const struct reel_block *blocks, size_t count,
                        unsigned shift_max);
void keyframe_order_free(struct keyframe_order *order);

#endif
