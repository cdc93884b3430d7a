// SPDX-License-Identifier: MIT
// What blame must know of the pages of one heap that its live blocks end on: who touches each, and what is left of its
// free bytes to be blamed. Private to reel/.
//
// First every block is added; then the pages are settled; then every block takes its shares, in any order. The pages
// between a block's first and last are full of it: nothing on them is pinned, and they are not here.
#ifndef HEAPREEL_REEL_REPLAY_BLAME_PAGES_H
#define HEAPREEL_REEL_REPLAY_BLAME_PAGES_H

#include "reel/intern.h"
#include "reel/replay.h"

#define BLAME_UNITS_SHIFT 12 // shares are counted in 1/4096 of a byte
#define BLAME_MIXED_STACK UINT32_MAX
#define BLAME_MIXED_CLASS UINT16_MAX

struct blame_page
{
    uint32_t stack;        // of all blocks that touch it, or BLAME_MIXED_STACK
    uint32_t blocks;       // that touch it; settled: whose share is due
    uint16_t class_number; // of all of them, or BLAME_MIXED_CLASS
    uint16_t live_bytes;   // usable bytes of blocks, at most 4096
    union
    {
        uint32_t header_bytes; // at most 4096
        uint32_t due_units;    // settled
    };
};
static_assert(sizeof(struct blame_page) == 16, "pages of a leaf lie close together");

struct blame_pages
{
    struct reel_intern leaves; // address / 2 MiB, 0
    struct blame_page **pages; // [id of the leaf - 1]
    size_t leaf_max;
    uint64_t last_number; // of the leaf that was asked for last
    struct blame_page *last;
};

int blame_pages_init(struct blame_pages *pages); // REEL_OK or REEL_E_NO_MEMORY
void blame_pages_fini(struct blame_pages *pages);

// The page, made if it is not there. NULL: no memory.
struct blame_page *blame_pages_at(struct blame_pages *pages, uint64_t page_number);

// A block of the stack and class touches the page with so many of its usable bytes.
void blame_page_add(struct blame_page *page, uint32_t stack, uint32_t class_number, uint64_t bytes);
void blame_page_add_header(struct blame_page *page, uint32_t bytes);
// Returns the pinned bytes of the page, and makes them due.
uint64_t blame_page_settle(struct blame_page *page);

// The share of one of the blocks that touch it. All shares of a page together are its pinned bytes, exactly.
static inline uint32_t blame_page_take(struct blame_page *page)
{
    if (page->blocks == 0) // more blocks than could be counted
        return 0;
    uint32_t units = page->due_units / page->blocks;
    page->due_units -= units;
    page->blocks--;
    return units;
}

#endif
