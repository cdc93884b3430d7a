// SPDX-License-Identifier: MIT
// stacks_at, stacks_between and diff: what stacks are ranked by.
#include "reel/sql/measured.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/functions.h"

static int take_measure(const struct sql_call *call, int parameter, enum reel_measure *measure,
                        struct reel_error *error)
{
    const char *name = sql_text(call, parameter);
    *measure = REEL_MEASURE_LIVE;
    if (name == NULL || reel_measure_parse(name, measure))
        return REEL_OK;
    return reel_error_set(error, REEL_E_ARGUMENT,
                          "%.100s: not a measure; write live, peak, allocated, temporary, leaked, pinned or rounding",
                          name);
}

int sql_measure_at(struct sql_call *call, int process, struct sql_measured *measured, struct reel_error *error)
{
    enum reel_measure measure;
    uint64_t events = 0;
    uint32_t number = 0;
    struct reel_measured total;
    int status = take_measure(call, 1, &measure, error);
    if (status == REEL_OK)
        status = sql_moment(call, 0, "end", &events, error);
    if (status == REEL_OK)
        status = sql_process(call, process, &number, error);
    if (status != REEL_OK)
        return status;
    return reel_measure_at(call->reel->replay, number, measure, events, &call->progress, &measured->rows,
                           &measured->count, &total, error);
}

int sql_measure_between(struct sql_call *call, int process, struct sql_measured *measured, struct reel_error *error)
{
    enum reel_range_verb verb = REEL_RANGE_ALLOCATED;
    uint64_t begin = 0;
    uint64_t end = 0;
    uint32_t number = 0;
    struct reel_measured total;
    const char *name = sql_text(call, 2);
    if (name != NULL && !reel_range_verb_parse(name, &verb))
        return reel_error_set(error, REEL_E_ARGUMENT, "%.100s: write allocated, freed, alive or unfreed", name);
    int status = sql_range(call, 0, &begin, &end, error);
    if (status == REEL_OK)
        status = sql_process(call, process, &number, error);
    if (status != REEL_OK)
        return status;
    return reel_measure_range(call->reel->replay, number, verb, begin, end, &call->progress, &measured->rows,
                              &measured->count, &total, error);
}

int sql_measure_difference(struct sql_call *call, int process, struct sql_measured *measured, struct reel_error *error)
{
    enum reel_measure measure;
    uint64_t first = 0;
    uint64_t second = 0;
    uint32_t number = 0;
    struct reel_measured total;
    int status = take_measure(call, 2, &measure, error);
    if (status == REEL_OK)
        status = sql_moment(call, 0, "end", &first, error);
    if (status == REEL_OK)
        status = sql_moment(call, 1, "end", &second, error);
    if (status == REEL_OK)
        status = sql_process(call, process, &number, error);
    if (status != REEL_OK)
        return status;
    return reel_measure_difference(call->reel->replay, number, measure, first, second, &call->progress, &measured->rows,
                                   &measured->count, &total, error);
}

static const struct sql_column columns[] = {
    SQL_NULLABLE(struct reel_measured, stack, "stack", SQL_AT_ZERO),
    SQL_COLUMN(struct reel_measured, bytes, "bytes"),
    SQL_COLUMN(struct reel_measured, blocks, "blocks"),
};

static int give(int status, const struct sql_measured *measured, struct sql_rows *rows)
{
    if (status == REEL_OK)
        sql_rows_take(rows, measured->rows, measured->count);
    return status;
}

static int answer_at(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct sql_measured measured = {0};
    int status = sql_measure_at(call, 2, &measured, error);
    return give(status, &measured, rows);
}

static int answer_between(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct sql_measured measured = {0};
    int status = sql_measure_between(call, 3, &measured, error);
    return give(status, &measured, rows);
}

static int answer_difference(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct sql_measured measured = {0};
    int status = sql_measure_difference(call, 3, &measured, error);
    return give(status, &measured, rows);
}

const struct sql_function sql_stacks_at = {
    .name = "stacks_at",
    .usage = "stacks_at(t[, measure[, process]]), as in stacks_at('peak', 'live')",
    .columns = columns,
    .column_count = SQL_COLUMN_COUNT(columns),
    .parameters = {"t", "measure", "process"},
    .required_count = 1,
    .row_bytes = sizeof(struct reel_measured),
    .row_estimate = 10000,
    .answer = answer_at,
};

const struct sql_function sql_stacks_between = {
    .name = "stacks_between",
    .usage = "stacks_between([t0[, t1[, verb[, process]]]]), as in stacks_between('1s', 'end', 'unfreed')",
    .columns = columns,
    .column_count = SQL_COLUMN_COUNT(columns),
    .parameters = {"t0", "t1", "verb", "process"},
    .row_bytes = sizeof(struct reel_measured),
    .row_estimate = 10000,
    .answer = answer_between,
};

const struct sql_function sql_diff = {
    .name = "diff",
    .usage = "diff(t1, t2[, measure[, process]]), as in diff('10%', 'peak', 'live')",
    .columns = columns,
    .column_count = SQL_COLUMN_COUNT(columns),
    .parameters = {"t1", "t2", "measure", "process"},
    .required_count = 2,
    .row_bytes = sizeof(struct reel_measured),
    .row_estimate = 10000,
    .answer = answer_difference,
};
