// SPDX-License-Identifier: MIT
// The one door to SQLite: the same sources are linked with the library and compiled into the loadable extension, where
// every call goes through the table of functions that the host program hands over.
#ifndef HEAPREEL_REEL_SQLITE_H
#define HEAPREEL_REEL_SQLITE_H

#ifdef REEL_AS_EXTENSION
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
#else
#include <sqlite3.h>
#endif

// sqlite3_open_v2 for the file of that name, even if the name looks like a URI or like `:memory:`. vfs NULL: SQLite's.
int reel_sqlite_open(struct sqlite3 **database, const char *path, int flags, const char *vfs);

#endif
