// SPDX-License-Identifier: MIT
// The slabs of a class: which are open, which get pages, and which give them back. Hands out no slot and reads none.
#include "heap/pages.h"
#include "heap/zoned_internal.h"

#include <string.h>

enum
{
    BOOKS_STEP_BYTES = 16 * 1024,
    CACHE_LINE = 64,
    GAP_LINES = 5,
    // Committed at once for slabs to come, where no guard lies between them. Well under a huge page, so that the kernel
    // backs what is touched and no more.
    COMMIT_AHEAD_BYTES = 64 * 1024,
};

static uint32_t slab_max_of(uint32_t class_id, size_t zone_bytes)
{
    return (uint32_t)(zone_bytes / zoned_stride(class_id));
}

static uint32_t group_count_of(uint32_t slab_max)
{
    return (slab_max + ZONED_GROUP_SLABS - 1) / ZONED_GROUP_SLABS;
}

static_assert(ZONED_ZONE_BYTES_MAX / PAGES_BYTES / ZONED_GROUP_SLABS <= INDEX_SET_CAPACITY_MAX,
              "a set holds the groups of the greatest zone with the smallest slabs");

// The two sets, in whole cache lines, and a gap that differs from class to class: most classes use their first slabs,
// and without it the lines of those would all contend for the same few sets of the processor's cache.
static size_t offset_of_groups(uint32_t class_id, uint32_t group_count)
{
    size_t sets_bytes =
        (2 * index_set_words(group_count) * sizeof(uint64_t) + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
    return sets_bytes + (size_t)class_id * GAP_LINES * CACHE_LINE;
}

size_t zoned_zone_books_bytes(uint32_t class_id, size_t zone_bytes)
{
    uint32_t group_count = group_count_of(slab_max_of(class_id, zone_bytes));
    size_t bytes = offset_of_groups(class_id, group_count) + group_count * zoned_root.group_bytes;
    return (bytes + PAGES_BYTES - 1) & ~(size_t)(PAGES_BYTES - 1);
}

uintptr_t zoned_zone_place(struct zoned_zone *zone, uintptr_t books)
{
    zone->slab_max = slab_max_of(zone->class_id, zone->bytes);
    uint32_t group_count = group_count_of(zone->slab_max);
    uint64_t *words = (uint64_t *)books;
    index_set_place(&zone->vacant, words, group_count);
    index_set_place(&zone->open, words + index_set_words(group_count), group_count);
    zone->groups = (struct zoned_group *)(books + offset_of_groups(zone->class_id, group_count));
    zone->books = books;
    zone->books_committed = books;
    zone->books_end = books + zoned_zone_books_bytes(zone->class_id, zone->bytes);
    return zone->books_end;
}

// The books reach to the group's end.
static bool has_books_for(struct zoned_zone *zone, uint32_t group)
{
    uintptr_t needed = (uintptr_t)zoned_group_at(zone, group) + zoned_root.group_bytes;
    if (ZONED_LIKELY(needed <= zone->books_committed))
        return true;
    uintptr_t end = zone->books_committed + BOOKS_STEP_BYTES;
    while (end < needed)
        end += BOOKS_STEP_BYTES;
    if (end > zone->books_end)
        end = zone->books_end;
    if (!pages_commit((void *)zone->books_committed, end - zone->books_committed))
        return false;
    zone->books_committed = end;
    return true;
}

static void set_current(struct zoned_class *owner, struct zoned_zone *zone, uint32_t slab)
{
    owner->current_zone = zone;
    owner->current_index = slab;
    owner->current = zoned_slab_of(zone, slab);
    owner->current_address = zoned_slab_address(zone, slab);
    bool is_of_start = zone == &zoned_root.zones[owner->class_id];
    owner->ready_end = is_of_start ? owner->current_address + zoned_shapes[owner->class_id].slab_bytes : UINTPTR_MAX;
}

static uint32_t slab_at(uint32_t group, uint64_t bits)
{
    return group * ZONED_GROUP_SLABS + (uint32_t)__builtin_ctzll(bits);
}

// Makes the lowest open slab the current one.
static void choose_current(struct zoned_class *owner)
{
    owner->current = NULL;
    owner->ready_end = UINTPTR_MAX;
    if (index_set_is_empty(&owner->open))
        return;
    struct zoned_zone *zone = &zoned_root.zones[index_set_least(&owner->open)];
    uint32_t group = index_set_least(&zone->open);
    set_current(owner, zone, slab_at(group, zoned_group_at(zone, group)->open));
}

static bool is_before_current(const struct zoned_class *owner, const struct zoned_zone *zone, uint32_t slab)
{
    return !owner->current || zone < owner->current_zone ||
           (zone == owner->current_zone && slab < owner->current_index);
}

static void open_slab(struct zoned_class *owner, struct zoned_zone *zone, uint32_t slab)
{
    struct zoned_group *group = zoned_group_of(zone, slab);
    if (group->open == 0)
    {
        index_set_add(&zone->open, slab / ZONED_GROUP_SLABS);
        index_set_add(&owner->open, zoned_zone_index(zone));
    }
    group->open |= UINT64_C(1) << (slab % ZONED_GROUP_SLABS);
    if (is_before_current(owner, zone, slab))
        set_current(owner, zone, slab);
}

static void close_slab(struct zoned_class *owner, struct zoned_zone *zone, uint32_t slab)
{
    struct zoned_group *group = zoned_group_of(zone, slab);
    group->open &= ~(UINT64_C(1) << (slab % ZONED_GROUP_SLABS));
    if (group->open != 0)
        return;
    index_set_remove(&zone->open, slab / ZONED_GROUP_SLABS);
    if (index_set_is_empty(&zone->open))
        index_set_remove(&owner->open, zoned_zone_index(zone));
}

void zoned_slab_close_current_locked(struct zoned_class *owner)
{
    struct zoned_zone *zone = owner->current_zone;
    uint32_t slab = owner->current_index;
    close_slab(owner, zone, slab);
    uint64_t open = zoned_group_of(zone, slab)->open;
    if (open != 0) // above the current one, which was the lowest
        set_current(owner, zone, slab_at(slab / ZONED_GROUP_SLABS, open));
    else
        choose_current(owner);
}

static void set_vacant(struct zoned_class *owner, struct zoned_zone *zone, uint32_t slab)
{
    zoned_group_of(zone, slab)->vacant |= UINT64_C(1) << (slab % ZONED_GROUP_SLABS);
    index_set_add(&zone->vacant, slab / ZONED_GROUP_SLABS);
    index_set_add(&owner->vacant, zoned_zone_index(zone));
}

static void clear_vacant(struct zoned_class *owner, struct zoned_zone *zone, uint32_t slab)
{
    struct zoned_group *group = zoned_group_of(zone, slab);
    if ((group->vacant &= ~(UINT64_C(1) << (slab % ZONED_GROUP_SLABS))) != 0)
        return;
    index_set_remove(&zone->vacant, slab / ZONED_GROUP_SLABS);
    if (index_set_is_empty(&zone->vacant))
        index_set_remove(&owner->vacant, zoned_zone_index(zone));
}

// The secret's first byte in memory is 0, so that a string that is not terminated ends there.
static uint64_t canary_of(uintptr_t slab_address)
{
    uint64_t x = zoned_root.secret + slab_address;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (x ^ (x >> 31)) & ~UINT64_C(0xff);
}

// All its slots are free, and its pages zeros.
static void begin_slab(struct zoned_class *owner, struct zoned_zone *zone, uint32_t slab)
{
    struct zoned_slab *books = zoned_slab_of(zone, slab);
    uint32_t slots = zoned_shapes[zone->class_id].slots;
    for (uint32_t word = 0; word < ZONED_SLAB_WORDS; word++)
    {
        uint32_t bits = slots > word * 64 ? slots - word * 64 : 0;
        books->free[word] = bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    }
    books->used_count = 0;
    books->fresh = 0;
    books->has_pages = true;
    books->canary = zoned_root.canary_bytes ? canary_of(zoned_slab_address(zone, slab)) : 0;
    owner->empty_count++;
    owner->paged_count++;
    open_slab(owner, zone, slab);
}

static bool take_guard(void)
{
    uint32_t left = __atomic_load_n(&zoned_root.shared->guards_left, __ATOMIC_RELAXED);
    while (left > 0)
        if (__atomic_compare_exchange_n(&zoned_root.shared->guards_left, &left, left - 1, true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
            return true;
    return false;
}

// Pages of a slab between guards. Beyond the budget, or where the kernel refuses one more mapping, the slab becomes one
// range with its neighbours, guards and all.
static bool commit_between_guards(struct zoned_zone *zone, uint32_t slab)
{
    struct zoned_slab *books = zoned_slab_of(zone, slab);
    size_t slab_bytes = zoned_shapes[zone->class_id].slab_bytes;
    uintptr_t address = zoned_slab_address(zone, slab);
    bool wants_guard = books->carved > 0 ? books->is_guarded : take_guard();
    books->is_guarded = wants_guard && pages_commit((void *)address, slab_bytes);
    if (books->is_guarded)
        return true;
    uintptr_t begin = slab > 0 ? address - slab_bytes : address;
    return pages_commit((void *)begin, address + 2 * slab_bytes - begin);
}

static bool commit_vacant(struct zoned_zone *zone, uint32_t slab)
{
    if (zoned_root.guard_shift)
        return commit_between_guards(zone, slab);
    return pages_commit((void *)zoned_slab_address(zone, slab), zoned_shapes[zone->class_id].slab_bytes);
}

// Slabs at the frontier, several at once where that is possible.
static bool commit_unused(struct zoned_zone *zone)
{
    if (zone->frontier < zone->writable)
        return true;
    uint32_t count = 1;
    if (zoned_root.guard_shift)
    {
        if (!commit_between_guards(zone, zone->frontier))
            return false;
    }
    else
    {
        uint32_t slab_bytes = zoned_shapes[zone->class_id].slab_bytes;
        if (slab_bytes < COMMIT_AHEAD_BYTES)
            count = COMMIT_AHEAD_BYTES / slab_bytes;
        if (count > zone->slab_max - zone->frontier)
            count = zone->slab_max - zone->frontier;
        if (!pages_commit((void *)zoned_slab_address(zone, zone->frontier), (size_t)count * slab_bytes))
            return false;
    }
    zone->writable = zone->frontier + count;
    return true;
}

static bool grow_from_vacant(struct zoned_class *owner)
{
    if (index_set_is_empty(&owner->vacant))
        return false;
    struct zoned_zone *zone = &zoned_root.zones[index_set_least(&owner->vacant)];
    uint32_t group = index_set_least(&zone->vacant);
    uint32_t slab = slab_at(group, zoned_group_at(zone, group)->vacant);
    if (!commit_vacant(zone, slab))
        return false;
    clear_vacant(owner, zone, slab);
    begin_slab(owner, zone, slab);
    return true;
}

static bool grow_at_frontier(struct zoned_class *owner)
{
    struct zoned_zone *zone = owner->newest;
    if (!zone || zone->frontier == zone->slab_max)
    {
        if (!zoned_extent_add_locked(owner))
            return false;
        zone = owner->newest;
    }
    if (!has_books_for(zone, zone->frontier / ZONED_GROUP_SLABS) || !commit_unused(zone))
        return false;
    begin_slab(owner, zone, zone->frontier++);
    return true;
}

bool zoned_slab_grow_locked(struct zoned_class *owner)
{
    return grow_from_vacant(owner) || grow_at_frontier(owner);
}

// An empty slab gives its pages back.
static void purge(struct zoned_class *owner, struct zoned_zone *zone, uint32_t slab)
{
    struct zoned_slab *books = zoned_slab_of(zone, slab);
    void *address = (void *)zoned_slab_address(zone, slab);
    size_t bytes = zoned_shapes[zone->class_id].slab_bytes;
    close_slab(owner, zone, slab);
    if (books == owner->current)
        choose_current(owner);
    if (books->is_guarded)
        pages_return_and_protect(address, bytes);
    else
        pages_return(address, bytes);
    books->has_pages = false;
    owner->empty_count--;
    owner->paged_count--;
    set_vacant(owner, zone, slab);
}

void zoned_slab_release_locked(struct zoned_class *owner, struct zoned_zone *zone, uint32_t slab)
{
    struct zoned_slab *books = zoned_slab_of(zone, slab);
    owner->used_count--;
    if (books->used_count-- == zoned_shapes[owner->class_id].slots)
        open_slab(owner, zone, slab);
    owner->empty_count += books->used_count == 0;
    if (ZONED_UNLIKELY(owner->empty_count > owner->empty_max))
        purge(owner, zone, slab);
}

void zoned_ready_release_locked(struct zoned_class *owner, uint32_t count)
{
    struct zoned_ready *ready = owner->ready;
    for (uint32_t i = 0; i < count; i++)
        zoned_slab_release_locked(owner, &zoned_root.zones[owner->class_id], ready[i].slab);
    owner->ready_count -= count;
    memmove(ready, ready + count, owner->ready_count * sizeof *ready);
}

static size_t trim_group(struct zoned_class *owner, struct zoned_zone *zone, uint32_t group)
{
    size_t returned = 0;
    for (uint64_t open = zoned_group_at(zone, group)->open; open != 0; open &= open - 1)
    {
        uint32_t slab = slab_at(group, open);
        if (zoned_slab_of(zone, slab)->used_count > 0)
            continue;
        purge(owner, zone, slab);
        returned += zoned_shapes[zone->class_id].slab_bytes;
    }
    return returned;
}

size_t zoned_slab_trim_locked(struct zoned_class *owner)
{
    size_t returned = 0;
    zoned_ready_release_locked(owner, owner->ready_count);
    uint32_t zone_count = __atomic_load_n(&zoned_root.shared->zone_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < zone_count && owner->empty_count > 0; i++)
    {
        struct zoned_zone *zone = &zoned_root.zones[i];
        if (zone->class_id != owner->class_id)
            continue;
        for (uint32_t group = 0; group * ZONED_GROUP_SLABS < zone->frontier; group++)
            returned += trim_group(owner, zone, group);
    }
    return returned;
}
