// SPDX-License-Identifier: MIT
// The card of a tile of the map: its pages, and the blocks on them, each with its size, its age and who allocated it.
#ifndef HEAPREEL_VIEWER_MAP_CARD_H
#define HEAPREEL_VIEWER_MAP_CARD_H

#include "viewer/page.h"
#include "viewer/screen/table.h"

#define MAP_CARD_BLOCKS 4096 // no more are listed

struct map_card_block
{
    struct reel_live_block block;
    uint64_t birth_ns;
    bool has_birth; // it is known
};

struct map_card
{
    bool is_open;
    uint32_t process;
    uint64_t begin_address;
    uint64_t end_address;
    // What the blocks are of:
    bool is_read;
    uint64_t moment;
    struct map_card_block *blocks; // in the order of the table
    size_t count;
    bool is_more;       // there are more blocks than are listed
    uint64_t bytes;     // usable, of the listed ones, of them what lies on the pages
    uint64_t t_ns;      // of the moment
    struct table table; // of the blocks
    int sorted_column;  // as the blocks lie
    bool is_sorted_reversed;
    struct area area;       // as drawn last
    struct area table_area; // of the blocks in it
};

// A zeroed struct is closed.
void map_card_fini(struct map_card *card);
void map_card_open(struct map_card *card, uint32_t process, uint64_t begin_address, uint64_t end_address);
// Reads the blocks where they are not of the state's moment; is_moving: another moment's will do. region: that the
// pages are in, NULL: none.
void map_card_draw(struct map_card *card, struct page_view *view, struct canvas *canvas, struct area area,
                   const struct reel_region *region, bool is_moving);
// While it is open: moving, sorting, closing, and Enter, which selects the block's stack, or deselects it.
unsigned map_card_take(struct map_card *card, struct page_view *view, enum action action);
// The mouse, in the page's area, of which the card has a part.
unsigned map_card_point(struct map_card *card, struct page_view *view, const struct page_mouse *mouse,
                        struct area page_area);

#endif
