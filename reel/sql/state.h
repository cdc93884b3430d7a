// SPDX-License-Identifier: MIT
// What the table-valued functions of one connection share: the reel's reader and one moving replay. Private to the SQL
// face.
//
// The state is the client data of every module and goes with the last of them and of their tables. The reel in it is
// opened when it is first asked about and closed when the last table is disconnected, for a connection cannot be closed
// while it has statements. One that is being recorded changes all the time, and is followed; any other change opens it
// anew.
#ifndef HEAPREEL_REEL_SQL_STATE_H
#define HEAPREEL_REEL_SQL_STATE_H

#include "reel/replay.h"
#include "reel/sqlite.h"

struct sql_state;

// The reel as a connection sees it at a commit. Strings given out by its reader live as long as it is held.
struct sql_reel
{
    struct reel_reader *reader;
    struct reel_replay *replay; // shared: whoever uses it seeks first
    int64_t commit;             // changes when the file does
    int64_t own_changes;        // or this connection changes it
    unsigned holder_count;
};

struct sql_state *sql_state_create(struct sqlite3 *database); // held once; NULL: out of memory
void sql_state_hold(struct sql_state *state);
void sql_state_release(void *state); // as SQLite calls it

// For a table. It holds the state, as a module that is registered again is gone before its tables.
void sql_state_connect(struct sql_state *state);
void sql_state_disconnect(struct sql_state *state);

// Gives a hold on the reel as it is now.
int sql_state_reel(struct sql_state *state, struct sql_reel **out, struct reel_error *error);
void sql_reel_release(struct sql_reel *reel); // NULL is allowed
// The next one who asks gets a reel that is opened anew: for when a failure may have left this one in disorder.
void sql_state_forget(struct sql_state *state);

// Whether the running statement is to end: sqlite3_interrupt was called, or the connection's progress handler says so.
bool sql_state_is_interrupted(struct sql_state *state);
// The same as reel_progress asks.
struct reel_progress sql_state_progress(struct sql_state *state);

#endif
