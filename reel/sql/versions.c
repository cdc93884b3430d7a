// SPDX-License-Identifier: MIT
// Says which Heapreel answers, so that a program can tell before it asks. Needs no reel.
#include "reel/sql/versions.h"

#include <stddef.h>

#include "reel/version.h"

static void heapreel_version(struct sqlite3_context *context, int count, struct sqlite3_value **values)
{
    (void)count, (void)values;
    sqlite3_result_text(context, reel_heapreel_version(), -1, SQLITE_STATIC);
}

static void api_version(struct sqlite3_context *context, int count, struct sqlite3_value **values)
{
    (void)count, (void)values;
    sqlite3_result_int(context, reel_api_version());
}

int sql_versions_register(struct sqlite3 *database)
{
    const int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC;
    int result =
        sqlite3_create_function_v2(database, "heapreel_version", 0, flags, NULL, heapreel_version, NULL, NULL, NULL);
    if (result == SQLITE_OK)
        result =
            sqlite3_create_function_v2(database, "reel_api_version", 0, flags, NULL, api_version, NULL, NULL, NULL);
    return result;
}
