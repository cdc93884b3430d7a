// SPDX-License-Identifier: MIT
// What stands around each page: the header with the figures, the tabs with what is filtered, the footer with the keys.
#ifndef HEAPREEL_VIEWER_FRAME_H
#define HEAPREEL_VIEWER_FRAME_H

#include "viewer/page.h"
#include "viewer/time/transport.h"

// One row: program, what is played, time, and figures at the moment: as many as fit, the first ones first.
void frame_draw_header(struct page_view *view, const struct transport *transport, struct canvas *canvas,
                       struct area area);
// One row: the pages, the current one in brackets, and what restricts what is seen.
void frame_draw_tabs(struct page_view *view, struct canvas *canvas, struct area area);
// The page whose tab is at a column of the area; PAGE_COUNT: none.
enum page_number frame_tab_at(struct area area, enum page_number current, int column);
// Keys that are of use in the page, as many as fit, those of the lowest rank first.
void frame_draw_keys(struct canvas *canvas, struct area area, enum page_number page);
// The action whose label is at a column of the area.
enum action frame_key_at(struct area area, enum page_number page, int column);

#endif
