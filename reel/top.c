// SPDX-License-Identifier: MIT
// Live blocks by allocation stack at a moment: replays up to it and adds up what is left.
//
// Each process has its own table of blocks, because two processes may hold the same address. Processes that have ended
// by then hold nothing; a forked child holds its own blocks, and those of its parent are counted with the parent.
#include "reel/top.h"

#include <stdlib.h>

#include "reel/blocks.h"
#include "reel/error.h"
#include "reel/sqlite.h"

struct top_process
{
    struct reel_blocks blocks;
    bool is_started;
    bool is_ended;
};

struct top
{
    struct reel_reader *reader;
    struct top_process *processes; // [id], 0 is unused
    size_t process_count;          // with the unused one
    struct reel_top_row *rows;     // [stack], then packed
    size_t row_count;
};

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
}

static int read_number(struct top *top, const char *sql, uint64_t *number, struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(top->reader);
    struct sqlite3_stmt *statement = NULL;
    int status = REEL_OK;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK || sqlite3_step(statement) != SQLITE_ROW)
        status = reel_error_from_sqlite(error, database, "reading the tables of the reel");
    else
        *number = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return status;
}

// A free or resize of an unknown address (from before the recording, or inherited by a fork) concerns no block here.
static int apply(struct top *top, const struct reel_event *event)
{
    if (event->process == 0 || event->process >= top->process_count)
        return REEL_OK;
    struct top_process *process = &top->processes[event->process];
    if (process->is_ended)
        return REEL_OK;
    if (!process->is_started && reel_blocks_init(&process->blocks) != REEL_OK)
        return REEL_E_NO_MEMORY;
    process->is_started = true;
    if (event->kind == REEL_EVENT_FREE)
    {
        reel_blocks_remove(&process->blocks, event->address, NULL);
        return REEL_OK;
    }
    bool is_new = false;
    struct reel_block *block = event->kind == REEL_EVENT_ALLOC
                                   ? reel_blocks_insert(&process->blocks, event->address, &is_new)
                                   : reel_blocks_find(&process->blocks, event->address);
    if (block == NULL)
        return event->kind == REEL_EVENT_ALLOC ? REEL_E_NO_MEMORY : REEL_OK;
    block->requested_bytes = event->requested_bytes;
    if (event->kind == REEL_EVENT_ALLOC)
        block->stack = event->stack;
    return REEL_OK;
}

static int replay(struct top *top, uint64_t events, const struct reel_progress *progress, struct reel_error *error)
{
    struct reel_cursor *cursor = NULL;
    int status = reel_cursor_open(&cursor, top->reader, 0, events, error);
    while (status == REEL_OK)
    {
        const struct reel_event *run = NULL;
        size_t count = 0;
        uint64_t first = 0;
        status = reel_cursor_next(cursor, &run, &count, &first, error);
        if (status != REEL_OK || count == 0)
            break;
        for (size_t i = 0; i < count; i++)
            if (apply(top, &run[i]) != REEL_OK)
                status = fail_memory(error);
        double fraction = (double)(first + count) / (double)events;
        if (progress != NULL && progress->tick != NULL && progress->tick(progress->context, fraction) != 0)
            status = reel_error_set(error, REEL_E_CANCELLED, "cancelled");
    }
    reel_cursor_close(cursor);
    return status;
}

// Leaves out the processes that had ended before the last of those events: right after it the others still held theirs.
static int drop_ended(struct top *top, uint64_t events, struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(top->reader);
    struct sqlite3_stmt *statement = NULL;
    int result =
        sqlite3_prepare_v2(database, "SELECT process FROM main.process WHERE end_event < ?", -1, &statement, NULL);
    sqlite3_bind_int64(statement, 1, (int64_t)events);
    while (result == SQLITE_OK || result == SQLITE_ROW)
    {
        result = sqlite3_step(statement);
        uint64_t process = result == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(statement, 0) : 0;
        if (process != 0 && process < top->process_count)
            top->processes[process].is_ended = true;
    }
    int status = result == SQLITE_DONE ? REEL_OK : reel_error_from_sqlite(error, database, "reading the processes");
    sqlite3_finalize(statement);
    return status;
}

static void add_up(struct top *top, struct reel_top_row *total)
{
    for (size_t i = 1; i < top->process_count; i++)
    {
        const struct top_process *process = &top->processes[i];
        const struct reel_block *block = NULL;
        size_t position = 0;
        while (process->is_started && !process->is_ended &&
               (block = reel_blocks_next(&process->blocks, &position)) != NULL)
        {
            struct reel_top_row *row = &top->rows[block->stack < top->row_count ? block->stack : 0];
            row->blocks++;
            row->bytes += block->requested_bytes;
            total->blocks++;
            total->bytes += block->requested_bytes;
        }
    }
}

static int compare_rows(const void *left, const void *right)
{
    const struct reel_top_row *a = left;
    const struct reel_top_row *b = right;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    if (a->blocks != b->blocks)
        return a->blocks > b->blocks ? -1 : 1;
    return a->stack < b->stack ? -1 : a->stack > b->stack;
}

static size_t pack(struct top *top)
{
    size_t kept = 0;
    for (size_t i = 0; i < top->row_count; i++)
        if (top->rows[i].blocks != 0)
            top->rows[kept++] = (struct reel_top_row){(uint32_t)i, top->rows[i].blocks, top->rows[i].bytes};
    qsort(top->rows, kept, sizeof *top->rows, compare_rows);
    return kept;
}

static int make_room(struct top *top, struct reel_error *error)
{
    uint64_t processes = 0;
    uint64_t stacks = 0;
    int status = read_number(top, "SELECT coalesce(max(process), 0) FROM main.process", &processes, error);
    if (status == REEL_OK)
        status = read_number(top, "SELECT coalesce(max(stack), 0) FROM main.stack", &stacks, error);
    if (status != REEL_OK)
        return status;
    if (processes > UINT32_MAX || stacks > UINT32_MAX)
        return reel_error_set(error, REEL_E_DAMAGED,
                              "the reel is damaged: a process or stack has an impossible number");
    top->process_count = processes + 1;
    top->row_count = stacks + 1;
    top->processes = calloc(top->process_count, sizeof *top->processes);
    top->rows = calloc(top->row_count, sizeof *top->rows);
    return top->processes != NULL && top->rows != NULL ? REEL_OK : fail_memory(error);
}

static void fini(struct top *top)
{
    for (size_t i = 0; top->processes != NULL && i < top->process_count; i++)
        if (top->processes[i].is_started)
            reel_blocks_fini(&top->processes[i].blocks);
    free(top->processes);
    free(top->rows);
}

int reel_top_live(struct reel_reader *reader, uint64_t events, size_t limit, const struct reel_progress *progress,
                  struct reel_top_row **rows, size_t *count, struct reel_top_row *total, struct reel_error *error)
{
    struct top top = {.reader = reader};
    *total = (struct reel_top_row){0};
    int status = make_room(&top, error);
    if (status == REEL_OK)
        status = drop_ended(&top, events, error);
    if (status == REEL_OK)
        status = replay(&top, events, progress, error);
    if (status == REEL_OK)
    {
        add_up(&top, total);
        *count = pack(&top);
        if (limit != 0 && *count > limit)
            *count = limit;
        *rows = top.rows;
        top.rows = NULL;
    }
    fini(&top);
    return status;
}
