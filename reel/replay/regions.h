// SPDX-License-Identifier: MIT
// The regions of a process's heap with what lies in them, for the answers about regions and the identity.
#ifndef HEAPREEL_REEL_REPLAY_REGIONS_H
#define HEAPREEL_REEL_REPLAY_REGIONS_H

#include "reel/replay/replay_internal.h"

struct replay_region
{
    struct reel_region seen; // by others
    uint64_t asked_pages;    // that the last sample found backed
    uint64_t backed_occupied_pages;
    uint64_t backed_live_bytes; // usable bytes on these
};

struct replay_regions
{
    struct replay_region *all; // by address, none over another
    size_t count, max;
    struct reel_ranges untouched; // occupied pages that are not backed
};

// Without live_blocks, oldest_birth_event and pinned_bytes, which take a look at each block. A zeroed struct is empty;
// fini in any case.
int replay_regions_make(struct replay_regions *regions, struct reel_replay *replay, uint32_t process,
                        struct reel_error *error);
void replay_regions_fini(struct replay_regions *regions);

// regions_find.c

// The regions, without figures. The occupied pages of the heap are given. All that fail set the error.
int replay_regions_find(struct replay_regions *regions, struct reel_replay *replay, uint32_t process,
                        const struct replay_backed *backed, const struct reel_ranges *occupied,
                        struct reel_error *error);
// The last region that begins at or before the address; NULL: none.
struct replay_region *replay_regions_before(const struct replay_regions *regions, uint64_t address);

#endif
