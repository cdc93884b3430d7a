// SPDX-License-Identifier: MIT
// blame_at, blame_classes_at and sparse_at: who pins memory at a moment.
#include "reel/sql/blamed.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/functions.h"

// Shares of a stack or of a class.
struct share_row
{
    uint32_t number;
    struct reel_blame_share share;
};

#define SHARE(member) SQL_COLUMN(struct share_row, share.member, #member)
#define SHARES                                                                                                         \
    SHARE(pinned_bytes), SHARE(rounding_bytes), SHARE(live_blocks), SHARE(live_bytes), SHARE(pinned_pages),            \
        SHARE(alone_pages)
static const struct sql_column stack_columns[] = {
    SQL_NULLABLE(struct share_row, number, "stack", SQL_AT_ZERO),
    SHARES,
};
static const struct sql_column class_columns[] = {
    SQL_COLUMN(struct share_row, number, "class_number"),
    SHARES,
};

static bool is_empty(const struct reel_blame_share *share)
{
    return share->live_blocks == 0 && share->pinned_bytes == 0;
}

static int compare_shares(const void *left, const void *right)
{
    const struct share_row *a = left;
    const struct share_row *b = right;
    if (a->share.pinned_bytes != b->share.pinned_bytes)
        return a->share.pinned_bytes > b->share.pinned_bytes ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

// Those that have any, by pinned bytes.
static int add_shares(const struct reel_blame_share *shares, size_t count, struct sql_rows *rows,
                      struct reel_error *error)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        kept += !is_empty(&shares[i]);
    struct share_row *row = sql_rows_add(rows, sizeof *row, kept);
    if (kept == 0)
        return REEL_OK;
    if (row == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++)
        if (!is_empty(&shares[i]))
            *row++ = (struct share_row){(uint32_t)i, shares[i]};
    qsort(rows->rows, kept, sizeof *row, compare_shares);
    return REEL_OK;
}

static int answer_stacks(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct reel_blame *blame = NULL;
    uint32_t process = 0;
    size_t count = 0;
    int status = sql_blame_make(call, &blame, &process, error);
    if (status == REEL_OK)
    {
        const struct reel_blame_share *shares = reel_blame_stacks(blame, &count);
        status = add_shares(shares, count, rows, error);
    }
    reel_blame_destroy(blame);
    return status;
}

static int answer_classes(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct reel_blame *blame = NULL;
    uint32_t process = 0;
    size_t count = 0;
    int status = sql_blame_make(call, &blame, &process, error);
    if (status == REEL_OK)
    {
        const struct reel_blame_share *shares = reel_blame_classes(blame, &count);
        status = add_shares(shares, count, rows, error);
    }
    reel_blame_destroy(blame);
    return status;
}

static const struct sql_column sparse_columns[] = {
    SQL_COLUMN(struct reel_blame_sparse, pages, "pages"),
    SQL_COLUMN(struct reel_blame_sparse, held_bytes, "pinned_bytes"),
    SQL_COLUMN(struct reel_blame_sparse, blocks, "live_blocks"),
    SQL_COLUMN(struct reel_blame_sparse, block_bytes, "usable_bytes"),
};

static int answer_sparse(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct reel_blame *blame = NULL;
    uint32_t process = 0;
    int status = sql_blame_make(call, &blame, &process, error);
    if (status == REEL_OK)
    {
        struct reel_blame_sparse *row = sql_rows_add(rows, sizeof *row, 1);
        if (row != NULL)
            *row = reel_blame_sparse(blame);
        else
            status = reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    }
    reel_blame_destroy(blame);
    return status;
}

const struct sql_function sql_blame_at = {
    .name = "blame_at",
    .usage = "blame_at(t[, process]), t a moment such as 'peak'",
    .columns = stack_columns,
    .column_count = SQL_COLUMN_COUNT(stack_columns),
    .parameters = {"t", "process"},
    .required_count = 1,
    .row_bytes = sizeof(struct share_row),
    .row_estimate = 10000,
    .answer = answer_stacks,
};

const struct sql_function sql_blame_classes_at = {
    .name = "blame_classes_at",
    .usage = "blame_classes_at(t[, process]), t a moment such as 'peak'",
    .columns = class_columns,
    .column_count = SQL_COLUMN_COUNT(class_columns),
    .parameters = {"t", "process"},
    .required_count = 1,
    .row_bytes = sizeof(struct share_row),
    .row_estimate = 100,
    .answer = answer_classes,
};

const struct sql_function sql_sparse_at = {
    .name = "sparse_at",
    .usage = "sparse_at(t[, process]), t a moment such as 'peak'",
    .columns = sparse_columns,
    .column_count = SQL_COLUMN_COUNT(sparse_columns),
    .parameters = {"t", "process"},
    .required_count = 1,
    .row_bytes = sizeof(struct reel_blame_sparse),
    .row_estimate = 1,
    .answer = answer_sparse,
};
