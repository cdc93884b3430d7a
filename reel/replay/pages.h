// SPDX-License-Identifier: MIT
// Which pages of one address space live blocks lie on, and how full each is. Knows no events and no residency.
//
//   address >> 21 ──hash──▶ leaf (2 MiB) ── 512 words, one for each page: class | blocks | bytes of live blocks
//
// A leaf is there while a page of it is occupied. Blocks of a sound reel do not overlap; where they do, fields of a
// page wrap around, and come right again when the blocks go.
#ifndef HEAPREEL_REEL_REPLAY_PAGES_H
#define HEAPREEL_REEL_REPLAY_PAGES_H

#include "reel/replay.h"

#define REPLAY_LEAF_PAGES 512u
#define REPLAY_SPAN_PAGES_MAX (UINT64_C(1) << 25) // 128 GiB: a block that says it is larger is not believed

struct replay_leaf
{
    uint64_t number; // address / 2 MiB
    uint32_t occupied;
    struct replay_leaf *next_spare;
    uint32_t pages[REPLAY_LEAF_PAGES];
};

struct replay_pages
{
    struct replay_leaf **slots; // hash of the number, linear probing
    size_t slot_mask;           // slots less one
    size_t leaf_count;
    struct replay_leaf *last;  // that was asked for
    struct replay_leaf *spare; // empty ones
    uint64_t occupied;         // pages
    uint64_t by_fill[REEL_FILL_STEPS];
};

// A zeroed struct is empty.
void replay_pages_fini(struct replay_pages *pages);
void replay_pages_clear(struct replay_pages *pages);                                 // keeps the memory
int replay_pages_clone(struct replay_pages *copy, const struct replay_pages *pages); // REEL_OK or REEL_E_NO_MEMORY

// A block of so many usable bytes comes; one of none, or of more than 128 GiB, takes no page, one that reaches beyond
// the end of the address space takes none there. REEL_OK, or REEL_E_NO_MEMORY: nothing is changed.
int replay_pages_add(struct replay_pages *pages, uint64_t address, uint64_t bytes, uint8_t class_number);
// The block was added.
void replay_pages_remove(struct replay_pages *pages, uint64_t address, uint64_t bytes);

// NULL: no page of it is occupied.
const struct replay_leaf *replay_pages_leaf(const struct replay_pages *pages, uint64_t number);
// All leaves, by number. The array is the caller's; NULL: there are none, or, with *count not 0, no memory.
const struct replay_leaf **replay_pages_sorted(const struct replay_pages *pages, size_t *count);

static inline uint32_t replay_page_bytes(uint32_t page)
{
    uint32_t bytes = page & 0x3fff;
    return bytes < REEL_REPLAY_PAGE_BYTES ? bytes : REEL_REPLAY_PAGE_BYTES;
}

static inline uint32_t replay_page_blocks(uint32_t page)
{
    return page >> 14 & 0x3ff;
}

static inline uint8_t replay_page_class(uint32_t page)
{
    return (uint8_t)(page >> 24);
}

// One past the last byte of a block, which is cut at the end of the address space.
static inline uint64_t replay_block_end(uint64_t address, uint64_t bytes)
{
    return address + bytes >= address ? address + bytes : UINT64_MAX;
}

// The pages from first to last that a block lies on, and one past its last byte. False: it takes no page.
static inline bool replay_block_span(uint64_t address, uint64_t bytes, uint64_t *first, uint64_t *last, uint64_t *end)
{
    *end = replay_block_end(address, bytes);
    *first = address / REEL_REPLAY_PAGE_BYTES;
    *last = (*end - 1) / REEL_REPLAY_PAGE_BYTES;
    return *end > address && *last - *first < REPLAY_SPAN_PAGES_MAX;
}

// How many bytes of the block [address, end) lie on that page, which it touches.
static inline uint64_t replay_bytes_on_page(uint64_t address, uint64_t end, uint64_t page_number)
{
    uint64_t page_begin = page_number * REEL_REPLAY_PAGE_BYTES;
    uint64_t begin = address > page_begin ? address : page_begin;
    uint64_t left = page_begin + (REEL_REPLAY_PAGE_BYTES - 1) - begin + 1;
    return end - begin < left ? end - begin : left;
}

#endif
