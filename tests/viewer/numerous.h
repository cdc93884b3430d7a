// SPDX-License-Identifier: MIT
// A reel with more blocks than a list reads at a time, and a page of it that is drawn as text and given keys.
#ifndef HEAPREEL_TESTS_VIEWER_NUMEROUS_H
#define HEAPREEL_TESTS_VIEWER_NUMEROUS_H

#include "viewer/page.h"
#include "watched.h"

// Events, 1 us apart, the first at 1 us:
//     0 .. NUMEROUS_BLOCKS - 1   block n at NUMEROUS_ADDRESS + n * NUMEROUS_STRIDE, of numerous_size(n) bytes,
//                                by outer > rare if n % 1000 is 999, else by outer > often
//     then three times, of 1, 2 and 3 KiB: an alloc at NUMEROUS_SHARED by outer > rare, and but for the last a free
#define NUMEROUS_BLOCKS 6000
#define NUMEROUS_EVENTS (NUMEROUS_BLOCKS + 5)
#define NUMEROUS_ADDRESS UINT64_C(0x100000)
#define NUMEROUS_STRIDE 0x2000
#define NUMEROUS_SHARED UINT64_C(0x9000000)

struct numerous
{
    struct watched watched; // at the end
    const struct page *page;
    struct page_view view;
    char *text; // of the page as it was drawn last
};

uint64_t numerous_size(uint64_t block);
void numerous_open(struct numerous *numerous, struct recording *recording, const struct page *page);
void numerous_close(struct numerous *numerous);
// In ASCII; the text is valid until the next call.
const char *numerous_draw(struct numerous *numerous, int width, int height);
// Types keys as keys_type takes them, to the page alone, with a drawing of that size before and after each.
const char *numerous_type(struct numerous *numerous, int width, int height, const char *keys);
void numerous_assert_shows(const struct numerous *numerous, const char *words);

#endif
