// SPDX-License-Identifier: MIT
// The blocks that were allocated in a chunk, each in a cell. Encoder and decoder move the same cells in step, so a
// change here is a new version of the format. Internal to the codec.
//
// Allocators give a freed block to the next request of its size: a cell that becomes vacant goes on the pile of its
// block's size and of the thread that freed it, and the next alloc of this size takes the topmost, whose last address
// is the one to expect. Where the pile is empty the alloc takes a cell that none had before, which expects address 0.
//
//      pile of 24 bytes, thread 1: cell 5 -> cell 2        free of the block in cell 7: cell 7 -> cell 5 -> cell 2
//      alloc of 24 bytes by thread 1: takes cell 7 again and expects its address
#ifndef HEAPREEL_REEL_CODEC_CELLS_H
#define HEAPREEL_REEL_CODEC_CELLS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "reel/codec.h"

#define PILE_BITS 12
#define PILE_MASK ((1u << PILE_BITS) - 1)
#define PILE_THREAD_STRIDE 509 // keeps the piles of a few threads apart
#define CELL_NONE UINT16_MAX   // as a cell that is one only for the last event of a full chunk: none can ask for it

struct cell
{
    uint64_t address;   // of the block that it holds, or held last
    uint16_t size_slot; // of this block
    uint16_t below;     // on the pile, if it is vacant
    uint16_t birth;     // decoding: number of its alloc in the chunk
    bool is_taken;      // decoding
};

struct cells
{
    struct cell cell[REEL_CHUNK_EVENTS_MAX]; // those above the count are not set
    uint16_t pile[1u << PILE_BITS];          // its topmost cell
    uint32_t count;                          // cells that have ever been taken
    uint32_t last;                           // the one taken last
};

static inline void cells_reset(struct cells *cells)
{
    memset(cells->pile, 0xff, sizeof cells->pile);
    cells->count = 0;
    cells->last = 0;
}

static inline uint16_t *cells_pile(struct cells *cells, uint32_t thread, uint16_t size_slot)
{
    return &cells->pile[(size_slot + thread * PILE_THREAD_STRIDE) & PILE_MASK];
}

// A cell that none had before.
static inline uint32_t cells_open(struct cells *cells)
{
    cells->cell[cells->count] = (struct cell){.below = CELL_NONE};
    return cells->count++;
}

// The cell for a new block, still with the address of its last one.
static inline struct cell *cells_take(struct cells *cells, uint32_t thread, uint64_t usable_bytes)
{
    uint16_t size_slot = (uint16_t)(usable_bytes >> 3);
    uint16_t *pile = cells_pile(cells, thread, size_slot);
    if (*pile == CELL_NONE)
        *pile = (uint16_t)cells_open(cells);
    cells->last = *pile;
    struct cell *cell = &cells->cell[cells->last];
    *pile = cell->below;
    cell->size_slot = size_slot;
    return cell;
}

static inline void cells_vacate(struct cells *cells, uint32_t thread, uint16_t number)
{
    struct cell *cell = &cells->cell[number];
    uint16_t *pile = cells_pile(cells, thread, cell->size_slot);
    cell->below = *pile;
    *pile = number;
}

#endif
