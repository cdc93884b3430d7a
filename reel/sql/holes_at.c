// SPDX-License-Identifier: MIT
// holes_at: how large the free pieces of each process's heap are at a moment, and what a block of a size cannot use.
#include "reel/holes.h"

#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/functions.h"

struct hole_row
{
    uint32_t process;
    uint64_t least_bytes;
    uint64_t greatest_bytes;
    uint64_t holes;
    uint64_t bytes;
    uint64_t unusable_bytes;
    uint64_t free_bytes;
};

#define HOLE(member) SQL_COLUMN(struct hole_row, member, #member)
static const struct sql_column hole_columns[] = {
    SQL_BOUND(struct hole_row, process, "process", SQL_NEVER),
    HOLE(least_bytes),
    HOLE(greatest_bytes),
    HOLE(holes),
    HOLE(bytes),
    HOLE(unusable_bytes),
    HOLE(free_bytes),
};

// Sizes up to that of the largest hole.
static int add_holes(struct sql_call *call, uint32_t process, struct sql_rows *rows, struct reel_error *error)
{
    struct reel_holes holes;
    int status = reel_holes_find(call->reel->replay, process, &holes, &call->progress, error);
    if (status != REEL_OK || holes.free_bytes == 0)
        return status;
    size_t count = 64 - (size_t)__builtin_clzll(holes.greatest_bytes);
    struct hole_row *added = sql_rows_add(rows, sizeof *added, count);
    uint64_t smaller_bytes = 0;
    if (added == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++)
    {
        added[i] = (struct hole_row){.process = process,
                                     .least_bytes = UINT64_C(1) << i,
                                     .greatest_bytes = (UINT64_C(2) << i) - 1,
                                     .holes = holes.holes[i],
                                     .bytes = holes.bytes[i],
                                     .unusable_bytes = smaller_bytes,
                                     .free_bytes = holes.free_bytes};
        smaller_bytes += holes.bytes[i];
    }
    return REEL_OK;
}

static int answer_holes(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    int status = sql_seek(call, error);
    return status == REEL_OK ? sql_each_process(call, add_holes, rows, error) : status;
}

const struct sql_function sql_holes_at = {
    .name = "holes_at",
    .usage = "holes_at(t), t a moment such as 'peak'",
    .columns = hole_columns,
    .column_count = SQL_COLUMN_COUNT(hole_columns),
    .parameters = {"t"},
    .required_count = 1,
    .row_bytes = sizeof(struct hole_row),
    .row_estimate = 30,
    .answer = answer_holes,
};
