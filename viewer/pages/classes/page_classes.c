// SPDX-License-Identifier: MIT
// Classes and zones: two lists, beside or below each other where there is room, else one of them, and how full the
// pages are. Chooses where they stand and which has the keys.
#include "viewer/page.h"
#include "viewer/pages/classes/class_list.h"
#include "viewer/pages/classes/fill_histogram.h"
#include "viewer/pages/classes/zone_list.h"

#define BESIDE_COLUMNS 190 // from which on the lists stand side by side
#define CLASSES_COLUMNS 86 // of the classes then
#define SLOTS_COLUMNS 24   // more, where the allocator tells its slots
#define BELOW_ROWS 18      // from which on one stands below the other
#define ZONES_COLUMNS 106  // of the zones, where the histogram stands beside them
#define HISTOGRAM_COLUMNS 44
#define LIST_ROWS 4 // that a list needs to be worth drawing

struct classes
{
    struct class_list classes;
    struct zone_list zones;
    bool is_on_zones; // these have the keys
    bool has_both;    // as drawn last
    struct area area; // as drawn last
};

// Where what stands; an area of height 0 is not there.
struct places
{
    struct area classes;
    struct area zones;
    struct area histogram;
};

static struct places one_list(const struct classes *classes, struct area area)
{
    struct area nowhere = area_top(area, 0);
    struct area list = area_below(area, 1);
    return (struct places){classes->is_on_zones ? nowhere : list, classes->is_on_zones ? list : nowhere, nowhere};
}

static int rows_of(size_t count)
{
    return 1 + (int)(count < 1000 ? count : 1000);
}

static struct places side_by_side(const struct classes *classes, struct area area)
{
    int columns = CLASSES_COLUMNS + (classes->classes.is_told ? SLOTS_COLUMNS : 0);
    struct area right = area_right_of(area, columns + 2);
    int needed = rows_of(classes->zones.count) + (classes->zones.unused != 0);
    int most = right.height - FILL_HISTOGRAM_ROWS - 1;
    int rows = most < LIST_ROWS ? right.height : needed < most ? needed : most;
    return (struct places){area_left(area, columns), area_top(right, rows), area_below(right, rows + 1)};
}

// The classes get the greater half; both as much as they need if that leaves something.
static struct places one_below_the_other(const struct classes *classes, struct area area)
{
    int needed = rows_of(classes->classes.count) + 1;
    int zones = rows_of(classes->zones.count) + (classes->zones.unused != 0);
    int rows = area.height - area.height / 3 - 1;
    if (zones < area.height / 3)
        rows = area.height - (zones < LIST_ROWS ? LIST_ROWS : zones) - 1;
    rows = needed < rows ? needed : rows;
    struct area below = area_below(area, rows + 1);
    struct places places = {area_top(area, rows), below, area_top(below, 0)};
    if (below.width >= ZONES_COLUMNS + HISTOGRAM_COLUMNS && below.height >= FILL_HISTOGRAM_ROWS)
    {
        places.zones = area_left(below, ZONES_COLUMNS);
        places.histogram = area_right_of(below, ZONES_COLUMNS + 2);
    }
    else if (below.height > zones + FILL_HISTOGRAM_ROWS)
    {
        places.zones = area_top(below, below.height - FILL_HISTOGRAM_ROWS - 1);
        places.histogram = area_below(below, below.height - FILL_HISTOGRAM_ROWS);
    }
    return places;
}

static struct places place(const struct classes *classes, struct area area)
{
    if (area.width >= BESIDE_COLUMNS && area.height >= LIST_ROWS)
        return side_by_side(classes, area);
    if (area.height >= BELOW_ROWS)
        return one_below_the_other(classes, area);
    return one_list(classes, area);
}

// Which of the lists is seen, and how to see the other.
static void draw_switch(const struct classes *classes, struct canvas *canvas, struct area area)
{
    bool is_on_zones = classes->is_on_zones;
    int x =
        canvas_text(canvas, area, 0, 0, is_on_zones ? ROLE_DIM : ROLE_TITLE, is_on_zones ? " classes " : "[classes]");
    x = canvas_text(canvas, area, x, 0, is_on_zones ? ROLE_TITLE : ROLE_DIM, is_on_zones ? "[zones]" : " zones ");
    x = canvas_text(canvas, area, x, 0, ROLE_KEY, is_on_zones ? "  Left" : "  Right");
    canvas_text(canvas, area, x, 0, ROLE_LABEL, is_on_zones ? " classes" : " zones");
}

static void draw_lists(struct page_view *view, struct canvas *canvas, struct area area)
{
    struct classes *classes = view->own;
    const struct reel_heap_state *heap = NULL;
    struct reel_error error = {0};
    struct places places = place(classes, area);
    classes->has_both = places.classes.height > 0 && places.zones.height > 0;
    if (!classes->has_both)
        draw_switch(classes, canvas, area);
    classes->classes.area = area_top(area, 0);
    classes->zones.area = area_top(area, 0);
    // The list without the keys shows no selected row, for there is one cursor.
    if (places.classes.height > 0)
        class_list_draw(&classes->classes, view, canvas, places.classes, !classes->is_on_zones);
    if (places.zones.height > 0)
        zone_list_draw(&classes->zones, view, canvas, places.zones, classes->is_on_zones);
    if (places.histogram.height >= FILL_HISTOGRAM_ROWS &&
        model_heap(view->model, view->state, &heap, &error) == REEL_OK)
        fill_histogram_draw(canvas, places.histogram, heap);
}

static void draw(struct page_view *view, struct canvas *canvas, struct area area)
{
    struct classes *classes = view->own;
    struct reel_error error = {0};
    struct model_of of = {0};
    struct model_of ignored = {0};
    classes->area = area;
    int status = class_list_read(&classes->classes, view, &of, &error);
    if (status == REEL_OK)
        status = zone_list_read(&classes->zones, view, &ignored, &error);
    if (status != REEL_OK)
    {
        error.status = status;
        page_draw_failure(canvas, area, &error);
        return;
    }
    if (classes->classes.count == 0)
        page_draw_no_blocks(view, canvas, area);
    else if (area.height < LIST_ROWS)
        class_list_draw_sum(&classes->classes, canvas, area);
    else
        draw_lists(view, canvas, area);
    if (classes->classes.count != 0 && area.height >= LIST_ROWS)
        page_draw_stale(canvas, area, view->model, &of);
}

static unsigned take(struct page_view *view, enum action action)
{
    struct classes *classes = view->own;
    if (action == ACTION_LEFT || action == ACTION_RIGHT)
    {
        classes->is_on_zones = action == ACTION_RIGHT;
        return REACTION_TAKEN | REACTION_DRAW;
    }
    return classes->is_on_zones ? zone_list_take(&classes->zones, view, action)
                                : class_list_take(&classes->classes, view, action);
}

static unsigned point(struct page_view *view, const struct page_mouse *mouse)
{
    struct classes *classes = view->own;
    unsigned taken = class_list_point(&classes->classes, view, mouse, classes->area);
    if (taken != REACTION_NONE)
    {
        classes->is_on_zones = false;
        return taken;
    }
    taken = zone_list_point(&classes->zones, view, mouse, classes->area);
    if (taken != REACTION_NONE)
        classes->is_on_zones = true;
    else if (mouse->y == 0 && !classes->has_both && mouse->wheel == 0)
        return take(view, classes->is_on_zones ? ACTION_LEFT : ACTION_RIGHT);
    return taken;
}

static void fini(void *own)
{
    struct classes *classes = own;
    zone_list_fini(&classes->zones);
}

const struct page page_classes = {
    .own_bytes = sizeof(struct classes),
    .draw = draw,
    .take = take,
    .point = point,
    .fini = fini,
    .explanation =
        "What each size class holds at the moment, and what is lost in it. Pinned are free bytes on pages that a live "
        "block keeps, here the share of the class's blocks; rounding is what blocks were given beyond what was asked; "
        "waste is the class's part of both together. The bar shows requested, rounding and pinned bytes. Where the "
        "allocator tells its slots: those carved so far, the most that lived at once, and how many are in use. Enter "
        "selects a class: all pages show it. Right goes to the zones, the stretches of memory that serve blocks, with "
        "what live blocks take of their pages, what is pinned, and what is retained for later; Left goes back.",
};
