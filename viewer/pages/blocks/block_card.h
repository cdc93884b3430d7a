// SPDX-License-Identifier: MIT
// All about an address: the block that holds it at the moment, and every block that ever did, with both its stacks.
#ifndef HEAPREEL_VIEWER_BLOCK_CARD_H
#define HEAPREEL_VIEWER_BLOCK_CARD_H

#include "viewer/screen/table.h"

// All zero: closed. What it is of is the state's selection.
struct block_card
{
    bool is_open;
    bool is_placed; // a tenant has been chosen
    size_t count;
    struct table table;
    struct area table_area; // in the page's area
};

void block_card_open(struct block_card *card);
void block_card_draw(struct block_card *card, struct page_view *view, struct canvas *canvas, struct area area);
// Each gives enum reaction, or-ed.
unsigned block_card_take(struct block_card *card, struct page_view *view, enum action action);
unsigned block_card_point(struct block_card *card, struct page_view *view, const struct page_mouse *mouse);

#endif
