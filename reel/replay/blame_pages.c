// SPDX-License-Identifier: MIT
// Pages in leaves of 2 MiB, found by a small hash. Knows no blocks but what it is told of them.
#include "reel/replay/blame_pages.h"

#include <stdlib.h>

#include "reel/replay/pages.h"

int blame_pages_init(struct blame_pages *pages)
{
    *pages = (struct blame_pages){0};
    return reel_intern_init(&pages->leaves);
}

void blame_pages_fini(struct blame_pages *pages)
{
    for (uint32_t i = 0; pages->pages != NULL && i < pages->leaves.pair_count && i < pages->leaf_max; i++)
        free(pages->pages[i]);
    free(pages->pages);
    reel_intern_fini(&pages->leaves);
    *pages = (struct blame_pages){0};
}

static struct blame_page *new_leaf(struct blame_pages *pages, uint32_t index)
{
    if (index >= pages->leaf_max)
    {
        size_t bigger = pages->leaf_max == 0 ? 64 : pages->leaf_max * 2;
        struct blame_page **moved = reallocarray(pages->pages, bigger, sizeof(struct blame_page *));
        if (moved == NULL)
            return NULL;
        pages->pages = moved;
        pages->leaf_max = bigger;
    }
    return pages->pages[index] = calloc(REPLAY_LEAF_PAGES, sizeof(struct blame_page));
}

struct blame_page *blame_pages_at(struct blame_pages *pages, uint64_t page_number)
{
    uint64_t number = page_number / REPLAY_LEAF_PAGES;
    bool is_new = false;
    if (pages->last == NULL || pages->last_number != number)
    {
        uint32_t id = reel_intern_id(&pages->leaves, number, 0, &is_new);
        struct blame_page *leaf = id == 0 ? NULL : is_new ? new_leaf(pages, id - 1) : pages->pages[id - 1];
        if (leaf == NULL)
            return NULL;
        pages->last = leaf;
        pages->last_number = number;
    }
    return &pages->last[page_number % REPLAY_LEAF_PAGES];
}

static uint32_t at_most_a_page(uint64_t bytes)
{
    return bytes < REEL_REPLAY_PAGE_BYTES ? (uint32_t)bytes : REEL_REPLAY_PAGE_BYTES;
}

void blame_page_add(struct blame_page *page, uint32_t stack, uint32_t class_number, uint64_t bytes)
{
    bool is_first = page->blocks == 0;
    page->stack = is_first || page->stack == stack ? stack : BLAME_MIXED_STACK;
    page->class_number = is_first || page->class_number == class_number ? (uint16_t)class_number : BLAME_MIXED_CLASS;
    page->blocks += page->blocks != UINT32_MAX;
    page->live_bytes = (uint16_t)at_most_a_page(page->live_bytes + bytes);
}

void blame_page_add_header(struct blame_page *page, uint32_t bytes)
{
    page->header_bytes = at_most_a_page((uint64_t)page->header_bytes + bytes);
}

uint64_t blame_page_settle(struct blame_page *page)
{
    uint32_t taken = at_most_a_page((uint64_t)page->live_bytes + page->header_bytes);
    uint32_t pinned = page->blocks != 0 ? REEL_REPLAY_PAGE_BYTES - taken : 0;
    page->due_units = pinned << BLAME_UNITS_SHIFT;
    return pinned;
}
