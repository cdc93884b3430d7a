// SPDX-License-Identifier: MIT
// What restricts what is seen, as words beside the tabs: process, filter, search.
#ifndef HEAPREEL_VIEWER_CHIPS_H
#define HEAPREEL_VIEWER_CHIPS_H

#include "viewer/page.h"

// In the first row of the area, from column x on, at the right where they fit. What the current page knows nothing of
// is grey and in parentheses.
void chips_draw(const struct page_view *view, struct canvas *canvas, struct area area, int x);

#endif
