// SPDX-License-Identifier: MIT
// The state's beginning, and the names of pages.
#include "viewer/state/state.h"

#include <string.h>

struct page_words
{
    const char *name;
    const char *title;
};

static const struct page_words words[PAGE_COUNT] = {
    [PAGE_OVERVIEW] = {"overview", "Overview"},
    [PAGE_CLASSES] = {"classes", "Classes"},
    [PAGE_MAP] = {"map", "Map"},
    [PAGE_STACKS] = {"stacks", "Stacks"},
    [PAGE_SITES] = {"sites", "Sites"},
    [PAGE_LIFETIMES] = {"lifetimes", "Life"},
    [PAGE_BLOCKS] = {"blocks", "Blocks"},
    [PAGE_FINDINGS] = {"findings", "Findings"},
    [PAGE_PROCESSES] = {"processes", "Procs"},
};

void state_init(struct state *state)
{
    *state = (struct state){.mark_a = STATE_NO_EVENT,
                            .mark_b = STATE_NO_EVENT,
                            .zoom_end_ns = UINT64_MAX,
                            .page = PAGE_OVERVIEW,
                            .measure = REEL_MEASURE_LIVE,
                            .mode = MODE_MOMENT};
}

const char *page_name(enum page_number page)
{
    return (unsigned)page < PAGE_COUNT ? words[page].name : "unknown";
}

const char *page_title(enum page_number page)
{
    return (unsigned)page < PAGE_COUNT ? words[page].title : "unknown";
}

bool page_parse(const char *name, enum page_number *page)
{
    for (int i = 0; i < PAGE_COUNT; i++)
    {
        if (strcmp(words[i].name, name) != 0)
            continue;
        *page = (enum page_number)i;
        return true;
    }
    return false;
}
