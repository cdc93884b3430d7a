// SPDX-License-Identifier: MIT
// The shadow: leaves found by hash, large blocks in a sorted array. Decides nothing about what an overlap means.
#include "reel/shadow.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "reel/shadow_large.h"
#include "reel/shadow_leaf.h"

#define SLOTS_MIN 16u

// A slot whose leaf is NULL is empty. Leaves are never taken out: what was seen once is remembered.
struct leaf_slot
{
    uint64_t key;
    struct shadow_leaf *leaf;
};

struct shadow
{
    uint64_t id;             // never used again, so that it can name an owner that is gone
    struct leaf_slot *slots; // open addressing, at most half full
    size_t slot_count;       // a power of two
    size_t leaf_count;

    struct shadow_large large;
    // Counts the large blocks added so far. A leaf that none of them reaches remembers the count and is not compared
    // again before another is added.
    uint64_t large_epoch;

    // The leaf used last: neighbours in time are neighbours in space. Owned, or NULL.
    uint64_t recent_key;
    struct shadow_leaf *recent;
};

// A small block touches one leaf, or two neighbours.
struct place
{
    struct shadow_leaf *leaf;
    struct shadow_leaf *next; // NULL if it ends in the first
    uint32_t first;
    uint32_t end;      // in leaf
    uint32_t next_end; // in next
};

// Also what does not start on a granule, which no word could tell.
static bool belongs_to_large(const struct shadow_block *block)
{
    struct shadow_span span = shadow_block_span(block);
    return span.end - span.first >= SHADOW_LEAF_GRANULES || block->address % SHADOW_GRANULE_BYTES != 0;
}

static uint64_t leaf_key(uint64_t granule)
{
    return granule / SHADOW_LEAF_GRANULES;
}

static uint32_t leaf_granule(uint64_t granule)
{
    return (uint32_t)(granule % SHADOW_LEAF_GRANULES);
}

static struct shadow_span leaf_span(uint64_t key)
{
    return (struct shadow_span){key * SHADOW_LEAF_GRANULES, (key + 1) * SHADOW_LEAF_GRANULES};
}

// The slot of the leaf, or the empty one where it belongs.
static struct leaf_slot *slot_of(const struct shadow *shadow, uint64_t key)
{
    size_t mask = shadow->slot_count - 1;
    size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
    while (shadow->slots[i].leaf != NULL && shadow->slots[i].key != key)
        i = (i + 1) & mask;
    return &shadow->slots[i];
}

static bool grow_slots(struct shadow *shadow)
{
    struct shadow wider = {.slot_count = shadow->slot_count * 2};
    wider.slots = calloc(wider.slot_count, sizeof *wider.slots);
    if (wider.slots == NULL)
        return false;
    for (size_t i = 0; i < shadow->slot_count; i++)
        if (shadow->slots[i].leaf != NULL)
            *slot_of(&wider, shadow->slots[i].key) = shadow->slots[i];
    free(shadow->slots);
    shadow->slots = wider.slots;
    shadow->slot_count = wider.slot_count;
    return true;
}

static struct shadow_leaf *find_leaf(const struct shadow *shadow, uint64_t key)
{
    if (shadow->recent != NULL && shadow->recent_key == key)
        return shadow->recent;
    return slot_of(shadow, key)->leaf;
}

static struct shadow_leaf *acquire_leaf(struct shadow *shadow, uint64_t key)
{
    if (shadow->leaf_count * 2 >= shadow->slot_count && !grow_slots(shadow))
        return NULL;
    struct leaf_slot *slot = slot_of(shadow, key);
    bool is_new = slot->leaf == NULL;
    struct shadow_leaf *leaf = slot->leaf;
    if (is_new)
        leaf = shadow_leaf_create(shadow->id);
    else if (!shadow_leaf_is_owned(leaf, shadow->id))
        leaf = shadow_leaf_take_over(leaf, shadow->id);
    if (leaf == NULL)
        return NULL;
    *slot = (struct leaf_slot){key, leaf};
    shadow->leaf_count += is_new;
    shadow->recent_key = key;
    shadow->recent = leaf;
    return leaf;
}

// The leaf, made or copied when it has to be, for writing. NULL: no memory.
static inline struct shadow_leaf *own_leaf(struct shadow *shadow, uint64_t key)
{
    if (shadow->recent != NULL && shadow->recent_key == key)
        return shadow->recent;
    return acquire_leaf(shadow, key);
}

static bool own_place(struct shadow *shadow, struct shadow_span span, struct place *place)
{
    uint64_t key = leaf_key(span.first);
    uint64_t end = span.end - key * SHADOW_LEAF_GRANULES;
    *place = (struct place){.first = leaf_granule(span.first), .end = (uint32_t)end};
    if (end > SHADOW_LEAF_GRANULES)
    {
        place->next = own_leaf(shadow, key + 1);
        if (place->next == NULL)
            return false;
        place->end = SHADOW_LEAF_GRANULES;
        place->next_end = (uint32_t)(end - SHADOW_LEAF_GRANULES);
    }
    place->leaf = own_leaf(shadow, key);
    return place->leaf != NULL;
}

static void read_small(const struct shadow *shadow, uint64_t granule, struct shadow_block *block)
{
    const struct shadow_leaf *leaf = find_leaf(shadow, leaf_key(granule));
    uint32_t word = leaf->words[leaf_granule(granule)];
    block->address = granule * SHADOW_GRANULE_BYTES;
    block->is_inherited = leaf->owner != shadow->id || (word & SHADOW_INHERITED) != 0;
    block->tag = (uint8_t)((word & SHADOW_TAG_MASK) >> SHADOW_TAG_SHIFT);
    if (word & SHADOW_SINGLE)
    {
        block->usable_bytes = word & ((1u << SHADOW_SINGLE_SHIFT) - 1);
        block->requested_bytes = (word & SHADOW_SIZE_MASK) >> SHADOW_SINGLE_SHIFT;
        return;
    }
    block->usable_bytes = word & SHADOW_SIZE_MASK;
    const struct shadow_leaf *second = find_leaf(shadow, leaf_key(granule + 1));
    block->requested_bytes = second->words[leaf_granule(granule + 1)] & SHADOW_SIZE_MASK;
}

// The small block that covers a used granule: the nearest start before it.
static void read_small_covering(const struct shadow *shadow, uint64_t granule, struct shadow_block *block)
{
    const struct shadow_leaf *leaf = find_leaf(shadow, leaf_key(granule));
    while (!(leaf->words[leaf_granule(granule)] & SHADOW_LIVE))
    {
        if (leaf_granule(granule--) == 0)
            leaf = find_leaf(shadow, leaf_key(granule));
    }
    read_small(shadow, granule, block);
}

static bool is_leaf_clear(const struct shadow_leaf *leaf, uint64_t key, struct shadow_span span)
{
    struct shadow_span whole = leaf_span(key);
    uint64_t first = span.first > whole.first ? span.first : whole.first;
    uint64_t end = span.end < whole.end ? span.end : whole.end;
    return first >= end || shadow_leaf_is_clear(leaf, (uint32_t)(first - whole.first), (uint32_t)(end - whole.first));
}

// Finds the block in one leaf that touches the span, if there is one.
static bool find_in_leaf(const struct shadow *shadow, const struct leaf_slot *slot, struct shadow_span span,
                         struct shadow_block *other)
{
    if (slot->leaf == NULL || is_leaf_clear(slot->leaf, slot->key, span))
        return false;
    struct shadow_span whole = leaf_span(slot->key);
    uint64_t granule = span.first > whole.first ? span.first : whole.first;
    while (!(slot->leaf->used[leaf_granule(granule) / 64] >> granule % 64 & 1))
        granule++;
    read_small_covering(shadow, granule, other);
    return true;
}

// The small block that touches a span of any length: asks the leaves of the span, or all leaves if these are fewer.
static bool find_small(const struct shadow *shadow, struct shadow_span span, struct shadow_block *other)
{
    uint64_t first = leaf_key(span.first);
    uint64_t last = leaf_key(span.end - 1);
    if (last - first > shadow->slot_count)
    {
        for (size_t i = 0; i < shadow->slot_count; i++)
            if (find_in_leaf(shadow, &shadow->slots[i], span, other))
                return true;
        return false;
    }
    for (uint64_t key = first; key <= last; key++)
        if (find_in_leaf(shadow, slot_of(shadow, key), span, other))
            return true;
    return false;
}

// True if no large block reaches into the span, which lies in the leaf.
static inline bool is_clear_of_large(const struct shadow *shadow, struct shadow_leaf *leaf, uint64_t key,
                                     struct shadow_span span)
{
    if (leaf->large_epoch == shadow->large_epoch)
        return true;
    if (shadow_large_touching(&shadow->large, leaf_span(key)) == NULL)
    {
        leaf->large_epoch = shadow->large_epoch;
        return true;
    }
    return shadow_large_touching(&shadow->large, span) == NULL;
}

static bool is_place_clear(const struct shadow *shadow, const struct place *place, struct shadow_span span)
{
    uint64_t key = leaf_key(span.first);
    if (!shadow_leaf_is_clear(place->leaf, place->first, place->end) ||
        !is_clear_of_large(shadow, place->leaf, key, span))
        return false;
    return place->next == NULL || (shadow_leaf_is_clear(place->next, 0, place->next_end) &&
                                   is_clear_of_large(shadow, place->next, key + 1, span));
}

static void write_small(const struct place *place, const struct shadow_block *block)
{
    uint32_t usable = (uint32_t)block->usable_bytes;
    uint32_t requested = (uint32_t)block->requested_bytes;
    uint32_t start = SHADOW_SEEN | SHADOW_LIVE | (uint32_t)block->tag << SHADOW_TAG_SHIFT |
                     (place->leaf->words[place->first] & SHADOW_CARVED);
    shadow_leaf_set_used(place->leaf, place->first, place->end);
    if (place->next != NULL)
        shadow_leaf_set_used(place->next, 0, place->next_end);
    else if (place->end == place->first + 1)
    {
        uint32_t sizes = usable | requested << SHADOW_SINGLE_SHIFT;
        shadow_leaf_set_word(place->leaf, place->first, start | SHADOW_SINGLE | sizes);
        return;
    }
    shadow_leaf_set_word(place->leaf, place->first, start | usable);
    bool is_next = place->next != NULL && place->first + 1 == SHADOW_LEAF_GRANULES;
    struct shadow_leaf *second = is_next ? place->next : place->leaf;
    uint32_t granule = is_next ? 0 : place->first + 1;
    shadow_leaf_set_word(second, granule, (second->words[granule] & SHADOW_KEPT) | requested);
}

static enum shadow_result find_other(const struct shadow *shadow, struct shadow_span span, struct shadow_block *other)
{
    const struct shadow_block *large = shadow_large_touching(&shadow->large, span);
    if (large != NULL)
        *other = *large;
    return large != NULL || find_small(shadow, span, other) ? SHADOW_OVERLAP : SHADOW_OK;
}

static enum shadow_result add_large(struct shadow *shadow, const struct shadow_block *block, struct shadow_block *other)
{
    struct shadow_span span = shadow_block_span(block);
    if (find_other(shadow, span, other) != SHADOW_OK)
        return SHADOW_OVERLAP;
    if (shadow_mark_seen(shadow, block->address) != SHADOW_OK || !shadow_large_insert(&shadow->large, block))
        return SHADOW_NO_MEMORY;
    shadow->large_epoch++;
    return SHADOW_OK;
}

static enum shadow_result remove_large(struct shadow *shadow, uint64_t address, struct shadow_block *removed)
{
    const struct shadow_block *block = shadow_large_at(&shadow->large, address);
    if (block == NULL)
        return SHADOW_UNKNOWN;
    *removed = *block;
    shadow_large_remove(&shadow->large, block);
    return SHADOW_OK;
}

static uint32_t word_at(const struct shadow *shadow, uint64_t address)
{
    const struct shadow_leaf *leaf = find_leaf(shadow, leaf_key(address / SHADOW_GRANULE_BYTES));
    return leaf != NULL ? leaf->words[leaf_granule(address / SHADOW_GRANULE_BYTES)] : 0;
}

static bool is_small_start(const struct shadow *shadow, uint64_t address)
{
    return address % SHADOW_GRANULE_BYTES == 0 && (word_at(shadow, address) & SHADOW_LIVE) != 0;
}

static uint64_t next_id(void)
{
    static _Atomic uint64_t last_id;
    return atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
}

static struct shadow *create_with_slots(size_t slot_count)
{
    struct shadow *shadow = calloc(1, sizeof *shadow);
    if (shadow == NULL)
        return NULL;
    shadow->id = next_id();
    shadow->slot_count = slot_count;
    shadow->slots = calloc(slot_count, sizeof *shadow->slots);
    if (shadow->slots != NULL)
        return shadow;
    free(shadow);
    return NULL;
}

struct shadow *shadow_create(void)
{
    return create_with_slots(SLOTS_MIN);
}

struct shadow *shadow_clone(struct shadow *parent)
{
    struct shadow *shadow = create_with_slots(parent->slot_count);
    if (shadow == NULL || !shadow_large_copy_inherited(&shadow->large, &parent->large))
    {
        shadow_destroy(shadow);
        return NULL;
    }
    for (size_t i = 0; i < parent->slot_count; i++)
    {
        shadow->slots[i] = parent->slots[i];
        if (shadow->slots[i].leaf != NULL)
            shadow->slots[i].leaf->holder_count++;
    }
    shadow->leaf_count = parent->leaf_count;
    // It is shared now: the next write has to copy it.
    parent->recent = NULL;
    return shadow;
}

void shadow_destroy(struct shadow *shadow)
{
    if (shadow == NULL)
        return;
    for (size_t i = 0; i < shadow->slot_count; i++)
        if (shadow->slots[i].leaf != NULL)
            shadow_leaf_release(shadow->slots[i].leaf);
    free(shadow->slots);
    shadow_large_fini(&shadow->large);
    free(shadow);
}

enum shadow_result shadow_add(struct shadow *shadow, const struct shadow_block *block, struct shadow_block *other)
{
    struct shadow_span span = shadow_block_span(block);
    if (block->usable_bytes != 0 && block->address + (block->usable_bytes - 1) < block->address)
    {
        *other = *block;
        return SHADOW_OVERLAP;
    }
    if (belongs_to_large(block))
        return add_large(shadow, block, other);
    struct place place;
    if (!own_place(shadow, span, &place))
        return SHADOW_NO_MEMORY;
    if (!is_place_clear(shadow, &place, span))
        return find_other(shadow, span, other);
    write_small(&place, block);
    return SHADOW_OK;
}

enum shadow_result shadow_remove(struct shadow *shadow, uint64_t address, struct shadow_block *removed)
{
    if (!is_small_start(shadow, address))
        return remove_large(shadow, address, removed);
    read_small(shadow, address / SHADOW_GRANULE_BYTES, removed);
    struct place place;
    if (!own_place(shadow, shadow_block_span(removed), &place))
        return SHADOW_NO_MEMORY;
    shadow_leaf_clear_used(place.leaf, place.first, place.end);
    if (place.next != NULL)
        shadow_leaf_clear_used(place.next, 0, place.next_end);
    place.leaf->words[place.first] = SHADOW_SEEN | (place.leaf->words[place.first] & SHADOW_KEPT);
    return SHADOW_OK;
}

enum shadow_result shadow_find(const struct shadow *shadow, uint64_t address, struct shadow_block *found)
{
    if (is_small_start(shadow, address))
    {
        read_small(shadow, address / SHADOW_GRANULE_BYTES, found);
        return SHADOW_OK;
    }
    const struct shadow_block *large = shadow_large_at(&shadow->large, address);
    if (large == NULL)
        return SHADOW_UNKNOWN;
    *found = *large;
    return SHADOW_OK;
}

static void set_inherited(struct shadow *shadow, uint64_t address)
{
    if (!is_small_start(shadow, address))
        shadow_large_set_inherited(&shadow->large, address);
    else
        find_leaf(shadow, leaf_key(address / SHADOW_GRANULE_BYTES))
            ->words[leaf_granule(address / SHADOW_GRANULE_BYTES)] |= SHADOW_INHERITED;
}

enum shadow_result shadow_resize(struct shadow *shadow, const struct shadow_block *block, struct shadow_block *other)
{
    struct shadow_block before;
    struct shadow_block none;
    enum shadow_result result = shadow_remove(shadow, block->address, &before);
    if (result != SHADOW_OK)
        return result;
    result = shadow_add(shadow, block, other);
    if (result != SHADOW_OK && shadow_add(shadow, &before, &none) != SHADOW_OK)
        return SHADOW_NO_MEMORY;
    if (before.is_inherited)
        set_inherited(shadow, block->address);
    return result;
}

bool shadow_has_seen(const struct shadow *shadow, uint64_t address)
{
    return (word_at(shadow, address) & SHADOW_SEEN) != 0;
}

static enum shadow_result mark(struct shadow *shadow, uint64_t address, uint32_t bits)
{
    uint64_t granule = address / SHADOW_GRANULE_BYTES;
    struct shadow_leaf *leaf = own_leaf(shadow, leaf_key(granule));
    if (leaf == NULL)
        return SHADOW_NO_MEMORY;
    uint32_t word = leaf->words[leaf_granule(granule)];
    shadow_leaf_set_word(leaf, leaf_granule(granule), word | bits);
    return SHADOW_OK;
}

enum shadow_result shadow_mark_seen(struct shadow *shadow, uint64_t address)
{
    return mark(shadow, address, SHADOW_SEEN);
}

enum shadow_result shadow_mark_carved(struct shadow *shadow, uint64_t address)
{
    return mark(shadow, address, SHADOW_CARVED);
}

struct shadow_start shadow_start_at(const struct shadow *shadow, uint64_t address)
{
    uint32_t word = address % SHADOW_GRANULE_BYTES == 0 ? word_at(shadow, address) : 0;
    return (struct shadow_start){.tag = (uint8_t)((word & SHADOW_TAG_MASK) >> SHADOW_TAG_SHIFT),
                                 .is_carved = (word & SHADOW_CARVED) != 0};
}

uint64_t shadow_last_start(const struct shadow *shadow, uint64_t begin, uint64_t end)
{
    uint64_t first = (begin + SHADOW_GRANULE_BYTES - 1) / SHADOW_GRANULE_BYTES;
    for (uint64_t granule = (end - 1) / SHADOW_GRANULE_BYTES + 1; granule-- > first;)
    {
        const struct shadow_leaf *leaf = find_leaf(shadow, leaf_key(granule));
        if (leaf == NULL)
            granule = leaf_span(leaf_key(granule)).first; // nothing has begun in the whole leaf
        else if ((leaf->words[leaf_granule(granule)] & SHADOW_TAG_MASK) != 0)
            return granule * SHADOW_GRANULE_BYTES;
    }
    return 0;
}

enum shadow_result shadow_look(const struct shadow *shadow, uint64_t begin, uint64_t end, struct shadow_block *other)
{
    const struct shadow_span span = {begin / SHADOW_GRANULE_BYTES, (end - 1) / SHADOW_GRANULE_BYTES + 1};
    return find_other(shadow, span, other);
}
