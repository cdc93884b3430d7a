// SPDX-License-Identifier: MIT
// Opening a database by the name of its file, whatever that name is.
#include "reel/sqlite.h"

#include <stddef.h>

int reel_sqlite_open(struct sqlite3 **database, const char *path, int flags, const char *vfs)
{
    // SQLite takes `:memory:` and `file:...` for something else than files, but not after a folder.
    char *name = sqlite3_mprintf("%s%s", path[0] == '/' ? "" : "./", path);
    int status = name != NULL ? sqlite3_open_v2(name, database, flags, vfs) : SQLITE_NOMEM;
    sqlite3_free(name);
    return status;
}
