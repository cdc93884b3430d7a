// SPDX-License-Identifier: MIT
// Which pages of a process the kernel backs at a moment: those of the last sample, less those that an allocator of ours
// returned since, and those that live blocks came to since. Knows no regions.
#ifndef HEAPREEL_REEL_REPLAY_BACKED_H
#define HEAPREEL_REEL_REPLAY_BACKED_H

#include "reel/ranges.h"
#include "reel/resident.h"

struct reel_replay;

struct replay_backed
{
    uint32_t process;               // 0: nothing is held
    uint64_t events;                // the moment
    struct reel_resident *resident; // the sample, NULL: there is none; then all pages with blocks are backed
    uint64_t sample_events;         // its moment: the events that are not later
    struct reel_ranges asked;       // what it says
    struct reel_ranges backed;
};

// Kept by the replay until it is asked for another moment or process.
int replay_backed_at(struct reel_replay *replay, uint32_t process, const struct replay_backed **backed,
                     struct reel_error *error);
void replay_backed_clear(struct replay_backed *backed); // a zeroed struct is empty

// One past the last page and the first one that the block needs, its header included; 0 and 0: none.
struct reel_range replay_block_pages(uint64_t address, uint64_t usable_bytes, bool has_headers);

// Ranges of an array in order, made into one without touching neighbours. REEL_OK or REEL_E_NO_MEMORY.
int replay_ranges_append(struct reel_ranges *ranges, uint64_t begin, uint64_t end);

#endif
