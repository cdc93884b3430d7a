// SPDX-License-Identifier: MIT
// The moment of the greatest live bytes before another moment. The reel says it for the whole run; else the rows of the
// chunks say in which chunk it lies, and that one is read. No row tells it of one process: its events are read.
#include "reel/replay/measure_pass.h"

#include "reel/reader_internal.h"
#include "reel/replay/history_read.h"
#include "reel/replay/replay_internal.h"

static const char peak_sql[] = "SELECT coalesce(peak_event, -1) FROM main.run"; // -1: nothing was ever live
static const char chunks_sql[] = "SELECT first_event, events, live_bytes_max FROM main.chunk WHERE first_event < ? "
                                 "ORDER BY first_event";

struct peak_chunk
{
    uint64_t begin;
    uint64_t end;
    uint64_t live_bytes_max;
};

// Those before the moment that may hold the peak; an end of 0: there is none.
struct peak_chunks
{
    struct peak_chunk whole;  // with the greatest live bytes, the first of equal ones
    struct peak_chunk parted; // the moment lies in it
};

static int choose_chunks(struct reel_replay *replay, uint64_t events, struct peak_chunks *chosen,
                         struct reel_error *error)
{
    struct sqlite3_stmt *row = NULL;
    *chosen = (struct peak_chunks){0};
    if (sqlite3_prepare_v2(reel_reader_database(replay->reader), chunks_sql, -1, &row, NULL) != SQLITE_OK)
        return reader_fail_query(replay->reader, error);
    sqlite3_bind_int64(row, 1, (int64_t)events);
    int result;
    while ((result = sqlite3_step(row)) == SQLITE_ROW)
    {
        uint64_t begin = (uint64_t)sqlite3_column_int64(row, 0);
        const struct peak_chunk chunk = {.begin = begin,
                                         .end = begin + (uint64_t)sqlite3_column_int64(row, 1),
                                         .live_bytes_max = (uint64_t)sqlite3_column_int64(row, 2)};
        if (chunk.end > events)
            chosen->parted = chunk;
        else if (chunk.live_bytes_max > chosen->whole.live_bytes_max)
            chosen->whole = chunk;
    }
    int status = result == SQLITE_DONE ? REEL_OK : reader_fail_query(replay->reader, error);
    sqlite3_finalize(row);
    return status;
}

// The part of a chunk first: it is read only where it may be greater than all before it.
static int search(struct reel_replay *replay, uint64_t events, const struct peak_chunks *chunks, uint64_t *moment,
                  const struct reel_progress *progress, struct reel_error *error)
{
    struct history_part parts[] = {{progress, 0, 0.5}, {progress, 0.5, 1}};
    struct reel_progress first = history_part_progress(&parts[0]);
    struct reel_progress second = history_part_progress(&parts[1]);
    uint64_t bytes = 0;
    int status = REEL_OK;
    *moment = 0;
    if (chunks->parted.end != 0 && chunks->parted.live_bytes_max > chunks->whole.live_bytes_max)
        status = measure_pass_peak(replay, 0, chunks->parted.begin, events, moment, &bytes, &first, error);
    if (status != REEL_OK || chunks->whole.end == 0 || bytes > chunks->whole.live_bytes_max)
        return status;
    return measure_pass_peak(replay, 0, chunks->whole.begin, chunks->whole.end, moment, &bytes, &second, error);
}

int measure_find_peak(struct reel_replay *replay, uint32_t process, uint64_t events, uint64_t *moment,
                      const struct reel_progress *progress, struct reel_error *error)
{
    struct peak_chunks chunks;
    int64_t event = -1;
    uint64_t bytes;
    if (process != 0)
        return measure_pass_peak(replay, process, 0, events, moment, &bytes, progress, error);
    int status = reader_query_integer(replay->reader, peak_sql, &event, error);
    if (status != REEL_OK)
        return status;
    if (event >= 0 && (uint64_t)event < events)
    {
        *moment = (uint64_t)event + 1;
        return REEL_OK;
    }
    status = choose_chunks(replay, events, &chunks, error);
    return status == REEL_OK ? search(replay, events, &chunks, moment, progress, error) : status;
}
