// SPDX-License-Identifier: MIT
// Recomputes from the bits of every slab what counts, sets and classes say. Changes nothing but takes the locks.
#define _GNU_SOURCE
#include "zoned_check.h"

#include "heap/zoned_internal.h"

#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

// Leaves the function with the law that is broken.
#define LAW(condition)                                                                                                 \
    do                                                                                                                 \
    {                                                                                                                  \
        if (!(condition))                                                                                              \
            return #condition;                                                                                         \
    } while (0)

#define PASS_ON(call)                                                                                                  \
    do                                                                                                                 \
    {                                                                                                                  \
        const char *complaint = (call);                                                                                \
        if (complaint)                                                                                                 \
            return complaint;                                                                                          \
    } while (0)

struct sums
{
    uint64_t used;
    uint64_t ready;
    uint64_t quarantined;
    uint64_t carved;
    uint64_t paged;
    uint64_t empty;
};

// Without touching it: the kernel copies a byte for us, or refuses.
static bool is_readable(uintptr_t address)
{
    char byte;
    struct iovec local = {&byte, 1};
    struct iovec remote = {(void *)address, 1};
    return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1;
}

static bool is_resident(uintptr_t address)
{
    unsigned char page = 0;
    return mincore((void *)address, PAGES_BYTES, &page) == 0 && (page & 1);
}

static bool bit_of(const uint64_t *words, uint32_t index)
{
    return words[index / 64] >> (index % 64) & 1;
}

// Of the slots that are ready, those in the slab.
static const char *check_ready(const struct zoned_zone *zone, uint32_t slab, uint32_t *count)
{
    const struct zoned_class *owner = &zoned_root.classes[zone->class_id];
    const struct zoned_slab *books = zoned_slab_of(zone, slab);
    uint64_t seen[ZONED_SLAB_WORDS] = {0};
    for (uint32_t i = 0; i < owner->ready_count; i++)
    {
        const struct zoned_ready *ready = &owner->ready[i];
        if (ready->books != books)
            continue;
        LAW(zone == &zoned_root.zones[zone->class_id] && ready->slab == slab);
        LAW(ready->address == zoned_slab_address(zone, slab) + ready->slot * owner->slot_bytes);
        LAW(bit_of(books->free, ready->slot) && !bit_of(seen, ready->slot) && ready->slot < books->fresh);
        seen[ready->slot / 64] |= UINT64_C(1) << (ready->slot % 64);
        ++*count;
    }
    return NULL;
}

static const char *check_slots(const struct zoned_zone *zone, uint32_t slab, struct sums *sums)
{
    const struct zoned_slab *books = zoned_slab_of(zone, slab);
    const struct zoned_group *group = zoned_group_of(zone, slab);
    uint32_t slots = zoned_shapes[zone->class_id].slots;
    uint32_t used = 0;
    uint32_t ready = 0;
    for (uint32_t slot = 0; slot < ZONED_SLOTS_MAX; slot++)
    {
        bool is_free = bit_of(books->free, slot);
        LAW(slot < slots || !is_free);
        if (slot >= slots || is_free)
            continue;
        used++;
        LAW(slot < books->carved && slot < books->fresh);
    }
    PASS_ON(check_ready(zone, slab, &ready));
    LAW(used + ready == books->used_count);
    LAW(books->fresh <= books->carved && books->carved <= slots);
    for (uint32_t slot = 0; slot < slots && zoned_root.has_quarantine; slot++)
    {
        bool is_quarantined = bit_of(group->quarantined[slab % ZONED_GROUP_SLABS], slot);
        LAW(!is_quarantined || !bit_of(books->free, slot));
        sums->quarantined += is_quarantined;
    }
    sums->used += used;
    sums->ready += ready;
    sums->carved += books->carved;
    return NULL;
}

static const char *check_state(const struct zoned_zone *zone, uint32_t slab, struct sums *sums)
{
    const struct zoned_slab *books = zoned_slab_of(zone, slab);
    const struct zoned_group *group = zoned_group_of(zone, slab);
    const struct zoned_shape *shape = &zoned_shapes[zone->class_id];
    uintptr_t address = zoned_slab_address(zone, slab);
    LAW(bit_of(&group->open, slab % ZONED_GROUP_SLABS) == (books->has_pages && books->used_count < shape->slots));
    LAW(bit_of(&group->vacant, slab % ZONED_GROUP_SLABS) == !books->has_pages);
    LAW(books->has_pages || (books->used_count == 0 && books->fresh <= books->carved));
    LAW(!books->has_pages || is_readable(address));
    LAW(books->has_pages || !is_resident(address));
    LAW(books->has_pages || !books->is_guarded || !is_readable(address));
    LAW(!books->is_guarded || zoned_root.guard_shift);
    sums->paged += books->has_pages;
    sums->empty += books->has_pages && books->used_count == 0;
    return NULL;
}

static const char *check_set(const struct index_set *set, uint32_t index, bool is_member)
{
    LAW(index_set_has(set, index) == is_member);
    LAW(bit_of(set->middle, index / 64) == (set->leaves[index / 64] != 0));
    LAW(bit_of(set->top, index / 4096) == (set->middle[index / 4096] != 0));
    return NULL;
}

static const char *check_zone(const struct zoned_class *owner, const struct zoned_zone *zone, struct sums *sums)
{
    LAW(zone->frontier <= zone->writable && zone->writable <= zone->slab_max);
    LAW(zone == owner->newest || zone->frontier == zone->slab_max);
    bool has_open = false;
    bool has_vacant = false;
    for (uint32_t slab = 0; slab < zone->frontier; slab++)
    {
        PASS_ON(check_slots(zone, slab, sums));
        PASS_ON(check_state(zone, slab, sums));
        const struct zoned_group *group = zoned_group_of(zone, slab);
        PASS_ON(check_set(&zone->open, slab / ZONED_GROUP_SLABS, group->open != 0));
        PASS_ON(check_set(&zone->vacant, slab / ZONED_GROUP_SLABS, group->vacant != 0));
        has_open |= group->open != 0;
        has_vacant |= group->vacant != 0;
        bool is_first_open = has_open && !owner->current;
        LAW(!is_first_open);
        LAW(!bit_of(&group->open, slab % ZONED_GROUP_SLABS) || zone > owner->current_zone ||
            (zone == owner->current_zone && slab >= owner->current_index));
    }
    LAW(zone->frontier == zone->slab_max || zone->frontier < zone->writable ||
        !is_readable(zoned_slab_address(zone, zone->frontier)));
    PASS_ON(check_set(&owner->open, zoned_zone_index(zone), has_open));
    PASS_ON(check_set(&owner->vacant, zoned_zone_index(zone), has_vacant));
    return NULL;
}

static const char *check_current(const struct zoned_class *owner)
{
    const struct zoned_zone *of_start = &zoned_root.zones[owner->class_id];
    if (!owner->current || owner->current_zone != of_start)
        LAW(owner->ready_end == UINTPTR_MAX);
    else
        LAW(owner->ready_end == owner->current_address + zoned_shapes[owner->class_id].slab_bytes);
    if (!owner->current)
        return NULL;
    LAW(owner->current_zone->class_id == owner->class_id);
    LAW(owner->current == zoned_slab_of(owner->current_zone, owner->current_index));
    LAW(owner->current_address == zoned_slab_address(owner->current_zone, owner->current_index));
    LAW(owner->current->has_pages);
    LAW(owner->current->used_count < zoned_shapes[owner->class_id].slots);
    return NULL;
}

static const char *check_class(const struct zoned_class *owner)
{
    struct sums sums = {0};
    for (uint32_t i = 0; i < zoned_root.shared->zone_count; i++)
        if (zoned_root.zones[i].class_id == owner->class_id)
            PASS_ON(check_zone(owner, &zoned_root.zones[i], &sums));
    PASS_ON(check_current(owner));
    LAW(owner->ready_count <= owner->ready_max && sums.ready == owner->ready_count);
    LAW(sums.used + sums.ready == owner->used_count);
    LAW(sums.used == zoned_live_count_locked(owner) + owner->quarantine.held);
    LAW(sums.quarantined == owner->quarantine.held);
    LAW(sums.carved == owner->carved_count);
    LAW(sums.paged == owner->paged_count);
    LAW(sums.empty == owner->empty_count);
    LAW(sums.empty <= owner->empty_max);
    LAW((sums.empty + sums.ready) * zoned_shapes[owner->class_id].slab_bytes <= ZONED_EMPTY_BYTES_MAX);
    return NULL;
}

static const char *check_extents(void)
{
    uint32_t extent_count = zoned_root.shared->zone_count - SIZE_CLASS_COUNT;
    for (uint32_t i = 0; i < extent_count; i++)
    {
        const struct zoned_extent *extent = &zoned_root.extents[i];
        const struct zoned_zone *zone = extent->zone;
        LAW(zone->address == extent->address);
        LAW(i == 0 || extent[-1].address + extent[-1].zone->bytes <= extent->address);
        LAW(zoned_extent_find(zone->address) == zone);
        LAW(zoned_extent_find(zone->address + zone->bytes - 1) == zone);
        LAW(zoned_extent_find(zone->address - 1) != zone && zoned_extent_find(zone->address + zone->bytes) != zone);
    }
    return NULL;
}

const char *zoned_check(void)
{
    const char *complaint = NULL;
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT && !complaint; i++)
    {
        heap_lock_acquire(&zoned_root.classes[i].lock);
        complaint = check_class(&zoned_root.classes[i]);
        heap_lock_release(&zoned_root.classes[i].lock);
    }
    return complaint ? complaint : check_extents();
}
