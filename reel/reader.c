// SPDX-License-Identifier: MIT
// The reader's life: opening a file or taking over a connection, and what is read at once. Writes nothing, and changes
// no setting of a connection that is not its own.
#include "reel/reader_internal.h"

#include <stdlib.h>
#include <string.h>

#include "reel/error.h"

#define BUSY_TIMEOUT_MS 2000

#define EVENT_COUNT "(SELECT first_event + events FROM main.chunk ORDER BY first_event DESC LIMIT 1)"

static const char event_count_sql[] = "SELECT " EVENT_COUNT;
static const char growth_sql[] = "SELECT is_complete, coalesce(" EVENT_COUNT ", 0) FROM main.run";

static const char threads_sql[] = "SELECT thread, process FROM main.thread WHERE thread >= ? ORDER BY thread";

int reader_fail_query(const struct reel_reader *reader, struct reel_error *error)
{
    enum reel_status status = reel_error_of_sqlite(reader->database, sqlite3_extended_errcode(reader->database));
    if (status == REEL_OK || status == REEL_E_IO || status == REEL_E_NOT_A_REEL)
        status = REEL_E_DAMAGED; // a table is missing, a page is not what it should be
    return reel_error_set(error, status, "%s: %s: %s", reader->name, reel_status_text(status),
                          sqlite3_errmsg(reader->database));
}

int reader_query_integer(const struct reel_reader *reader, const char *sql, int64_t *value, struct reel_error *error)
{
    struct sqlite3_stmt *row = NULL;
    bool is_read =
        sqlite3_prepare_v2(reader->database, sql, -1, &row, NULL) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW;
    int status = is_read ? REEL_OK : reader_fail_query(reader, error);
    if (is_read)
        *value = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return status;
}

static int check_identity(struct reel_reader *reader, struct reel_error *error)
{
    int64_t application_id = 0;
    int64_t version = 0;
    int status = reader_query_integer(reader, "PRAGMA main.application_id", &application_id, error);
    if (status == REEL_OK)
        status = reader_query_integer(reader, "PRAGMA main.user_version", &version, error);
    if (status == REEL_OK)
        status = reader_check_identity(reader->name, (uint32_t)application_id, (uint32_t)version, error);
    reader->version = (uint32_t)version;
    return status;
}

static bool reserve_threads(struct reel_reader *reader)
{
    if (reader->thread_count < reader->thread_max)
        return true;
    size_t bigger = reader->thread_max == 0 ? 64 : reader->thread_max * 2;
    uint32_t *moved = reallocarray(reader->process_of_thread, bigger, sizeof *moved);
    if (moved == NULL)
        return false;
    reader->process_of_thread = moved;
    reader->thread_max = bigger;
    return true;
}

// Those that are not known yet. Ids are dense from 1: a gap would let a damaged file name any amount of memory.
static int read_threads(struct reel_reader *reader, struct reel_error *error)
{
    struct sqlite3_stmt *rows = NULL;
    int result = sqlite3_prepare_v2(reader->database, threads_sql, -1, &rows, NULL);
    int status = result == SQLITE_OK && reserve_threads(reader) ? REEL_OK : reader_fail_query(reader, error);
    if (status == REEL_OK && reader->thread_count == 0)
        reader->process_of_thread[reader->thread_count++] = 0;
    if (status == REEL_OK)
        sqlite3_bind_int64(rows, 1, (int64_t)reader->thread_count);
    while (status == REEL_OK && (result = sqlite3_step(rows)) == SQLITE_ROW)
    {
        if (sqlite3_column_int64(rows, 0) != (int64_t)reader->thread_count)
            status = reel_error_set(error, REEL_E_DAMAGED, "%s: the reel is damaged: thread %zu is missing",
                                    reader->name, reader->thread_count);
        else if (!reserve_threads(reader))
            status = reel_error_set(error, REEL_E_NO_MEMORY, "%s: out of memory", reader->name);
        else
            reader->process_of_thread[reader->thread_count++] = (uint32_t)sqlite3_column_int64(rows, 1);
    }
    if (status == REEL_OK && result != SQLITE_DONE)
        status = reader_fail_query(reader, error);
    sqlite3_finalize(rows);
    return status;
}

// A reel without names can be read all the same.
static void read_named_frame(struct reel_reader *reader)
{
    int64_t named_frame = 0;
    if (reader_query_integer(reader, "SELECT max(frame) FROM main.symbol", &named_frame, NULL) == REEL_OK)
        reader->named_frame = named_frame >= 0 && named_frame <= UINT32_MAX ? (uint32_t)named_frame : UINT32_MAX;
}

// The events before the threads and names: these are only added, so that those of all these events are found, whatever
// is committed between the queries.
static int read_growth(struct reel_reader *reader, struct reel_error *error)
{
    int64_t is_complete = 0;
    int64_t event_count = 0;
    int status = reader_query_integer(reader, "SELECT is_complete FROM main.run", &is_complete, error);
    if (status == REEL_OK)
        status = reader_query_integer(reader, event_count_sql, &event_count, error);
    if (status == REEL_OK && event_count < 0)
        status = reel_error_set(error, REEL_E_DAMAGED, "%s: the reel is damaged: its event numbers make no sense",
                                reader->name);
    if (status == REEL_OK && (uint64_t)event_count < reader->event_count)
        status = reel_error_set(error, REEL_E_DAMAGED,
                                "%s: the reel has lost events since it was opened; open it again", reader->name);
    if (status == REEL_OK)
        status = read_threads(reader, error);
    if (status != REEL_OK)
        return status;
    reader->is_complete = is_complete != 0;
    reader->event_count = (uint64_t)event_count;
    read_named_frame(reader);
    return REEL_OK;
}

// A writer that was killed in the moment it entered or left its log leaves a rollback journal, which only a connection
// that may write can play back: this one does nothing else.
static void play_back_journal(const char *path)
{
    struct sqlite3 *database = NULL;
    if (reel_sqlite_open(&database, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
    {
        sqlite3_busy_timeout(database, BUSY_TIMEOUT_MS);
        sqlite3_exec(database, "SELECT count(*) FROM main.sqlite_schema", NULL, NULL, NULL);
    }
    sqlite3_close(database);
}

// A database whose log cannot be opened, in a directory where nothing may be written, is read as it is when there is no
// log: nobody can be writing.
static int open_database(struct reel_reader *reader, const char *path, bool has_log, struct reel_error *error)
{
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    int64_t ignored;
    int status = REEL_OK;
    if (reel_sqlite_open(&reader->database, path, flags, NULL) != SQLITE_OK)
        return reader_fail_query(reader, error);
    sqlite3_busy_timeout(reader->database, BUSY_TIMEOUT_MS);
    status = reader_query_integer(reader, "SELECT count(*) FROM main.sqlite_schema", &ignored, error);
    if (status != REEL_OK && (sqlite3_errcode(reader->database) & 0xff) == SQLITE_READONLY)
    {
        play_back_journal(path);
        status = reader_query_integer(reader, "SELECT count(*) FROM main.sqlite_schema", &ignored, error);
    }
    if (status != REEL_E_OPEN)
        return status;
    if (has_log)
        return reel_error_set(error, REEL_E_OPEN,
                              "%s: its log %s-wal cannot be read in a directory without write permission; copy both",
                              path, path);
    sqlite3_close(reader->database);
    reader->database = NULL;
    char *uri = sqlite3_mprintf("file:%s?immutable=1", path);
    bool is_open = uri != NULL && strpbrk(path, "?#%") == NULL &&
                   sqlite3_open_v2(uri, &reader->database, flags | SQLITE_OPEN_URI, NULL) == SQLITE_OK;
    sqlite3_free(uri);
    return is_open ? REEL_OK : reel_error_set(error, REEL_E_OPEN, "%s: cannot open the file", path);
}

static int create(struct reel_reader **out, const char *name, struct reel_error *error)
{
    struct reel_reader *reader = calloc(1, sizeof *reader);
    char *copy = strdup(name != NULL && *name != '\0' ? name : "(memory)");
    if (reader == NULL || copy == NULL || reel_intern_init(&reader->frame_ids) != REEL_OK)
    {
        free(reader);
        free(copy);
        reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
        return REEL_E_NO_MEMORY;
    }
    reader->name = copy;
    *out = reader;
    return REEL_OK;
}

// With the database that it has, if there is one; else it is closed.
static int begin(struct reel_reader **out, struct reel_reader *reader, int status, struct reel_error *error)
{
    if (status == REEL_OK)
        status = check_identity(reader, error);
    if (status == REEL_OK)
        status = read_growth(reader, error);
    if (status != REEL_OK)
        reel_reader_close(reader);
    else
        *out = reader;
    return status;
}

int reel_reader_open(struct reel_reader **out, const char *path, struct reel_error *error)
{
    struct reel_reader *reader = NULL;
    bool has_log = false;
    int status = reader_examine_file(path, error, &has_log);
    if (status == REEL_OK)
        status = create(&reader, path, error);
    if (status != REEL_OK)
        return status;
    reader->is_owner = true;
    status = open_database(reader, path, has_log, error);
    return begin(out, reader, status, error);
}

int reel_reader_attach(struct reel_reader **out, struct sqlite3 *database, struct reel_error *error)
{
    struct reel_reader *reader = NULL;
    int status = create(&reader, sqlite3_db_filename(database, "main"), error);
    if (status != REEL_OK)
        return status;
    reader->database = database;
    return begin(out, reader, status, error);
}

int reel_reader_refresh(struct reel_reader *reader, struct reel_error *error)
{
    return reader->is_complete ? REEL_OK : read_growth(reader, error);
}

bool reel_reader_has_grown(struct reel_reader *reader)
{
    if (reader->is_complete)
        return false;
    if (reader->select_growth == NULL &&
        sqlite3_prepare_v2(reader->database, growth_sql, -1, &reader->select_growth, NULL) != SQLITE_OK)
        return true;
    struct sqlite3_stmt *row = reader->select_growth;
    bool is_same = sqlite3_step(row) == SQLITE_ROW && sqlite3_column_int64(row, 0) == 0 &&
                   (uint64_t)sqlite3_column_int64(row, 1) == reader->event_count;
    sqlite3_reset(row);
    return !is_same;
}

void reel_reader_close(struct reel_reader *reader)
{
    if (reader == NULL)
        return;
    reader_forget_names(reader);
    sqlite3_finalize(reader->select_growth);
    if (reader->is_owner)
        sqlite3_close(reader->database);
    free(reader->process_of_thread);
    free(reader->name);
    free(reader);
}

bool reel_reader_is_complete(const struct reel_reader *reader)
{
    return reader->is_complete;
}

uint32_t reel_reader_version(const struct reel_reader *reader)
{
    return reader->version;
}

uint64_t reel_reader_event_count(const struct reel_reader *reader)
{
    return reader->event_count;
}

struct sqlite3 *reel_reader_database(struct reel_reader *reader)
{
    return reader->database;
}
