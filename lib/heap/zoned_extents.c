// SPDX-License-Identifier: MIT
// Zones added when one was full, and which of them holds an address. They lie in a sorted table, which is searched
// without a lock: the version tells whether somebody changed it meanwhile. An extent is never given back.
//
//   an extent's reservation:  | guard page | its books | guard page | its slabs |
#include "base/memory.h"
#include "heap/pages.h"
#include "heap/zoned_internal.h"

static uint32_t extent_count(void)
{
    return __atomic_load_n(&zoned_root.shared->zone_count, __ATOMIC_ACQUIRE) - SIZE_CLASS_COUNT;
}

// The last entry at or below the address; NULL: none.
static struct zoned_zone *search(uintptr_t address)
{
    uint32_t low = 0;
    uint32_t high = extent_count();
    while (low < high)
    {
        uint32_t middle = (low + high) / 2;
        if (__atomic_load_n(&zoned_root.extents[middle].address, __ATOMIC_RELAXED) <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? __atomic_load_n(&zoned_root.extents[low - 1].zone, __ATOMIC_ACQUIRE) : NULL;
}

struct zoned_zone *zoned_extent_find(uintptr_t address)
{
    if (ZONED_LIKELY(extent_count() == 0))
        return NULL;
    for (;;)
    {
        uint32_t version = __atomic_load_n(&zoned_root.shared->version, __ATOMIC_ACQUIRE);
        struct zoned_zone *zone = search(address);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (version % 2 == 0 && __atomic_load_n(&zoned_root.shared->version, __ATOMIC_RELAXED) == version)
            return zone && address - zone->address < zone->bytes ? zone : NULL;
        __builtin_ia32_pause();
    }
}

static void insert_sorted(struct zoned_zone *zone)
{
    struct zoned_extent *extents = zoned_root.extents;
    uint32_t at = extent_count();
    __atomic_fetch_add(&zoned_root.shared->version, 1, __ATOMIC_ACQ_REL);
    for (; at > 0 && extents[at - 1].address > zone->address; at--)
    {
        __atomic_store_n(&extents[at].address, extents[at - 1].address, __ATOMIC_RELAXED);
        __atomic_store_n(&extents[at].zone, extents[at - 1].zone, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&extents[at].address, zone->address, __ATOMIC_RELAXED);
    __atomic_store_n(&extents[at].zone, zone, __ATOMIC_RELEASE);
    __atomic_fetch_add(&zoned_root.shared->zone_count, 1, __ATOMIC_RELEASE);
    __atomic_fetch_add(&zoned_root.shared->version, 1, __ATOMIC_RELEASE);
}

// Address space for slabs of zone->bytes and for their books; halves what is wanted until the limits allow it.
static bool reserve(struct zoned_zone *zone)
{
    size_t stride = zoned_stride(zone->class_id);
    for (; zone->bytes >= ZONED_EXTENT_BYTES_MIN && zone->bytes >= stride; zone->bytes /= 2)
    {
        zone->bytes -= zone->bytes % stride;
        size_t books_bytes = zoned_zone_books_bytes(zone->class_id, zone->bytes);
        char *address = base_memory_reserve(books_bytes + 2 * (size_t)PAGES_BYTES + zone->bytes);
        if (!address)
            continue;
        uintptr_t books_end = zoned_zone_place(zone, (uintptr_t)address + PAGES_BYTES);
        zone->address = books_end + PAGES_BYTES;
        pages_tell_zone((void *)zone->books, books_bytes, zone->class_id, HEAP_ROLE_METADATA);
        pages_tell_zone((void *)zone->address, zone->bytes, zone->class_id, HEAP_ROLE_SLOTS);
        return true;
    }
    return false;
}

bool zoned_extent_add_locked(struct zoned_class *owner)
{
    struct zoned_shared *shared = zoned_root.shared;
    size_t bytes = zoned_extent_bytes(owner->reserved_bytes, pages_space_left());
    bool is_added = false;
    heap_lock_acquire(&shared->lock);
    struct zoned_zone *zone = &zoned_root.zones[shared->zone_count];
    *zone = (struct zoned_zone){.class_id = owner->class_id, .bytes = bytes};
    if (shared->zone_count < zoned_root.zone_max && reserve(zone))
    {
        insert_sorted(zone);
        owner->newest = zone;
        owner->reserved_bytes += zone->bytes;
        is_added = true;
    }
    heap_lock_release(&shared->lock);
    return is_added;
}
