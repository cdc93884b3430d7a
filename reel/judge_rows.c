// SPDX-License-Identifier: MIT
// What the reel says about processes and threads, and whether rows name only what exists.
#include "reel/judge.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/reader_internal.h"

// Each gives the number of rows that cannot be.
static const struct
{
    const char *what;
    const char *sql;
    enum reel_violation_kind kind;
    uint32_t version; // of the format that brought it; 0: the first
} row_checks[] = {
    {"stacks name a parent or a frame that is not in the reel",
     "SELECT count(*) FROM main.stack WHERE parent < -1 OR parent >= stack OR frame NOT IN (SELECT frame FROM "
     "main.frame)",
     REEL_VIOLATION_REFERENCE, 0},
    {"frames name a module that is not in the reel",
     "SELECT count(*) FROM main.frame WHERE module <> 0 AND module NOT IN (SELECT module FROM main.module)",
     REEL_VIOLATION_REFERENCE, 0},
    {"symbols name a frame that is not in the reel",
     "SELECT count(*) FROM main.symbol WHERE frame NOT IN (SELECT frame FROM main.frame)", REEL_VIOLATION_REFERENCE, 0},
    {"threads name a process that is not in the reel",
     "SELECT count(*) FROM main.thread WHERE process NOT IN (SELECT process FROM main.process)",
     REEL_VIOLATION_REFERENCE, 0},
    {"processes name a parent that is not in the reel before them",
     "SELECT count(*) FROM main.process WHERE parent_process IS NOT NULL AND (parent_process >= process OR "
     "parent_process NOT IN (SELECT process FROM main.process))",
     REEL_VIOLATION_REFERENCE, 0},
    {"mappings name a process or a module that is not in the reel",
     "SELECT count(*) FROM main.mapping WHERE process NOT IN (SELECT process FROM main.process) OR module NOT IN "
     "(SELECT module FROM main.module)",
     REEL_VIOLATION_REFERENCE, 0},
    {"samples of memory name a process that is not in the reel",
     "SELECT count(*) FROM main.residency WHERE process NOT IN (SELECT process FROM main.process)",
     REEL_VIOLATION_REFERENCE, 0},
    {"differing stacks name a process, thread or stack that is not in the reel",
     "SELECT count(*) FROM main.stack_difference AS d WHERE NOT EXISTS (SELECT 1 FROM main.process AS p WHERE "
     "p.process "
     "= d.process) OR thread IS NOT NULL AND NOT EXISTS (SELECT 1 FROM main.thread AS t WHERE t.thread = d.thread AND "
     "t.process = d.process) OR walked_stack NOT IN (SELECT stack FROM main.stack) OR unwound_stack NOT IN (SELECT "
     "stack FROM main.stack)",
     REEL_VIOLATION_REFERENCE, 3},
    {"differing stacks do not differ", "SELECT count(*) FROM main.stack_difference WHERE walked_stack = unwound_stack",
     REEL_VIOLATION_TOTALS, 3},
    {"processes have more differing stacks than they counted, or counted more than they compared",
     "SELECT count(*) FROM main.process AS p WHERE verify_differences > verify_count OR verify_differences < (SELECT "
     "count(*) FROM main.stack_difference AS d WHERE d.process = p.process)",
     REEL_VIOLATION_TOTALS, 3},
};

static const char process_sql[] = "SELECT process, coalesce(parent_process, 0), is_fork, coalesce(fork_event, -1), "
                                  "fork_end_ns, begin_event, coalesce(end_event, -1), lost_events FROM main.process "
                                  "ORDER BY process";
static const char thread_sql[] = "SELECT thread, process FROM main.thread ORDER BY thread";

static int read_number(struct judge *judge, const char *sql, uint64_t *number, struct reel_error *error)
{
    int64_t value = 0;
    int status = reader_query_integer(judge->reader, sql, &value, error);
    *number = (uint64_t)value;
    return status;
}

static int check_rows(struct judge *judge, struct reel_error *error)
{
    uint32_t version = reel_reader_version(judge->reader);
    for (size_t i = 0; i < sizeof row_checks / sizeof row_checks[0]; i++)
    {
        uint64_t count = 0;
        int status = version >= row_checks[i].version ? read_number(judge, row_checks[i].sql, &count, error) : REEL_OK;
        if (status != REEL_OK)
            return status;
        if (count != 0)
            judge_convict(judge, row_checks[i].kind, 0, 0, "%llu %s", (unsigned long long)count, row_checks[i].what);
    }
    return REEL_OK;
}

static void read_process(struct judge *judge, struct sqlite3_stmt *row)
{
    uint64_t id = (uint64_t)sqlite3_column_int64(row, 0);
    uint64_t parent = (uint64_t)sqlite3_column_int64(row, 1);
    if (id == 0 || id >= judge->process_count)
    {
        judge_convict(judge, REEL_VIOLATION_REFERENCE, 0, 0, "the processes are not numbered from 1 on");
        return;
    }
    struct judge_process *process = &judge->processes[id];
    bool is_fork = sqlite3_column_int(row, 2) != 0;
    *process = (struct judge_process){
        .parent = parent < id ? (uint32_t)parent : 0,
        .is_fork = is_fork,
        .fork_event = is_fork ? (uint64_t)sqlite3_column_int64(row, 3) : JUDGE_NEVER,
        .fork_end_ns = (uint64_t)sqlite3_column_int64(row, 4),
        .start_event = (uint64_t)sqlite3_column_int64(row, 5),
        .end_event = (uint64_t)sqlite3_column_int64(row, 6),
        .lost_events = (uint64_t)sqlite3_column_int64(row, 7),
    };
    if (process->fork_event < process->start_event)
        process->start_event = process->fork_event;
    judge->turns[judge->turn_count++] = (struct judge_turn){.event = process->start_event, .process = (uint32_t)id};
    if (process->end_event != JUDGE_NEVER)
        judge->turns[judge->turn_count++] =
            (struct judge_turn){.event = process->end_event, .process = (uint32_t)id, .is_end = true};
}

static void read_thread(struct judge *judge, struct sqlite3_stmt *row)
{
    uint64_t id = (uint64_t)sqlite3_column_int64(row, 0);
    uint64_t process = (uint64_t)sqlite3_column_int64(row, 1);
    if (id == 0 || id >= judge->thread_count || process == 0 || process >= judge->process_count)
        return; // its events are convicted when they come
    judge->threads[id].process = (uint32_t)process;
    judge->processes[process].ledger.threads++;
    judge->run.threads++;
}

static int read_rows(struct judge *judge, const char *sql, void (*read)(struct judge *, struct sqlite3_stmt *),
                     struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(judge->reader);
    struct sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
    while (result == SQLITE_OK || result == SQLITE_ROW)
    {
        result = sqlite3_step(statement);
        if (result == SQLITE_ROW)
            read(judge, statement);
    }
    int status = result == SQLITE_DONE ? REEL_OK : reel_error_from_sqlite(error, database, "reading the processes");
    sqlite3_finalize(statement);
    return status;
}

static int compare_turns(const void *left, const void *right)
{
    const struct judge_turn *a = left;
    const struct judge_turn *b = right;
    if (a->event != b->event)
        return a->event < b->event ? -1 : 1;
    if (a->is_end != b->is_end)
        return a->is_end ? 1 : -1;
    return a->process < b->process ? -1 : a->process > b->process;
}

static int make_room(struct judge *judge, struct reel_error *error)
{
    uint64_t processes = 0;
    uint64_t threads = 0;
    int status = read_number(judge, "SELECT count(*) FROM main.process", &processes, error);
    if (status == REEL_OK)
        status = read_number(judge, "SELECT count(*) FROM main.thread", &threads, error);
    if (status == REEL_OK)
        status = read_number(judge, "SELECT coalesce(max(stack), 0) FROM main.stack", &judge->stack_max, error);
    if (status != REEL_OK)
        return status;
    judge->process_count = processes + 1;
    judge->thread_count = threads + 1;
    judge->processes = calloc(judge->process_count, sizeof *judge->processes);
    judge->threads = calloc(judge->thread_count, sizeof *judge->threads);
    judge->turns = calloc(judge->process_count, 2 * sizeof *judge->turns);
    judge->copying = calloc(judge->process_count, sizeof *judge->copying);
    if (judge->processes == NULL || judge->threads == NULL || judge->turns == NULL || judge->copying == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    return REEL_OK;
}

int judge_read_rows(struct judge *judge, struct reel_error *error)
{
    int status = make_room(judge, error);
    if (status == REEL_OK)
        status = check_rows(judge, error);
    if (status == REEL_OK)
        status = read_rows(judge, process_sql, read_process, error);
    if (status == REEL_OK)
        status = read_rows(judge, thread_sql, read_thread, error);
    if (status != REEL_OK)
        return status;
    qsort(judge->turns, judge->turn_count, sizeof *judge->turns, compare_turns);
    return REEL_OK;
}

void judge_fini(struct judge *judge)
{
    for (size_t i = 0; judge->processes != NULL && i < judge->process_count; i++)
    {
        shadow_destroy(judge->processes[i].shadow);
        judge_heap_fini(&judge->processes[i]);
        if (judge->processes[i].has_uncertain)
            reel_blocks_fini(&judge->processes[i].uncertain);
    }
    free(judge->processes);
    free(judge->threads);
    free(judge->turns);
    free(judge->copying);
    free(judge->excuses);
    sqlite3_finalize(judge->timeline);
}
