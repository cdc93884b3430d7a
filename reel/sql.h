// SPDX-License-Identifier: MIT
// The SQL face of the engine: the virtual table `events`, for any SQLite connection.
//
// The same code is the loadable extension `reel.so` (entry point sqlite3_reel_init) and, linked, `heapreel sql`.
#ifndef HEAPREEL_REEL_SQL_H
#define HEAPREEL_REEL_SQL_H

#include "reel/status.h"

struct sqlite3;

// Registers the tables on a connection whose main database is a reel. Returns REEL_OK or a negative enum reel_status.
int reel_sql_register(struct sqlite3 *database, struct reel_error *error);

#endif
