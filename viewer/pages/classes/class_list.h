// SPDX-License-Identifier: MIT
// The size classes at the moment as a list: what they hold, what is lost in them, and the sum of all as its first row.
#ifndef HEAPREEL_VIEWER_CLASS_LIST_H
#define HEAPREEL_VIEWER_CLASS_LIST_H

#include "viewer/page.h"
#include "viewer/screen/table.h"

struct class_row
{
    struct reel_class_state state;
    uint64_t pinned_bytes;
};

struct class_list
{
    struct table table;
    struct class_row rows[REEL_CLASS_NUMBERS]; // in the order of the table
    size_t count;
    struct class_row all;
    bool is_told; // the allocator tells its slots
    bool is_pinned_known;
    bool is_sorted_once; // the first order is chosen
    struct area area;    // as drawn last
};

// A zeroed struct is empty. Asks the model; the selected row stays on its class.
int class_list_read(struct class_list *list, struct page_view *view, struct model_of *of, struct reel_error *error);
// has_keys: the selected row is shown as such.
void class_list_draw(struct class_list *list, struct page_view *view, struct canvas *canvas, struct area area,
                     bool has_keys);
// In a line or two, where there is no room for a list: the figures of the sum.
void class_list_draw_sum(const struct class_list *list, struct canvas *canvas, struct area area);
// Moving, sorting, and Enter: selects the class, or deselects it.
unsigned class_list_take(struct class_list *list, struct page_view *view, enum action action);
// The mouse in the page's area. REACTION_NONE: it is not in the list.
unsigned class_list_point(struct class_list *list, struct page_view *view, const struct page_mouse *mouse,
                          struct area page_area);

#endif
