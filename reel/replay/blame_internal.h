// SPDX-License-Identifier: MIT
// A blame as those who answer from it see it. Private to reel/.
#ifndef HEAPREEL_REEL_REPLAY_BLAME_INTERNAL_H
#define HEAPREEL_REEL_REPLAY_BLAME_INTERNAL_H

#include "reel/blame.h"

struct reel_blame
{
    uint64_t events; // the moment
    uint32_t process;
    struct reel_blame_share *stacks;
    size_t stack_count;
    struct reel_blame_share classes[REEL_CLASS_NUMBERS];
    struct reel_blame_share total;
    struct reel_blame_sparse sparse;
};

#endif
