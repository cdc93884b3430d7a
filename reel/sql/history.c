// SPDX-License-Identifier: MIT
// address_history, crossings, growth, lifetimes and lifetimes_by_stack: questions about the events of a range.
#include "reel/history.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/functions.h"

// Each row says how many events were left out of the answer.
struct tenant_row
{
    struct reel_tenant of;
    uint64_t damaged_events;
};

#define TENANT(member, name, null) SQL_NULLABLE(struct tenant_row, of.member, name, null)
static const struct sql_column tenant_columns[] = {
    TENANT(process, "process", SQL_NEVER),
    TENANT(address, "address", SQL_NEVER),
    TENANT(requested_bytes, "requested_bytes", SQL_NEVER),
    TENANT(usable_bytes, "usable_bytes", SQL_NEVER),
    TENANT(birth_event, "birth_event", SQL_NEVER),
    TENANT(birth_ns, "birth_ns", SQL_NEVER),
    TENANT(alloc_thread, "alloc_thread", SQL_AT_ZERO),
    TENANT(alloc_stack, "alloc_stack", SQL_AT_ZERO),
    TENANT(free_event, "free_event", SQL_AT_GREATEST),
    TENANT(free_ns, "free_ns", SQL_AT_GREATEST),
    TENANT(free_thread, "free_thread", SQL_AT_ZERO),
    TENANT(free_stack, "free_stack", SQL_AT_ZERO),
    SQL_COLUMN(struct tenant_row, damaged_events, "damaged_events"),
};

static int add_tenants(const struct sql_call *call, const struct reel_tenant *tenants, size_t count,
                       struct sql_rows *rows, struct reel_error *error)
{
    struct tenant_row *added = sql_rows_add(rows, sizeof *added, count);
    if (added == NULL && count != 0)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++)
    {
        added[i] = (struct tenant_row){tenants[i], reel_history_damaged_events(call->reel->reader)};
        if (tenants[i].free_event == UINT64_MAX)
            added[i].of.free_ns = UINT64_MAX;
    }
    return REEL_OK;
}

static int answer_address(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    uint64_t address = 0;
    uint64_t events = 0;
    uint32_t process = 0;
    struct reel_tenant *tenants = NULL;
    size_t count = 0;
    int status = sql_address(call, 0, &address, error);
    if (status == REEL_OK)
        status = sql_process(call, 1, &process, error);
    if (status == REEL_OK)
        status = sql_moment(call, 2, "end", &events, error);
    if (status == REEL_OK)
        status = reel_history_of_address(call->reel->reader, process, address, events, &call->progress, &tenants,
                                         &count, error);
    if (status == REEL_OK)
        status = add_tenants(call, tenants, count, rows, error);
    free(tenants);
    return status;
}

struct crossing_row
{
    struct reel_crossing of;
    uint64_t damaged_events;
};

static const struct sql_column crossing_columns[] = {
    SQL_COLUMN(struct crossing_row, of.alloc_thread, "alloc_thread"),
    SQL_COLUMN(struct crossing_row, of.free_thread, "free_thread"),
    SQL_COLUMN(struct crossing_row, of.blocks, "blocks"),
    SQL_COLUMN(struct crossing_row, of.bytes, "bytes"),
    SQL_COLUMN(struct crossing_row, damaged_events, "damaged_events"),
};

static int add_crossings(const struct sql_call *call, const struct reel_crossing *crossings, size_t count,
                         struct sql_rows *rows, struct reel_error *error)
{
    struct crossing_row *added = sql_rows_add(rows, sizeof *added, count);
    if (added == NULL && count != 0)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++)
        added[i] = (struct crossing_row){crossings[i], reel_history_damaged_events(call->reel->reader)};
    return REEL_OK;
}

static int answer_crossings(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    uint64_t begin = 0;
    uint64_t end = 0;
    struct reel_crossing *array = NULL;
    size_t count = 0;
    int status = sql_range(call, 0, &begin, &end, error);
    if (status == REEL_OK)
        status = reel_history_crossings(call->reel->replay, begin, end, &call->progress, &array, &count, error);
    if (status == REEL_OK)
        status = add_crossings(call, array, count, rows, error);
    free(array);
    return status;
}

static const struct sql_column growth_columns[] = {
    SQL_NULLABLE(struct reel_growth, stack, "stack", SQL_AT_ZERO),
    SQL_COLUMN(struct reel_growth, first_bytes, "first_live_bytes"),
    SQL_COLUMN(struct reel_growth, last_bytes, "last_live_bytes"),
    SQL_COLUMN(struct reel_growth, last_blocks, "last_live_blocks"),
};

static int answer_growth(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    uint64_t begin = 0;
    uint64_t end = 0;
    struct reel_growth *array = NULL;
    size_t count = 0;
    int status = sql_range(call, 0, &begin, &end, error);
    if (status == REEL_OK)
        status = reel_history_growth(call->reel->replay, begin, end, &call->progress, &array, &count, error);
    if (status == REEL_OK)
        sql_rows_take(rows, array, count);
    return status;
}

// A cell of the table of sizes and lifetimes. Bounds are inclusive.
struct lifetime_row
{
    uint64_t least_bytes;
    uint64_t most_bytes; // UINT64_MAX: no bound, as the times
    uint64_t least_ns;   // of blocks that live still: no time
    uint64_t most_ns;
    bool is_alive;
    uint64_t blocks;
    uint64_t bytes;
    uint64_t damaged_events; // left out, in all rows
};

#define LIFETIME(member) SQL_NULLABLE(struct lifetime_row, member, #member, SQL_AT_GREATEST)
static const struct sql_column lifetime_columns[] = {
    LIFETIME(least_bytes), LIFETIME(most_bytes), LIFETIME(least_ns), LIFETIME(most_ns),
    LIFETIME(is_alive),    LIFETIME(blocks),     LIFETIME(bytes),    LIFETIME(damaged_events),
};

// A row of the cell; cells without blocks have none.
static int add_cell(struct sql_rows *rows, size_t size, struct lifetime_row cell, struct reel_error *error)
{
    if (cell.blocks == 0)
        return REEL_OK;
    struct lifetime_row *row = sql_rows_add(rows, sizeof *row, 1);
    if (row == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    *row = cell;
    row->least_bytes = reel_lifetime_least(size);
    row->most_bytes = reel_lifetime_most(size, REEL_LIFETIME_SIZES);
    return REEL_OK;
}

static int add_size(const struct reel_lifetimes *lifetimes, size_t size, struct sql_rows *rows,
                    struct reel_error *error)
{
    int status = REEL_OK;
    for (size_t time = 0; time < REEL_LIFETIME_TIMES && status == REEL_OK; time++)
    {
        const struct lifetime_row cell = {.least_ns = reel_lifetime_least(time),
                                          .most_ns = reel_lifetime_most(time, REEL_LIFETIME_TIMES),
                                          .blocks = lifetimes->blocks[size][time],
                                          .bytes = lifetimes->bytes[size][time]};
        status = add_cell(rows, size, cell, error);
    }
    const struct lifetime_row alive = {.least_ns = UINT64_MAX,
                                       .most_ns = UINT64_MAX,
                                       .is_alive = true,
                                       .blocks = lifetimes->alive_blocks[size],
                                       .bytes = lifetimes->alive_bytes[size]};
    return status == REEL_OK ? add_cell(rows, size, alive, error) : status;
}

static int answer_lifetimes(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    uint64_t begin = 0;
    uint64_t end = 0;
    struct reel_lifetimes *lifetimes = NULL;
    int status = sql_range(call, 0, &begin, &end, error);
    if (status == REEL_OK)
        status = reel_history_lifetimes(call->reel->replay, begin, end, &call->progress, &lifetimes, error);
    for (size_t size = 0; size < REEL_LIFETIME_SIZES && status == REEL_OK; size++)
        status = add_size(lifetimes, size, rows, error);
    struct lifetime_row *row = rows->rows;
    for (size_t i = 0; status == REEL_OK && i < rows->count; i++)
        row[i].damaged_events = reel_history_damaged_events(call->reel->reader);
    free(lifetimes);
    return status;
}

struct stack_lifetimes_row
{
    struct reel_stack_lifetimes of;
    uint64_t damaged_events;
};

#define STACK_LIFETIMES(member, null) SQL_NULLABLE(struct stack_lifetimes_row, of.member, #member, null)
static const struct sql_column stack_lifetimes_columns[] = {
    STACK_LIFETIMES(stack, SQL_AT_ZERO),
    STACK_LIFETIMES(freed_blocks, SQL_NEVER),
    STACK_LIFETIMES(freed_bytes, SQL_NEVER),
    STACK_LIFETIMES(median_least_ns, SQL_AT_GREATEST),
    STACK_LIFETIMES(median_most_ns, SQL_AT_GREATEST),
    STACK_LIFETIMES(alive_blocks, SQL_NEVER),
    STACK_LIFETIMES(alive_bytes, SQL_NEVER),
    SQL_COLUMN(struct stack_lifetimes_row, damaged_events, "damaged_events"),
};

static int add_stacks(const struct sql_call *call, const struct reel_stack_lifetimes *stacks, size_t count,
                      struct sql_rows *rows, struct reel_error *error)
{
    struct stack_lifetimes_row *added = sql_rows_add(rows, sizeof *added, count);
    if (added == NULL && count != 0)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < count; i++)
        added[i] = (struct stack_lifetimes_row){stacks[i], reel_history_damaged_events(call->reel->reader)};
    return REEL_OK;
}

static int answer_lifetimes_by_stack(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    uint64_t begin = 0;
    uint64_t end = 0;
    struct reel_stack_lifetimes *array = NULL;
    size_t count = 0;
    int status = sql_range(call, 0, &begin, &end, error);
    if (status == REEL_OK)
        status =
            reel_history_lifetimes_by_stack(call->reel->replay, begin, end, &call->progress, &array, &count, error);
    if (status == REEL_OK)
        status = add_stacks(call, array, count, rows, error);
    free(array);
    return status;
}

const struct sql_function sql_address_history = {
    .name = "address_history",
    .usage = "address_history(address[, process[, t]])",
    .columns = tenant_columns,
    .column_count = SQL_COLUMN_COUNT(tenant_columns),
    .parameters = {"byte_address", "in_process", "t"},
    .required_count = 1,
    .row_bytes = sizeof(struct tenant_row),
    .row_estimate = 100,
    .answer = answer_address,
};

const struct sql_function sql_crossings = {
    .name = "crossings",
    .usage = "crossings([t0[, t1]])",
    .columns = crossing_columns,
    .column_count = SQL_COLUMN_COUNT(crossing_columns),
    .parameters = {"t0", "t1"},
    .row_bytes = sizeof(struct crossing_row),
    .row_estimate = 100,
    .answer = answer_crossings,
};

const struct sql_function sql_growth = {
    .name = "growth",
    .usage = "growth([t0[, t1]])",
    .columns = growth_columns,
    .column_count = SQL_COLUMN_COUNT(growth_columns),
    .parameters = {"t0", "t1"},
    .row_bytes = sizeof(struct reel_growth),
    .row_estimate = 1000,
    .answer = answer_growth,
};

const struct sql_function sql_lifetimes = {
    .name = "lifetimes",
    .usage = "lifetimes([t0[, t1]])",
    .columns = lifetime_columns,
    .column_count = SQL_COLUMN_COUNT(lifetime_columns),
    .parameters = {"t0", "t1"},
    .row_bytes = sizeof(struct lifetime_row),
    .row_estimate = 500,
    .answer = answer_lifetimes,
};

const struct sql_function sql_lifetimes_by_stack = {
    .name = "lifetimes_by_stack",
    .usage = "lifetimes_by_stack([t0[, t1]])",
    .columns = stack_lifetimes_columns,
    .column_count = SQL_COLUMN_COUNT(stack_lifetimes_columns),
    .parameters = {"t0", "t1"},
    .row_bytes = sizeof(struct stack_lifetimes_row),
    .row_estimate = 1000,
    .answer = answer_lifetimes_by_stack,
};
