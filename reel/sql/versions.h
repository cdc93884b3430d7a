// SPDX-License-Identifier: MIT
// The SQL functions heapreel_version() and reel_api_version(). Private to the SQL face.
#ifndef HEAPREEL_REEL_SQL_VERSIONS_H
#define HEAPREEL_REEL_SQL_VERSIONS_H

#include "reel/sqlite.h"

// Returns a result code of SQLite.
int sql_versions_register(struct sqlite3 *database);

#endif
