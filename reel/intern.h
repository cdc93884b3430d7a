// SPDX-License-Identifier: MIT
// Gives each distinct pair of numbers a dense id, from 1 in the order of their coming. Internal to reel/.
#ifndef HEAPREEL_REEL_INTERN_H
#define HEAPREEL_REEL_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reel_intern_pair
{
    uint64_t first;
    uint64_t second;
};

struct reel_intern
{
    struct reel_intern_pair *pairs; // pairs[id], id 0 unused
    uint32_t *slots;                // hash of the pair, linear probing: id, 0 = empty
    uint32_t slot_bits;
    uint32_t pair_count; // ids 1 .. pair_count are given
    size_t pair_max;
};

int reel_intern_init(struct reel_intern *intern); // REEL_OK or REEL_E_NO_MEMORY
void reel_intern_fini(struct reel_intern *intern);

// The id of the pair, 0: it has none.
uint32_t reel_intern_find(const struct reel_intern *intern, uint64_t first, uint64_t second);
// The id of the pair; *is_new tells whether it was given now. 0: no memory.
uint32_t reel_intern_id(struct reel_intern *intern, uint64_t first, uint64_t second, bool *is_new);

#endif
