// SPDX-License-Identifier: MIT
// Compares what was replayed with what the reel says: figures of chunks, of processes and of the run, and the number of
// events with what the program's own counters say.
#include "reel/judge.h"

#include <assert.h>
#include <stdio.h>

#include "reel/error.h"
#include "reel/sqlite.h"

// A column and the replayed figure that it must hold.
struct figure
{
    const char *column;
    uint64_t replayed;
};

#define FIGURES_MAX 20

static int select_figures(struct judge *judge, const char *table, const char *key, uint64_t row,
                          const struct figure *figures, size_t count, struct sqlite3_stmt **statement,
                          struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(judge->reader);
    char sql[1024];
    int length = snprintf(sql, sizeof sql, "SELECT ");
    for (size_t i = 0; i < count; i++)
        length += snprintf(sql + length, sizeof sql - (size_t)length, "%s%s", i != 0 ? ", " : "", figures[i].column);
    snprintf(sql + length, sizeof sql - (size_t)length, " FROM main.%s WHERE %s = ?", table, key);
    if (sqlite3_prepare_v2(database, sql, -1, statement, NULL) != SQLITE_OK)
        return reel_error_from_sqlite(error, database, "reading the figures of the reel");
    sqlite3_bind_int64(*statement, 1, (int64_t)row);
    return REEL_OK;
}

// Convicts each figure that differs. `name` says whose they are.
static int compare(struct judge *judge, const char *table, const char *key, uint64_t row, uint32_t process,
                   const char *name, const struct figure *figures, size_t count, struct reel_error *error)
{
    struct sqlite3_stmt *statement = NULL;
    int status = select_figures(judge, table, key, row, figures, count, &statement, error);
    if (status != REEL_OK)
        return status;
    if (sqlite3_step(statement) != SQLITE_ROW)
        judge_convict(judge, REEL_VIOLATION_TOTALS, 0, process, "%s: there are no figures", name);
    else
        for (size_t i = 0; i < count; i++)
        {
            uint64_t stored = (uint64_t)sqlite3_column_int64(statement, (int)i);
            if (stored != figures[i].replayed)
                judge_convict(judge, REEL_VIOLATION_TOTALS, 0, process,
                              "%s: %s is %llu in the reel, %llu by its events", name, figures[i].column,
                              (unsigned long long)stored, (unsigned long long)figures[i].replayed);
        }
    sqlite3_finalize(statement);
    return REEL_OK;
}

static size_t ledger_figures(const struct judge_ledger *ledger, struct figure figures[FIGURES_MAX])
{
    const struct figure all[] = {
        {"events", ledger->events},
        {"allocations", ledger->allocations},
        {"frees", ledger->frees},
        {"resizes", ledger->resizes},
        {"temporary_allocations", ledger->temporary_allocations},
        {"total_requested_bytes", ledger->total_requested_bytes},
        {"live_blocks", ledger->live_blocks},
        {"live_bytes", ledger->live_bytes},
        {"peak_live_bytes", ledger->peak_live_bytes},
        {"coalesce(peak_event, 0)", ledger->peak_live_bytes != 0 ? ledger->peak_event : 0},
        {"peak_t_ns", ledger->peak_t_ns},
        {"leaked_blocks", ledger->leaked_blocks},
        {"leaked_bytes", ledger->leaked_bytes},
        {"unknown_frees", ledger->unknown_frees},
        {"inherited_frees", ledger->inherited_frees},
        {"threads", ledger->threads},
    };
    static_assert(sizeof all / sizeof all[0] <= FIGURES_MAX, "room for all figures");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        figures[i] = all[i];
    return sizeof all / sizeof all[0];
}

static bool can_compare(const struct judge *judge)
{
    return judge->is_consistent && !judge->is_broken;
}

// Says once for a process whether all events arrived that it committed.
static int compare_committed(struct judge *judge, uint32_t process, struct reel_error *error)
{
    const struct figure committed = {"committed_events", judge->processes[process].ledger.events};
    struct sqlite3_stmt *statement = NULL;
    int status = select_figures(judge, "process", "process", process, &committed, 1, &statement, error);
    if (status != REEL_OK)
        return status;
    if (sqlite3_step(statement) == SQLITE_ROW)
    {
        uint64_t stored = (uint64_t)sqlite3_column_int64(statement, 0);
        if (stored != committed.replayed)
            judge_convict(judge, REEL_VIOLATION_COUNT, 0, process,
                          "process %u: %llu events are in the reel, its own counters say %llu", process,
                          (unsigned long long)committed.replayed, (unsigned long long)stored);
    }
    sqlite3_finalize(statement);
    return REEL_OK;
}

static int compare_classes(struct judge *judge, uint32_t process, const struct judge_heap *heap,
                           struct reel_error *error)
{
    int status = REEL_OK;
    char key[64];
    char name[64];
    snprintf(key, sizeof key, "process = %u AND class_id", process);
    for (uint32_t i = 1; i < judge->classes.count && status == REEL_OK; i++)
    {
        const struct judge_slots *slots = &heap->classes[i];
        uint32_t class_id = judge->classes.all[i].class_id;
        const struct figure figures[] = {
            {"carved_slots", slots->carved},
            {"live_slots", slots->live},
            {"peak_live_slots", slots->peak},
            {"coalesce(peak_event, -1)", slots->peak_event},
        };
        snprintf(name, sizeof name, "class %u of process %u", class_id, process);
        if (slots->peak != 0)
            status = compare(judge, "class_figures", key, class_id, process, name, figures, 4, error);
    }
    return status;
}

static int compare_heap(struct judge *judge, uint32_t process, const struct judge_heap *heap, struct reel_error *error)
{
    uint64_t carved_bytes = 0;
    uint64_t bound_bytes = 0;
    char name[64];
    for (uint32_t i = 1; i < judge->classes.count; i++)
    {
        carved_bytes += heap->classes[i].carved * judge->classes.all[i].slot_bytes;
        bound_bytes += heap->classes[i].peak * judge->classes.all[i].slot_bytes;
    }
    const struct figure figures[] = {
        {"carved_bytes", carved_bytes},
        {"bound_bytes", bound_bytes},
        {"live_slot_bytes", heap->live_bytes},
        {"peak_slot_bytes", heap->peak_bytes},
        {"coalesce(peak_event, -1)", heap->peak_bytes != 0 ? heap->peak_event : JUDGE_NEVER},
        {"committed_bytes", heap->blocks.ranges.bytes},
        {"peak_committed_bytes", heap->blocks.peak_bytes},
        {"metadata_bytes", heap->metadata.ranges.bytes},
        {"peak_metadata_bytes", heap->metadata.peak_bytes},
    };
    snprintf(name, sizeof name, "heap of process %u", process);
    int status = compare(judge, "heap_figures", "process", process, process, name, figures,
                         sizeof figures / sizeof figures[0], error);
    return status == REEL_OK ? compare_classes(judge, process, heap, error) : status;
}

static int compare_process(struct judge *judge, uint32_t process, struct reel_error *error)
{
    char name[32];
    struct figure figures[FIGURES_MAX];
    size_t count = ledger_figures(&judge->processes[process].ledger, figures);
    int status = REEL_OK;
    snprintf(name, sizeof name, "process %u", process);
    if (!judge->processes[process].is_doubtful)
        status = compare(judge, "process", "process", process, process, name, figures, count, error);
    if (status == REEL_OK && !judge->processes[process].is_doubtful && judge->processes[process].heap != NULL)
        status = compare_heap(judge, process, judge->processes[process].heap, error);
    if (status == REEL_OK && judge->is_complete)
        status = compare_committed(judge, process, error);
    return status;
}

int judge_compare_chunk(struct judge *judge, const struct reel_event *events, size_t count, uint64_t first,
                        struct reel_error *error)
{
    const struct figure figures[] = {
        {"events", count},
        {"begin_ns", events[0].t_ns},
        {"end_ns", events[count - 1].t_ns},
        {"allocations", judge->chunk.allocations},
        {"frees", judge->chunk.frees},
        {"resizes", judge->chunk.resizes},
        {"requested_bytes", judge->chunk.requested_bytes},
        {"live_blocks", judge->chunk.live_blocks},
        {"live_bytes", judge->chunk.live_bytes},
        {"live_bytes_min", judge->chunk.live_bytes_min},
        {"live_bytes_max", judge->chunk.live_bytes_max},
    };
    char name[48];
    // Entry 0 of the processes stands for the run.
    if (!can_compare(judge) || judge->processes[0].is_doubtful)
        return REEL_OK;
    snprintf(name, sizeof name, "chunk of event %llu", (unsigned long long)first);
    return compare(judge, "chunk", "first_event", first, 0, name, figures, sizeof figures / sizeof figures[0], error);
}

int judge_compare_figures(struct judge *judge, struct reel_error *error)
{
    struct figure figures[FIGURES_MAX];
    int status = REEL_OK;
    judge->result.is_partial = !can_compare(judge);
    if (!can_compare(judge))
        return REEL_OK;
    for (uint32_t i = 1; i < judge->process_count && status == REEL_OK; i++)
        status = compare_process(judge, i, error);
    size_t count = ledger_figures(&judge->run, figures);
    if (status == REEL_OK && !judge->processes[0].is_doubtful)
        status = compare(judge, "run", "run", 1, 0, "run", figures, count, error);
    return status;
}
