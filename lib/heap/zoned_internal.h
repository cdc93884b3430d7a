// SPDX-License-Identifier: MIT
// What the files of `zoned` share: its books, and who may write them.
//
// Nothing in a zone is ever read to find out what a slot is. The books lie in reservations of their own between
// inaccessible pages; where they are stands in zoned_root, which is read-only once the allocator is open.
//
//   address -> zone     shift (the 48 zones of the start), or search among the extents (zones added when one was full)
//           -> slab     multiplication; -> slot  multiplication
//
// A slab is one of: *unused* (at or above its zone's frontier), *full*, *open* (has pages and a free slot; an open slab
// may be empty), *vacant* (empty, and its pages given back).
//
// A freed slot that is not above the lowest open slab becomes *ready*: its bit says free, but its slab goes on counting
// it as used, so that a full slab need not become open and full again. Allocation takes the ready slots first, the last
// one freed before the others; then the lowest free slot of the lowest open slab; and a vacant or unused slab only when
// no slab is open. Hence a class never has more slabs with pages than its peak of used slots needs. Where one slot too
// many is ready, the older half goes back to its slabs.
//
// Locks, in this order: a class's (class 0 first), then that of the extents. A class's lock protects its zones, groups
// and slabs.
#ifndef HEAPREEL_HEAP_ZONED_INTERNAL_H
#define HEAPREEL_HEAP_ZONED_INTERNAL_H

#include "heap/backend.h"
#include "heap/lock.h"
#include "heap/zoned_index_set.h"
#include "heap/zoned_layout.h"
#include "heap/zoned_quarantine.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    ZONED_SLAB_WORDS = ZONED_SLOTS_MAX / 64,
    ZONED_GROUP_SLABS = 64,
    ZONED_EXTENTS_MAX = 8192,
    ZONED_EXTENT_BYTES_MIN = ZONED_ZONE_BYTES_MIN / 2, // so many cannot fill a small address space
    ZONED_CANARY_BYTES = 8,
    // Empty slabs of a class that keep their pages, so that a program that frees and allocates at the edge of a slab
    // does not ask the kernel each time.
    // Those whose last slots are ready count among them.
    ZONED_EMPTY_BYTES_MAX = 256 * 1024,
    ZONED_READY_MAX = 8,
};

#define ZONED_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define ZONED_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

// A slab's line in the books. Slots are handed out lowest first, so those that ever were are always the first ones.
struct zoned_slab
{
    alignas(64) uint64_t free[ZONED_SLAB_WORDS]; // bit set: the slot may be handed out
    uint64_t canary;                             // constant while a slot is used
    uint16_t used_count;                         // slots that are not free, and those that are ready
    uint16_t carved;                             // slots below have been handed out at least once
    uint16_t fresh;                              // slots from here on are as the kernel gave them; <= carved
    bool has_pages;
    bool is_guarded; // the position after it is inaccessible
};
static_assert(sizeof(struct zoned_slab) == 64, "a call touches one cache line of the books of its slab");

struct zoned_group
{
    alignas(64) uint64_t open; // a bit for each slab
    uint64_t vacant;
    struct zoned_slab slabs[ZONED_GROUP_SLABS];
    uint64_t quarantined[][ZONED_SLAB_WORDS]; // only with a quarantine: such a slot is neither free nor the program's
};

// Constant once it is there: where it lies, and where its books do. What each call needs comes first.
struct zoned_zone
{
    alignas(64) uintptr_t address;
    size_t bytes;
    struct zoned_group *groups;
    uint32_t class_id;
    uint32_t slab_max;
    uint32_t frontier;     // slabs from here on are unused
    uint32_t writable;     // slabs from the frontier to here have been committed ahead
    struct index_set open; // groups with an open slab

    struct index_set vacant; // groups with a vacant slab
    uintptr_t books;         // address range of the two sets and of the groups, pages committed from the start
    uintptr_t books_committed;
    uintptr_t books_end;
};

// In the zone of the start, whose slots alone become ready.
struct zoned_ready
{
    uintptr_t address;
    struct zoned_slab *books;
    uint32_t slab;
    uint32_t slot;
};

struct zoned_class
{
    alignas(128) struct heap_lock lock;
    uint32_t slot_bytes;
    uint32_t ready_count;
    uint32_t ready_max;
    uintptr_t ready_end;        // slots below become ready: the current slab's end, if it lies in the zone of the start
    struct zoned_slab *current; // the lowest open slab; NULL: none is open
    struct zoned_zone *current_zone;
    uintptr_t current_address;
    uint32_t current_index; // in its zone
    uint32_t class_id;
    uint32_t empty_count; // open slabs that count no slot as used
    uint32_t empty_max;   // of them that keep their pages

    struct zoned_ready ready[ZONED_READY_MAX]; // oldest first

    uint64_t used_count;       // sum over the slabs
    uint64_t carved_count;     // sum over the slabs
    uint64_t paged_count;      // slabs with pages
    struct index_set open;     // zones (by index) with an open slab
    struct index_set vacant;   // zones with a vacant slab
    struct zoned_zone *newest; // the only one with unused slabs
    size_t reserved_bytes;
    struct zoned_quarantine quarantine;
};

// An entry of the extents, which are sorted by address. Read without a lock.
struct zoned_extent
{
    uintptr_t address;
    struct zoned_zone *zone;
};

// What changes and belongs to no class.
struct zoned_shared
{
    struct heap_lock lock;   // of what follows, but for reading it
    uint32_t version;        // odd while the table of extents is being changed
    uint32_t zone_count;     // entries of zoned_root.zones in use
    uint32_t guards_left;    // atomic: mappings are the kernel's to count
    bool is_locked_for_fork; // by the thread that forks
};

struct zoned_root
{
    alignas(PAGES_BYTES) uintptr_t main_address; // of the zones of the start
    size_t main_bytes;                           // 0: there are none
    uint32_t zone_shift;
    uint32_t guard_shift; // 1: every second position is a guard
    struct zoned_class *classes;
    struct zoned_zone *zones; // first one for each class, then the extents
    uint32_t zone_max;
    uint32_t canary_bytes; // 0: there is none
    size_t size_max;       // greater requests are large blocks
    // size_max and main_bytes for the short ways of malloc and free; 0 if an option asks for more than slots.
    size_t plain_size_max;
    size_t plain_bytes;
    size_t group_bytes;
    struct zoned_extent *extents;
    struct zoned_shared *shared;
    bool has_quarantine;
    bool is_filled;
    uint64_t secret;
    uintptr_t books; // reservation of the books at the start: a guard page, the fixed part, those of the zones
    size_t books_bytes;
    size_t fixed_bytes;
};

extern struct zoned_root zoned_root;

static inline struct zoned_group *zoned_group_at(const struct zoned_zone *zone, uint32_t group)
{
    return (struct zoned_group *)((uintptr_t)zone->groups + group * zoned_root.group_bytes);
}

static inline struct zoned_group *zoned_group_of(const struct zoned_zone *zone, uint32_t slab)
{
    return zoned_group_at(zone, slab / ZONED_GROUP_SLABS);
}

static inline struct zoned_slab *zoned_slab_of(const struct zoned_zone *zone, uint32_t slab)
{
    return &zoned_group_of(zone, slab)->slabs[slab % ZONED_GROUP_SLABS];
}

// From one slab to the next.
static inline size_t zoned_stride(uint32_t class_id)
{
    return (size_t)zoned_shapes[class_id].slab_bytes << zoned_root.guard_shift;
}

static inline uintptr_t zoned_slab_address(const struct zoned_zone *zone, uint32_t slab)
{
    return zone->address + slab * zoned_stride(zone->class_id);
}

static inline uint32_t zoned_zone_index(const struct zoned_zone *zone)
{
    return (uint32_t)(zone - zoned_root.zones);
}

// The program's slots. The class's lock is held.
static inline uint64_t zoned_live_count_locked(const struct zoned_class *owner)
{
    return owner->used_count - owner->ready_count - owner->quarantine.held;
}

// The zone that holds the address; NULL: none.
struct zoned_zone *zoned_extent_find(uintptr_t address);
// Adds a zone to the class and makes it the newest. False: no address space. The class's lock is held.
bool zoned_extent_add_locked(struct zoned_class *owner);

// zone->bytes and class_id are given; its books are to lie from `books` on. Returns where they will end.
uintptr_t zoned_zone_place(struct zoned_zone *zone, uintptr_t books);
// Bytes of the books of a zone.
size_t zoned_zone_books_bytes(uint32_t class_id, size_t zone_bytes);

// All with the class's lock held.
// There is an open slab afterwards, the current one. False: no memory. No slot is ready.
bool zoned_slab_grow_locked(struct zoned_class *owner);
// One more of its slots is free. A slab that was full is open afterwards; one that is empty may have lost its pages.
void zoned_slab_release_locked(struct zoned_class *owner, struct zoned_zone *zone, uint32_t slab);
// The same for so many ready slots, the oldest, which are ready no longer.
void zoned_ready_release_locked(struct zoned_class *owner, uint32_t count);
// The current slab has lost its last free slot.
void zoned_slab_close_current_locked(struct zoned_class *owner);
// No slot is ready afterwards, and the pages of all empty slabs go back. Bytes that did.
size_t zoned_slab_trim_locked(struct zoned_class *owner);

// zoned_books.c
void zoned_describe(const struct heap_observer *observer);
void zoned_census(const struct heap_observer *observer);
struct mallinfo2 zoned_mallinfo2(void);

bool zoned_open(const struct heap_options *options);

#endif
