// SPDX-License-Identifier: MIT
// Opens `zoned`: address space for zones and books, as much as the limits let be reserved, and the root, which is
// read-only from then on. Hands out nothing.
//
//   reservation of the books:  | guard | fixed part | guard | zone 0's | guard | ... | zone 47's | guard |
#include "base/memory.h"
#include "base/syscall.h"
#include "base/text.h"
#include "heap/pages.h"
#include "heap/zoned_internal.h"

#include <string.h>
#include <sys/auxv.h>

enum
{
    GUARDS_SHARE = 8, // of vm.max_map_count, one in so many; each guard costs two mappings
    EXTENTS_MIN = 16,
    GETRANDOM_NONBLOCK = 1,
};

struct zoned_root zoned_root;

// The fixed part of the books.
struct fixed_part
{
    uintptr_t begin;
    uintptr_t shared;
    uintptr_t classes;
    uintptr_t sets;
    uintptr_t zones;
    uintptr_t extents;
    uintptr_t quarantines;
    uintptr_t end;
};

static uintptr_t page_up(uintptr_t address)
{
    return (address + PAGES_BYTES - 1) & ~(uintptr_t)(PAGES_BYTES - 1);
}

static size_t set_bytes(void)
{
    return index_set_words(zoned_root.zone_max) * sizeof(uint64_t);
}

static size_t quarantine_bytes(const struct heap_options *options)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
        bytes += zoned_quarantine_capacity(options, zoned_shapes[i].slot_bytes) * sizeof(uint64_t);
    return bytes;
}

static struct fixed_part lay_out(uintptr_t begin, const struct heap_options *options)
{
    struct fixed_part part = {.begin = begin, .shared = begin};
    part.classes = part.shared + 2 * alignof(struct zoned_class);
    part.sets = part.classes + SIZE_CLASS_COUNT * sizeof(struct zoned_class);
    part.zones = part.sets + 2 * SIZE_CLASS_COUNT * set_bytes();
    part.extents = part.zones + zoned_root.zone_max * sizeof(struct zoned_zone);
    part.quarantines = part.extents + zoned_root.zone_max * sizeof(struct zoned_extent);
    part.end = page_up(part.quarantines + quarantine_bytes(options));
    return part;
}
static_assert(sizeof(struct zoned_shared) <= 2 * alignof(struct zoned_class), "what is shared has lines of its own");

static size_t zones_books_bytes(size_t zone_bytes)
{
    size_t bytes = PAGES_BYTES;
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT && zone_bytes; i++)
        bytes += zoned_zone_books_bytes(i, zone_bytes) + PAGES_BYTES;
    return bytes;
}

static uint64_t random_secret(void)
{
    uint64_t secret = 0;
    if (base_syscall3(SYS_getrandom, (uintptr_t)&secret, sizeof secret, GETRANDOM_NONBLOCK) == sizeof secret)
        return secret;
    memcpy(&secret, (const void *)getauxval(AT_RANDOM), sizeof secret);
    return secret;
}

static void set_options(const struct heap_options *options)
{
    struct zoned_root *root = &zoned_root;
    root->guard_shift = options->has_guards;
    root->canary_bytes = options->has_canary ? ZONED_CANARY_BYTES : 0;
    root->is_filled = options->is_filled;
    root->has_quarantine = options->quarantine != HEAP_QUARANTINE_NONE;
    root->size_max = SIZE_CLASS_BYTES_MAX - root->canary_bytes;
    root->group_bytes = sizeof(struct zoned_group);
    if (root->has_quarantine)
        root->group_bytes += ZONED_GROUP_SLABS * sizeof(uint64_t[ZONED_SLAB_WORDS]);
    root->secret = random_secret();
}

static uint32_t zone_max_for(size_t space_left)
{
    size_t extents = space_left / ZONED_EXTENT_BYTES_MIN;
    if (extents > ZONED_EXTENTS_MAX)
        extents = ZONED_EXTENTS_MAX;
    return SIZE_CLASS_COUNT + (uint32_t)(extents < EXTENTS_MIN ? EXTENTS_MIN : extents);
}

// Address space for the books and for zones of that size (0: none), and memory for the fixed part.
static bool reserve(size_t zone_bytes, const struct heap_options *options)
{
    struct zoned_root *root = &zoned_root;
    struct fixed_part measured = lay_out(PAGES_BYTES, options);
    size_t books_bytes = measured.end + zones_books_bytes(zone_bytes);
    char *books = base_memory_reserve(books_bytes);
    if (!books)
        return false;
    root->main_bytes = zone_bytes * SIZE_CLASS_COUNT;
    root->main_address = zone_bytes ? (uintptr_t)base_memory_reserve(root->main_bytes) : 0;
    if ((zone_bytes && !root->main_address) || !base_memory_commit(books + PAGES_BYTES, measured.end - measured.begin))
    {
        base_memory_unmap(books, books_bytes);
        if (root->main_address)
            base_memory_unmap((void *)root->main_address, root->main_bytes);
        return false;
    }
    root->books = (uintptr_t)books;
    root->books_bytes = books_bytes;
    if (!options->has_guards && !options->has_canary && !options->is_filled && !root->has_quarantine)
    {
        root->plain_size_max = root->size_max;
        root->plain_bytes = root->main_bytes;
    }
    return true;
}

// Each ready slot may keep a slab that would be empty. None is ready where a slab is a slot: to open it costs little
// beside the kernel's pages, which empty slabs save.
static void init_bounds(struct zoned_class *owner, const struct zoned_shape *shape)
{
    uint32_t empty_max = ZONED_EMPTY_BYTES_MAX / shape->slab_bytes;
    uint32_t half = shape->slots > 1 ? empty_max / 2 : 0;
    owner->ready_max = half < ZONED_READY_MAX ? half : ZONED_READY_MAX;
    owner->empty_max = empty_max - owner->ready_max;
}

static void init_classes(const struct fixed_part *part, const struct heap_options *options)
{
    uintptr_t set = part->sets;
    uintptr_t places = part->quarantines;
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
    {
        struct zoned_class *owner = &zoned_root.classes[i];
        uint32_t capacity = zoned_quarantine_capacity(options, zoned_shapes[i].slot_bytes);
        owner->class_id = i;
        owner->slot_bytes = zoned_shapes[i].slot_bytes;
        owner->ready_end = UINTPTR_MAX;
        init_bounds(owner, &zoned_shapes[i]);
        index_set_place(&owner->open, (uint64_t *)set, zoned_root.zone_max);
        index_set_place(&owner->vacant, (uint64_t *)(set + set_bytes()), zoned_root.zone_max);
        zoned_quarantine_init(&owner->quarantine, (uint64_t *)places, capacity, options->quarantine,
                              zoned_root.secret * (2 * i + 1));
        set += 2 * set_bytes();
        places += capacity * sizeof(uint64_t);
    }
}

// The zones of the start. Without address space for them they are there all the same, and hold no slab.
static void init_zones(uintptr_t books, size_t zone_bytes)
{
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
    {
        struct zoned_zone *zone = &zoned_root.zones[i];
        *zone = (struct zoned_zone){.address = zoned_root.main_address + i * zone_bytes, .class_id = i};
        zoned_root.classes[i].newest = zone;
        if (zone_bytes == 0)
            continue;
        zone->bytes = zone_bytes;
        books = zoned_zone_place(zone, books) + PAGES_BYTES;
        zoned_root.classes[i].reserved_bytes = zone_bytes;
        pages_tell_zone((const void *)zone->address, zone_bytes, i, HEAP_ROLE_SLOTS);
    }
}

static void init(const struct heap_options *options)
{
    struct zoned_root *root = &zoned_root;
    size_t zone_bytes = root->main_bytes / SIZE_CLASS_COUNT;
    struct fixed_part part = lay_out(root->books + PAGES_BYTES, options);
    root->fixed_bytes = part.end - part.begin;
    root->zone_shift = zone_bytes ? (uint32_t)__builtin_ctzll(zone_bytes) : 0;
    root->shared = (struct zoned_shared *)part.shared;
    root->classes = (struct zoned_class *)part.classes;
    root->zones = (struct zoned_zone *)part.zones;
    root->extents = (struct zoned_extent *)part.extents;
    root->shared->zone_count = SIZE_CLASS_COUNT;
    root->shared->guards_left = (uint32_t)(pages_map_count_max() / GUARDS_SHARE);
    pages_tell_zone((const void *)root->books, root->books_bytes, HEAP_NO_CLASS, HEAP_ROLE_METADATA);
    init_classes(&part, options);
    init_zones(part.end + PAGES_BYTES, zone_bytes);
    pages_set_read_only(root, sizeof *root);
}

bool zoned_open(const struct heap_options *options)
{
    struct heap_options tried = *options;
    size_t space_left = pages_space_left();
    size_t zone_bytes = zoned_zone_bytes(options->zone_bytes, pages_physical_bytes(), space_left);
    set_options(options);
    zoned_root.zone_max = zone_max_for(space_left);
    while (!reserve(zone_bytes, &tried))
    {
        if (zone_bytes == 0 && tried.quarantine_bytes == 0)
        {
            base_text_complain("zoned: no address space for the allocator's books; raise RLIMIT_AS (ulimit -v)");
            return false;
        }
        if (zone_bytes == 0)
            tried.quarantine_bytes /= 2;
        zone_bytes = zone_bytes > ZONED_ZONE_BYTES_MIN ? zone_bytes / 2 : 0;
    }
    init(&tried);
    return true;
}
