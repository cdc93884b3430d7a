// SPDX-License-Identifier: MIT
// One MiB of a shadow: which granules are used, and the block that starts at each. Private to the shadow.
//
// A leaf may be shared by clones. It is written only by its owner while nobody else holds it; everybody else makes a
// copy first, in which all live blocks become inherited.
#ifndef HEAPREEL_REEL_SHADOW_LEAF_H
#define HEAPREEL_REEL_SHADOW_LEAF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHADOW_GRANULE_BYTES 8u
#define SHADOW_LEAF_BYTES (UINT64_C(1) << 20)
#define SHADOW_LEAF_GRANULES (SHADOW_LEAF_BYTES / SHADOW_GRANULE_BYTES)
#define SHADOW_WORDS_IN_PAGE 1024u
#define SHADOW_PAGES (SHADOW_LEAF_GRANULES / SHADOW_WORDS_IN_PAGE)

// The word of a granule. A live block of several granules has its usable size in its first word and its requested size
// in the second; a block of one granule has both in its only word.
#define SHADOW_SEEN 0x80000000u      // a block started here, now or earlier
#define SHADOW_LIVE 0x40000000u      // a live block starts here
#define SHADOW_INHERITED 0x20000000u // it came from the shadow that was cloned
#define SHADOW_SINGLE 0x10000000u    // one granule: usable | requested << SHADOW_SINGLE_SHIFT
#define SHADOW_CARVED 0x08000000u    // marked as carved, now or earlier
#define SHADOW_TAG_MASK 0x07f00000u  // of the block that starts here, or of the last one that did
#define SHADOW_TAG_SHIFT 20
#define SHADOW_SIZE_MASK 0x000fffffu
#define SHADOW_SINGLE_SHIFT 8
#define SHADOW_KEPT (SHADOW_SEEN | SHADOW_CARVED | SHADOW_TAG_MASK) // outlives the block

struct shadow_leaf
{
    // First, so that its pages are whole ones: what no block has touched costs no memory.
    uint32_t words[SHADOW_LEAF_GRANULES];
    uint64_t used[SHADOW_LEAF_GRANULES / 64];
    uint64_t touched[SHADOW_PAGES / 64]; // pages of words that may hold something
    uint64_t owner;                      // id of the shadow that made it
    uint64_t large_epoch;                // of the owner: large blocks added until then do not reach in here
    size_t holder_count;
};

struct shadow_leaf *shadow_leaf_create(uint64_t owner); // NULL: no memory
void shadow_leaf_release(struct shadow_leaf *leaf);
// Turns the reference of a holder into one to a leaf that it owns alone. NULL: no memory, nothing changed.
struct shadow_leaf *shadow_leaf_take_over(struct shadow_leaf *leaf, uint64_t owner);

static inline bool shadow_leaf_is_owned(const struct shadow_leaf *leaf, uint64_t owner)
{
    return leaf->owner == owner && leaf->holder_count == 1;
}

static inline void shadow_leaf_set_word(struct shadow_leaf *leaf, uint32_t granule, uint32_t word)
{
    uint32_t page = granule / SHADOW_WORDS_IN_PAGE;
    leaf->touched[page / 64] |= UINT64_C(1) << page % 64;
    leaf->words[granule] = word;
}

// The bits of the word that holds granule `first`, up to the granule before `end`.
static inline uint64_t shadow_leaf_mask(uint32_t first, uint32_t end)
{
    uint64_t mask = UINT64_MAX << first % 64;
    return end - first / 64 * 64 < 64 ? mask & ~(UINT64_MAX << end % 64) : mask;
}

static inline bool shadow_leaf_is_clear(const struct shadow_leaf *leaf, uint32_t first, uint32_t end)
{
    for (; first < end; first = first / 64 * 64 + 64)
        if (leaf->used[first / 64] & shadow_leaf_mask(first, end))
            return false;
    return true;
}

static inline void shadow_leaf_set_used(struct shadow_leaf *leaf, uint32_t first, uint32_t end)
{
    for (; first < end; first = first / 64 * 64 + 64)
        leaf->used[first / 64] |= shadow_leaf_mask(first, end);
}

static inline void shadow_leaf_clear_used(struct shadow_leaf *leaf, uint32_t first, uint32_t end)
{
    for (; first < end; first = first / 64 * 64 + 64)
        leaf->used[first / 64] &= ~shadow_leaf_mask(first, end);
}

#endif
