// SPDX-License-Identifier: MIT
// Events as rows: decodes chunks while a query asks for rows, and only those chunks that the query's bounds on the
// number or the time of events leave. Stores nothing; the rows cannot be changed.
#include "reel/sql/events_table.h"

#include <stdlib.h>
#include <string.h>

#include "reel/reader.h"

enum events_column
{
    COLUMN_EVENT,
    COLUMN_T_NS,
    COLUMN_PROCESS,
    COLUMN_THREAD,
    COLUMN_KIND,
    COLUMN_ADDRESS,
    COLUMN_REQUESTED_BYTES,
    COLUMN_USABLE_BYTES,
    COLUMN_STACK,
    COLUMN_IS_REALLOC,
    COLUMN_IS_ZEROED,
    COLUMN_IS_ALIGNED,
    COLUMN_IS_CARVED,
};

static const char declaration[] =
    "CREATE TABLE events (event INTEGER PRIMARY KEY, t_ns INTEGER, process INTEGER, thread INTEGER, kind TEXT, "
    "address INTEGER, requested_bytes INTEGER, usable_bytes INTEGER, stack INTEGER, is_realloc INTEGER, "
    "is_zeroed INTEGER, is_aligned INTEGER, is_carved INTEGER)";

struct events_table
{
    struct sqlite3_vtab base; // first: SQLite sees only this
    struct sqlite3 *database;
};

struct events_cursor
{
    struct sqlite3_vtab_cursor base; // first
    struct reel_reader *reader;
    struct reel_cursor *chunks;
    const struct reel_event *run; // events[0 .. run_count-1] from number run_first on
    size_t run_count;
    size_t run_index;
    uint64_t run_first;
};

// The events that a query can want: numbers from first to the one before end.
struct events_range
{
    int64_t first;
    int64_t end;
};

// The bounds that are used, in the order of their arguments: one letter each, upper case for the time.
//   e =   g >   h >=   l <   m <=
#define BOUNDS_MAX 16

static char bound_letter(unsigned char operation)
{
    switch (operation)
    {
    case SQLITE_INDEX_CONSTRAINT_EQ:
        return 'e';
    case SQLITE_INDEX_CONSTRAINT_GT:
        return 'g';
    case SQLITE_INDEX_CONSTRAINT_GE:
        return 'h';
    case SQLITE_INDEX_CONSTRAINT_LT:
        return 'l';
    case SQLITE_INDEX_CONSTRAINT_LE:
        return 'm';
    default:
        return '\0';
    }
}

static int fail(struct sqlite3_vtab *table, const struct reel_error *error)
{
    if (error->status == REEL_E_CANCELLED)
        return SQLITE_INTERRUPT;
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", error->text);
    return error->status == REEL_E_NO_MEMORY ? SQLITE_NOMEM : SQLITE_ERROR;
}

static int events_connect(struct sqlite3 *database, void *data, int argument_count, const char *const *arguments,
                          struct sqlite3_vtab **out, char **error)
{
    (void)data, (void)argument_count, (void)arguments, (void)error;
    int result = sqlite3_declare_vtab(database, declaration);
    if (result != SQLITE_OK)
        return result;
    struct events_table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return SQLITE_NOMEM;
    table->database = database;
    *out = &table->base;
    return sqlite3_vtab_config(database, SQLITE_VTAB_INNOCUOUS);
}

static int events_disconnect(struct sqlite3_vtab *table)
{
    free(table);
    return SQLITE_OK;
}

// Takes each usable bound on event and t_ns. SQLite checks them again, so that a bound may leave too many rows, as one
// on the time does: it leaves whole chunks.
static int take_bounds(struct sqlite3_index_info *info, char letters[BOUNDS_MAX + 1])
{
    int count = 0;
    for (int i = 0; i < info->nConstraint && count < BOUNDS_MAX; i++)
    {
        char letter = bound_letter(info->aConstraint[i].op);
        int column = info->aConstraint[i].iColumn;
        bool is_event = column == COLUMN_EVENT || column == -1;
        if (!info->aConstraint[i].usable || letter == '\0' || (!is_event && column != COLUMN_T_NS))
            continue;
        letters[count++] = is_event ? letter : (char)(letter - 'a' + 'A');
        info->aConstraintUsage[i].argvIndex = count;
    }
    letters[count] = '\0';
    return count;
}

static int events_best_index(struct sqlite3_vtab *table, struct sqlite3_index_info *info)
{
    (void)table;
    char letters[BOUNDS_MAX + 1];
    int count = take_bounds(info, letters);
    info->idxStr = sqlite3_mprintf("%s", letters);
    if (info->idxStr == NULL)
        return SQLITE_NOMEM;
    info->needToFreeIdxStr = 1;
    // A column with an equal sign is as good as a key; each other bound is taken to halve the work.
    bool is_single = strchr(letters, 'e') != NULL;
    info->estimatedRows = is_single ? 1 : INT64_C(10000000) >> count;
    info->estimatedCost = is_single ? 1e4 : 1e7 / (double)(1 << count);
    info->idxFlags = is_single ? SQLITE_INDEX_SCAN_UNIQUE : 0;
    if (info->nOrderBy >= 1 && !info->aOrderBy[0].desc &&
        (info->aOrderBy[0].iColumn == COLUMN_EVENT || info->aOrderBy[0].iColumn == -1))
        info->orderByConsumed = 1;
    return SQLITE_OK;
}

static int events_open(struct sqlite3_vtab *base, struct sqlite3_vtab_cursor **out)
{
    struct events_table *table = (struct events_table *)base;
    struct reel_error error = {0};
    struct events_cursor *cursor = calloc(1, sizeof *cursor);
    if (cursor == NULL)
        return SQLITE_NOMEM;
    if (reel_reader_attach(&cursor->reader, table->database, &error) != REEL_OK)
    {
        free(cursor);
        return fail(base, &error);
    }
    *out = &cursor->base;
    return SQLITE_OK;
}

static int events_close(struct sqlite3_vtab_cursor *base)
{
    struct events_cursor *cursor = (struct events_cursor *)base;
    reel_cursor_close(cursor->chunks);
    reel_reader_close(cursor->reader);
    free(cursor);
    return SQLITE_OK;
}

static void raise_first(struct events_range *range, int64_t first)
{
    range->first = first > range->first ? first : range->first;
}

static void lower_end(struct events_range *range, int64_t end)
{
    range->end = end < range->end ? end : range->end;
}

static void narrow_by_event(struct events_range *range, char letter, int64_t value)
{
    if (letter == 'e' || letter == 'h')
        raise_first(range, value);
    if (letter == 'g')
        raise_first(range, value < INT64_MAX ? value + 1 : value);
    if (letter == 'l')
        lower_end(range, value);
    if (letter == 'e' || letter == 'm')
        lower_end(range, value < INT64_MAX ? value + 1 : value);
}

// The first event of the first chunk for which the query has a row, or what it is without.
static int query_edge(const struct events_table *table, const char *sql, int64_t t_ns, int64_t without, int64_t *edge)
{
    struct sqlite3_stmt *row = NULL;
    int result = sqlite3_prepare_v2(table->database, sql, -1, &row, NULL);
    if (result == SQLITE_OK)
    {
        sqlite3_bind_int64(row, 1, t_ns);
        result = sqlite3_step(row);
        *edge = result == SQLITE_ROW ? sqlite3_column_int64(row, 0) : without;
    }
    sqlite3_finalize(row);
    return result == SQLITE_ROW || result == SQLITE_DONE ? SQLITE_OK : result;
}

static int narrow_by_time(const struct events_table *table, struct events_range *range, char letter, int64_t t_ns)
{
    int64_t edge = 0;
    int result = SQLITE_OK;
    if (letter == 'E' || letter == 'G' || letter == 'H')
    {
        result = query_edge(table, "SELECT first_event FROM main.chunk WHERE end_ns >= ? ORDER BY first_event LIMIT 1",
                            t_ns, INT64_MAX, &edge);
        raise_first(range, edge);
    }
    if (result == SQLITE_OK && letter != 'G' && letter != 'H')
    {
        result = query_edge(table, "SELECT first_event FROM main.chunk WHERE begin_ns > ? ORDER BY first_event LIMIT 1",
                            t_ns, INT64_MAX, &edge);
        lower_end(range, edge);
    }
    return result;
}

// A bound that is no integer leaves all rows to SQLite's own check, but for NULL, which no row passes.
static int find_range(struct events_cursor *cursor, const char *letters, struct sqlite3_value **values,
                      struct events_range *range)
{
    const struct events_table *table = (const struct events_table *)cursor->base.pVtab;
    int result = SQLITE_OK;
    *range = (struct events_range){0, INT64_MAX};
    for (int i = 0; letters[i] != '\0' && result == SQLITE_OK; i++)
    {
        int type = sqlite3_value_type(values[i]);
        int64_t value = sqlite3_value_int64(values[i]);
        if (type == SQLITE_NULL)
            lower_end(range, 0);
        else if (type == SQLITE_INTEGER && letters[i] >= 'a')
            narrow_by_event(range, letters[i], value);
        else if (type == SQLITE_INTEGER)
            result = narrow_by_time(table, range, letters[i], value);
    }
    return result;
}

static int next_run(struct events_cursor *cursor)
{
    struct reel_error error = {0};
    cursor->run_index = 0;
    if (reel_cursor_next(cursor->chunks, &cursor->run, &cursor->run_count, &cursor->run_first, &error) == REEL_OK)
        return SQLITE_OK;
    cursor->run_count = 0;
    return fail(cursor->base.pVtab, &error);
}

static int events_filter(struct sqlite3_vtab_cursor *base, int number, const char *letters, int value_count,
                         struct sqlite3_value **values)
{
    (void)number, (void)value_count;
    struct events_cursor *cursor = (struct events_cursor *)base;
    struct events_range range;
    struct reel_error error = {0};
    int result = find_range(cursor, letters != NULL ? letters : "", values, &range);
    if (result != SQLITE_OK)
        return result;
    reel_cursor_close(cursor->chunks);
    cursor->chunks = NULL;
    cursor->run_count = 0;
    cursor->run_index = 0;
    if (range.first >= range.end)
        return SQLITE_OK;
    if (reel_cursor_open(&cursor->chunks, cursor->reader, (uint64_t)range.first, (uint64_t)range.end, &error) !=
        REEL_OK)
        return fail(base->pVtab, &error);
    return next_run(cursor);
}

static int events_next(struct sqlite3_vtab_cursor *base)
{
    struct events_cursor *cursor = (struct events_cursor *)base;
    return ++cursor->run_index < cursor->run_count ? SQLITE_OK : next_run(cursor);
}

static int events_eof(struct sqlite3_vtab_cursor *base)
{
    const struct events_cursor *cursor = (const struct events_cursor *)base;
    return cursor->run_index >= cursor->run_count;
}

static const char *kind_text(uint8_t kind)
{
    return kind == REEL_EVENT_ALLOC ? "alloc" : kind == REEL_EVENT_FREE ? "free" : "resize";
}

// Sizes of a free and the stack of an event without one are NULL: there is no such thing.
static int events_column(struct sqlite3_vtab_cursor *base, struct sqlite3_context *context, int column)
{
    const struct events_cursor *cursor = (const struct events_cursor *)base;
    const struct reel_event *event = &cursor->run[cursor->run_index];
    const int64_t integers[] = {
        [COLUMN_EVENT] = (int64_t)(cursor->run_first + cursor->run_index),
        [COLUMN_T_NS] = (int64_t)event->t_ns,
        [COLUMN_PROCESS] = event->process,
        [COLUMN_THREAD] = event->thread,
        [COLUMN_KIND] = event->kind,
        [COLUMN_ADDRESS] = (int64_t)event->address,
        [COLUMN_REQUESTED_BYTES] = (int64_t)event->requested_bytes,
        [COLUMN_USABLE_BYTES] = (int64_t)event->usable_bytes,
        [COLUMN_STACK] = event->stack,
        [COLUMN_IS_REALLOC] = (event->flags & REEL_EVENT_REALLOC) != 0,
        [COLUMN_IS_ZEROED] = (event->flags & REEL_EVENT_ZEROED) != 0,
        [COLUMN_IS_ALIGNED] = (event->flags & REEL_EVENT_ALIGNED) != 0,
        [COLUMN_IS_CARVED] = (event->flags & REEL_EVENT_CARVED) != 0,
    };
    bool is_size = column == COLUMN_REQUESTED_BYTES || column == COLUMN_USABLE_BYTES;
    if (column == COLUMN_KIND)
        sqlite3_result_text(context, kind_text(event->kind), -1, SQLITE_STATIC);
    else if ((is_size && event->kind == REEL_EVENT_FREE) || (column == COLUMN_STACK && event->stack == 0))
        sqlite3_result_null(context);
    else
        sqlite3_result_int64(context, integers[column]);
    return SQLITE_OK;
}

static int events_rowid(struct sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    const struct events_cursor *cursor = (const struct events_cursor *)base;
    *rowid = (sqlite3_int64)cursor->run_first + (sqlite3_int64)cursor->run_index;
    return SQLITE_OK;
}

const struct sqlite3_module reel_events_module = {
    .iVersion = 0,
    .xConnect = events_connect,
    .xBestIndex = events_best_index,
    .xDisconnect = events_disconnect,
    .xOpen = events_open,
    .xClose = events_close,
    .xFilter = events_filter,
    .xNext = events_next,
    .xEof = events_eof,
    .xColumn = events_column,
    .xRowid = events_rowid,
};
