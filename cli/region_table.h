// SPDX-License-Identifier: MIT
// The table of regions that `heapreel pages` prints.
#ifndef HEAPREEL_CLI_REGION_TABLE_H
#define HEAPREEL_CLI_REGION_TABLE_H

#include "reel/replay.h"

struct region_table
{
    const struct reel_replay *replay; // at the moment of the regions
    const struct reel_region *regions;
    const uint64_t *births_ns; // of the oldest block of each; REEL_OLDEST_NONE: none, or not known
    const bool *is_shown;
    size_t count;
    size_t width; // of the terminal in characters, 0: there is none
};

void region_table_print(const struct region_table *table);

#endif
