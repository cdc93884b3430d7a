// SPDX-License-Identifier: MIT
// A window onto the live blocks in an order: as many as are looked at, however many there are. Each reading is one pass
// over the live blocks that keeps the next few of them.
#ifndef HEAPREEL_VIEWER_BLOCK_LIST_H
#define HEAPREEL_VIEWER_BLOCK_LIST_H

#include "viewer/page.h"

enum block_column
{
    BLOCK_ADDRESS,  // ascending
    BLOCK_SIZE,     // descending
    BLOCK_ROUNDING, // descending
    BLOCK_CLASS,    // ascending
    BLOCK_AGE,      // the oldest first
    BLOCK_STACK,    // those of one together
    BLOCK_PROCESS,
    BLOCK_COLUMNS,
};

struct block_order
{
    int column; // enum block_column
    bool is_reversed;
};

struct block_row
{
    struct reel_live_block block;
    bool is_dated;
    uint64_t birth_ns; // UINT64_MAX: not known
};

// All zero at first. rows: as many as count; before_count blocks that pass stand before them, of all_count.
struct block_list
{
    struct block_row *rows;
    size_t count;
    uint64_t before_count;
    uint64_t all_count;
    uint64_t all_bytes; // requested
    struct block_order order;
    uint64_t moment; // and what else it was read for
    uint32_t process;
    struct filter filter;
    bool is_read;
};

void block_list_fini(struct block_list *list);
// Whether it was read for the state's filter and process, that order and the moment where the replay stands.
bool block_list_is_current(const struct block_list *list, const struct page_view *view, struct block_order order);
// Reads the rows from a block on, with itself; NULL: from the first. When nothing comes after it, the last ones.
int block_list_read(struct block_list *list, struct page_view *view, struct block_order order,
                    const struct reel_live_block *from, struct reel_error *error);
// More rows at an end, of the same reading; where the window gets too long, rows go at the other. *shift: by how many a
// row has moved down, or up if negative.
int block_list_extend(struct block_list *list, struct page_view *view, bool is_up, long *shift,
                      struct reel_error *error);
// The next block after (or before) that one with a function in its stack that the state searches for. False: none.
bool block_list_search(const struct block_list *list, struct page_view *view, const struct reel_live_block *from,
                       bool is_up, struct reel_live_block *found);
// The row of a block; count: it is not among them.
size_t block_list_row_of(const struct block_list *list, uint32_t process, uint64_t address);
// Finds when rows were born. Those beyond the last are none.
void block_list_date(struct block_list *list, struct page_view *view, size_t first, size_t count);

#endif
