// SPDX-License-Identifier: MIT
// The table of live blocks: open addressing with linear probing, deletion by moving back (no tombstones, so that a
// table that lives through billions of events does not fill up with them).
#include "reel/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "reel/status.h"

#define SLOT_BITS_MIN 8
#define SLOT_BITS_MAX 31
#define POOL_MIN 128

struct reel_blocks_slot
{
    uint64_t address;
    uint32_t index; // into the pool, 0 = empty slot
    uint32_t padding;
};

static size_t slot_mask(const struct reel_blocks *blocks)
{
    return ((size_t)1 << blocks->slot_bits) - 1;
}

// Fibonacci hashing: addresses are multiples of 16 and often evenly spaced; the high bits of the product spread both.
static size_t home_of(const struct reel_blocks *blocks, uint64_t address)
{
    return (size_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - blocks->slot_bits));
}

// The slot that holds the address, or the empty one where it belongs.
static size_t slot_of(const struct reel_blocks *blocks, uint64_t address)
{
    size_t mask = slot_mask(blocks);
    size_t slot = home_of(blocks, address);
    while (blocks->slots[slot].index != 0 && blocks->slots[slot].address != address)
        slot = (slot + 1) & mask;
    return slot;
}

static bool grow_slots(struct reel_blocks *blocks)
{
    if (blocks->slot_bits >= SLOT_BITS_MAX)
        return false;
    struct reel_blocks bigger = *blocks;
    bigger.slot_bits = blocks->slot_bits + 1;
    bigger.slots = calloc((size_t)1 << bigger.slot_bits, sizeof *bigger.slots);
    if (bigger.slots == NULL)
        return false;
    for (size_t i = 0; i <= slot_mask(blocks); i++)
        if (blocks->slots[i].index != 0)
            bigger.slots[slot_of(&bigger, blocks->slots[i].address)] = blocks->slots[i];
    free(blocks->slots);
    *blocks = bigger;
    return true;
}

static bool grow_pool(struct reel_blocks *blocks)
{
    uint32_t pool_max = blocks->pool_max + blocks->pool_max / 2;
    struct reel_block *pool = reallocarray(blocks->pool, pool_max, sizeof *pool);
    if (pool == NULL)
        return false;
    blocks->pool = pool;
    blocks->pool_max = pool_max;
    return true;
}

// A vacated entry links to the next one through its birth_event.
static uint32_t pool_take(struct reel_blocks *blocks)
{
    uint32_t index = blocks->pool_vacant;
    if (index != 0)
    {
        blocks->pool_vacant = (uint32_t)blocks->pool[index].birth_event;
        return index;
    }
    return blocks->pool_end++;
}

static void pool_vacate(struct reel_blocks *blocks, uint32_t index)
{
    blocks->pool[index].birth_event = blocks->pool_vacant;
    blocks->pool_vacant = index;
}

static bool has_room(struct reel_blocks *blocks)
{
    if (blocks->count >= ((size_t)1 << blocks->slot_bits) / 2 && !grow_slots(blocks))
        return false;
    return blocks->pool_vacant != 0 || blocks->pool_end < blocks->pool_max || grow_pool(blocks);
}

// Closes the gap at a slot: moves back each follower whose home lies at or before the gap.
static void close_gap(struct reel_blocks *blocks, size_t gap)
{
    size_t mask = slot_mask(blocks);
    for (size_t slot = (gap + 1) & mask; blocks->slots[slot].index != 0; slot = (slot + 1) & mask)
    {
        size_t home = home_of(blocks, blocks->slots[slot].address);
        if (((slot - home) & mask) < ((slot - gap) & mask))
            continue;
        blocks->slots[gap] = blocks->slots[slot];
        gap = slot;
    }
    blocks->slots[gap].index = 0;
}

int reel_blocks_init(struct reel_blocks *blocks)
{
    *blocks = (struct reel_blocks){.slot_bits = SLOT_BITS_MIN, .pool_end = 1, .pool_max = POOL_MIN};
    blocks->slots = calloc((size_t)1 << SLOT_BITS_MIN, sizeof *blocks->slots);
    blocks->pool = calloc(POOL_MIN, sizeof *blocks->pool);
    if (blocks->slots != NULL && blocks->pool != NULL)
        return REEL_OK;
    reel_blocks_fini(blocks);
    return REEL_E_NO_MEMORY;
}

void reel_blocks_fini(struct reel_blocks *blocks)
{
    free(blocks->slots);
    free(blocks->pool);
    *blocks = (struct reel_blocks){0};
}

struct reel_block *reel_blocks_find(const struct reel_blocks *blocks, uint64_t address)
{
    uint32_t index = blocks->slots[slot_of(blocks, address)].index;
    return index != 0 ? &blocks->pool[index] : NULL;
}

struct reel_block *reel_blocks_insert(struct reel_blocks *blocks, uint64_t address, bool *is_new)
{
    if (!has_room(blocks))
        return NULL;
    size_t slot = slot_of(blocks, address);
    uint32_t index = blocks->slots[slot].index;
    *is_new = index == 0;
    if (!*is_new)
        return &blocks->pool[index];
    index = pool_take(blocks);
    blocks->slots[slot] = (struct reel_blocks_slot){.address = address, .index = index};
    blocks->pool[index] = (struct reel_block){.address = address};
    blocks->count++;
    return &blocks->pool[index];
}

bool reel_blocks_remove(struct reel_blocks *blocks, uint64_t address, struct reel_block *removed)
{
    size_t slot = slot_of(blocks, address);
    uint32_t index = blocks->slots[slot].index;
    if (index == 0)
        return false;
    if (removed != NULL)
        *removed = blocks->pool[index];
    pool_vacate(blocks, index);
    close_gap(blocks, slot);
    blocks->count--;
    return true;
}

void reel_blocks_prefetch_slot(const struct reel_blocks *blocks, uint64_t address)
{
    __builtin_prefetch(&blocks->slots[home_of(blocks, address)]);
}

void reel_blocks_prefetch_block(const struct reel_blocks *blocks, uint64_t address)
{
    __builtin_prefetch(&blocks->pool[blocks->slots[home_of(blocks, address)].index]);
}

int reel_blocks_clone(struct reel_blocks *copy, const struct reel_blocks *blocks, bool as_inherited)
{
    size_t slot_count = slot_mask(blocks) + 1;
    *copy = *blocks;
    copy->slots = calloc(slot_count, sizeof *copy->slots);
    copy->pool = calloc(blocks->pool_max, sizeof *copy->pool);
    if (copy->slots == NULL || copy->pool == NULL)
    {
        reel_blocks_fini(copy);
        return REEL_E_NO_MEMORY;
    }
    memcpy(copy->slots, blocks->slots, slot_count * sizeof *copy->slots);
    memcpy(copy->pool, blocks->pool, blocks->pool_end * sizeof *copy->pool);
    if (as_inherited)
        for (uint32_t i = 1; i < copy->pool_end; i++)
            copy->pool[i].is_inherited = true;
    return REEL_OK;
}

const struct reel_block *reel_blocks_next(const struct reel_blocks *blocks, size_t *position)
{
    while (*position <= slot_mask(blocks))
    {
        uint32_t index = blocks->slots[(*position)++].index;
        if (index != 0)
            return &blocks->pool[index];
    }
    return NULL;
}
