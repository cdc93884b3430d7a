// SPDX-License-Identifier: MIT
// timeline: the run as points, from chunk rows alone.
#include "reel/timeline.h"

#include "reel/sql/arguments.h"
#include "reel/sql/functions.h"

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
    struct sql_points points;
    struct reel_timeline_point *array = NULL;
    int status = sql_points(call, POINTS_MAX, &points, error);
    if (status == REEL_OK)
        status = reel_timeline_read(call->reel->reader, points.begin_ns, points.end_ns, points.count, &array, error);
    if (status == REEL_OK)
        sql_rows_take(rows, array, points.count);
    return status;
}

const struct sql_function sql_timeline = {
    .name = "timeline",
    .usage = "timeline([t0_ns[, t1_ns[, points]]])",
    .columns = columns,
    .column_count = SQL_COLUMN_COUNT(columns),
    .parameters = {SQL_POINTS_PARAMETERS},
    .row_bytes = sizeof(struct reel_timeline_point),
    .row_estimate = SQL_POINTS_USUAL,
    .answer = answer,
};
