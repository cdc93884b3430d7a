// SPDX-License-Identifier: MIT
// Which keyframe of a reel a reader begins at. One that cannot be read is passed over: the events are there too.
#include "reel/keyframe.h"

#include "reel/error.h"
#include "reel/reader_internal.h"

#define VERSION_WITH_KEYFRAMES 4

static const char select_sql[] = "SELECT events, data FROM main.keyframe WHERE events BETWEEN ?1 AND ?2 "
                                 "ORDER BY events DESC";

// REEL_OK with *out = NULL: this one cannot be used.
static int take_row(struct sqlite3_stmt *row, struct reel_keyframe_copy **out)
{
    const void *data = sqlite3_column_blob(row, 1);
    size_t bytes = (size_t)sqlite3_column_bytes(row, 1);
    int status = data != NULL ? reel_keyframe_decode(data, bytes, out) : REEL_E_DAMAGED;
    if (status == REEL_OK && reel_keyframe_get(*out)->events != (uint64_t)sqlite3_column_int64(row, 0))
    {
        reel_keyframe_free(*out);
        *out = NULL;
    }
    return status == REEL_E_NO_MEMORY ? status : REEL_OK;
}

int reel_keyframe_read(struct reel_reader *reader, uint64_t from, uint64_t events, struct reel_keyframe_copy **out,
                       struct reel_error *error)
{
    struct sqlite3_stmt *row;
    int status = REEL_OK;
    *out = NULL;
    uint64_t last = events < reader->event_count ? events : reader->event_count;
    if (reader->version < VERSION_WITH_KEYFRAMES || from > last || last > INT64_MAX ||
        sqlite3_prepare_v2(reader->database, select_sql, -1, &row, NULL) != SQLITE_OK)
        return REEL_OK;
    sqlite3_bind_int64(row, 1, (int64_t)from);
    sqlite3_bind_int64(row, 2, (int64_t)last);
    while (status == REEL_OK && *out == NULL && sqlite3_step(row) == SQLITE_ROW)
        status = take_row(row, out);
    sqlite3_finalize(row);
    if (status != REEL_OK)
        return reel_error_set(error, status, "%s: out of memory", reader->name);
    return REEL_OK;
}
