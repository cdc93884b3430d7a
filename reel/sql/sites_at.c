// SPDX-License-Identifier: MIT
// sites_at: a row for each stack with all measures side by side, of which those that cost a pass are made only for
// queries that want them.
#include <stdlib.h>
#include <string.h>

#include "reel/blame.h"
#include "reel/error.h"
#include "reel/measure.h"
#include "reel/sql/arguments.h"
#include "reel/sql/births.h"
#include "reel/sql/functions.h"

enum cost
{
    COST_PINNED = SQL_COST_OWN,
    COST_PEAK = SQL_COST_OWN << 1,
    COST_ALLOCATED = SQL_COST_OWN << 2,
    COST_TEMPORARY = SQL_COST_OWN << 3,
    COST_LEAKED = SQL_COST_OWN << 4,
};

struct amount
{
    uint64_t bytes;
    uint64_t blocks;
};

struct site_row
{
    uint32_t stack;
    struct amount amounts[REEL_MEASURE_COUNT]; // [enum reel_measure]
    uint64_t pinned_pages;
    uint64_t alone_pages;
    struct sql_birth oldest;
};

// Of all stacks, [stack].
struct sites
{
    struct site_row *rows;
    size_t count;
};

#define SITE(measure, member, name) SQL_COLUMN(struct site_row, amounts[measure].member, name)
#define SITE_COSTLY(measure, member, name, cost)                                                                       \
    SQL_COSTLY(struct site_row, amounts[measure].member, name, SQL_NEVER, cost)
static const struct sql_column columns[] = {
    SQL_NULLABLE(struct site_row, stack, "stack", SQL_AT_ZERO),
    SITE(REEL_MEASURE_LIVE, bytes, "live_bytes"),
    SITE(REEL_MEASURE_LIVE, blocks, "live_blocks"),
    SITE(REEL_MEASURE_ROUNDING, bytes, "rounding_bytes"),
    SITE_COSTLY(REEL_MEASURE_PINNED, bytes, "pinned_bytes", COST_PINNED),
    SQL_COSTLY(struct site_row, pinned_pages, "pinned_pages", SQL_NEVER, COST_PINNED),
    SQL_COSTLY(struct site_row, alone_pages, "alone_pages", SQL_NEVER, COST_PINNED),
    SITE_COSTLY(REEL_MEASURE_PEAK, bytes, "peak_bytes", COST_PEAK),
    SITE_COSTLY(REEL_MEASURE_PEAK, blocks, "peak_blocks", COST_PEAK),
    SITE_COSTLY(REEL_MEASURE_ALLOCATED, bytes, "allocated_bytes", COST_ALLOCATED),
    SITE_COSTLY(REEL_MEASURE_ALLOCATED, blocks, "allocated_blocks", COST_ALLOCATED),
    SITE_COSTLY(REEL_MEASURE_TEMPORARY, bytes, "temporary_bytes", COST_TEMPORARY),
    SITE_COSTLY(REEL_MEASURE_TEMPORARY, blocks, "temporary_blocks", COST_TEMPORARY),
    SITE_COSTLY(REEL_MEASURE_LEAKED, bytes, "leaked_bytes", COST_LEAKED),
    SITE_COSTLY(REEL_MEASURE_LEAKED, blocks, "leaked_blocks", COST_LEAKED),
    SQL_COSTLY(struct site_row, oldest.event, "oldest_birth_event", SQL_AT_GREATEST, SQL_COST_STATE),
    SQL_COSTLY(struct site_row, oldest.t_ns, "oldest_birth_ns", SQL_AT_GREATEST, SQL_COST_STATE | SQL_COST_EVENTS),
};

// Those that are made from events come first: the state stays at the moment then.
static const struct
{
    enum reel_measure measure;
    unsigned cost; // 0: in any case
} measures[] = {
    {REEL_MEASURE_ALLOCATED, COST_ALLOCATED},
    {REEL_MEASURE_TEMPORARY, COST_TEMPORARY},
    {REEL_MEASURE_LEAKED, COST_LEAKED},
    {REEL_MEASURE_PEAK, COST_PEAK},
    {REEL_MEASURE_LIVE, 0},
    {REEL_MEASURE_ROUNDING, 0},
};

static int open_sites(struct sites *sites, const struct sql_call *call, struct reel_error *error)
{
    (void)reel_replay_stacks(call->reel->replay, &sites->count);
    sites->rows = calloc(sites->count + 1, sizeof *sites->rows);
    if (sites->rows == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the sums of stacks");
    for (size_t i = 0; i < sites->count; i++)
        sites->rows[i] = (struct site_row){.stack = (uint32_t)i, .oldest.event = REEL_OLDEST_NONE};
    return REEL_OK;
}

static int take_measure(struct sites *sites, struct sql_call *call, uint32_t process, enum reel_measure measure,
                        struct reel_error *error)
{
    struct reel_measured *rows = NULL;
    struct reel_measured total;
    size_t count = 0;
    int status = reel_measure_at(call->reel->replay, process, measure, call->events, &call->progress, &rows, &count,
                                 &total, error);
    for (size_t i = 0; status == REEL_OK && i < count; i++)
        if (rows[i].stack < sites->count)
            sites->rows[rows[i].stack].amounts[measure] =
                (struct amount){(uint64_t)rows[i].bytes, (uint64_t)rows[i].blocks};
    free(rows);
    return status;
}

static int take_blame(struct sites *sites, struct sql_call *call, uint32_t process, struct reel_error *error)
{
    struct reel_blame *blame = NULL;
    size_t count = 0;
    int status = reel_blame_make(&blame, call->reel->replay, process, &call->progress, error);
    if (status != REEL_OK)
        return status;
    const struct reel_blame_share *shares = reel_blame_stacks(blame, &count);
    for (size_t i = 0; i < count && i < sites->count; i++)
    {
        sites->rows[i].amounts[REEL_MEASURE_PINNED] = (struct amount){shares[i].pinned_bytes, shares[i].live_blocks};
        sites->rows[i].pinned_pages = shares[i].pinned_pages;
        sites->rows[i].alone_pages = shares[i].alone_pages;
    }
    reel_blame_destroy(blame);
    return REEL_OK;
}

static int take_oldest(struct sites *sites, struct sql_call *call, uint32_t process, struct reel_error *error)
{
    struct reel_oldest oldest;
    int status = reel_oldest_find(&oldest, call->reel->replay, process, &call->progress, error);
    for (size_t i = 0; status == REEL_OK && i < oldest.stack_count && i < sites->count; i++)
        sites->rows[i].oldest.event = oldest.stacks[i];
    reel_oldest_fini(&oldest);
    return status;
}

static int take_all(struct sites *sites, struct sql_call *call, uint32_t process, struct reel_error *error)
{
    int status = REEL_OK;
    for (size_t i = 0; i < sizeof measures / sizeof *measures && status == REEL_OK; i++)
        if (measures[i].cost == 0 || (call->costs & measures[i].cost) != 0)
            status = take_measure(sites, call, process, measures[i].measure, error);
    if (status == REEL_OK && (call->costs & COST_PINNED) != 0)
        status = take_blame(sites, call, process, error);
    if (status == REEL_OK && (call->costs & SQL_COST_STATE) != 0)
        status = take_oldest(sites, call, process, error);
    return status;
}

static bool has_any(const struct site_row *row)
{
    uint64_t any = 0;
    for (size_t i = 0; i < REEL_MEASURE_COUNT; i++)
        any |= row->amounts[i].bytes | row->amounts[i].blocks;
    return any != 0;
}

static int compare_sites(const void *left, const void *right)
{
    const struct site_row *a = left;
    const struct site_row *b = right;
    uint64_t a_bytes = a->amounts[REEL_MEASURE_LIVE].bytes;
    uint64_t b_bytes = b->amounts[REEL_MEASURE_LIVE].bytes;
    if (a_bytes != b_bytes)
        return a_bytes > b_bytes ? -1 : 1;
    return a->stack < b->stack ? -1 : a->stack > b->stack;
}

// Those that have something; the array becomes the answer.
static void give_sites(struct sites *sites, struct sql_rows *rows)
{
    size_t count = 0;
    for (size_t i = 0; i < sites->count; i++)
        if (has_any(&sites->rows[i]))
            sites->rows[count++] = sites->rows[i];
    qsort(sites->rows, count, sizeof *sites->rows, compare_sites);
    sql_rows_take(rows, sites->rows, count);
    *sites = (struct sites){0};
}

static int answer(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct sites sites = {0};
    uint32_t process = 0;
    int status = sql_process(call, 1, &process, error);
    if (status == REEL_OK)
        status = sql_moment(call, 0, "end", &call->events, error);
    if (status == REEL_OK)
        status = open_sites(&sites, call, error);
    if (status == REEL_OK)
        status = take_all(&sites, call, process, error);
    if (status == REEL_OK)
        give_sites(&sites, rows);
    free(sites.rows);
    return status == REEL_OK
               ? sql_date_births(call, rows, sizeof(struct site_row), offsetof(struct site_row, oldest), error)
               : status;
}

const struct sql_function sql_sites_at = {
    .name = "sites_at",
    .usage = "sites_at(t[, process]), as in sites_at('peak')",
    .columns = columns,
    .column_count = SQL_COLUMN_COUNT(columns),
    .parameters = {"t", "process"},
    .required_count = 1,
    .row_bytes = sizeof(struct site_row),
    .row_estimate = 10000,
    .answer = answer,
};
