// SPDX-License-Identifier: MIT
// Times of births, and oldest_at: the oldest live block of each stack.
#include "reel/sql/births.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/functions.h"

static struct sql_birth *birth_of(const struct sql_rows *rows, size_t index, size_t row_bytes, size_t offset)
{
    return (struct sql_birth *)((char *)rows->rows + index * row_bytes + offset);
}

int sql_date_births(const struct sql_call *call, const struct sql_rows *rows, size_t row_bytes, size_t offset,
                    struct reel_error *error)
{
    if (rows->count == 0 || (call->costs & SQL_COST_EVENTS) == 0)
        return REEL_OK;
    uint64_t *births = calloc(rows->count, 2 * sizeof *births);
    if (births == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    uint64_t *times_ns = births + rows->count;
    for (size_t i = 0; i < rows->count; i++)
        births[i] = birth_of(rows, i, row_bytes, offset)->event;
    int status = reel_oldest_times(call->reel->reader, births, rows->count, times_ns, &call->progress, error);
    for (size_t i = 0; status == REEL_OK && i < rows->count; i++)
        birth_of(rows, i, row_bytes, offset)->t_ns = times_ns[i];
    free(births);
    return status;
}

struct stack_row
{
    uint32_t stack;
    struct sql_birth oldest;
};

static const struct sql_column columns[] = {
    SQL_NULLABLE(struct stack_row, stack, "stack", SQL_AT_ZERO),
    SQL_COLUMN(struct stack_row, oldest.event, "birth_event"),
    SQL_COSTLY(struct stack_row, oldest.t_ns, "birth_ns", SQL_AT_GREATEST, SQL_COST_EVENTS),
};

static int compare_rows(const void *left, const void *right)
{
    const struct stack_row *a = left;
    const struct stack_row *b = right;
    return a->oldest.event < b->oldest.event ? -1 : a->oldest.event > b->oldest.event;
}

static int add_stacks(const struct reel_oldest *oldest, struct sql_rows *rows, struct reel_error *error)
{
    size_t count = 0;
    for (size_t i = 0; i < oldest->stack_count; i++)
        count += oldest->stacks[i] != REEL_OLDEST_NONE;
    struct stack_row *added = sql_rows_add(rows, sizeof *added, count);
    if (count == 0)
        return REEL_OK;
    if (added == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    for (size_t i = 0, filled = 0; i < oldest->stack_count; i++)
        if (oldest->stacks[i] != REEL_OLDEST_NONE)
            added[filled++] = (struct stack_row){(uint32_t)i, {.event = oldest->stacks[i]}};
    qsort(added, count, sizeof *added, compare_rows);
    return REEL_OK;
}

static int answer(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    struct reel_oldest oldest;
    uint32_t process = 0;
    int status = sql_process(call, 1, &process, error);
    if (status == REEL_OK)
        status = sql_seek(call, error);
    if (status != REEL_OK)
        return status;
    status = reel_oldest_find(&oldest, call->reel->replay, process, &call->progress, error);
    if (status == REEL_OK)
        status = add_stacks(&oldest, rows, error);
    reel_oldest_fini(&oldest);
    return status == REEL_OK
               ? sql_date_births(call, rows, sizeof(struct stack_row), offsetof(struct stack_row, oldest), error)
               : status;
}

const struct sql_function sql_oldest_at = {
    .name = "oldest_at",
    .usage = "oldest_at(t[, process]), as in oldest_at('end')",
    .columns = columns,
    .column_count = SQL_COLUMN_COUNT(columns),
    .parameters = {"t", "process"},
    .required_count = 1,
    .row_bytes = sizeof(struct stack_row),
    .row_estimate = 10000,
    .answer = answer,
};
