// SPDX-License-Identifier: MIT
// classes_over: the size classes over time, a row for each class with a blob for each figure, which holds a number for
// each point and can be drawn as it is.
#include "reel/classes_over.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/functions.h"

#define POINTS_MAX 10000

// In the order of the columns.
enum line
{
    LINE_BLOCKS,
    LINE_REQUESTED,
    LINE_USABLE,
    LINE_ROUNDING,
    LINE_CARVED,
    LINE_VACANT,
    LINE_COUNT
};

struct class_row
{
    uint64_t begin_ns;
    uint64_t end_ns;
    struct reel_class_state state;
    struct sql_blob lines[LINE_COUNT]; // of numbers that follow the last row
};

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the blobs have the bytes of doubles as they are");
static_assert(sizeof(double) == 8, "a blob's stride");

#define CLASS(member, name) SQL_COLUMN(struct class_row, member, name)
static const struct sql_column columns[] = {
    CLASS(state.number, "class_number"),
    SQL_NULLABLE(struct class_row, state.class_id, "class_id", SQL_AT_GREATEST),
    CLASS(state.is_aligned, "is_aligned"),
    SQL_NULLABLE(struct class_row, state.slot_bytes, "slot_bytes", SQL_AT_ZERO),
    CLASS(state.least_bytes, "least_bytes"),
    SQL_NULLABLE(struct class_row, state.greatest_bytes, "greatest_bytes", SQL_AT_GREATEST),
    CLASS(begin_ns, "begin_ns"),
    CLASS(end_ns, "end_ns"),
    CLASS(lines[LINE_BLOCKS], "live_blocks"),
    CLASS(lines[LINE_REQUESTED], "live_bytes"),
    CLASS(lines[LINE_USABLE], "usable_bytes"),
    CLASS(lines[LINE_ROUNDING], "rounding_bytes"),
    CLASS(lines[LINE_CARVED], "carved_slots"),
    CLASS(lines[LINE_VACANT], "vacant_bytes"),
};

static uint64_t figure_of(enum line line, const struct reel_class_point *point, uint64_t slot_bytes)
{
    switch (line)
    {
    case LINE_BLOCKS:
        return point->live_blocks;
    case LINE_REQUESTED:
        return point->requested_bytes;
    case LINE_USABLE:
        return point->usable_bytes;
    case LINE_ROUNDING:
        return point->usable_bytes - point->requested_bytes;
    case LINE_CARVED:
        return point->carved_slots;
    default:
        return point->carved_slots > point->live_blocks ? (point->carved_slots - point->live_blocks) * slot_bytes : 0;
    }
}

static bool has_carved(const struct reel_class_point *points, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (points[i].carved_slots != 0)
            return true;
    return false;
}

static void fill_row(struct class_row *row, const struct reel_class_point *points, size_t count, double *numbers)
{
    bool is_told = has_carved(points, count);
    for (enum line line = 0; line < LINE_COUNT; line++, numbers += count)
    {
        if (line >= LINE_CARVED && !is_told)
            continue;
        row->lines[line] = (struct sql_blob){numbers, count * sizeof *numbers};
        for (size_t i = 0; i < count; i++)
            numbers[i] = (double)figure_of(line, &points[i], row->state.slot_bytes);
    }
}

static int make_rows(const struct reel_classes_over *over, struct sql_rows *rows, struct reel_error *error)
{
    const size_t count = over->class_count;
    const size_t line_bytes = over->point_count * sizeof(double);
    struct class_row *made = calloc(count + 1, sizeof *made + LINE_COUNT * line_bytes);
    if (made == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    double *numbers = (double *)(made + count);
    for (size_t i = 0; i < count; i++, numbers += LINE_COUNT * over->point_count)
    {
        made[i] = (struct class_row){.begin_ns = over->begin_ns, .end_ns = over->end_ns, .state = over->classes[i]};
        fill_row(&made[i], &over->points[over->classes[i].number * over->point_count], over->point_count, numbers);
    }
    sql_rows_take(rows, made, count);
    return REEL_OK;
}

static int answer(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct sql_points points;
    uint32_t process = 0;
    struct reel_classes_over over = {0};
    int status = sql_points(call, POINTS_MAX, &points, error);
    if (status == REEL_OK)
        status = sql_process(call, SQL_POINTS_PARAMETER_COUNT, &process, error);
    if (status == REEL_OK)
        status = reel_classes_over_read(&over, call->reel->replay, process, points.begin_ns, points.end_ns,
                                        points.count, &call->progress, error);
    if (status == REEL_OK)
        status = make_rows(&over, rows, error);
    reel_classes_over_fini(&over);
    return status;
}

const struct sql_function sql_classes_over = {
    .name = "classes_over",
    .usage = "classes_over([t0_ns[, t1_ns[, points[, process]]]])",
    .columns = columns,
    .column_count = SQL_COLUMN_COUNT(columns),
    .parameters = {SQL_POINTS_PARAMETERS, "process"},
    .row_bytes = sizeof(struct class_row),
    .row_estimate = 60,
    .answer = answer,
};
