// SPDX-License-Identifier: MIT
// Forward a cursor goes on by itself; to any other chunk it is moved.
#include "reel/replay/window.h"

#include "reel/codec.h"
#include "reel/error.h"
#include "reel/sqlite.h"

#define AHEAD_EVENTS_MIN (3 * REEL_CHUNK_EVENTS_MAX) // for less a thread is not worth its beginning

static const char first_sql[] = "SELECT max(first_event) FROM main.chunk WHERE first_event <= ?";

int replay_window_open(struct replay_window *window, struct reel_reader *reader, struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(reader);
    *window = (struct replay_window){.reader = reader};
    if (sqlite3_prepare_v2(database, first_sql, -1, &window->select_first, NULL) != SQLITE_OK)
        return reel_error_from_sqlite(error, database, "reading the list of chunks");
    return reel_cursor_open(&window->cursor, reader, 0, UINT64_MAX, error);
}

void replay_window_close(struct replay_window *window)
{
    reel_cursor_close(window->cursor);
    sqlite3_finalize(window->select_first);
    *window = (struct replay_window){0};
}

static uint64_t chunk_of(struct replay_window *window, uint64_t event)
{
    struct sqlite3_stmt *row = window->select_first;
    sqlite3_bind_int64(row, 1, (int64_t)event);
    int64_t first = sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
    sqlite3_reset(row);
    return first >= 0 && (uint64_t)first <= event ? (uint64_t)first : event;
}

// The next chunk that can be read.
static int read_next(struct replay_window *window, struct reel_error *error)
{
    int status;
    do
        status = reel_cursor_next_with_births(window->cursor, &window->events, &window->links, &window->count,
                                              &window->first, error);
    while (status == REEL_E_DAMAGED);
    if (status != REEL_OK)
        window->count = 0;
    window->next = window->count != 0 ? window->first + window->count : UINT64_MAX;
    return status;
}

static void move_cursor(struct replay_window *window, uint64_t event)
{
    if (event != window->next)
        reel_cursor_move(window->cursor, chunk_of(window, event), UINT64_MAX);
    window->next = event;
}

int replay_window_move(struct replay_window *window, uint64_t event, struct reel_error *error)
{
    if (window->count != 0 && event >= window->first && event - window->first < window->count)
        return REEL_OK;
    move_cursor(window, event);
    int status = read_next(window, error);
    // A chunk that ends before the event: what follows it is missing.
    while (status == REEL_OK && window->count != 0 && window->first + window->count <= event)
        status = read_next(window, error);
    return status;
}

uint64_t replay_window_not_later(const struct replay_window *window, uint64_t from, uint64_t t_ns)
{
    size_t low = from > window->first ? (size_t)(from - window->first) : 0;
    size_t high = window->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (window->events[middle].t_ns <= t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return window->first + low;
}

void replay_window_forget(struct replay_window *window)
{
    window->count = 0;
    window->next = UINT64_MAX;
}

void replay_window_begin_ahead(struct replay_window *window, uint64_t from, uint64_t until)
{
    bool is_here = window->count != 0 && from >= window->first && from - window->first < window->count;
    uint64_t begin = is_here ? window->first + window->count : from;
    if (until < begin || until - begin < AHEAD_EVENTS_MIN)
        return;
    move_cursor(window, begin);
    reel_cursor_begin_ahead(window->cursor, until);
}

void replay_window_end_ahead(struct replay_window *window)
{
    reel_cursor_end_ahead(window->cursor);
}
