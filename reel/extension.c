// SPDX-License-Identifier: MIT
// The entry point of the loadable extension: takes the host's table of functions and registers the SQL face. Nothing
// else may be here: all the rest is the same code as in the library.
#include <sqlite3ext.h>

#include "reel/sql.h"

SQLITE_EXTENSION_INIT1

__attribute__((visibility("default"))) int sqlite3_reel_init(sqlite3 *database, char **message,
                                                             const sqlite3_api_routines *api);

int sqlite3_reel_init(sqlite3 *database, char **message, const sqlite3_api_routines *api)
{
    SQLITE_EXTENSION_INIT2(api)
    struct reel_error error = {0};
    if (reel_sql_register(database, &error) == REEL_OK)
        return SQLITE_OK;
    *message = sqlite3_mprintf("%s", error.text);
    return SQLITE_ERROR;
}
