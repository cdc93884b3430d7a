// SPDX-License-Identifier: MIT
// advice_at: the stacks whose blocks pin more than they hold, with what proves it.
#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/blamed.h"
#include "reel/sql/functions.h"

#define ADVICE_USUAL 20
#define ADVICE_MAX 1000

#define ADVICE(member, null) SQL_NULLABLE(struct reel_advice, member, #member, null)
static const struct sql_column advice_columns[] = {
    ADVICE(stack, SQL_AT_ZERO),
    ADVICE(class_number, SQL_NEVER),
    ADVICE(pinned_bytes, SQL_NEVER),
    ADVICE(live_bytes, SQL_NEVER),
    ADVICE(live_blocks, SQL_NEVER),
    ADVICE(alone_pages, SQL_NEVER),
    ADVICE(median_age_ns, SQL_NEVER),
    ADVICE(neighbour_stack, SQL_AT_ZERO),
    ADVICE(neighbour_lifetime_ns, SQL_AT_GREATEST),
    ADVICE(neighbour_blocks, SQL_AT_GREATEST),
};

static int answer_advice(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    const struct sql_limits limits = {.what = "limit", .least = 1, .greatest = ADVICE_MAX, .otherwise = ADVICE_USUAL};
    struct reel_blame *blame = NULL;
    struct reel_advice *advice = NULL;
    uint32_t process = 0;
    int64_t limit = 0;
    size_t count = 0;
    int status = sql_integer(call, 2, &limits, &limit, error);
    if (status == REEL_OK)
        status = sql_blame_make(call, &blame, &process, error);
    if (status == REEL_OK)
        status = reel_blame_advice(blame, call->reel->replay, process, (size_t)limit, &call->progress, &advice, &count,
                                   error);
    reel_blame_destroy(blame);
    if (status != REEL_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        if (advice[i].neighbour_stack == 0)
            advice[i].neighbour_lifetime_ns = advice[i].neighbour_blocks = UINT64_MAX;
    sql_rows_take(rows, advice, count);
    return REEL_OK;
}

const struct sql_function sql_advice_at = {
    .name = "advice_at",
    .usage = "advice_at(t[, process[, limit]]), t a moment such as 'peak'",
    .columns = advice_columns,
    .column_count = SQL_COLUMN_COUNT(advice_columns),
    .parameters = {"t", "process", "limit"},
    .required_count = 1,
    .row_bytes = sizeof(struct reel_advice),
    .row_estimate = ADVICE_USUAL,
    .answer = answer_advice,
};
