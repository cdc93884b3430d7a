// SPDX-License-Identifier: MIT
// Size classes by the blocks that they serve. A class that is alone with its usable bytes stands under both kinds of
// alignedness, so that a lookup is one probe.
#include "reel/classes.h"

#include <stddef.h>

#define SLOT_COUNT (sizeof((struct reel_classes *)NULL)->slots / sizeof((struct reel_classes *)NULL)->slots[0])

static uint64_t key_of(uint64_t usable_bytes, bool is_aligned)
{
    return usable_bytes << 1 | is_aligned;
}

// The slot of the key, or the empty one where it belongs.
static size_t slot_of(const struct reel_classes *classes, uint64_t key)
{
    size_t slot = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) % SLOT_COUNT;
    while (classes->slots[slot].number != 0 && classes->slots[slot].key != key)
        slot = (slot + 1) % SLOT_COUNT;
    return slot;
}

static void put(struct reel_classes *classes, uint64_t key, uint8_t number)
{
    size_t slot = slot_of(classes, key);
    classes->slots[slot].key = key;
    classes->slots[slot].number = number;
}

static bool is_same(const struct reel_size_class *one, const struct reel_size_class *other)
{
    return one->class_id == other->class_id && one->slot_bytes == other->slot_bytes &&
           one->usable_bytes == other->usable_bytes && one->is_aligned == other->is_aligned;
}

enum reel_classes_result reel_classes_add(struct reel_classes *classes, const struct reel_size_class *added)
{
    uint8_t known = reel_classes_with_id(classes, added->class_id);
    if (known != 0)
        return is_same(&classes->all[known], added) ? REEL_CLASSES_KNOWN : REEL_CLASSES_REFUSED;
    uint8_t served_by = reel_classes_of_block(classes, added->usable_bytes, added->is_aligned);
    bool is_taken = served_by != 0 && classes->all[served_by].is_aligned == added->is_aligned;
    bool makes_sense = added->slot_bytes != 0 && added->usable_bytes <= added->slot_bytes;
    if (is_taken || !makes_sense || classes->count > REEL_CLASSES_MAX)
        return REEL_CLASSES_REFUSED;
    uint8_t number = (uint8_t)(classes->count == 0 ? 1 : classes->count);
    classes->all[number] = *added;
    classes->count = number + 1u;
    put(classes, key_of(added->usable_bytes, added->is_aligned), number);
    if (served_by == 0)
        put(classes, key_of(added->usable_bytes, !added->is_aligned), number);
    return REEL_CLASSES_ADDED;
}

uint8_t reel_classes_with_id(const struct reel_classes *classes, uint32_t class_id)
{
    for (uint32_t i = 1; i < classes->count; i++)
        if (classes->all[i].class_id == class_id)
            return (uint8_t)i;
    return 0;
}

uint8_t reel_classes_of_block(const struct reel_classes *classes, uint64_t usable_bytes, bool is_aligned)
{
    return classes->slots[slot_of(classes, key_of(usable_bytes, is_aligned))].number;
}
