// SPDX-License-Identifier: MIT
// What an address given to `zoned` is: arithmetic first, then a look into the books. Never looks at the address itself.
#ifndef HEAPREEL_HEAP_ZONED_PLACE_H
#define HEAPREEL_HEAP_ZONED_PLACE_H

#include "heap/misuse.h"
#include "heap/zoned_internal.h"

// An address in a zone, taken apart.
struct zoned_place
{
    struct zoned_zone *zone;
    const struct zoned_shape *shape;
    struct zoned_group *group; // there if the slab is below the zone's frontier
    uint32_t slab;
    uint32_t slot;
    bool is_in_slot; // else in a guard or a tail
    bool is_at_start;
};

// False: in no zone.
static inline bool zoned_locate(const void *block, struct zoned_place *place)
{
    size_t offset = (uintptr_t)block - zoned_root.main_address;
    if (ZONED_LIKELY(offset < zoned_root.main_bytes))
    {
        place->zone = &zoned_root.zones[offset >> zoned_root.zone_shift];
        offset &= ((size_t)1 << zoned_root.zone_shift) - 1;
    }
    else
    {
        place->zone = zoned_extent_find((uintptr_t)block);
        if (!place->zone)
            return false;
        offset = (uintptr_t)block - place->zone->address;
    }
    place->shape = &zoned_shapes[place->zone->class_id];
    uint32_t position = zoned_position_of(place->shape, offset);
    uint32_t offset_in_slab = (uint32_t)(offset - (size_t)position * place->shape->slab_bytes);
    place->slab = position >> zoned_root.guard_shift;
    place->group = zoned_group_of(place->zone, place->slab);
    place->slot = zoned_slot_of(place->shape, offset_in_slab);
    place->is_in_slot = place->slot < place->shape->slots && (position & zoned_root.guard_shift) == 0;
    place->is_at_start = place->slot * place->shape->slot_bytes == offset_in_slab;
    return true;
}

static inline struct zoned_class *zoned_owner_of(const struct zoned_place *place)
{
    return &zoned_root.classes[place->zone->class_id];
}

static inline struct zoned_slab *zoned_books_of(const struct zoned_place *place)
{
    return &place->group->slabs[place->slab % ZONED_GROUP_SLABS];
}

static inline uint64_t *zoned_quarantined_word(const struct zoned_place *place)
{
    return &place->group->quarantined[place->slab % ZONED_GROUP_SLABS][place->slot / 64];
}

static inline uint64_t zoned_slot_bit(const struct zoned_place *place)
{
    return UINT64_C(1) << (place->slot % 64);
}

// A place that is a slot as one number, and back: what a quarantine keeps.
//   bits 0..7 slot, 8..31 slab, 32.. index of the zone, plus 1
static inline uint64_t zoned_place_pack(const struct zoned_place *place)
{
    return (uint64_t)(zoned_zone_index(place->zone) + 1) << 32 | (uint64_t)place->slab << 8 | place->slot;
}
static_assert(ZONED_SLOTS_MAX == 1 << 8 && ZONED_ZONE_BYTES_MAX / PAGES_BYTES == 1 << 24, "slot and slab fit");

static inline struct zoned_place zoned_place_unpack(uint64_t packed)
{
    struct zoned_place place = {.slab = (uint32_t)packed >> 8, .slot = packed & 0xff};
    place.zone = &zoned_root.zones[(packed >> 32) - 1];
    place.shape = &zoned_shapes[place.zone->class_id];
    place.group = zoned_group_of(place.zone, place.slab);
    return place;
}

// Of the slot that the address is in, wherever in it.
static inline bool zoned_is_live_locked(const struct zoned_place *place)
{
    if (ZONED_UNLIKELY(!place->is_in_slot || place->slab >= place->zone->frontier))
        return false;
    if (zoned_books_of(place)->free[place->slot / 64] & zoned_slot_bit(place))
        return false;
    return !zoned_root.has_quarantine || !(*zoned_quarantined_word(place) & zoned_slot_bit(place));
}

// Why a free of that address is wrong.
static inline enum heap_misuse_kind zoned_misuse_locked(const struct zoned_place *place)
{
    if (zoned_is_live_locked(place))
        return HEAP_MISUSE_MISALIGNED_FREE;
    bool was_ever_a_block = place->is_in_slot && place->is_at_start && place->slab < place->zone->frontier &&
                            place->slot < zoned_books_of(place)->carved;
    return was_ever_a_block ? HEAP_MISUSE_DOUBLE_FREE : HEAP_MISUSE_INVALID_FREE;
}

#endif
