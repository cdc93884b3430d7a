// SPDX-License-Identifier: MIT
// Events in order, a chunk at a time. A chunk that cannot be read is reported once and passed over.
//
// On a long way a thread decodes the next chunks (reader_ahead.h), which are read here: the connection has one user.
// What cannot be read ahead is left there, and read again in its turn, when it is said what is wrong with it.
#include "reel/reader_internal.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/reader_ahead.h"

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
    struct reader_ahead *ahead; // NULL until it is wanted
    uint64_t ahead_next;        // first event that was not read ahead
    uint64_t ahead_end;
    bool is_interrupted; // while reading ahead: to be told
};

struct chunk_row
{
    uint64_t first;
    uint64_t events; // 0: there is none
};

// The chunk that holds event number next, or else the first one after it.
static const char row_sql[] = "SELECT first_event, events FROM main.chunk WHERE first_event >= "
                              "coalesce((SELECT max(first_event) FROM main.chunk WHERE first_event <= ?1), 0) "
                              "AND first_event + events > ?1 ORDER BY first_event LIMIT 1";
static const char data_sql[] = "SELECT data FROM main.chunk_data WHERE first_event = ?";

static int name_damage(const struct reel_cursor *cursor, const struct chunk_row *row, const char *what,
                       struct reel_error *error)
{
    return reel_error_set(error, REEL_E_DAMAGED, "%s: the chunk of events %llu to %llu is damaged (%s) and left out",
                          cursor->reader->name, (unsigned long long)row->first,
                          (unsigned long long)(row->first + row->events - 1), what);
}

static int cancel(const struct reel_cursor *cursor, struct reel_error *error)
{
    return reel_error_set(error, REEL_E_CANCELLED, "%s: interrupted", cursor->reader->name);
}

static int fail_rows(struct reel_cursor *cursor, struct reel_error *error)
{
    return reel_error_set(error, REEL_E_DAMAGED, "%s: the list of chunks is damaged: %s", cursor->reader->name,
                          sqlite3_errmsg(cursor->reader->database));
}

static int find_row(struct reel_cursor *cursor, uint64_t event, struct chunk_row *found, struct reel_error *error)
{
    struct sqlite3_stmt *row = cursor->select_row;
    sqlite3_bind_int64(row, 1, (int64_t)event);
    int result = sqlite3_step(row);
    found->first = (uint64_t)sqlite3_column_int64(row, 0);
    found->events = result == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(row, 1) : 0;
    sqlite3_reset(row);
    if (result == SQLITE_DONE)
        return REEL_OK;
    if (result == SQLITE_INTERRUPT)
        return cancel(cursor, error);
    if (result != SQLITE_ROW || found->first > INT64_MAX || found->events > REEL_CHUNK_EVENTS_MAX)
        return fail_rows(cursor, error);
    return REEL_OK;
}

// What became of the bytes of a chunk: the codec's status, and what they say of themselves. A chunk may have grown
// since its row was read: it never has fewer events than the row said.
static int judge(const struct reel_cursor *cursor, const struct chunk_row *row, int status, uint64_t own_first,
                 size_t count, struct reel_error *error)
{
    if (status == REEL_E_NEWER)
        return reel_error_set(error, status,
                              "%s: event %llu is in a chunk of a newer format; use a newer "
                              "Heapreel",
                              cursor->reader->name, (unsigned long long)row->first);
    if (status != REEL_OK)
        return name_damage(cursor, row, "its bytes changed", error);
    if (own_first != row->first || count < row->events)
        return name_damage(cursor, row, "it belongs elsewhere", error);
    return REEL_OK;
}

static struct reel_thread_map thread_map(const struct reel_cursor *cursor)
{
    return (struct reel_thread_map){.process_of_thread = cursor->reader->process_of_thread,
                                    .thread_count = cursor->reader->thread_count};
}

// births NULL: they are not wanted.
static int decode(struct reel_cursor *cursor, uint32_t *births, const struct chunk_row *found, struct reel_error *error)
{
    const struct reel_thread_map threads = thread_map(cursor);
    struct sqlite3_stmt *row = cursor->select_data;
    sqlite3_bind_int64(row, 1, (int64_t)found->first);
    int result = sqlite3_step(row);
    int status = REEL_OK;
    if (result == SQLITE_INTERRUPT)
        status = cancel(cursor, error);
    else if (result != SQLITE_ROW)
        status = name_damage(cursor, found,
                             result == SQLITE_DONE ? "missing" : sqlite3_errmsg(cursor->reader->database), error);
    else
    {
        size_t count = 0;
        uint64_t own_first = 0;
        const void *data = sqlite3_column_blob(row, 0);
        status = reel_codec_decode_with_births(cursor->codec, data, (size_t)sqlite3_column_bytes(row, 0), &threads,
                                               cursor->events, births, &count, &own_first);
        status = judge(cursor, found, status, own_first, count, error);
    }
    sqlite3_reset(row);
    return status;
}

// --- ahead ---

static bool is_ahead(const struct reel_cursor *cursor)
{
    return cursor->ahead != NULL && reader_ahead_is_begun(cursor->ahead);
}

// False: nothing can be read ahead from here on.
static bool give_next(struct reel_cursor *cursor)
{
    struct chunk_row found;
    int status = find_row(cursor, cursor->ahead_next, &found, NULL);
    cursor->is_interrupted = status == REEL_E_CANCELLED;
    if (status != REEL_OK || found.events == 0 || found.first >= cursor->ahead_end)
        return false;
    struct sqlite3_stmt *row = cursor->select_data;
    sqlite3_bind_int64(row, 1, (int64_t)found.first);
    int result = sqlite3_step(row);
    cursor->is_interrupted = result == SQLITE_INTERRUPT;
    bool is_given =
        result == SQLITE_ROW && reader_ahead_give(cursor->ahead, found.first, found.events, sqlite3_column_blob(row, 0),
                                                  (size_t)sqlite3_column_bytes(row, 0));
    sqlite3_reset(row);
    if (is_given)
        cursor->ahead_next = found.first + found.events;
    return is_given;
}

// After what could not be read ahead nothing is until the cursor has passed it.
static void read_ahead(struct reel_cursor *cursor)
{
    if (reader_ahead_is_empty(cursor->ahead))
        cursor->ahead_next = cursor->next;
    bool is_given = true;
    while (is_given && cursor->ahead_next < cursor->ahead_end && reader_ahead_has_room(cursor->ahead))
        is_given = give_next(cursor);
    if (!is_given && !cursor->is_interrupted)
        cursor->ahead_next = UINT64_MAX;
}

static bool prepare(struct reel_cursor *cursor)
{
    struct sqlite3 *database = cursor->reader->database;
    return sqlite3_prepare_v2(database, row_sql, -1, &cursor->select_row, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(database, data_sql, -1, &cursor->select_data, NULL) == SQLITE_OK;
}

void reel_cursor_move(struct reel_cursor *cursor, uint64_t first, uint64_t end)
{
    if (is_ahead(cursor))
        reader_ahead_drop(cursor->ahead);
    cursor->is_interrupted = false;
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

void reel_cursor_begin_ahead(struct reel_cursor *cursor, uint64_t until)
{
    const struct reel_thread_map threads = thread_map(cursor);
    reel_cursor_end_ahead(cursor);
    if (cursor->ahead == NULL && reader_ahead_create(&cursor->ahead) != REEL_OK)
        return;
    cursor->ahead_end = until < cursor->end ? until : cursor->end;
    if (reader_ahead_begin(cursor->ahead, &threads))
        read_ahead(cursor);
}

void reel_cursor_end_ahead(struct reel_cursor *cursor)
{
    if (is_ahead(cursor))
        reader_ahead_end(cursor->ahead);
    cursor->is_interrupted = false;
}

static void pass(struct reel_cursor *cursor, const struct chunk_row *row)
{
    uint64_t end = row->first + row->events;
    cursor->next = end < cursor->end ? end : cursor->end;
}

// Takes the next chunk from those that were read ahead, and gives the thread work while its events are used.
static int take(struct reel_cursor *cursor, struct chunk_row *found, struct reel_error *error)
{
    struct reader_ahead_chunk *chunk = reader_ahead_take(cursor->ahead);
    struct reel_event *events = cursor->events;
    uint32_t *births = cursor->births;
    *found = (struct chunk_row){chunk->first, chunk->expected};
    int status = judge(cursor, found, chunk->status, chunk->own_first, chunk->count, error);
    cursor->events = chunk->events;
    cursor->births = chunk->births;
    chunk->events = events;
    chunk->births = births;
    pass(cursor, found);
    read_ahead(cursor);
    return status;
}

static int read_next(struct reel_cursor *cursor, bool has_births, struct chunk_row *found, struct reel_error *error)
{
    uint64_t before = cursor->next;
    int status = find_row(cursor, before, found, error);
    if (status == REEL_E_DAMAGED)
        cursor->next = cursor->end; // where the next chunk begins cannot be found out
    if (status == REEL_OK && found->first >= cursor->end)
        found->events = 0;
    if (status != REEL_OK || found->events == 0)
        return status;
    pass(cursor, found);
    status = decode(cursor, has_births ? cursor->births : NULL, found, error);
    if (status == REEL_E_CANCELLED)
        cursor->next = before; // nothing is wrong with the chunk
    return status;
}

// Finds the next chunk and decodes it. found->events = 0 at the end; a chunk that cannot be read is passed.
static int next_chunk(struct reel_cursor *cursor, bool has_births, struct chunk_row *found, struct reel_error *error)
{
    bool is_ahead_wanted = has_births && is_ahead(cursor);
    if (is_ahead_wanted && !cursor->is_interrupted)
        read_ahead(cursor);
    if (cursor->is_interrupted)
    {
        cursor->is_interrupted = false;
        return cancel(cursor, error);
    }
    if (is_ahead_wanted && !reader_ahead_is_empty(cursor->ahead))
        return take(cursor, found, error);
    return read_next(cursor, has_births, found, error);
}

static int next_run(struct reel_cursor *cursor, bool has_births, const struct reel_event **events, size_t *count,
                    uint64_t *first, struct reel_error *error)
{
    struct chunk_row found = {0};
    uint64_t before = cursor->next;
    int status = before < cursor->end ? next_chunk(cursor, has_births, &found, error) : REEL_OK;
    *events = cursor->events;
    *count = 0;
    *first = before;
    if (status != REEL_OK || found.events == 0)
        return status;
    uint64_t begin = before > found.first ? before : found.first;
    *events = cursor->events + (begin - found.first);
    *count = (size_t)(cursor->next - begin);
    *first = begin;
    if (has_births && *count < REEL_CHUNK_EVENTS_MAX)
        clip_births(cursor->births, *count, (uint32_t)(begin - found.first));
    return REEL_OK;
}

int reel_cursor_next(struct reel_cursor *cursor, const struct reel_event **events, size_t *count, uint64_t *first,
                     struct reel_error *error)
{
    if (is_ahead(cursor))
        reader_ahead_drop(cursor->ahead); // it has births
    return next_run(cursor, false, events, count, first, error);
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
    int status = next_run(cursor, true, events, count, first, error);
    *births = cursor->births + (*events - cursor->events);
    return status;
}

void reel_cursor_close(struct reel_cursor *cursor)
{
    if (cursor == NULL)
        return;
    reader_ahead_destroy(cursor->ahead);
    sqlite3_finalize(cursor->select_row);
    sqlite3_finalize(cursor->select_data);
    reel_codec_destroy(cursor->codec);
    free(cursor->events);
    free(cursor->births);
    free(cursor);
}
