// SPDX-License-Identifier: MIT
// Reads ranges of events and the turns of processes. Knows nothing of blocks.
#include "reel/replay/history_read.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/history.h"
#include "reel/reader_internal.h"

static int tick(const struct reel_progress *progress, double fraction, struct reel_error *error)
{
    if (progress != NULL && progress->tick != NULL && progress->tick(progress->context, fraction) != 0)
        return reel_error_set(error, REEL_E_CANCELLED, "cancelled");
    return REEL_OK;
}

uint64_t reel_history_damaged_events(const struct reel_reader *reader)
{
    return reader->left_out_events;
}

void history_begin_count(struct reel_reader *reader)
{
    reader->left_out_events = 0;
}

void history_count_way(struct reel_replay *replay)
{
    struct reel_reader *reader = reel_replay_reader(replay);
    uint64_t events = reel_replay_damaged_events(replay);
    reader->left_out_events = events > reader->left_out_events ? events : reader->left_out_events;
}

int history_read(struct reel_reader *reader, uint64_t begin, uint64_t end, const struct reel_progress *progress,
                 history_take *take, void *context, struct reel_error *error)
{
    struct reel_cursor *cursor = NULL;
    uint64_t event_count = reel_reader_event_count(reader);
    uint64_t next = begin; // that was not given yet
    end = end < event_count ? end : event_count;
    if (begin >= end)
        return REEL_OK;
    int status = reel_cursor_open(&cursor, reader, begin, end, error);
    while (status == REEL_OK)
    {
        const struct reel_event *run = NULL;
        size_t count = 0;
        uint64_t first = 0;
        status = reel_cursor_next(cursor, &run, &count, &first, error);
        if (status == REEL_E_DAMAGED)
        {
            status = REEL_OK;
            continue;
        }
        if (status == REEL_OK)
            reader->left_out_events += (count != 0 ? first : end) - next;
        if (status != REEL_OK || count == 0)
            break;
        next = first + count;
        if (take(context, run, count, first) != REEL_OK)
            status = reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
        else
            status = tick(progress, (double)(first + count - begin) / (double)(end - begin), error);
    }
    reel_cursor_close(cursor);
    return status;
}

static int tick_part(void *context, double fraction)
{
    const struct history_part *part = context;
    return part->whole->tick(part->whole->context, part->from + (part->to - part->from) * fraction);
}

struct reel_progress history_part_progress(struct history_part *part)
{
    bool is_asked = part->whole != NULL && part->whole->tick != NULL;
    return (struct reel_progress){.tick = is_asked ? tick_part : NULL, .context = part};
}

static int compare_turns(const void *left, const void *right)
{
    const struct history_turn *a = left;
    const struct history_turn *b = right;
    if (a->event != b->event)
        return a->event < b->event ? -1 : 1;
    if ((a->parent == 0) != (b->parent == 0))
        return a->parent == 0 ? 1 : -1;
    return a->process < b->process ? -1 : a->process > b->process;
}

// Room for the two turns of a process.
static bool reserve(struct history_turns *turns, size_t *turn_max)
{
    if (*turn_max - turns->count >= 2)
        return true;
    size_t bigger = *turn_max == 0 ? 16 : *turn_max * 2;
    struct history_turn *moved = reallocarray(turns->turns, bigger, sizeof *moved);
    if (moved == NULL)
        return false;
    turns->turns = moved;
    *turn_max = bigger;
    return true;
}

static bool add(struct history_turns *turns, struct sqlite3_stmt *row, size_t *turn_max)
{
    uint32_t process = (uint32_t)turns->process_count;
    int64_t parent = sqlite3_column_int64(row, 1);
    if (!reserve(turns, turn_max))
        return false;
    if (sqlite3_column_type(row, 2) != SQLITE_NULL && parent > 0 && parent < (int64_t)process)
        turns->turns[turns->count++] =
            (struct history_turn){(uint64_t)sqlite3_column_int64(row, 2), process, (uint32_t)parent};
    if (sqlite3_column_type(row, 3) != SQLITE_NULL)
        turns->turns[turns->count++] = (struct history_turn){(uint64_t)sqlite3_column_int64(row, 3), process, 0};
    return true;
}

static const char turns_sql[] =
    "SELECT process, parent_process, CASE WHEN is_fork AND begin_event < ?1 THEN fork_event END, "
    "CASE WHEN end_event < ?1 THEN end_event END FROM main.process ORDER BY process";

int history_turns_read(struct history_turns *turns, struct reel_reader *reader, uint64_t events,
                       struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(reader);
    struct sqlite3_stmt *row = NULL;
    size_t turn_max = 0;
    int status = REEL_OK;
    *turns = (struct history_turns){0};
    int result = sqlite3_prepare_v2(database, turns_sql, -1, &row, NULL);
    sqlite3_bind_int64(row, 1, events < INT64_MAX ? (int64_t)events : INT64_MAX);
    while (result == SQLITE_OK || result == SQLITE_ROW)
    {
        result = sqlite3_step(row);
        if (result != SQLITE_ROW || sqlite3_column_int64(row, 0) != (int64_t)turns->process_count + 1)
            break;
        turns->process_count++;
        if (!add(turns, row, &turn_max))
        {
            status = reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
            break;
        }
    }
    if (status == REEL_OK && result != SQLITE_ROW && result != SQLITE_DONE)
        status = reel_error_from_sqlite(error, database, "reading the processes");
    sqlite3_finalize(row);
    if (status == REEL_OK && turns->count != 0)
        qsort(turns->turns, turns->count, sizeof *turns->turns, compare_turns);
    if (status == REEL_OK)
        return REEL_OK;
    free(turns->turns);
    *turns = (struct history_turns){0};
    return status;
}
