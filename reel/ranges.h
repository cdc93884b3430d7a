// SPDX-License-Identifier: MIT
// A set of addresses as ranges that neither overlap nor touch, in order. Internal to reel/.
#ifndef HEAPREEL_REEL_RANGES_H
#define HEAPREEL_REEL_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reel_range
{
    uint64_t begin;
    uint64_t end; // one past the last
};

struct reel_ranges
{
    struct reel_range *all;
    size_t count;
    size_t max;
    uint64_t bytes; // of all of them
};

// A zeroed struct is empty. Both return REEL_OK or REEL_E_NO_MEMORY, and then nothing has changed; begin < end.
int reel_ranges_add(struct reel_ranges *ranges, uint64_t begin, uint64_t end);
int reel_ranges_remove(struct reel_ranges *ranges, uint64_t begin, uint64_t end);
// True if every byte from begin to the one before end is in the set.
bool reel_ranges_cover(const struct reel_ranges *ranges, uint64_t begin, uint64_t end);
// The same for many that are asked in order: *near, at first 0, is where the last one was found, and looked at first.
bool reel_ranges_cover_near(const struct reel_ranges *ranges, size_t *near, uint64_t begin, uint64_t end);
void reel_ranges_fini(struct reel_ranges *ranges);

#endif
