// SPDX-License-Identifier: MIT
// The blocks of a chunk as version 1 kept them: piles of freed blocks for each size and thread. For decoding only.
// Internal to the codec.
#ifndef HEAPREEL_REEL_CODEC_PILES_V1_H
#define HEAPREEL_REEL_CODEC_PILES_V1_H

#include <stdint.h>
#include <string.h>

#include "reel/codec.h"

#define PILE_BITS_V1 12

struct piles_v1
{
    uint32_t head[1u << PILE_BITS_V1];    // birth of the block freed last, plus 1
    uint32_t next[REEL_CHUNK_EVENTS_MAX]; // by birth: the one freed before, plus 1; not cleared
};

// Version 1 spreads what it hashes (Knuth, The Art of Computer Programming, 6.4).
static inline uint32_t slot_v1(uint64_t value, unsigned bits)
{
    return (uint32_t)((value * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - bits));
}

static inline void piles_v1_reset(struct piles_v1 *piles)
{
    memset(piles->head, 0, sizeof piles->head);
}

static inline uint32_t *piles_v1_of(struct piles_v1 *piles, uint32_t thread, uint64_t usable_bytes)
{
    return &piles->head[slot_v1(usable_bytes << 8 ^ thread, PILE_BITS_V1)];
}

// Takes the topmost block off its pile: its birth plus 1, 0 if there is none.
static inline uint32_t piles_v1_take(struct piles_v1 *piles, uint32_t thread, uint64_t usable_bytes)
{
    uint32_t *head = piles_v1_of(piles, thread, usable_bytes);
    uint32_t guess = *head;
    if (guess != 0)
        *head = piles->next[guess - 1];
    return guess;
}

static inline void piles_v1_put(struct piles_v1 *piles, uint32_t thread, uint64_t usable_bytes, uint32_t birth)
{
    uint32_t *head = piles_v1_of(piles, thread, usable_bytes);
    piles->next[birth] = *head;
    *head = birth + 1;
}

#endif
