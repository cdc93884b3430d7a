// SPDX-License-Identifier: MIT
// Pages of regions as a map in characters: how full each is, or so many together.
#ifndef HEAPREEL_CLI_PAGE_MAP_H
#define HEAPREEL_CLI_PAGE_MAP_H

#include "reel/replay.h"

// Regions of one process, in order, those with is_shown. Prints what the characters mean, and the map in the width of
// the terminal, 80 columns where there is none. REEL_OK or a negative reel_status.
int page_map_print(struct reel_replay *replay, uint32_t process, const struct reel_region *regions,
                   const bool *is_shown, size_t count, struct reel_error *error);

// The character of pages that lie together.
char page_map_character(const struct reel_page *pages, size_t count);

#endif
