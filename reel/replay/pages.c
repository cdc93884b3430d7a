// SPDX-License-Identifier: MIT
// The page table: a small hash of leaves in front of arrays of words.
#include "reel/replay/pages.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 64u
#define BLOCK_ONE (1u << 14)
#define BYTES_MASK 0x3fffu
#define BLOCKS_MASK (0x3ffu << 14)
#define CLASS_SHIFT 24

static size_t home_of(const struct replay_pages *pages, uint64_t number)
{
    return (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 20) & pages->slot_mask;
}

// The slot of the leaf, or the empty one where it belongs. There are slots, and an empty one among them.
static size_t slot_of(const struct replay_pages *pages, uint64_t number)
{
    size_t slot = home_of(pages, number);
    while (pages->slots[slot] != NULL && pages->slots[slot]->number != number)
        slot = (slot + 1) & pages->slot_mask;
    return slot;
}

static bool make_room(struct replay_pages *pages)
{
    if (pages->slots != NULL && (pages->leaf_count + 1) * 2 <= pages->slot_mask)
        return true;
    size_t slot_count = pages->slots == NULL ? SLOTS_MIN : (pages->slot_mask + 1) * 2;
    struct replay_pages bigger = *pages;
    bigger.slots = calloc(slot_count, sizeof(struct replay_leaf *));
    bigger.slot_mask = slot_count - 1;
    if (bigger.slots == NULL)
        return false;
    for (size_t i = 0; pages->slots != NULL && i <= pages->slot_mask; i++)
        if (pages->slots[i] != NULL)
            bigger.slots[slot_of(&bigger, pages->slots[i]->number)] = pages->slots[i];
    free(pages->slots);
    *pages = bigger;
    return true;
}

static struct replay_leaf *new_leaf(struct replay_pages *pages, uint64_t number)
{
    struct replay_leaf *leaf = pages->spare;
    if (leaf != NULL)
        pages->spare = leaf->next_spare;
    else
        leaf = calloc(1, sizeof *leaf);
    if (leaf != NULL)
        leaf->number = number;
    return leaf;
}

// Made when it is not there. NULL: no memory.
static struct replay_leaf *leaf_for(struct replay_pages *pages, uint64_t number)
{
    if (__builtin_expect(pages->last != NULL && pages->last->number == number, 1))
        return pages->last;
    if (!make_room(pages))
        return NULL;
    size_t slot = slot_of(pages, number);
    if (pages->slots[slot] == NULL)
    {
        pages->slots[slot] = new_leaf(pages, number);
        pages->leaf_count += pages->slots[slot] != NULL;
    }
    return pages->last = pages->slots[slot];
}

// Closes the gap that the leaf leaves, so that no search ends early.
static void drop_leaf(struct replay_pages *pages, struct replay_leaf *leaf)
{
    size_t gap = slot_of(pages, leaf->number);
    for (size_t at = (gap + 1) & pages->slot_mask; pages->slots[at] != NULL; at = (at + 1) & pages->slot_mask)
    {
        size_t distance = (at - home_of(pages, pages->slots[at]->number)) & pages->slot_mask;
        if (distance < ((at - gap) & pages->slot_mask))
            continue;
        pages->slots[gap] = pages->slots[at];
        gap = at;
    }
    pages->slots[gap] = NULL;
    pages->leaf_count--;
    pages->last = NULL;
    leaf->next_spare = pages->spare;
    pages->spare = leaf;
}

static unsigned fill_of(uint32_t page)
{
    uint32_t bytes = replay_page_bytes(page);
    return bytes == 0 ? 0 : (bytes - 1) * REEL_FILL_STEPS / REEL_REPLAY_PAGE_BYTES;
}

// Counts a page no more as it was, but as it is now.
static inline void recount(struct replay_pages *pages, struct replay_leaf *leaf, uint32_t before, uint32_t after)
{
    bool was_occupied = (before & BLOCKS_MASK) != 0;
    bool is_occupied = (after & BLOCKS_MASK) != 0;
    pages->by_fill[fill_of(before)] -= was_occupied;
    pages->by_fill[fill_of(after)] += is_occupied;
    pages->occupied += (uint64_t)is_occupied - (uint64_t)was_occupied;
    leaf->occupied += (uint32_t)is_occupied - (uint32_t)was_occupied;
}

static inline void add_to(struct replay_pages *pages, struct replay_leaf *leaf, uint64_t page_number, uint64_t bytes,
                          uint8_t class_number)
{
    uint32_t *page = &leaf->pages[page_number % REPLAY_LEAF_PAGES];
    uint32_t after = ((*page + (uint32_t)bytes) & BYTES_MASK) | ((*page + BLOCK_ONE) & BLOCKS_MASK) |
                     (uint32_t)class_number << CLASS_SHIFT;
    recount(pages, leaf, *page, after);
    *page = after;
}

static inline void remove_from(struct replay_pages *pages, struct replay_leaf *leaf, uint64_t page_number,
                               uint64_t bytes)
{
    uint32_t *page = &leaf->pages[page_number % REPLAY_LEAF_PAGES];
    uint32_t blocks = (*page - BLOCK_ONE) & BLOCKS_MASK;
    uint32_t class_bits = blocks != 0 ? *page & (UINT32_MAX << CLASS_SHIFT) : 0;
    uint32_t after = ((*page - (uint32_t)bytes) & BYTES_MASK) | blocks | class_bits;
    recount(pages, leaf, *page, after);
    *page = after;
    if (__builtin_expect(leaf->occupied == 0, 0))
    {
        memset(leaf->pages, 0, sizeof leaf->pages); // what overlapping blocks may have left
        drop_leaf(pages, leaf);
    }
}

int replay_pages_add(struct replay_pages *pages, uint64_t address, uint64_t bytes, uint8_t class_number)
{
    uint64_t first, last, end;
    if (!replay_block_span(address, bytes, &first, &last, &end))
        return REEL_OK;
    for (uint64_t number = first; number <= last; number++)
    {
        struct replay_leaf *leaf = leaf_for(pages, number / REPLAY_LEAF_PAGES);
        if (__builtin_expect(leaf == NULL, 0))
        {
            if (number > first)
                replay_pages_remove(pages, address, number * REEL_REPLAY_PAGE_BYTES - address);
            return REEL_E_NO_MEMORY;
        }
        add_to(pages, leaf, number, replay_bytes_on_page(address, end, number), class_number);
    }
    return REEL_OK;
}

void replay_pages_remove(struct replay_pages *pages, uint64_t address, uint64_t bytes)
{
    uint64_t first, last, end;
    if (!replay_block_span(address, bytes, &first, &last, &end))
        return;
    for (uint64_t number = first; number <= last; number++)
    {
        struct replay_leaf *leaf = pages->last;
        if (leaf == NULL || leaf->number != number / REPLAY_LEAF_PAGES)
            leaf = pages->last = pages->slots[slot_of(pages, number / REPLAY_LEAF_PAGES)];
        if (leaf != NULL)
            remove_from(pages, leaf, number, replay_bytes_on_page(address, end, number));
    }
}

const struct replay_leaf *replay_pages_leaf(const struct replay_pages *pages, uint64_t number)
{
    return pages->slots != NULL ? pages->slots[slot_of(pages, number)] : NULL;
}

static int compare_leaves(const void *left, const void *right)
{
    const struct replay_leaf *const *a = left;
    const struct replay_leaf *const *b = right;
    return ((*a)->number > (*b)->number) - ((*a)->number < (*b)->number);
}

const struct replay_leaf **replay_pages_sorted(const struct replay_pages *pages, size_t *count)
{
    *count = pages->leaf_count;
    if (pages->leaf_count == 0)
        return NULL;
    const struct replay_leaf **sorted = calloc(pages->leaf_count, sizeof(struct replay_leaf *));
    if (sorted == NULL)
        return NULL;
    size_t filled = 0;
    for (size_t i = 0; i <= pages->slot_mask; i++)
        if (pages->slots[i] != NULL)
            sorted[filled++] = pages->slots[i];
    qsort(sorted, filled, sizeof(struct replay_leaf *), compare_leaves);
    return sorted;
}

int replay_pages_clone(struct replay_pages *copy, const struct replay_pages *pages)
{
    *copy = (struct replay_pages){.slot_mask = pages->slot_mask};
    if (pages->slots == NULL)
        return REEL_OK;
    copy->slots = calloc(pages->slot_mask + 1, sizeof(struct replay_leaf *));
    for (size_t i = 0; copy->slots != NULL && i <= pages->slot_mask; i++)
    {
        if (pages->slots[i] == NULL)
            continue;
        copy->slots[i] = malloc(sizeof(struct replay_leaf));
        if (copy->slots[i] == NULL)
            break;
        *copy->slots[i] = *pages->slots[i];
        copy->leaf_count++;
    }
    if (copy->leaf_count != pages->leaf_count || copy->slots == NULL)
    {
        replay_pages_fini(copy);
        return REEL_E_NO_MEMORY;
    }
    copy->occupied = pages->occupied;
    memcpy(copy->by_fill, pages->by_fill, sizeof copy->by_fill);
    return REEL_OK;
}

void replay_pages_clear(struct replay_pages *pages)
{
    for (size_t i = 0; pages->slots != NULL && i <= pages->slot_mask; i++)
    {
        struct replay_leaf *leaf = pages->slots[i];
        if (leaf == NULL)
            continue;
        memset(leaf, 0, sizeof *leaf);
        leaf->next_spare = pages->spare;
        pages->spare = leaf;
        pages->slots[i] = NULL;
    }
    pages->last = NULL;
    pages->leaf_count = 0;
    pages->occupied = 0;
    memset(pages->by_fill, 0, sizeof pages->by_fill);
}

void replay_pages_fini(struct replay_pages *pages)
{
    for (size_t i = 0; pages->slots != NULL && i <= pages->slot_mask; i++)
        free(pages->slots[i]);
    while (pages->spare != NULL)
    {
        struct replay_leaf *spare = pages->spare;
        pages->spare = spare->next_spare;
        free(spare);
    }
    free(pages->slots);
    *pages = (struct replay_pages){0};
}
