// SPDX-License-Identifier: MIT
// Status codes in words, and the translation of SQLite's results into them. Prints nothing.
#include "reel/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "reel/error.h"
#include "reel/sqlite.h"

const char *reel_status_text(enum reel_status status)
{
    switch (status)
    {
#define REEL_STATUS_CASE(code, value, text)                                                                            \
    case code:                                                                                                         \
        return text;
        REEL_STATUS_LIST(REEL_STATUS_CASE)
#undef REEL_STATUS_CASE
    }
    return "unknown status";
}

int reel_error_set(struct reel_error *error, enum reel_status status, const char *format, ...)
{
    if (error != NULL)
    {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
        error->status = status;
    }
    return status;
}

// A full disk shows itself as SQLITE_FULL on a write, but as an I/O error when the log's index cannot grow.
static enum reel_status status_of_io_error(struct sqlite3 *database)
{
    int system_error = database != NULL ? sqlite3_system_errno(database) : 0;
    return system_error == ENOSPC || system_error == EDQUOT ? REEL_E_FULL : REEL_E_IO;
}

enum reel_status reel_error_of_sqlite(struct sqlite3 *database, int code)
{
    switch (code & 0xff)
    {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return REEL_OK;
    case SQLITE_NOMEM:
        return REEL_E_NO_MEMORY;
    case SQLITE_FULL:
        return REEL_E_FULL;
    case SQLITE_CORRUPT:
        return REEL_E_DAMAGED;
    case SQLITE_NOTADB:
        return REEL_E_NOT_A_REEL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return REEL_E_BUSY;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return REEL_E_OPEN;
    case SQLITE_INTERRUPT:
        return REEL_E_CANCELLED;
    default:
        return status_of_io_error(database);
    }
}

int reel_error_from_sqlite(struct reel_error *error, struct sqlite3 *database, const char *what)
{
    enum reel_status status = reel_error_of_sqlite(database, sqlite3_extended_errcode(database));
    if (status == REEL_OK)
        status = REEL_E_IO;
    return reel_error_set(error, status, "%s: %s", what, sqlite3_errmsg(database));
}
