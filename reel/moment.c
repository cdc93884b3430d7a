// SPDX-License-Identifier: MIT
// Written positions to event numbers. `#N` is the state just after event N, so that the number of an event shown
// anywhere can be given back; a time is the state after all events up to it; a percentage is of the recording's time.
#include "reel/moment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reel/error.h"
#include "reel/reader_internal.h"

static int refuse(const char *text, struct reel_error *error)
{
    return reel_error_set(error, REEL_E_ARGUMENT,
                          "%s: not a moment; write a time (12.5s), an event (#1000000), a part of the time (40%%), "
                          "peak, worst or end",
                          text);
}

// How many events of the chunk that begins at event first are not later than t_ns.
static int count_in_chunk(struct reel_reader *reader, uint64_t first, uint64_t t_ns, uint64_t *events,
                          struct reel_error *error)
{
    struct reel_cursor *cursor;
    const struct reel_event *run;
    size_t count = 0;
    int status = reel_cursor_open(&cursor, reader, first, UINT64_MAX, error);
    if (status != REEL_OK)
        return status;
    status = reel_cursor_next(cursor, &run, &count, &first, error);
    size_t before = 0;
    while (status == REEL_OK && before < count && run[before].t_ns <= t_ns)
        before++;
    *events = first + before;
    reel_cursor_close(cursor);
    return status;
}

static int look_up_time(struct reel_reader *reader, uint64_t t_ns, uint64_t *events, struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(reader);
    struct sqlite3_stmt *row = NULL;
    int result = sqlite3_prepare_v2(database,
                                    "SELECT first_event FROM main.chunk WHERE begin_ns <= ? AND first_event < ? "
                                    "ORDER BY first_event DESC LIMIT 1",
                                    -1, &row, NULL);
    if (result == SQLITE_OK)
    {
        sqlite3_bind_int64(row, 1, (int64_t)t_ns);
        sqlite3_bind_int64(row, 2, (int64_t)reel_reader_event_count(reader));
        result = sqlite3_step(row);
    }
    int status = REEL_OK;
    *events = 0;
    if (result == SQLITE_ROW)
        status = count_in_chunk(reader, (uint64_t)sqlite3_column_int64(row, 0), t_ns, events, error);
    else if (result != SQLITE_DONE)
        status = reader_fail_query(reader, error);
    sqlite3_finalize(row);
    return status;
}

static int find_time(struct reel_reader *reader, uint64_t t_ns, uint64_t *events, struct reel_error *error)
{
    uint64_t of_events = reel_reader_event_count(reader);
    *events = reader->timed_events;
    if (reader->timed_ns == t_ns && reader->timed_of_events == of_events)
        return REEL_OK;
    int status = look_up_time(reader, t_ns, events, error);
    if (status == REEL_OK)
    {
        reader->timed_ns = t_ns;
        reader->timed_events = *events;
        reader->timed_of_events = of_events;
    }
    return status;
}

static int parse_event(struct reel_reader *reader, const char *text, uint64_t *events, struct reel_error *error)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text + 1, &end, 10);
    uint64_t event_count = reel_reader_event_count(reader);
    if (text[1] < '0' || text[1] > '9' || *end != '\0' || errno != 0)
        return refuse(text, error);
    if (number >= event_count && event_count == 0)
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: the reel has no events", text);
    if (number >= event_count)
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: the reel's last event is #%llu", text,
                              (unsigned long long)event_count - 1);
    *events = number + 1;
    return REEL_OK;
}

// 12.5s and 40%.
static int parse_time(struct reel_reader *reader, const char *text, uint64_t *events, struct reel_error *error)
{
    char *unit;
    double number = strtod(text, &unit);
    bool is_number = text[0] >= '0' && text[0] <= '9' && text[strspn(text, "0123456789.")] == *unit;
    bool is_percentage = strcmp(unit, "%") == 0;
    if (!is_number || (!is_percentage && strcmp(unit, "s") != 0) || (is_percentage && number > 100))
        return refuse(text, error);
    int64_t duration_ns = 0;
    int status = reader_query_integer(reader, "SELECT duration_ns FROM main.run", &duration_ns, error);
    if (status != REEL_OK)
        return status;
    double t_ns = is_percentage ? (double)duration_ns / 100 * number : number * 1e9;
    if (t_ns > (double)duration_ns + 5e7) // durations are printed rounded
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: the reel ends at %.3fs", text, (double)duration_ns / 1e9);
    return find_time(reader, (uint64_t)t_ns, events, error);
}

// The end of a chunk at which the live bytes lie furthest below the greatest so far, the first of equal ones: by the
// rows of the chunks alone, what stands between them is not seen.
static int find_worst(struct reel_reader *reader, uint64_t *events, struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(reader);
    struct sqlite3_stmt *row = NULL;
    uint64_t peak_bytes = 0;
    uint64_t widest_bytes = 0;
    int result = sqlite3_prepare_v2(database,
                                    "SELECT first_event + events, live_bytes_max, live_bytes FROM main.chunk "
                                    "WHERE first_event < ? ORDER BY first_event",
                                    -1, &row, NULL);
    *events = reel_reader_event_count(reader);
    if (result == SQLITE_OK)
        sqlite3_bind_int64(row, 1, (int64_t)*events);
    while (result == SQLITE_OK || result == SQLITE_ROW)
    {
        result = sqlite3_step(row);
        if (result != SQLITE_ROW)
            break;
        uint64_t end = (uint64_t)sqlite3_column_int64(row, 0);
        uint64_t greatest_bytes = (uint64_t)sqlite3_column_int64(row, 1);
        uint64_t live_bytes = (uint64_t)sqlite3_column_int64(row, 2);
        peak_bytes = greatest_bytes > peak_bytes ? greatest_bytes : peak_bytes;
        if (peak_bytes < live_bytes || peak_bytes - live_bytes <= widest_bytes)
            continue;
        widest_bytes = peak_bytes - live_bytes;
        *events = end < reel_reader_event_count(reader) ? end : reel_reader_event_count(reader);
    }
    int status = result == SQLITE_DONE ? REEL_OK : reader_fail_query(reader, error);
    sqlite3_finalize(row);
    return status;
}

static int find_peak(struct reel_reader *reader, uint64_t *events, struct reel_error *error)
{
    int64_t after = 0;
    int status = reader_query_integer(reader, "SELECT coalesce(peak_event + 1, 0) FROM main.run", &after, error);
    uint64_t event_count = reel_reader_event_count(reader);
    *events = after >= 0 && (uint64_t)after <= event_count ? (uint64_t)after : event_count;
    return status;
}

int reel_moment_parse(struct reel_reader *reader, const char *text, uint64_t *events, struct reel_error *error)
{
    if (strcmp(text, "peak") == 0)
        return find_peak(reader, events, error);
    if (strcmp(text, "worst") == 0)
        return find_worst(reader, events, error);
    if (text[0] == '#')
        return parse_event(reader, text, events, error);
    if (strcmp(text, "end") != 0)
        return parse_time(reader, text, events, error);
    *events = reel_reader_event_count(reader);
    return REEL_OK;
}

// At the end of a chunk its row tells the time. False: the moment lies within one.
static bool find_chunk_end(struct reel_reader *reader, uint64_t events, uint64_t *t_ns)
{
    struct sqlite3_stmt *row = NULL;
    bool is_end = false;
    if (sqlite3_prepare_v2(reel_reader_database(reader),
                           "SELECT first_event + events, end_ns FROM main.chunk WHERE first_event < ? "
                           "ORDER BY first_event DESC LIMIT 1",
                           -1, &row, NULL) == SQLITE_OK)
    {
        sqlite3_bind_int64(row, 1, (int64_t)events);
        is_end = sqlite3_step(row) == SQLITE_ROW && (uint64_t)sqlite3_column_int64(row, 0) == events;
        *t_ns = is_end ? (uint64_t)sqlite3_column_int64(row, 1) : 0;
    }
    sqlite3_finalize(row);
    return is_end;
}

int reel_moment_time(struct reel_reader *reader, uint64_t events, uint64_t *t_ns, struct reel_error *error)
{
    struct reel_cursor *cursor;
    const struct reel_event *run;
    size_t count = 0;
    uint64_t first = 0;
    *t_ns = 0;
    if (events == 0 || find_chunk_end(reader, events, t_ns))
        return REEL_OK;
    int status = reel_cursor_open(&cursor, reader, events - 1, events, error);
    if (status != REEL_OK)
        return status;
    status = reel_cursor_next(cursor, &run, &count, &first, error);
    if (status == REEL_OK && count != 0)
        *t_ns = run[0].t_ns;
    reel_cursor_close(cursor);
    return status;
}
