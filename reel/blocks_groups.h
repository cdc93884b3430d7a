// SPDX-License-Identifier: MIT
// The groups of the table of live blocks, for those who look up a block with each event: what is usual is done in
// place, where the address is in its home group or belongs there, and the rest by the table's functions.
#ifndef HEAPREEL_REEL_BLOCKS_GROUPS_H
#define HEAPREEL_REEL_BLOCKS_GROUPS_H

#include "reel/blocks.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BLOCKS_GROUP_SLOTS 12u
#define BLOCKS_TAG_SHIFT 28 // the bits below those that can tell the home group
#define BLOCKS_VACANT_AHEAD 8
#define BLOCKS_INLINE static inline __attribute__((always_inline))

struct reel_blocks_group
{
    uint8_t tags[BLOCKS_GROUP_SLOTS]; // 0 = empty slot
    uint32_t passed;                  // blocks in later groups that would be here if there had been room
    uint32_t index[BLOCKS_GROUP_SLOTS];
};

static_assert(sizeof(struct reel_blocks_group) == 64, "a group is a cache line");

// Fibonacci hashing: addresses are multiples of 16 and often evenly spaced; the high bits of the product spread both.
BLOCKS_INLINE uint64_t blocks_hash(uint64_t address)
{
    return address * UINT64_C(0x9e3779b97f4a7c15);
}

BLOCKS_INLINE size_t blocks_home(const struct reel_blocks *blocks, uint64_t hash)
{
    return (size_t)(hash >> blocks->home_shift);
}

BLOCKS_INLINE uint8_t blocks_tag(uint64_t hash)
{
    uint8_t tag = (uint8_t)(hash >> BLOCKS_TAG_SHIFT);
    return (uint8_t)(tag + (tag == 0));
}

// A bit for each slot with that tag.
BLOCKS_INLINE unsigned blocks_slots_with(const struct reel_blocks_group *group, uint8_t tag)
{
#ifdef __SSE2__
    __m128i tags = _mm_load_si128((const __m128i *)group);
    unsigned equal = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag)));
    return equal & ((1u << BLOCKS_GROUP_SLOTS) - 1);
#else
    unsigned equal = 0;
    for (unsigned slot = 0; slot < BLOCKS_GROUP_SLOTS; slot++)
        equal |= (unsigned)(group->tags[slot] == tag) << slot;
    return equal;
#endif
}

// All tags are written at once: a lookup reads all of them, which would have to wait for a single byte's store.
#ifdef __SSE2__
BLOCKS_INLINE __m128i blocks_only(unsigned slot)
{
    static const uint8_t window[2 * sizeof(__m128i)] = {[sizeof(__m128i)] = 0xff};
    return _mm_loadu_si128((const __m128i *)(window + sizeof(__m128i) - slot));
}
#endif

// The slot is empty.
BLOCKS_INLINE void blocks_set_tag(struct reel_blocks_group *group, unsigned slot, uint8_t tag)
{
#ifdef __SSE2__
    __m128i added = _mm_and_si128(blocks_only(slot), _mm_set1_epi8((char)tag));
    _mm_store_si128((__m128i *)group, _mm_or_si128(_mm_load_si128((const __m128i *)group), added));
#else
    group->tags[slot] = tag;
#endif
}

BLOCKS_INLINE void blocks_clear_tag(struct reel_blocks_group *group, unsigned slot)
{
#ifdef __SSE2__
    __m128i tags = _mm_load_si128((const __m128i *)group);
    _mm_store_si128((__m128i *)group, _mm_andnot_si128(blocks_only(slot), tags));
#else
    group->tags[slot] = 0;
#endif
}

// There is a vacant entry. Those that follow may have been left long ago.
BLOCKS_INLINE uint32_t blocks_pool_take(struct reel_blocks *blocks)
{
    const uint32_t *taken = &blocks->vacant[--blocks->vacant_count];
    __builtin_prefetch(&blocks->pool[taken[-BLOCKS_VACANT_AHEAD]]);
    return *taken;
}

BLOCKS_INLINE void blocks_pool_vacate(struct reel_blocks *blocks, uint32_t index)
{
    blocks->vacant[blocks->vacant_count++] = index;
}

// As reel_blocks_insert, but a new entry holds whatever was there before; the caller writes all of it.
BLOCKS_INLINE struct reel_block *blocks_enter(struct reel_blocks *blocks, uint64_t address, bool *is_new)
{
    uint64_t hash = blocks_hash(address);
    struct reel_blocks_group *group = &blocks->groups[blocks_home(blocks, hash)];
    unsigned equal = blocks_slots_with(group, blocks_tag(hash));
    unsigned empty = blocks_slots_with(group, 0);
    if (__builtin_expect((equal | group->passed) != 0 || empty == 0 || blocks->vacant_count == 0, 0))
        return reel_blocks_insert(blocks, address, is_new);
    unsigned slot = (unsigned)__builtin_ctz(empty);
    uint32_t index = blocks_pool_take(blocks);
    blocks_set_tag(group, slot, blocks_tag(hash));
    group->index[slot] = index;
    blocks->count++;
    *is_new = true;
    return &blocks->pool[index];
}

// As reel_blocks_drop.
BLOCKS_INLINE const struct reel_block *blocks_leave(struct reel_blocks *blocks, uint64_t address)
{
    uint64_t hash = blocks_hash(address);
    struct reel_blocks_group *group = &blocks->groups[blocks_home(blocks, hash)];
    unsigned equal = blocks_slots_with(group, blocks_tag(hash));
    unsigned slot = (unsigned)__builtin_ctz(equal | 1u << (BLOCKS_GROUP_SLOTS - 1));
    uint32_t index = group->index[slot];
    if (__builtin_expect(equal == 0 || blocks->pool[index].address != address, 0))
        return reel_blocks_drop(blocks, address);
    blocks_clear_tag(group, slot);
    blocks_pool_vacate(blocks, index);
    blocks->count--;
    return &blocks->pool[index];
}

// Hints that the address is looked up soon: first its group, some lookups later its block. With hundreds of thousands
// of live blocks most of a lookup's time is waiting for memory, which can be done for several at once.
BLOCKS_INLINE void blocks_prefetch_group(const struct reel_blocks *blocks, uint64_t address)
{
    __builtin_prefetch(&blocks->groups[blocks_home(blocks, blocks_hash(address))]);
}

// Whether there is a block cannot be predicted: where there is none, another is fetched.
BLOCKS_INLINE void blocks_prefetch_block(const struct reel_blocks *blocks, uint64_t address)
{
    uint64_t hash = blocks_hash(address);
    const struct reel_blocks_group *group = &blocks->groups[blocks_home(blocks, hash)];
    unsigned equal = blocks_slots_with(group, blocks_tag(hash));
    unsigned slot = (unsigned)__builtin_ctz(equal | 1u << (BLOCKS_GROUP_SLOTS - 1));
    __builtin_prefetch(&blocks->pool[group->index[slot]]);
}

#endif
