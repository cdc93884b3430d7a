// SPDX-License-Identifier: MIT
// blocks_at: the live blocks at a moment, by process and address. The first ones come on their own, for queries that
// want no more than a page of them; all others then together, so that no query pays for more than two looks.
#include <stdlib.h>
#include <string.h>

#include "reel/error.h"
#include "reel/sql/arguments.h"
#include "reel/sql/functions.h"

#define FIRST_BLOCKS 1000

static const struct sql_column columns[] = {
    SQL_BOUND(struct reel_live_block, process, "process", SQL_NEVER),
    SQL_BOUND(struct reel_live_block, address, "address", SQL_NEVER),
    SQL_BOUND(struct reel_live_block, requested_bytes, "requested_bytes", SQL_NEVER),
    SQL_COLUMN(struct reel_live_block, usable_bytes, "usable_bytes"),
    SQL_BOUND(struct reel_live_block, class_number, "class_number", SQL_NEVER),
    SQL_BOUND(struct reel_live_block, stack, "stack", SQL_AT_ZERO),
    SQL_BOUND(struct reel_live_block, birth_event, "birth_event", SQL_AT_GREATEST),
    SQL_COLUMN(struct reel_live_block, is_inherited, "is_inherited"),
};

// A bound as the half-open range from *from to *before, where 0 is no end. Bounds that leave nothing, and those beyond
// what a filter can say, are left to SQLite, which checks each row again.
static void narrow(const struct sql_bound *bound, uint64_t *from, uint64_t *before)
{
    bool is_lower = bound->operation == SQLITE_INDEX_CONSTRAINT_GT || bound->operation == SQLITE_INDEX_CONSTRAINT_GE;
    bool is_upper = bound->operation == SQLITE_INDEX_CONSTRAINT_LT || bound->operation == SQLITE_INDEX_CONSTRAINT_LE;
    bool is_equal = bound->operation == SQLITE_INDEX_CONSTRAINT_EQ;
    bool takes_value = bound->operation != SQLITE_INDEX_CONSTRAINT_GT && bound->operation != SQLITE_INDEX_CONSTRAINT_LT;
    if (bound->value <= 0 || bound->value == INT64_MAX)
        return;
    uint64_t value = (uint64_t)bound->value;
    uint64_t first = is_lower && !takes_value ? value + 1 : value;
    uint64_t end = takes_value ? value + 1 : value;
    if ((is_lower || is_equal) && first > *from)
        *from = first;
    if ((is_upper || is_equal) && (*before == 0 || end < *before))
        *before = end;
}

static struct reel_block_filter make_filter(const struct sql_call *call)
{
    struct reel_block_filter filter = {.class_number = -1};
    uint64_t size_before = 0;
    int64_t value = 0;
    if (sql_wants_one(call, "stack", &value) && value > 0 && value <= UINT32_MAX)
        filter.stack = (uint32_t)value;
    if (sql_wants_one(call, "class_number", &value) && value >= 0 && value < REEL_CLASS_NUMBERS)
        filter.class_number = (int32_t)value;
    for (size_t i = 0; i < call->bound_count; i++)
    {
        const struct sql_bound *bound = &call->bounds[i];
        if (strcmp(bound->column, "address") == 0)
            narrow(bound, &filter.address_from, &filter.address_before);
        if (strcmp(bound->column, "requested_bytes") == 0)
            narrow(bound, &filter.least_bytes, &size_before);
        if (strcmp(bound->column, "birth_event") == 0)
            narrow(bound, &filter.born_from, &filter.born_before);
    }
    filter.most_bytes = size_before > 1 ? size_before - 1 : 0; // no block of 0 bytes alone can be asked for
    return filter;
}

static int add_blocks(struct sql_rows *rows, struct reel_live_block *blocks, size_t count, struct reel_error *error)
{
    if (rows->count == 0)
    {
        sql_rows_take(rows, blocks, count);
        return REEL_OK;
    }
    struct reel_live_block *added = sql_rows_add(rows, sizeof *added, count);
    if (added != NULL && count != 0)
        memcpy(added, blocks, count * sizeof *added);
    free(blocks);
    return added != NULL ? REEL_OK : reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
}

// The next blocks of the processes that are wanted. Each is asked for on its own: the blocks of all leave out those
// that came with a fork.
static int read_blocks(struct sql_call *call, struct sql_rows *rows, const struct reel_live_block *after, size_t limit,
                       struct reel_error *error)
{
    struct reel_block_filter filter = make_filter(call);
    size_t process_count = 0;
    const struct reel_replay_process *processes = reel_replay_processes(call->reel->replay, &process_count);
    int64_t wanted = 0;
    bool is_one = sql_wants_one(call, "process", &wanted);
    int status = REEL_OK;
    for (size_t i = 0; i < process_count && status == REEL_OK && rows->count < limit; i++)
    {
        struct reel_live_block *blocks = NULL;
        size_t count = 0;
        filter.process = processes[i].process;
        if (!processes[i].is_running || filter.process < after->process || (is_one && filter.process != wanted))
            continue;
        status = reel_replay_blocks(call->reel->replay, &filter, after->process, after->address, limit - rows->count,
                                    &blocks, &count, error);
        if (status == REEL_OK)
            status = add_blocks(rows, blocks, count, error);
    }
    return status;
}

static int answer(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    const struct reel_live_block none = {0};
    int status = sql_seek(call, error);
    if (status == REEL_OK)
        status = read_blocks(call, rows, &none, FIRST_BLOCKS, error);
    rows->has_more = status == REEL_OK && rows->count == FIRST_BLOCKS;
    return status;
}

// Another cursor may have moved the replay meanwhile.
static int more(struct sql_call *call, struct sql_rows *rows, struct reel_error *error)
{
    const struct reel_live_block last = ((const struct reel_live_block *)rows->rows)[rows->count - 1];
    sql_rows_take(rows, NULL, 0);
    int status = reel_replay_seek(call->reel->replay, call->events, &call->progress, error);
    return status == REEL_OK ? read_blocks(call, rows, &last, SIZE_MAX, error) : status;
}

const struct sql_function sql_blocks_at = {
    .name = "blocks_at",
    .usage = "blocks_at(t), t a moment such as 'peak'",
    .columns = columns,
    .column_count = SQL_COLUMN_COUNT(columns),
    .parameters = {"t"},
    .required_count = 1,
    .row_bytes = sizeof(struct reel_live_block),
    .row_estimate = 1000000,
    .answer = answer,
    .more = more,
};
