// SPDX-License-Identifier: MIT
// What the books of `zoned` say, told to whoever asks: classes, zones and committed pages, counts, mallinfo2. Changes
// nothing.
#include "heap/large.h"
#include "heap/pages.h"
#include "heap/zoned_internal.h"

static void tell_zone(const struct heap_observer *observer, uintptr_t address, size_t bytes, uint32_t class_id,
                      enum heap_role role)
{
    observer->zone(&(struct heap_zone){(const void *)address, bytes, class_id, role});
}

// Committed ranges that touch are told as one.
struct run
{
    const struct heap_observer *observer;
    uintptr_t begin;
    uintptr_t end;
};

static void end_run(struct run *run)
{
    if (run->end > run->begin)
        run->observer->committed((const void *)run->begin, run->end - run->begin);
    run->begin = run->end;
}

static void add_to_run(struct run *run, uintptr_t begin, uintptr_t end)
{
    if (run->end != begin)
    {
        end_run(run);
        run->begin = begin;
    }
    run->end = end;
}

static void tell_slabs(const struct heap_observer *observer, const struct zoned_zone *zone)
{
    struct run run = {.observer = observer};
    uint32_t slab_bytes = zoned_shapes[zone->class_id].slab_bytes;
    for (uint32_t slab = 0; slab < zone->writable; slab++)
    {
        uintptr_t address = zoned_slab_address(zone, slab);
        if (slab >= zone->frontier || zoned_slab_of(zone, slab)->has_pages)
            add_to_run(&run, address, address + slab_bytes);
    }
    end_run(&run);
}

static void describe_zone(const struct heap_observer *observer, const struct zoned_zone *zone)
{
    if (zone->bytes == 0)
        return;
    tell_zone(observer, zone->address, zone->bytes, zone->class_id, HEAP_ROLE_SLOTS);
    if (zoned_zone_index(zone) >= SIZE_CLASS_COUNT)
        tell_zone(observer, zone->books, zone->books_end - zone->books, zone->class_id, HEAP_ROLE_METADATA);
    if (zone->books_committed > zone->books)
        observer->committed((const void *)zone->books, zone->books_committed - zone->books);
    tell_slabs(observer, zone);
}

static void describe_class(const struct heap_observer *observer, struct zoned_class *owner)
{
    uint32_t slot_bytes = zoned_shapes[owner->class_id].slot_bytes;
    observer->size_class(&(struct heap_class){
        .class_id = owner->class_id,
        .slot_bytes = slot_bytes,
        .usable_bytes = slot_bytes - zoned_root.canary_bytes,
    });
    heap_lock_acquire(&owner->lock);
    uint32_t zone_count = __atomic_load_n(&zoned_root.shared->zone_count, __ATOMIC_ACQUIRE);
    describe_zone(observer, &zoned_root.zones[owner->class_id]);
    for (uint32_t i = SIZE_CLASS_COUNT; i < zone_count; i++)
        if (zoned_root.zones[i].class_id == owner->class_id)
            describe_zone(observer, &zoned_root.zones[i]);
    heap_lock_release(&owner->lock);
}

void zoned_describe(const struct heap_observer *observer)
{
    const struct zoned_root *root = &zoned_root;
    tell_zone(observer, root->books, root->books_bytes, HEAP_NO_CLASS, HEAP_ROLE_METADATA);
    observer->committed((const void *)(root->books + PAGES_BYTES), root->fixed_bytes);
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
        describe_class(observer, &root->classes[i]);
}

static uint32_t saturated(uint64_t count)
{
    return count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
}

void zoned_census(const struct heap_observer *observer)
{
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
    {
        struct zoned_class *owner = &zoned_root.classes[i];
        heap_lock_acquire(&owner->lock);
        struct heap_census census = {
            .class_id = i,
            .carved = saturated(owner->carved_count),
            .used = saturated(zoned_live_count_locked(owner)),
            .quarantined = owner->quarantine.held,
        };
        heap_lock_release(&owner->lock);
        observer->census(&census);
    }
}

static void add_class(struct mallinfo2 *about, struct zoned_class *owner)
{
    const struct zoned_shape *shape = &zoned_shapes[owner->class_id];
    heap_lock_acquire(&owner->lock);
    size_t arena = owner->paged_count * shape->slab_bytes;
    uint64_t live_count = zoned_live_count_locked(owner);
    about->arena += arena;
    about->uordblks += live_count * shape->slot_bytes;
    about->fordblks += arena - live_count * shape->slot_bytes;
    about->ordblks += owner->paged_count * shape->slots - live_count;
    about->keepcost += (size_t)owner->empty_count * shape->slab_bytes;
    heap_lock_release(&owner->lock);
}

struct mallinfo2 zoned_mallinfo2(void)
{
    struct mallinfo2 about = {0};
    large_count(&about.hblks, &about.hblkhd);
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
        add_class(&about, &zoned_root.classes[i]);
    return about;
}
