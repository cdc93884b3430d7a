// SPDX-License-Identifier: MIT
// Rows of the page of sites: amounts of stacks with the figures of their live blocks, in the order that is asked for.
#ifndef HEAPREEL_VIEWER_SITE_ROWS_H
#define HEAPREEL_VIEWER_SITE_ROWS_H

#include "viewer/page.h"

enum site_column
{
    SITE_BYTES,
    SITE_SHARE,
    SITE_BLOCKS,
    SITE_AVERAGE,
    SITE_LIVE,
    SITE_PINNED,
    SITE_ROUNDING,
    SITE_FUNCTION,
    SITE_COLUMNS,
};

struct site
{
    struct reel_measured measured;
    uint64_t live_bytes; // of the moment, as the next
    uint64_t pinned_bytes;
    uint64_t rounding_bytes;
    uint64_t block_bytes; // requested, of the blocks that are measured
    const char *name;     // the model's; only while rows are sorted by it
};

struct site_order
{
    enum site_column column;
    bool is_reversed; // names go up, all else goes down, unless it is set
};

struct site_rows
{
    struct site *sites;
    size_t count;
    size_t max;
    struct reel_measured total;
    struct reel_measured greatest; // the answer's first row
    uint64_t whole;                // sum without signs: what shares are of
    struct model_of of;
};

// Asks the model and orders the rows. *selected is a row before, and is where its stack is afterwards. What failed or
// was stopped leaves the rows as they were.
int site_rows_ask(struct site_rows *rows, struct page_view *view, const struct site_order *order, size_t *selected,
                  struct reel_error *error);
void site_rows_fini(struct site_rows *rows); // also of one that is all zero

uint64_t site_average(const struct site *site); // requested bytes a block; 0 without blocks

#endif
