// SPDX-License-Identifier: MIT
// The table of live blocks: groups of twelve, searched by comparing tags, with a count in place of tombstones, so that
// a table that lives through billions of events does not fill up with them.
#include "reel/blocks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "reel/status.h"

#define GROUP_BYTES 64
#define GROUP_SLOTS 12u
#define GROUP_LOAD_MAX 7u // blocks for each group at most, before there are more groups
#define GROUP_BITS_MIN 5
#define GROUP_BITS_MAX 28
#define GROWTH_AHEAD 16
#define POOL_MIN 128
#define HUGE_PAGE_BYTES ((size_t)2 << 20)

struct reel_blocks_group
{
    uint8_t tags[GROUP_SLOTS]; // 0 = empty slot
    uint32_t passed;           // blocks in later groups that would be here if there had been room
    uint32_t index[GROUP_SLOTS];
};

static_assert(sizeof(struct reel_blocks_group) == GROUP_BYTES, "a group is a cache line");

// What is looked for, and where it is or belongs.
struct place
{
    size_t home;
    size_t group;
    unsigned slot;
    uint8_t tag;
    bool is_found;
};

static size_t group_mask(const struct reel_blocks *blocks)
{
    return ((size_t)1 << blocks->group_bits) - 1;
}

// Fibonacci hashing: addresses are multiples of 16 and often evenly spaced; the high bits of the product spread both.
static uint64_t hash_of(uint64_t address)
{
    return address * UINT64_C(0x9e3779b97f4a7c15);
}

static size_t home_of(const struct reel_blocks *blocks, uint64_t hash)
{
    return (size_t)(hash >> (64 - blocks->group_bits));
}

static uint8_t tag_of(const struct reel_blocks *blocks, uint64_t hash)
{
    uint8_t tag = (uint8_t)(hash >> (56 - blocks->group_bits));
    return tag != 0 ? tag : 1;
}

// A bit for each slot with that tag.
static inline unsigned slots_with(const struct reel_blocks_group *group, uint8_t tag)
{
#ifdef __SSE2__
    __m128i tags = _mm_load_si128((const __m128i *)group);
    unsigned equal = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag)));
    return equal & ((1u << GROUP_SLOTS) - 1);
#else
    unsigned equal = 0;
    for (unsigned slot = 0; slot < GROUP_SLOTS; slot++)
        equal |= (unsigned)(group->tags[slot] == tag) << slot;
    return equal;
#endif
}

// All tags are written at once: a lookup reads all of them, which would have to wait for a single byte's store.
static inline void set_tag(struct reel_blocks_group *group, unsigned slot, uint8_t tag)
{
#ifdef __SSE2__
    static const uint8_t window[2 * sizeof(__m128i)] = {[sizeof(__m128i)] = 0xff};
    __m128i here = _mm_loadu_si128((const __m128i *)(window + sizeof(__m128i) - slot));
    __m128i tags = _mm_andnot_si128(here, _mm_load_si128((const __m128i *)group));
    _mm_store_si128((__m128i *)group, _mm_or_si128(tags, _mm_and_si128(here, _mm_set1_epi8((char)tag))));
#else
    group->tags[slot] = tag;
#endif
}

static inline struct place find(const struct reel_blocks *blocks, uint64_t address)
{
    uint64_t hash = hash_of(address);
    struct place place = {.home = home_of(blocks, hash), .tag = tag_of(blocks, hash)};
    place.group = place.home;
    for (size_t tried = 0; tried <= group_mask(blocks); tried++)
    {
        const struct reel_blocks_group *group = &blocks->groups[place.group];
        for (unsigned equal = slots_with(group, place.tag); equal != 0; equal &= equal - 1)
        {
            place.slot = (unsigned)__builtin_ctz(equal);
            place.is_found = blocks->pool[group->index[place.slot]].address == address;
            if (__builtin_expect(place.is_found, 1))
                return place;
        }
        if (__builtin_expect(group->passed == 0, 1))
            return place;
        place.group = (place.group + 1) & group_mask(blocks);
    }
    return place;
}

// Puts a block that is not there into the first group from its home that has room.
static inline void put(struct reel_blocks *blocks, size_t home, uint8_t tag, uint32_t index)
{
    struct reel_blocks_group *group = &blocks->groups[home];
    unsigned empty;
    while (__builtin_expect((empty = slots_with(group, 0)) == 0, 0))
    {
        group->passed++;
        home = (home + 1) & group_mask(blocks);
        group = &blocks->groups[home];
    }
    unsigned slot = (unsigned)__builtin_ctz(empty);
    set_tag(group, slot, tag);
    group->index[slot] = index;
}

// Lookups go anywhere in a large table: huge pages spare most of their walks through page tables, and the faults of
// growing.
static void *allocate(size_t bytes)
{
    size_t alignment = bytes < HUGE_PAGE_BYTES ? GROUP_BYTES : HUGE_PAGE_BYTES;
    size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    void *memory = aligned_alloc(alignment, rounded);
    if (memory != NULL && alignment == HUGE_PAGE_BYTES)
        madvise(memory, rounded, MADV_HUGEPAGE);
    return memory;
}

static struct reel_blocks_group *allocate_groups(uint32_t group_bits)
{
    size_t bytes = sizeof(struct reel_blocks_group) << group_bits;
    struct reel_blocks_group *groups = allocate(bytes);
    if (groups != NULL)
        memset(groups, 0, bytes);
    return groups;
}

static bool grow_groups(struct reel_blocks *blocks)
{
    if (blocks->group_bits >= GROUP_BITS_MAX)
        return false;
    struct reel_blocks bigger = *blocks;
    bigger.group_bits = blocks->group_bits + 1;
    bigger.groups = allocate_groups(bigger.group_bits);
    if (bigger.groups == NULL)
        return false;
    for (uint32_t index = 1; index < blocks->pool_end; index++)
    {
        if (index + GROWTH_AHEAD < blocks->pool_end)
            reel_blocks_prefetch_group(&bigger, blocks->pool[index + GROWTH_AHEAD].address);
        uint64_t hash = hash_of(blocks->pool[index].address);
        if (!blocks->pool[index].is_vacant)
            put(&bigger, home_of(&bigger, hash), tag_of(&bigger, hash), index);
    }
    free(blocks->groups);
    *blocks = bigger;
    return true;
}

static bool grow_pool(struct reel_blocks *blocks)
{
    uint32_t pool_max = blocks->pool_max + blocks->pool_max / 2;
    struct reel_block *pool = allocate(pool_max * sizeof *pool);
    if (pool == NULL)
        return false;
    memcpy(pool, blocks->pool, blocks->pool_end * sizeof *pool);
    free(blocks->pool);
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
    blocks->pool[index].is_vacant = true;
    blocks->pool_vacant = index;
}

static inline bool has_room(struct reel_blocks *blocks)
{
    if (blocks->count >= (size_t)GROUP_LOAD_MAX << blocks->group_bits && !grow_groups(blocks))
        return false;
    return blocks->pool_vacant != 0 || blocks->pool_end < blocks->pool_max || grow_pool(blocks);
}

int reel_blocks_init(struct reel_blocks *blocks)
{
    *blocks = (struct reel_blocks){.group_bits = GROUP_BITS_MIN, .pool_end = 1, .pool_max = POOL_MIN};
    blocks->groups = allocate_groups(GROUP_BITS_MIN);
    blocks->pool = allocate(POOL_MIN * sizeof *blocks->pool);
    if (blocks->groups != NULL && blocks->pool != NULL)
        return REEL_OK;
    reel_blocks_fini(blocks);
    return REEL_E_NO_MEMORY;
}

void reel_blocks_fini(struct reel_blocks *blocks)
{
    free(blocks->groups);
    free(blocks->pool);
    *blocks = (struct reel_blocks){0};
}

struct reel_block *reel_blocks_find(const struct reel_blocks *blocks, uint64_t address)
{
    struct place place = find(blocks, address);
    return place.is_found ? &blocks->pool[blocks->groups[place.group].index[place.slot]] : NULL;
}

struct reel_block *reel_blocks_insert(struct reel_blocks *blocks, uint64_t address, bool *is_new)
{
    if (!has_room(blocks))
        return NULL;
    struct place place = find(blocks, address);
    *is_new = !place.is_found;
    if (place.is_found)
        return &blocks->pool[blocks->groups[place.group].index[place.slot]];
    uint32_t index = pool_take(blocks);
    put(blocks, place.home, place.tag, index);
    blocks->pool[index] = (struct reel_block){.address = address};
    blocks->count++;
    return &blocks->pool[index];
}

bool reel_blocks_remove(struct reel_blocks *blocks, uint64_t address, struct reel_block *removed)
{
    struct place place = find(blocks, address);
    if (!place.is_found)
        return false;
    struct reel_blocks_group *group = &blocks->groups[place.group];
    uint32_t index = group->index[place.slot];
    if (removed != NULL)
        *removed = blocks->pool[index];
    set_tag(group, place.slot, 0);
    for (size_t passed = place.home; passed != place.group; passed = (passed + 1) & group_mask(blocks))
        blocks->groups[passed].passed--;
    pool_vacate(blocks, index);
    blocks->count--;
    return true;
}

void reel_blocks_prefetch_group(const struct reel_blocks *blocks, uint64_t address)
{
    __builtin_prefetch(&blocks->groups[home_of(blocks, hash_of(address))]);
}

void reel_blocks_prefetch_block(const struct reel_blocks *blocks, uint64_t address)
{
    uint64_t hash = hash_of(address);
    const struct reel_blocks_group *group = &blocks->groups[home_of(blocks, hash)];
    unsigned equal = slots_with(group, tag_of(blocks, hash));
    if (equal != 0)
        __builtin_prefetch(&blocks->pool[group->index[__builtin_ctz(equal)]]);
}

int reel_blocks_clone(struct reel_blocks *copy, const struct reel_blocks *blocks, bool as_inherited)
{
    *copy = *blocks;
    copy->groups = allocate_groups(blocks->group_bits);
    copy->pool = allocate(blocks->pool_max * sizeof *copy->pool);
    if (copy->groups == NULL || copy->pool == NULL)
    {
        reel_blocks_fini(copy);
        return REEL_E_NO_MEMORY;
    }
    memcpy(copy->groups, blocks->groups, (group_mask(blocks) + 1) * sizeof *copy->groups);
    memcpy(copy->pool, blocks->pool, blocks->pool_end * sizeof *copy->pool);
    if (as_inherited)
        for (uint32_t i = 1; i < copy->pool_end; i++)
            copy->pool[i].is_inherited = true;
    return REEL_OK;
}

const struct reel_block *reel_blocks_next(const struct reel_blocks *blocks, size_t *position)
{
    while (*position < (group_mask(blocks) + 1) * GROUP_SLOTS)
    {
        const struct reel_blocks_group *group = &blocks->groups[*position / GROUP_SLOTS];
        size_t slot = (*position)++ % GROUP_SLOTS;
        if (group->tags[slot] != 0)
            return &blocks->pool[group->index[slot]];
    }
    return NULL;
}
