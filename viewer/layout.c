// SPDX-License-Identifier: MIT
// The ladder of sizes: how many rows each part of the screen has; the page gets what is left.
#include "viewer/layout.h"

struct rows
{
    int timeline;
    int tabs;
    int footer;
};

static bool is_at_least(int width, int height, int least_width, int least_height)
{
    return width >= least_width && height >= least_height;
}

static int timeline_rows(int width, int height)
{
    if (!is_at_least(width, height, 80, 24))
        return 1;
    if (!is_at_least(width, height, 120, 36))
        return 4;
    return height < 60 ? height / 5 : 12;
}

static struct rows rows_of(int width, int height, bool is_maximised)
{
    if (!is_at_least(width, height, 40, 10)) // the page is what is small: it loses the least
        return (struct rows){.tabs = height >= 8, .footer = height >= 4};
    return (struct rows){.timeline = is_maximised ? 0 : timeline_rows(width, height), .tabs = 1, .footer = 1};
}

struct layout layout_of(int width, int height, bool is_maximised)
{
    struct rows rows = rows_of(width, height, is_maximised);
    struct area rest = area_of(0, 0, width, height);
    struct layout layout = {.header = area_top(rest, 1)};
    rest = area_below(rest, 1);
    layout.timeline = area_top(rest, rows.timeline);
    rest = area_below(rest, rows.timeline);
    layout.tabs = area_top(rest, rows.tabs);
    rest = area_below(rest, rows.tabs);
    layout.page = area_top(rest, rest.height - rows.footer);
    layout.footer = area_below(rest, rest.height - rows.footer);
    return layout;
}
