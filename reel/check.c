// SPDX-License-Identifier: MIT
// The order of a check: rows, events chunk by chunk, figures. What is a violation is the judge's business.
#include "reel/check.h"

#include <string.h>

#include "reel/error.h"
#include "reel/judge.h"
#include "reel/sqlite.h"

// The figures are compared only if they belong to the events that the reader sees: not while the reel grows.
static int read_run(struct judge *judge, struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(judge->reader);
    struct sqlite3_stmt *statement = NULL;
    int status = REEL_OK;
    if (sqlite3_prepare_v2(database, "SELECT is_complete, events, allocator FROM main.run", -1, &statement, NULL) !=
            SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        status = reel_error_from_sqlite(error, database, "reading the row of the run");
    else
    {
        uint64_t events = (uint64_t)sqlite3_column_int64(statement, 1);
        judge->is_complete = sqlite3_column_int(statement, 0) != 0;
        const char *allocator = (const char *)sqlite3_column_text(statement, 2);
        judge->reuses_nothing = allocator != NULL && strncmp(allocator, "bump:none", 9) == 0;
        judge->is_consistent = judge->is_complete || events == reel_reader_event_count(judge->reader);
    }
    sqlite3_finalize(statement);
    return status;
}

static int tick(const struct reel_progress *progress, uint64_t done, uint64_t all)
{
    if (progress == NULL || progress->tick == NULL || all == 0)
        return 0;
    return progress->tick(progress->context, (double)done / (double)all);
}

static void convict_gap(struct judge *judge, uint64_t expected, uint64_t first)
{
    judge_skip(judge);
    judge_convict(judge, REEL_VIOLATION_CHUNK, expected, 0, "events %llu to %llu are missing",
                  (unsigned long long)expected, (unsigned long long)(first - 1));
}

static int judge_chunk(struct judge *judge, const struct reel_event *events, size_t count, uint64_t first,
                       struct reel_error *error)
{
    if (judge_replay(judge, events, count, first) != REEL_OK)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory after %llu events", (unsigned long long)first);
    return judge_compare_chunk(judge, events, count, first, error);
}

static int judge_events(struct judge *judge, struct reel_cursor *cursor, const struct reel_progress *progress,
                        struct reel_error *error)
{
    const struct reel_event *events = NULL;
    uint64_t all = reel_reader_event_count(judge->reader);
    uint64_t expected = 0;
    bool is_gap_told = false;
    for (;;)
    {
        size_t count = 0;
        uint64_t first = 0;
        struct reel_error damage = {0};
        int status = reel_cursor_next(cursor, &events, &count, &first, &damage);
        if (status == REEL_E_DAMAGED)
        {
            judge_skip(judge);
            judge_convict(judge, REEL_VIOLATION_CHUNK, expected, 0, "%.200s", damage.text);
            is_gap_told = true;
            continue;
        }
        if (status != REEL_OK)
            return reel_error_set(error, (enum reel_status)status, "%s", damage.text);
        uint64_t reached = count != 0 ? first : all;
        if (reached > expected && !is_gap_told)
            convict_gap(judge, expected, reached);
        if (count == 0)
            return REEL_OK;
        is_gap_told = false;
        expected = first + count;
        status = judge_chunk(judge, events, count, first, error);
        if (status != REEL_OK)
            return status;
        if (tick(progress, expected, all) != 0)
            return reel_error_set(error, REEL_E_CANCELLED, "cancelled after %llu events", (unsigned long long)expected);
    }
}

static int judge_reel(struct judge *judge, const struct reel_progress *progress, struct reel_error *error)
{
    struct reel_cursor *cursor = NULL;
    int status = read_run(judge, error);
    if (status == REEL_OK)
        status = judge_read_rows(judge, error);
    if (status == REEL_OK)
        status = judge_read_misuse(judge, error);
    if (status == REEL_OK)
        status = judge_timeline_begin(judge, error);
    if (status == REEL_OK)
        status = reel_cursor_open(&cursor, judge->reader, 0, UINT64_MAX, error);
    if (status != REEL_OK)
        return status;
    status = judge_events(judge, cursor, progress, error);
    reel_cursor_close(cursor);
    if (status == REEL_OK && judge_finish(judge) != REEL_OK)
        status = reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    return status == REEL_OK ? judge_compare_figures(judge, error) : status;
}

int reel_check(struct reel_reader *reader, uint64_t limit,
               void (*report)(void *context, const struct reel_violation *violation), void *context,
               const struct reel_progress *progress, struct reel_check_result *result, struct reel_error *error)
{
    struct judge judge = {.reader = reader, .report_limit = limit, .report = report, .context = context};
    int status = judge_reel(&judge, progress, error);
    judge_fini(&judge);
    *result = judge.result;
    return status;
}
