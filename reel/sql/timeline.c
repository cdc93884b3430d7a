// SPDX-License-Identifier: MIT
// timeline: the run as points, from chunk rows alone.
#include "reel/timeline.h"

#include "reel/sql/arguments.h"
#include "reel/sql/functions.h"

#define POINTS_USUAL 100
#define POINTS_MAX 100000

#define POINT(member, name) SQL_COLUMN(struct reel_timeline_point, member, name)
static const struct sql_column columns[] = {
    POINT(begin_ns, "begin_ns"),
    POINT(end_ns, "end_ns"),
    POINT(events, "events"),
    POINT(allocations, "allocations"),
    POINT(frees, "frees"),
    POINT(resizes, "resizes"),
    POINT(requested_bytes, "requested_bytes"),
    POINT(live_bytes_min, "live_bytes_min"),
    POINT(live_bytes_max, "live_bytes_max"),
    POINT(live_bytes, "live_bytes"),
    POINT(live_blocks, "live_blocks"),
    SQL_NULLABLE(struct reel_timeline_point, resident_bytes, "resident_bytes", SQL_AT_ZERO),
};

static int answer(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    const struct sql_limits begin = {.what = "t0_ns", .greatest = INT64_MAX};
    const struct sql_limits end = {.what = "t1_ns", .greatest = INT64_MAX, .otherwise = -1};
    const struct sql_limits points = {.what = "points", .least = 1, .greatest = POINTS_MAX, .otherwise = POINTS_USUAL};
    int64_t begin_ns = 0;
    int64_t end_ns = 0;
    int64_t count = 0;
    struct reel_timeline_point *array = NULL;
    int status = sql_integer(call, 0, &begin, &begin_ns, error);
    if (status == REEL_OK)
        status = sql_integer(call, 1, &end, &end_ns, error);
    if (status == REEL_OK)
        status = sql_integer(call, 2, &points, &count, error);
    if (status == REEL_OK)
        status = reel_timeline_read(call->reel->reader, (uint64_t)begin_ns, end_ns < 0 ? UINT64_MAX : (uint64_t)end_ns,
                                    (size_t)count, &array, error);
    if (status == REEL_OK)
        sql_rows_take(rows, array, (size_t)count);
    return status;
}

const struct sql_function sql_timeline = {
    .name = "timeline",
    .usage = "timeline([t0_ns[, t1_ns[, points]]])",
    .columns = columns,
    .column_count = SQL_COLUMN_COUNT(columns),
    .parameters = {"t0_ns", "t1_ns", "points"},
    .parameter_count = 3,
    .row_bytes = sizeof(struct reel_timeline_point),
    .row_estimate = POINTS_USUAL,
    .answer = answer,
};
