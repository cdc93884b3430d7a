// SPDX-License-Identifier: MIT
// Where large blocks begin: an entry for every page of the address space, found by the page's number. Entries are
// zeroed at first, never move and never go away, so any thread may look at any of them at any time.
//
//     page number of 36 bits = 12 (root) | 12 (branch) | 12 (leaf)        16 bytes an entry, made 4096 at a time
#ifndef HEAPREEL_HEAP_LARGE_TABLE_H
#define HEAPREEL_HEAP_LARGE_TABLE_H

#include <stdint.h>

enum
{
    LARGE_TABLE_BITS = 12, // of a level
    LARGE_TABLE_FANOUT = 1 << LARGE_TABLE_BITS,
    LARGE_TABLE_PAGE_BITS = 3 * LARGE_TABLE_BITS,
};

enum large_state
{
    LARGE_NEVER = 0, // no block has begun here
    LARGE_LIVE = 1,
    LARGE_FREED = 2,
    LARGE_STATE_MASK = 3,
    LARGE_HAS_GUARDS = 4,
    LARGE_PAGES_SHIFT = 8, // above it: how many pages
};

struct large_entry
{
    uint64_t word; // atomic: state, guards, pages
    uint64_t next; // atomic: page number of the next range in a list that the owner of the pages keeps
};

static inline uint64_t large_word(enum large_state state, uint64_t pages)
{
    return (uint64_t)state | pages << LARGE_PAGES_SHIFT;
}

static inline uint64_t large_word_pages(uint64_t word)
{
    return word >> LARGE_PAGES_SHIFT;
}

// NULL: no entry has been made there, or no page of the program has such a number.
struct large_entry *large_table_find(uint64_t page);
// NULL: no memory for it.
struct large_entry *large_table_make(uint64_t page);
// The page where the live block begins in which this page lies; 0: in none that is at most pages_max long.
uint64_t large_table_find_around(uint64_t page, uint64_t pages_max);

#endif
