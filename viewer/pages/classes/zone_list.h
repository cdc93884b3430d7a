// SPDX-License-Identifier: MIT
// The regions of a process's heap at the moment as a list: zones of our allocators, else the mappings that serve
// blocks.
#ifndef HEAPREEL_VIEWER_ZONE_LIST_H
#define HEAPREEL_VIEWER_ZONE_LIST_H

#include "viewer/page.h"
#include "viewer/screen/table.h"

struct zone_list
{
    struct table table;
    struct reel_region *rows; // in the order of the table
    size_t count;
    size_t max;
    size_t unused; // that are left out: no page of them is occupied or resident
    uint32_t process;
    bool is_sorted_once; // the first order is chosen
    struct area area;    // as drawn last
};

// A zeroed struct is empty. Asks the model.
int zone_list_read(struct zone_list *list, struct page_view *view, struct model_of *of, struct reel_error *error);
void zone_list_fini(struct zone_list *list);
// has_keys: the selected row is shown as such.
void zone_list_draw(struct zone_list *list, struct page_view *view, struct canvas *canvas, struct area area,
                    bool has_keys);
// Moving, sorting, and Enter: selects the region's addresses, or deselects them.
unsigned zone_list_take(struct zone_list *list, struct page_view *view, enum action action);
// The mouse in the page's area. REACTION_NONE: it is not in the list.
unsigned zone_list_point(struct zone_list *list, struct page_view *view, const struct page_mouse *mouse,
                         struct area page_area);

#endif
