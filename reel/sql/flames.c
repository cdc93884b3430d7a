// SPDX-License-Identifier: MIT
// flame, flame_between and flame_diff: call trees of what stacks are ranked by, a row for each node.
#include <stdlib.h>
#include <string.h>

#include "reel/error.h"
#include "reel/flame.h"
#include "reel/sql/arguments.h"
#include "reel/sql/functions.h"
#include "reel/sql/measured.h"

#define NO_NODE UINT32_MAX
#define PROCESS 4 // the parameter, of all three

struct flame_row
{
    uint32_t node;
    uint32_t parent;
    struct reel_flame_node of;
};

#define NODE(member, name) SQL_COLUMN(struct flame_row, member, name)
static const struct sql_column columns[] = {
    NODE(node, "node"),
    SQL_NULLABLE(struct flame_row, parent, "parent", SQL_AT_GREATEST),
    NODE(of.depth, "depth"),
    NODE(of.function, "function"),
    NODE(of.file, "file"),
    SQL_NULLABLE(struct flame_row, of.line, "line", SQL_AT_ZERO),
    NODE(of.module, "module"),
    NODE(of.self_bytes, "self_bytes"),
    NODE(of.total_bytes, "total_bytes"),
    NODE(of.total_blocks, "total_blocks"),
    SQL_NULLABLE(struct flame_row, of.stack, "stack", SQL_AT_ZERO),
};

static int parse_direction(const char *name, enum reel_flame_direction *direction, struct reel_error *error)
{
    *direction = REEL_FLAME_CALLERS_FIRST;
    if (name == NULL || strcmp(name, "callers") == 0)
        return REEL_OK;
    *direction = REEL_FLAME_CALLEES_FIRST;
    if (strcmp(name, "callees") == 0)
        return REEL_OK;
    return reel_error_set(error, REEL_E_ARGUMENT, "%.100s: write callers or callees, whichever come first", name);
}

static int add_nodes(const struct reel_flame *flame, struct sql_rows *rows, struct reel_error *error)
{
    struct flame_row *added = sql_rows_add(rows, sizeof *added, flame->count);
    if (added == NULL && flame->count != 0)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < flame->count; i++)
        added[i] = (struct flame_row){(uint32_t)i, i == 0 ? NO_NODE : flame->nodes[i].parent, flame->nodes[i]};
    return REEL_OK;
}

// node_max and direction are the parameters of these numbers. Frees what was measured.
static int draw(struct sql_call *call, int node_parameter, int direction_parameter, struct sql_measured *measured,
                struct sql_rows *rows, struct reel_error *error)
{
    const struct sql_limits limits = {.what = "node_max", .greatest = INT32_MAX};
    enum reel_flame_direction direction;
    struct reel_flame *flame = NULL;
    int64_t node_max = 0;
    int status = parse_direction(sql_text(call, direction_parameter), &direction, error);
    if (status == REEL_OK)
        status = sql_integer(call, node_parameter, &limits, &node_max, error);
    if (status == REEL_OK)
        status = reel_flame_make(&flame, call->reel->reader, measured->rows, measured->count, direction,
                                 (size_t)node_max, error);
    if (status == REEL_OK)
        status = add_nodes(flame, rows, error);
    reel_flame_destroy(flame);
    free(measured->rows);
    return status;
}

static int answer_at(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct sql_measured measured = {0};
    int status = sql_measure_at(call, PROCESS, &measured, error);
    return status == REEL_OK ? draw(call, 2, 3, &measured, rows, error) : status;
}

static int answer_between(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct sql_measured measured = {0};
    int status = sql_measure_between(call, PROCESS, &measured, error);
    return status == REEL_OK ? draw(call, 3, 5, &measured, rows, error) : status;
}

static int answer_difference(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct sql_measured measured = {0};
    int status = sql_measure_difference(call, PROCESS, &measured, error);
    return status == REEL_OK ? draw(call, 3, 5, &measured, rows, error) : status;
}

const struct sql_function sql_flame = {
    .name = "flame",
    .usage = "flame(t[, measure[, node_max[, direction[, process]]]]), as in flame('peak', 'pinned')",
    .columns = columns,
    .column_count = SQL_COLUMN_COUNT(columns),
    .parameters = {"t", "measure", "node_max", "direction", "process"},
    .required_count = 1,
    .row_bytes = sizeof(struct flame_row),
    .row_estimate = 10000,
    .answer = answer_at,
};

const struct sql_function sql_flame_between = {
    .name = "flame_between",
    .usage = "flame_between([t0[, t1[, verb[, node_max[, process[, direction]]]]]]), as in flame_between('1s', 'end', "
             "'unfreed')",
    .columns = columns,
    .column_count = SQL_COLUMN_COUNT(columns),
    .parameters = {"t0", "t1", "verb", "node_max", "process", "direction"},
    .row_bytes = sizeof(struct flame_row),
    .row_estimate = 10000,
    .answer = answer_between,
};

const struct sql_function sql_flame_diff = {
    .name = "flame_diff",
    .usage = "flame_diff(t1, t2[, measure[, node_max[, process[, direction]]]]), as in flame_diff('10%', 'peak')",
    .columns = columns,
    .column_count = SQL_COLUMN_COUNT(columns),
    .parameters = {"t1", "t2", "measure", "node_max", "process", "direction"},
    .required_count = 2,
    .row_bytes = sizeof(struct flame_row),
    .row_estimate = 10000,
    .answer = answer_difference,
};
