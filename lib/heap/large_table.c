// SPDX-License-Identifier: MIT
// The radix table of the large blocks. Knows states of pages, and neither maps nor frees a block.
#include "heap/large_table.h"

#include "base/memory.h"

#include <stddef.h>

struct leaf
{
    struct large_entry entries[LARGE_TABLE_FANOUT];
};

struct branch
{
    struct leaf *leaves[LARGE_TABLE_FANOUT]; // atomic, set once
};

static struct branch *branches[LARGE_TABLE_FANOUT]; // atomic, set once

static size_t index_in(uint64_t page, int level)
{
    return page >> (level * LARGE_TABLE_BITS) & (LARGE_TABLE_FANOUT - 1);
}

static struct leaf *find_leaf(uint64_t page)
{
    if (page >> LARGE_TABLE_PAGE_BITS)
        return NULL;
    struct branch *branch = __atomic_load_n(&branches[index_in(page, 2)], __ATOMIC_ACQUIRE);
    return branch ? __atomic_load_n(&branch->leaves[index_in(page, 1)], __ATOMIC_ACQUIRE) : NULL;
}

// What the place holds, made if it is empty. Where two threads make it at once, one of them takes its own back.
static void *make_node(void **place, size_t bytes)
{
    void *there = __atomic_load_n(place, __ATOMIC_ACQUIRE);
    if (there)
        return there;
    void *made = base_memory_map(bytes);
    if (!made)
        return NULL;
    if (__atomic_compare_exchange_n(place, &there, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return made;
    base_memory_unmap(made, bytes);
    return there;
}

struct large_entry *large_table_find(uint64_t page)
{
    struct leaf *leaf = find_leaf(page);
    return leaf ? &leaf->entries[index_in(page, 0)] : NULL;
}

struct large_entry *large_table_make(uint64_t page)
{
    if (page >> LARGE_TABLE_PAGE_BITS)
        return NULL;
    struct branch *branch = make_node((void **)&branches[index_in(page, 2)], sizeof *branch);
    struct leaf *leaf = branch ? make_node((void **)&branch->leaves[index_in(page, 1)], sizeof *leaf) : NULL;
    return leaf ? &leaf->entries[index_in(page, 0)] : NULL;
}

// Blocks do not overlap: the nearest beginning before the page decides.
uint64_t large_table_find_around(uint64_t page, uint64_t pages_max)
{
    uint64_t lowest = page > pages_max ? page - pages_max : 0;
    for (uint64_t end = page + 1; end > lowest;)
    {
        uint64_t at = end - 1;
        struct leaf *leaf = find_leaf(at);
        uint64_t word = leaf ? __atomic_load_n(&leaf->entries[index_in(at, 0)].word, __ATOMIC_ACQUIRE) : 0;
        if ((word & LARGE_STATE_MASK) == LARGE_LIVE)
            return at + large_word_pages(word) > page ? at : 0;
        end = leaf ? at : at & ~(uint64_t)(LARGE_TABLE_FANOUT - 1);
    }
    return 0;
}
