// SPDX-License-Identifier: MIT
// Gathers what SQLite writes page by page into large writes, for a connection that alone writes its database.
//
// Its log (WAL) gets each page with a header of its own, and a checkpoint copies page after page: three system calls a
// page, each of which costs as much as writing several pages at once. Files are the same, byte for byte, at each moment
// at which another process may look: a commit is in the log when it is told to readers, a checkpoint in the database
// when the log may be left out. What the system says of a write is told no later than that.
#ifndef HEAPREEL_REEL_GATHER_H
#define HEAPREEL_REEL_GATHER_H

// The name of the VFS for sqlite3_open_v2, registered when first asked for. NULL, which is SQLite's own: no memory.
const char *reel_gather_vfs(void);

#endif
