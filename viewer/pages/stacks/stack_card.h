// SPDX-License-Identifier: MIT
// A whole stack with files and lines, and what its blocks are at the moment. Lies over the lower part of a page, or all
// of a small one.
#ifndef HEAPREEL_VIEWER_STACK_CARD_H
#define HEAPREEL_VIEWER_STACK_CARD_H

#include "viewer/page.h"

struct stack_card
{
    bool is_open;
    uint32_t stack;
    int first;      // line at the top
    int line_count; // when last drawn
    int rows_shown;
};

// Selects the stack, too.
void stack_card_open(struct stack_card *card, struct page_view *view, uint32_t stack);
void stack_card_draw(struct stack_card *card, struct page_view *view, struct canvas *canvas, struct area area);
// While it is open: scrolls and closes; REACTION_NONE for all else.
unsigned stack_card_take(struct stack_card *card, enum action action);
unsigned stack_card_point(struct stack_card *card, const struct page_mouse *mouse);

#endif
