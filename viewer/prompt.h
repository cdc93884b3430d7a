// SPDX-License-Identifier: MIT
// A line in the footer that takes text: goto, search, filter.
#ifndef HEAPREEL_VIEWER_PROMPT_H
#define HEAPREEL_VIEWER_PROMPT_H

#include "viewer/page.h"

enum prompt_kind
{
    PROMPT_NONE = 0,
    PROMPT_GOTO,
    PROMPT_SEARCH,
    PROMPT_FILTER,
};

struct prompt
{
    enum prompt_kind kind;
    char text[STATE_TEXT_BYTES];
    size_t length;
    char failure[128]; // why the text was not taken, until the next key
};

// A filter is shown as it is, to be changed; the others begin empty.
void prompt_open(struct prompt *prompt, enum prompt_kind kind, const struct page_view *view);
// A key while it is open. Search takes effect as one types (the caller then gives ACTION_SEARCH_NEXT to the page);
// goto and filter with Enter. Esc closes. Gives enum reaction, or-ed.
unsigned prompt_key(struct prompt *prompt, struct page_view *view, uint32_t key);
void prompt_draw(const struct prompt *prompt, struct canvas *canvas, struct area area);

#endif
