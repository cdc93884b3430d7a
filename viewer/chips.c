// SPDX-License-Identifier: MIT
// The chips: which there are, and on which pages each is in force. A filter that a page cannot obey must not look as if
// the page's figures were of what passes.
#include "viewer/chips.h"

#include <stdio.h>
#include <string.h>

enum
{
    CHIPS_MAX = 5,
    CHIP_BYTES = STATE_TEXT_BYTES + 2,
};

struct chips
{
    char texts[CHIPS_MAX][CHIP_BYTES];
    bool are_in_force[CHIPS_MAX];
    int count;
};

// `pages`: where it is in force, by their keys. An empty text is none.
static void add(struct chips *chips, enum page_number page, const char *pages, const char *text)
{
    if (text[0] == '\0')
        return;
    bool is_in_force = strchr(pages, '1' + (int)page) != NULL;
    chips->are_in_force[chips->count] = is_in_force;
    snprintf(chips->texts[chips->count++], CHIP_BYTES, is_in_force ? "%s" : "(%s)", text);
}

static void add_filter(struct chips *chips, const struct page_view *view, const char *pages,
                       const struct filter *filter)
{
    char text[STATE_TEXT_BYTES];
    filter_print(filter, model_replay(view->model), text);
    add(chips, view->state->page, pages, text);
}

static void take(struct chips *chips, const struct page_view *view)
{
    const struct state *state = view->state;
    struct filter class = {.has_class = state->filter.has_class, .class_number = state->filter.class_number};
    struct filter size = {.least_bytes = state->filter.least_bytes, .most_bytes = state->filter.most_bytes};
    struct filter function = {0};
    char text[STATE_SEARCH_BYTES + 32] = "";
    memcpy(function.function, state->filter.function, sizeof function.function);
    if (state->process != 0)
        snprintf(text, sizeof text, "process:%u", state->process);
    add(chips, state->page, "12345789", text);
    add_filter(chips, view, "237", &class);
    add_filter(chips, view, "367", &size);
    add_filter(chips, view, "3457", &function);
    snprintf(text, sizeof text, "%s%s", state->search[0] != '\0' ? "/" : "", state->search);
    add(chips, state->page, "145789", text);
}

void chips_draw(const struct page_view *view, struct canvas *canvas, struct area area, int x)
{
    struct chips chips = {0};
    int columns = -1;
    take(&chips, view);
    for (int i = 0; i < chips.count; i++)
        columns += canvas_columns(chips.texts[i]) + 1;
    x++;
    if (chips.count == 0 || x >= area.width)
        return;
    x = x + columns <= area.width ? area.width - columns : x;
    for (int i = 0; i < chips.count && x < area.width; i++)
        x = canvas_text(canvas, area, x, 0, chips.are_in_force[i] ? ROLE_WARNING : ROLE_DIM, chips.texts[i]) + 1;
}
