// SPDX-License-Identifier: MIT
// The blocks of a chunk as versions 1 to 3 kept them: piles of freed blocks for each size and thread, and, in version
// 3, cells that are numbered apart from the piles. For decoding only. Internal to the codec.
#ifndef HEAPREEL_REEL_CODEC_PILES_V3_H
#define HEAPREEL_REEL_CODEC_PILES_V3_H

#include <stdint.h>
#include <string.h>

#include "reel/codec_predictor.h"

#define PILE_BITS_V3 12
#define CELL_NONE_V3 UINT16_MAX // no birth: that of the last event is of no use to another

struct piles_v3
{
    uint32_t head[1u << PILE_BITS_V3];             // birth of the block freed last, plus 1
    uint32_t next[REEL_CHUNK_EVENTS_MAX];          // by birth: the one freed before, plus 1; not cleared
    uint16_t birth_of_cell[REEL_CHUNK_EVENTS_MAX]; // CELL_NONE_V3 = vacant
    uint16_t vacant[REEL_CHUNK_EVENTS_MAX + 1];    // a stack of cells; the first is below it
    uint32_t top;                                  // of the stack
};

// Cells that hold no block lie on a stack, at first all of them, the least on top. A chunk of all allocs takes them
// all; no event is left then that could look at the stack.
static inline void piles_v3_reset(struct piles_v3 *piles)
{
    memset(piles->head, 0, sizeof piles->head);
    memset(piles->birth_of_cell, 0xff, sizeof piles->birth_of_cell);
    for (uint32_t i = 0; i < REEL_CHUNK_EVENTS_MAX; i++)
        piles->vacant[i + 1] = (uint16_t)(REEL_CHUNK_EVENTS_MAX - 1 - i);
    piles->top = REEL_CHUNK_EVENTS_MAX;
}

static inline uint32_t *piles_v3_of(struct piles_v3 *piles, uint32_t thread, uint64_t usable_bytes)
{
    return &piles->head[predictor_slot(true, usable_bytes << 8 ^ thread, PILE_BITS_V3)];
}

// Takes the topmost block off its pile: its birth plus 1, 0 if there is none.
static inline uint32_t piles_v3_take(struct piles_v3 *piles, uint32_t thread, uint64_t usable_bytes)
{
    uint32_t *head = piles_v3_of(piles, thread, usable_bytes);
    uint32_t guess = *head;
    if (guess != 0)
        *head = piles->next[guess - 1];
    return guess;
}

static inline void piles_v3_put(struct piles_v3 *piles, uint32_t thread, uint64_t usable_bytes, uint32_t birth)
{
    uint32_t *head = piles_v3_of(piles, thread, usable_bytes);
    piles->next[birth] = *head;
    *head = birth + 1;
}

#endif
