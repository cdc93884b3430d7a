// SPDX-License-Identifier: MIT
// Frees that the program is to blame for, as findings name them: by the number of the free, or where a finding names
// none, by the address. What the program did wrong says nothing against the recording.
#include "reel/judge.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/sqlite.h"

static const char misuse_sql[] = "SELECT process, free_event IS NOT NULL, coalesce(free_event, address), "
                                 "kind = 'write after free' FROM main.finding";

static int compare(const void *left, const void *right)
{
    const struct judge_excuse *a = left;
    const struct judge_excuse *b = right;
    if (a->process != b->process)
        return a->process < b->process ? -1 : 1;
    if (a->is_event != b->is_event)
        return a->is_event ? 1 : -1;
    return a->value < b->value ? -1 : a->value > b->value;
}

static bool reserve(struct judge *judge)
{
    if (judge->excuse_count < judge->excuse_max)
        return true;
    size_t bigger = judge->excuse_max == 0 ? 64 : judge->excuse_max * 2;
    struct judge_excuse *moved = reallocarray(judge->excuses, bigger, sizeof *moved);
    if (moved == NULL)
        return false;
    judge->excuses = moved;
    judge->excuse_max = bigger;
    return true;
}

int judge_read_misuse(struct judge *judge, struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(judge->reader);
    struct sqlite3_stmt *row = NULL;
    if (reel_reader_version(judge->reader) < 2)
        return REEL_OK;
    int result = sqlite3_prepare_v2(database, misuse_sql, -1, &row, NULL);
    bool has_memory = true;
    while (result == SQLITE_OK && has_memory && sqlite3_step(row) == SQLITE_ROW)
    {
        has_memory = reserve(judge);
        if (has_memory)
            judge->excuses[judge->excuse_count++] =
                (struct judge_excuse){.process = (uint32_t)sqlite3_column_int64(row, 0),
                                      .is_event = sqlite3_column_int(row, 1) != 0,
                                      .value = (uint64_t)sqlite3_column_int64(row, 2)};
        int64_t process = sqlite3_column_int64(row, 0);
        if (sqlite3_column_int(row, 3) != 0 && process > 0 && (uint64_t)process < judge->process_count)
            judge->processes[process].has_broken_slots = true;
    }
    result = sqlite3_finalize(row) == SQLITE_OK ? result : SQLITE_ERROR;
    if (!has_memory)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    if (result != SQLITE_OK)
        return reel_error_from_sqlite(error, database, "reading the findings");
    judge->result.findings = judge->excuse_count;
    if (judge->excuse_count != 0)
        qsort(judge->excuses, judge->excuse_count, sizeof *judge->excuses, compare);
    return REEL_OK;
}

bool judge_is_excused(const struct judge *judge, const struct reel_event *event, uint64_t number)
{
    const struct judge_excuse by_event = {.process = event->process, .is_event = true, .value = number};
    const struct judge_excuse by_address = {.process = event->process, .value = event->address};
    return judge->excuse_count != 0 && event->kind == REEL_EVENT_FREE &&
           (bsearch(&by_event, judge->excuses, judge->excuse_count, sizeof by_event, compare) != NULL ||
            bsearch(&by_address, judge->excuses, judge->excuse_count, sizeof by_address, compare) != NULL);
}
