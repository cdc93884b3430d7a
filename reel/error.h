// SPDX-License-Identifier: MIT
// Filling in a struct reel_error.
#ifndef HEAPREEL_REEL_ERROR_H
#define HEAPREEL_REEL_ERROR_H

#include "reel/status.h"

struct sqlite3;

// Writes the line and returns the status, so that a failure is one `return reel_error_set(...)`. NULL is allowed.
int reel_error_set(struct reel_error *error, enum reel_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The status that a result code of SQLite on this connection means: full disk, damage, busy, memory, else REEL_E_IO.
enum reel_status reel_error_of_sqlite(struct sqlite3 *database, int code);

// "<what>: <SQLite's own words>", with the status that the connection's last result means.
int reel_error_from_sqlite(struct reel_error *error, struct sqlite3 *database, const char *what);

#endif
