// SPDX-License-Identifier: MIT
// Life of a leaf: memory of its own that costs only what is touched, and copies for clones.
#include "reel/shadow_leaf.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

static_assert(SHADOW_LEAF_GRANULES - 1 <= SHADOW_SIZE_MASK / SHADOW_GRANULE_BYTES, "a small block's size fits a word");

static void inherit_page(uint32_t *words)
{
    for (size_t i = 0; i < SHADOW_WORDS_IN_PAGE; i++)
        if (words[i] & SHADOW_LIVE)
            words[i] |= SHADOW_INHERITED;
}

static bool is_touched(const struct shadow_leaf *leaf, size_t page)
{
    return leaf->touched[page / 64] >> page % 64 & 1;
}

static void inherit(struct shadow_leaf *leaf)
{
    for (size_t page = 0; page < SHADOW_PAGES; page++)
        if (is_touched(leaf, page))
            inherit_page(&leaf->words[page * SHADOW_WORDS_IN_PAGE]);
}

static void copy_content(struct shadow_leaf *copy, const struct shadow_leaf *leaf)
{
    for (size_t page = 0; page < SHADOW_PAGES; page++)
    {
        size_t first = page * SHADOW_WORDS_IN_PAGE;
        if (is_touched(leaf, page))
            memcpy(&copy->words[first], &leaf->words[first], SHADOW_WORDS_IN_PAGE * sizeof leaf->words[0]);
    }
    memcpy(copy->used, leaf->used, sizeof leaf->used);
    memcpy(copy->touched, leaf->touched, sizeof leaf->touched);
}

struct shadow_leaf *shadow_leaf_create(uint64_t owner)
{
    // Not calloc: a recycled block would be filled with zeros and so become resident as a whole.
    void *memory = mmap(NULL, sizeof(struct shadow_leaf), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    struct shadow_leaf *leaf = memory;
    leaf->owner = owner;
    leaf->large_epoch = UINT64_MAX;
    leaf->holder_count = 1;
    return leaf;
}

void shadow_leaf_release(struct shadow_leaf *leaf)
{
    if (--leaf->holder_count == 0)
        munmap(leaf, sizeof *leaf);
}

struct shadow_leaf *shadow_leaf_take_over(struct shadow_leaf *leaf, uint64_t owner)
{
    bool is_foreign = leaf->owner != owner;
    struct shadow_leaf *mine = leaf;
    if (leaf->holder_count > 1)
    {
        mine = shadow_leaf_create(owner);
        if (mine == NULL)
            return NULL;
        copy_content(mine, leaf);
        shadow_leaf_release(leaf);
    }
    if (is_foreign)
        inherit(mine);
    mine->owner = owner;
    mine->large_epoch = UINT64_MAX;
    return mine;
}
