// SPDX-License-Identifier: MIT
// sizes_at: the requested sizes of live blocks, of one class or of all.
#include "reel/sizes.h"

#include "reel/sql/arguments.h"
#include "reel/sql/functions.h"

#define SIZE(member, name) SQL_COLUMN(struct reel_size, member, name)
static const struct sql_column columns[] = {
    SIZE(requested_bytes, "requested_bytes"),
    SIZE(live_blocks, "live_blocks"),
    SIZE(usable_bytes, "usable_bytes"),
};

static int answer(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    const struct sql_limits limits = {
        .what = "class_number", .greatest = REEL_CLASS_NUMBERS - 1, .otherwise = REEL_SIZES_ALL_CLASSES};
    struct reel_size *sizes = NULL;
    size_t count = 0;
    uint32_t process = 0;
    int64_t class_number = 0;
    int status = sql_process(call, 1, &process, error);
    if (status == REEL_OK)
        status = sql_integer(call, 2, &limits, &class_number, error);
    if (status == REEL_OK)
        status = sql_seek(call, error);
    if (status == REEL_OK)
        status =
            reel_sizes_find(call->reel->replay, process, (int32_t)class_number, &sizes, &count, &call->progress, error);
    if (status == REEL_OK)
        sql_rows_take(rows, sizes, count);
    return status;
}

const struct sql_function sql_sizes_at = {
    .name = "sizes_at",
    .usage = "sizes_at(t[, process[, class_number]]), as in sizes_at('end', 0, 3)",
    .columns = columns,
    .column_count = SQL_COLUMN_COUNT(columns),
    .parameters = {"t", "process", "class_number"},
    .required_count = 1,
    .row_bytes = sizeof(struct reel_size),
    .row_estimate = 1000,
    .answer = answer,
};
