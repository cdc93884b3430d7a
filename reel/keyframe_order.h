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

// *keys, to be freed with free(), has one for each block, by address. REEL_OK or REEL_E_NO_MEMORY. *shift: all
// addresses are multiples of 1 << *shift, at most shift_max.
int keyframe_order(const struct reel_block *blocks, size_t count, unsigned shift_max, struct keyframe_key **keys,
                   unsigned *shift);

#endif
