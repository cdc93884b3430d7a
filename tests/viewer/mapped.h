// SPDX-License-Identifier: MIT
// A reel of a heap whose pages are known one by one, and pages of the viewer that draw it.
#ifndef HEAPREEL_TESTS_VIEWER_MAPPED_H
#define HEAPREEL_TESTS_VIEWER_MAPPED_H

#include "viewer/page.h"
#include "watched.h"

#define MAPPED_HEAP UINT64_C(0x100000)
#define MAPPED_FAR UINT64_C(0x7f0000003000)
#define MAPPED_PAGE UINT64_C(4096)

// Events, 1 us apart, the first at 1 us. Pages of the heap, and what is on them:
//     0  block of 4000 bytes by cache, event 0           4, 5  resident, no block
//     1  100 by index, event 1; 300 by cache, event 2    6, 7, 8  not resident
//     2  resident, no block                              9  1000 by index, event 5
//     3  2040 by cache, event 3
// Far away, in a mapping of its own: 50 by index, event 4. Stack cache is main > cache; index is main > index.
#define MAPPED_EVENTS 6

struct mapped
{
    struct watched watched;
    uint32_t cache; // stacks
    uint32_t index;
    const struct page *page;
    struct page_view view;
    const struct glyphs *glyphs; // to draw with
    enum canvas_colours colours;
};

// In ASCII without colours.
void mapped_open(struct mapped *mapped, struct recording *recording, const struct page *page);
void mapped_close(struct mapped *mapped);
// What the page draws, line by line. To be freed with free().
char *mapped_draw(struct mapped *mapped, int width, int height);
// The same as cells.
struct canvas mapped_canvas(struct mapped *mapped, int width, int height);
// It draws a line with these words, on a screen of that size; and one without them.
void mapped_assert_draws(struct mapped *mapped, int width, int height, const char *words);
void mapped_assert_omits(struct mapped *mapped, int width, int height, const char *words);
unsigned mapped_take(struct mapped *mapped, enum action action);
unsigned mapped_click(struct mapped *mapped, int x, int y, bool is_double);

#endif
