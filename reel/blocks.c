// SPDX-License-Identifier: MIT
// The table of live blocks: groups of twelve, searched by comparing tags, with a count in place of tombstones, so that
// a table that lives through billions of events does not fill up with them.
#include "reel/blocks_groups.h"

#include "reel/status.h"
#include "reel/table_memory.h"

#include <string.h>

#define WALK_AHEAD 6      // groups whose blocks are fetched ahead of a walk
#define GROUP_LOAD_MAX 7u // blocks for each group at most, before there are more groups
#define GROUP_BITS_MIN 5
#define GROUP_BITS_MAX 28
#define GROWTH_AHEAD 4 // groups
#define POOL_MIN 128
#define POOL_STEP 64 // entries that become vacant at a time

static_assert(GROUP_BITS_MAX <= 64 - BLOCKS_TAG_SHIFT - 8, "a tag has other bits than the home group");

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

static inline struct place find(const struct reel_blocks *blocks, uint64_t address)
{
    uint64_t hash = blocks_hash(address);
    struct place place = {.home = blocks_home(blocks, hash), .tag = blocks_tag(hash)};
    place.group = place.home;
    for (size_t tried = 0; tried <= group_mask(blocks); tried++)
    {
        const struct reel_blocks_group *group = &blocks->groups[place.group];
        for (unsigned equal = blocks_slots_with(group, place.tag); equal != 0; equal &= equal - 1)
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
    while (__builtin_expect((empty = blocks_slots_with(group, 0)) == 0, 0))
    {
        group->passed++;
        home = (home + 1) & group_mask(blocks);
        group = &blocks->groups[home];
    }
    unsigned slot = (unsigned)__builtin_ctz(empty);
    blocks_set_tag(group, slot, tag);
    group->index[slot] = index;
}

static size_t groups_bytes(uint32_t group_bits)
{
    return sizeof(struct reel_blocks_group) << group_bits;
}

static size_t pool_bytes(uint32_t pool_max)
{
    return pool_max * sizeof(struct reel_block);
}

static void prefetch_blocks(const struct reel_blocks *blocks, size_t group)
{
    for (unsigned slot = 0; group <= group_mask(blocks) && slot < BLOCKS_GROUP_SLOTS; slot++)
        __builtin_prefetch(&blocks->pool[blocks->groups[group].index[slot]]);
}

static void set_group_bits(struct reel_blocks *blocks, uint32_t group_bits)
{
    blocks->group_bits = group_bits;
    blocks->home_shift = 64 - group_bits;
}

static bool grow_groups(struct reel_blocks *blocks)
{
    if (blocks->group_bits >= GROUP_BITS_MAX)
        return false;
    struct reel_blocks bigger = *blocks;
    set_group_bits(&bigger, blocks->group_bits + 1);
    bigger.groups = table_memory_allocate_zeroed(groups_bytes(bigger.group_bits));
    if (bigger.groups == NULL)
        return false;
    for (size_t group = 0; group <= group_mask(blocks); group++)
    {
        prefetch_blocks(blocks, group + GROWTH_AHEAD);
        unsigned occupied = ~blocks_slots_with(&blocks->groups[group], 0) & ((1u << BLOCKS_GROUP_SLOTS) - 1);
        for (; occupied != 0; occupied &= occupied - 1)
        {
            uint32_t index = blocks->groups[group].index[__builtin_ctz(occupied)];
            uint64_t hash = blocks_hash(blocks->pool[index].address);
            put(&bigger, blocks_home(&bigger, hash), blocks_tag(hash), index);
        }
    }
    table_memory_free(blocks->groups, groups_bytes(blocks->group_bits));
    *blocks = bigger;
    return true;
}

// Of a stack as long as the pool, which may become vacant as a whole.
static size_t vacant_bytes(uint32_t pool_max)
{
    return (pool_max + BLOCKS_VACANT_AHEAD) * sizeof(uint32_t);
}

// NULL: no memory.
static uint32_t *allocate_vacant(uint32_t pool_max)
{
    uint32_t *vacant = table_memory_allocate(vacant_bytes(pool_max));
    if (vacant == NULL)
        return NULL;
    memset(vacant, 0, BLOCKS_VACANT_AHEAD * sizeof *vacant);
    return vacant + BLOCKS_VACANT_AHEAD;
}

static void free_vacant(uint32_t *vacant, uint32_t pool_max)
{
    if (vacant != NULL)
        table_memory_free(vacant - BLOCKS_VACANT_AHEAD, vacant_bytes(pool_max));
}

static bool grow_pool(struct reel_blocks *blocks, uint32_t pool_max)
{
    uint32_t *vacant = allocate_vacant(pool_max);
    struct reel_block *pool =
        vacant != NULL ? table_memory_grow(blocks->pool, pool_bytes(blocks->pool_max), pool_bytes(pool_max)) : NULL;
    if (pool == NULL)
    {
        free_vacant(vacant, pool_max);
        return false;
    }
    memcpy(vacant, blocks->vacant, blocks->vacant_count * sizeof *vacant);
    free_vacant(blocks->vacant, blocks->pool_max);
    blocks->pool = pool;
    blocks->vacant = vacant;
    blocks->pool_max = pool_max;
    return true;
}

static size_t block_max(const struct reel_blocks *blocks)
{
    return (size_t)GROUP_LOAD_MAX << blocks->group_bits;
}

// Makes sure that there is a vacant entry, and a slot for its block: the pool has no more entries than the groups may
// hold blocks. New entries are made vacant in the order in which they lie.
static bool has_room(struct reel_blocks *blocks)
{
    if (blocks->vacant_count != 0)
        return true;
    if (blocks->pool_end > block_max(blocks) && !grow_groups(blocks))
        return false;
    if (blocks->pool_end == blocks->pool_max && !grow_pool(blocks, blocks->pool_max + blocks->pool_max / 2))
        return false;
    uint32_t begin = blocks->pool_end;
    for (size_t i = 0; i < POOL_STEP && blocks->pool_end < blocks->pool_max && blocks->pool_end <= block_max(blocks);
         i++)
        blocks->pool_end++;
    for (uint32_t index = blocks->pool_end; index-- > begin;)
        blocks_pool_vacate(blocks, index);
    return true;
}

// Of an empty table: nothing has to be moved.
static bool replace_groups(struct reel_blocks *blocks, uint32_t group_bits)
{
    struct reel_blocks_group *groups = table_memory_allocate_zeroed(groups_bytes(group_bits));
    if (groups == NULL)
        return false;
    table_memory_free(blocks->groups, groups_bytes(blocks->group_bits));
    blocks->groups = groups;
    set_group_bits(blocks, group_bits);
    return true;
}

int reel_blocks_reserve(struct reel_blocks *blocks, size_t count)
{
    uint32_t group_bits = blocks->group_bits;
    if (count >= (size_t)GROUP_LOAD_MAX << GROUP_BITS_MAX)
        return REEL_E_NO_MEMORY;
    while ((size_t)GROUP_LOAD_MAX << group_bits < count)
        group_bits++;
    if (blocks->count == 0 && group_bits != blocks->group_bits && !replace_groups(blocks, group_bits))
        return REEL_E_NO_MEMORY;
    while (block_max(blocks) < count)
        if (!grow_groups(blocks))
            return REEL_E_NO_MEMORY;
    bool has_pool = count < blocks->pool_max || grow_pool(blocks, (uint32_t)count + 1);
    return has_pool ? REEL_OK : REEL_E_NO_MEMORY;
}

int reel_blocks_init(struct reel_blocks *blocks)
{
    *blocks = (struct reel_blocks){.pool_end = 1, .pool_max = POOL_MIN};
    set_group_bits(blocks, GROUP_BITS_MIN);
    blocks->groups = table_memory_allocate_zeroed(groups_bytes(GROUP_BITS_MIN));
    blocks->pool = table_memory_allocate(pool_bytes(POOL_MIN));
    blocks->vacant = allocate_vacant(POOL_MIN);
    if (blocks->groups != NULL && blocks->pool != NULL && blocks->vacant != NULL)
        return REEL_OK;
    reel_blocks_fini(blocks);
    return REEL_E_NO_MEMORY;
}

void reel_blocks_fini(struct reel_blocks *blocks)
{
    table_memory_free(blocks->groups, groups_bytes(blocks->group_bits));
    table_memory_free(blocks->pool, pool_bytes(blocks->pool_max));
    free_vacant(blocks->vacant, blocks->pool_max);
    *blocks = (struct reel_blocks){0};
}

void reel_blocks_clear(struct reel_blocks *blocks)
{
    memset(blocks->groups, 0, groups_bytes(blocks->group_bits));
    blocks->pool_end = 1;
    blocks->vacant_count = 0;
    blocks->count = 0;
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
    uint32_t index = blocks_pool_take(blocks);
    put(blocks, place.home, place.tag, index);
    blocks->pool[index] = (struct reel_block){.address = address};
    blocks->count++;
    return &blocks->pool[index];
}

const struct reel_block *reel_blocks_drop(struct reel_blocks *blocks, uint64_t address)
{
    struct place place = find(blocks, address);
    if (!place.is_found)
        return NULL;
    struct reel_blocks_group *group = &blocks->groups[place.group];
    uint32_t index = group->index[place.slot];
    blocks_clear_tag(group, place.slot);
    for (size_t passed = place.home; passed != place.group; passed = (passed + 1) & group_mask(blocks))
        blocks->groups[passed].passed--;
    blocks_pool_vacate(blocks, index);
    blocks->count--;
    return &blocks->pool[index];
}

bool reel_blocks_remove(struct reel_blocks *blocks, uint64_t address, struct reel_block *removed)
{
    const struct reel_block *block = reel_blocks_drop(blocks, address);
    if (block == NULL)
        return false;
    if (removed != NULL)
        *removed = *block;
    return true;
}

int reel_blocks_clone(struct reel_blocks *copy, const struct reel_blocks *blocks, bool as_inherited)
{
    *copy = *blocks;
    copy->groups = table_memory_allocate(groups_bytes(blocks->group_bits));
    copy->pool = table_memory_allocate(pool_bytes(blocks->pool_max));
    copy->vacant = allocate_vacant(blocks->pool_max);
    if (copy->groups == NULL || copy->pool == NULL || copy->vacant == NULL)
    {
        reel_blocks_fini(copy);
        return REEL_E_NO_MEMORY;
    }
    memcpy(copy->groups, blocks->groups, groups_bytes(blocks->group_bits));
    memcpy(copy->pool, blocks->pool, pool_bytes(blocks->pool_end));
    memcpy(copy->vacant, blocks->vacant, blocks->vacant_count * sizeof *copy->vacant);
    if (as_inherited)
        for (uint32_t i = 1; i < copy->pool_end; i++)
            copy->pool[i].is_inherited = true;
    return REEL_OK;
}

// The blocks of a group lie anywhere in the pool.
static void fetch_group(const struct reel_blocks *blocks, size_t group)
{
    if (group <= group_mask(blocks))
        for (size_t slot = 0; slot < BLOCKS_GROUP_SLOTS; slot++)
            __builtin_prefetch(&blocks->pool[blocks->groups[group].index[slot]]);
}

const struct reel_block *reel_blocks_next(const struct reel_blocks *blocks, size_t *position)
{
    while (*position < (group_mask(blocks) + 1) * BLOCKS_GROUP_SLOTS)
    {
        const struct reel_blocks_group *group = &blocks->groups[*position / BLOCKS_GROUP_SLOTS];
        size_t slot = (*position)++ % BLOCKS_GROUP_SLOTS;
        if (slot == 0)
            fetch_group(blocks, *position / BLOCKS_GROUP_SLOTS + WALK_AHEAD);
        if (group->tags[slot] != 0)
            return &blocks->pool[group->index[slot]];
    }
    return NULL;
}
