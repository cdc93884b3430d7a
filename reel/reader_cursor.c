// SPDX-License-Identifier: MIT
// Events in order, a chunk at a time. A chunk that cannot be read is reported once and passed over.
#include "reel/reader_internal.h"

#include <stdlib.h>

#include "reel/error.h"

struct reel_cursor
{
    struct reel_reader *reader;
    struct reel_codec *codec;
    struct sqlite3_stmt *select_row;
    struct sqlite3_stmt *select_data;
    struct reel_event *events; // REEL_CHUNK_EVENTS_MAX
    uint32_t *births;          // the same; NULL until they are asked for
    uint64_t next;             // first event not given yet
    uint64_t end;
};

// The chunk that holds event number next, or else the first one after it.
static const char row_sql[] = "SELECT first_event, events FROM main.chunk WHERE first_event >= "
                              "coalesce((SELECT max(first_event) FROM main.chunk WHERE first_event <= ?1), 0) "
                              "AND first_event + events > ?1 ORDER BY first_event LIMIT 1";
static const char data_sql[] = "SELECT data FROM main.chunk_data WHERE first_event = ?";

static int name_damage(const struct reel_cursor *cursor, uint64_t first, uint64_t events, const char *what,
                       struct reel_error *error)
{
    return reel_error_set(error, REEL_E_DAMAGED, "%s: the chunk of events %llu to %llu is damaged (%s) and left out",
                          cursor->reader->name, (unsigned long long)first, (unsigned long long)(first + events - 1),
                          what);
}

static int cancel(const struct reel_cursor *cursor, struct reel_error *error)
{
    return reel_error_set(error, REEL_E_CANCELLED, "%s: interrupted", cursor->reader->name);
}

static int fail_row(struct reel_cursor *cursor, struct reel_error *error)
{
    cursor->next = cursor->end; // where the next chunk begins cannot be found out
    return reel_error_set(error, REEL_E_DAMAGED, "%s: the list of chunks is damaged: %s", cursor->reader->name,
                          sqlite3_errmsg(cursor->reader->database));
}

// *events = 0 at the end.
static int find_row(struct reel_cursor *cursor, uint64_t *first, uint64_t *events, struct reel_error *error)
{
    struct sqlite3_stmt *row = cursor->select_row;
    sqlite3_bind_int64(row, 1, (int64_t)cursor->next);
    int result = sqlite3_step(row);
    *first = (uint64_t)sqlite3_column_int64(row, 0);
    *events = result == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(row, 1) : 0;
    sqlite3_reset(row);
    if (result == SQLITE_DONE)
        return REEL_OK;
    if (result == SQLITE_INTERRUPT)
        return cancel(cursor, error);
    if (result != SQLITE_ROW || *first > INT64_MAX || *events > REEL_CHUNK_EVENTS_MAX)
        return fail_row(cursor, error);
    return REEL_OK;
}

// A chunk may have grown since its row was read: it never has fewer events than the row said.
// births NULL: they are not wanted.
static int decode(struct reel_cursor *cursor, uint32_t *births, uint64_t first, uint64_t expected,
                  struct reel_error *error)
{
    const struct reel_thread_map threads = {.process_of_thread = cursor->reader->process_of_thread,
                                            .thread_count = cursor->reader->thread_count};
    struct sqlite3_stmt *row = cursor->select_data;
    sqlite3_bind_int64(row, 1, (int64_t)first);
    int result = sqlite3_step(row);
    int status = REEL_OK;
    if (result == SQLITE_INTERRUPT)
        status = cancel(cursor, error);
    else if (result != SQLITE_ROW)
        status = name_damage(cursor, first, expected,
                             result == SQLITE_DONE ? "missing" : sqlite3_errmsg(cursor->reader->database), error);
    else
    {
        size_t count = 0;
        uint64_t own_first = 0;
        const void *data = sqlite3_column_blob(row, 0);
        status = reel_codec_decode_with_births(cursor->codec, data, (size_t)sqlite3_column_bytes(row, 0), &threads,
                                               cursor->events, births, &count, &own_first);
        if (status == REEL_E_NEWER)
            status = reel_error_set(error, status,
                                    "%s: event %llu is in a chunk of a newer format; use a newer "
                                    "Heapreel",
                                    cursor->reader->name, (unsigned long long)first);
        else if (status != REEL_OK)
            status = name_damage(cursor, first, expected, "its bytes changed", error);
        else if (own_first != first || count < expected)
            status = name_damage(cursor, first, expected, "it belongs elsewhere", error);
    }
    sqlite3_reset(row);
    return status;
}

static bool prepare(struct reel_cursor *cursor)
{
    struct sqlite3 *database = cursor->reader->database;
    return sqlite3_prepare_v2(database, row_sql, -1, &cursor->select_row, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(database, data_sql, -1, &cursor->select_data, NULL) == SQLITE_OK;
}

void reel_cursor_move(struct reel_cursor *cursor, uint64_t first, uint64_t end)
{
    cursor->next = first;
    cursor->end = end < cursor->reader->event_count ? end : cursor->reader->event_count;
}

int reel_cursor_open(struct reel_cursor **out, struct reel_reader *reader, uint64_t first, uint64_t end,
                     struct reel_error *error)
{
    struct reel_cursor *cursor = calloc(1, sizeof *cursor);
    if (cursor == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "%s: out of memory", reader->name);
    cursor->reader = reader;
    reel_cursor_move(cursor, first, end);
    cursor->events = calloc(REEL_CHUNK_EVENTS_MAX, sizeof *cursor->events);
    int status = REEL_OK;
    if (cursor->events == NULL || reel_codec_create(&cursor->codec) != REEL_OK)
        status = reel_error_set(error, REEL_E_NO_MEMORY, "%s: out of memory", reader->name);
    else if (!prepare(cursor))
        status = reader_fail_query(reader, error);
    if (status != REEL_OK)
        reel_cursor_close(cursor);
    else
        *out = cursor;
    return status;
}

// Births as numbers in the chunk to numbers in the run that begins there.
static void clip_births(uint32_t *births, size_t count, uint32_t begin)
{
    for (size_t i = begin; i < begin + count; i++)
        if (births[i] != REEL_BIRTH_ELSEWHERE)
        {
            uint32_t number = births[i] - begin; // before the run: wraps around
            births[i] = number < count ? number : REEL_BIRTH_ELSEWHERE;
        }
}

static int next_run(struct reel_cursor *cursor, uint32_t *births, const struct reel_event **events, size_t *count,
                    uint64_t *first, struct reel_error *error)
{
    uint64_t chunk_first = 0;
    uint64_t chunk_events = 0;
    *events = cursor->events;
    *count = 0;
    *first = cursor->next;
    int status = cursor->next < cursor->end ? find_row(cursor, &chunk_first, &chunk_events, error) : REEL_OK;
    if (status != REEL_OK || chunk_events == 0 || chunk_first >= cursor->end)
        return status;
    uint64_t begin = cursor->next > chunk_first ? cursor->next : chunk_first;
    uint64_t end = chunk_first + chunk_events < cursor->end ? chunk_first + chunk_events : cursor->end;
    cursor->next = end;
    status = decode(cursor, births, chunk_first, chunk_events, error);
    if (status == REEL_E_CANCELLED)
        cursor->next = begin; // nothing is wrong with the chunk
    if (status != REEL_OK)
        return status;
    *events = cursor->events + (begin - chunk_first);
    *count = (size_t)(end - begin);
    *first = begin;
    if (births != NULL && *count < REEL_CHUNK_EVENTS_MAX)
        clip_births(births, *count, (uint32_t)(begin - chunk_first));
    return REEL_OK;
}

int reel_cursor_next(struct reel_cursor *cursor, const struct reel_event **events, size_t *count, uint64_t *first,
                     struct reel_error *error)
{
    return next_run(cursor, NULL, events, count, first, error);
}

int reel_cursor_next_with_births(struct reel_cursor *cursor, const struct reel_event **events, const uint32_t **births,
                                 size_t *count, uint64_t *first, struct reel_error *error)
{
    if (cursor->births == NULL)
        cursor->births = calloc(REEL_CHUNK_EVENTS_MAX, sizeof *cursor->births);
    *births = cursor->births;
    *count = 0;
    if (cursor->births == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "%s: out of memory", cursor->reader->name);
    int status = next_run(cursor, cursor->births, events, count, first, error);
    *births = cursor->births + (*events - cursor->events);
    return status;
}

void reel_cursor_close(struct reel_cursor *cursor)
{
    if (cursor == NULL)
        return;
    sqlite3_finalize(cursor->select_row);
    sqlite3_finalize(cursor->select_data);
    reel_codec_destroy(cursor->codec);
    free(cursor->events);
    free(cursor->births);
    free(cursor);
}
