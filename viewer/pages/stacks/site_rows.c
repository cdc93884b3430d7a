// SPDX-License-Identifier: MIT
// Joins two answers of the model by stack, and sorts.
#include "viewer/pages/stacks/site_rows.h"

#include "reel/error.h"
#include "viewer/pages/stacks/amounts.h"

#include <stdlib.h>
#include <string.h>

uint64_t site_average(const struct site *site)
{
    uint64_t blocks = amounts_greatness(site->measured.blocks);
    return blocks != 0 ? site->block_bytes / blocks : 0;
}

static uint64_t figure_of(const struct site *site, enum site_column column)
{
    switch (column)
    {
    case SITE_BLOCKS:
        return amounts_greatness(site->measured.blocks);
    case SITE_AVERAGE:
        return site_average(site);
    case SITE_LIVE:
        return site->live_bytes;
    case SITE_PINNED:
        return site->pinned_bytes;
    case SITE_ROUNDING:
        return site->rounding_bytes;
    case SITE_BYTES:
    case SITE_SHARE:
    case SITE_FUNCTION:
    case SITE_COLUMNS:
        break;
    }
    return amounts_greatness(site->measured.bytes);
}

static int compare_sites(const void *left, const void *right, void *context)
{
    const struct site *a = left;
    const struct site *b = right;
    const struct site_order *order = context;
    int sign = order->is_reversed ? -1 : 1;
    uint64_t figure_a = figure_of(a, order->column);
    uint64_t figure_b = figure_of(b, order->column);
    int by_name = order->column == SITE_FUNCTION ? strcmp(a->name, b->name) : 0;
    if (by_name != 0)
        return by_name < 0 ? -sign : sign;
    if (figure_a != figure_b)
        return figure_a > figure_b ? -sign : sign;
    return a->measured.stack < b->measured.stack ? -1 : a->measured.stack > b->measured.stack;
}

static int reserve(struct site_rows *rows, size_t count, struct reel_error *error)
{
    if (count <= rows->max)
        return REEL_OK;
    struct site *moved = reallocarray(rows->sites, count, sizeof *moved);
    if (moved == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the list of stacks");
    rows->sites = moved;
    rows->max = count;
    return REEL_OK;
}

// Bytes that blocks hold or waste, not those that they have.
static bool is_of_waste(const struct state *state)
{
    return state->mode == MODE_MOMENT &&
           (state->measure == REEL_MEASURE_PINNED || state->measure == REEL_MEASURE_ROUNDING);
}

// Without blame the columns of the moment are empty; the amounts are there all the same.
static void join(struct site_rows *rows, struct page_view *view)
{
    const struct reel_blame *blame = NULL;
    const struct reel_blame_share *shares = NULL;
    struct reel_error error = {0};
    struct model_of of;
    size_t count = 0;
    if (model_blame(view->model, view->state, &blame, &of, &error) == REEL_OK && blame != NULL)
        shares = reel_blame_stacks(blame, &count);
    for (size_t i = 0; i < rows->count; i++)
    {
        struct site *site = &rows->sites[i];
        if (site->measured.stack >= count)
            continue;
        site->live_bytes = shares[site->measured.stack].live_bytes;
        site->pinned_bytes = shares[site->measured.stack].pinned_bytes;
        site->rounding_bytes = shares[site->measured.stack].rounding_bytes;
        if (is_of_waste(view->state))
            site->block_bytes = site->live_bytes;
    }
}

static void order_rows(struct site_rows *rows, struct page_view *view, struct site_order order)
{
    for (size_t i = 0; order.column == SITE_FUNCTION && i < rows->count; i++)
        rows->sites[i].name = model_stack_name(view->model, rows->sites[i].measured.stack);
    bool is_in_order = order.column == SITE_BYTES || order.column == SITE_SHARE; // as the engine gives them
    if (rows->count != 0 && (!is_in_order || order.is_reversed))
        qsort_r(rows->sites, rows->count, sizeof *rows->sites, compare_sites, &order);
}

static size_t row_of(const struct site_rows *rows, uint32_t stack, size_t otherwise)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->sites[i].measured.stack == stack)
            return i;
    return otherwise;
}

int site_rows_ask(struct site_rows *rows, struct page_view *view, const struct site_order *order, size_t *selected,
                  struct reel_error *error)
{
    const struct reel_measured *measured = NULL;
    struct reel_measured total = {0};
    struct model_of of;
    size_t count = 0;
    uint32_t stack = *selected < rows->count ? rows->sites[*selected].measured.stack : UINT32_MAX;
    int status = model_measured(view->model, view->state, &measured, &count, &total, &of, error);
    if (status == REEL_OK)
        status = reserve(rows, count, error);
    if (status != REEL_OK)
        return error->status = status;
    rows->count = count;
    rows->total = total;
    rows->of = of;
    rows->whole = 0;
    rows->greatest = count != 0 ? measured[0] : (struct reel_measured){0};
    for (size_t i = 0; i < count; i++)
    {
        rows->sites[i] = (struct site){.measured = measured[i], .block_bytes = amounts_greatness(measured[i].bytes)};
        rows->whole += amounts_greatness(measured[i].bytes);
    }
    join(rows, view);
    order_rows(rows, view, *order);
    *selected = row_of(rows, stack, *selected);
    return REEL_OK;
}

void site_rows_fini(struct site_rows *rows)
{
    free(rows->sites);
    *rows = (struct site_rows){0};
}
