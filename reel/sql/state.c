// SPDX-License-Identifier: MIT
// Life of what the table-valued functions share, and how long work learns that it is to end. Knows no table.
#include "reel/sql/state.h"

#include <stdlib.h>

#include "reel/error.h"

struct sql_state
{
    struct sqlite3 *database;
    struct sqlite3_stmt *probe;  // prepared while tables are connected and it was needed
    struct sqlite3_stmt *commit; // the same
    struct sql_reel *reel;       // held; NULL: to be opened
    unsigned holder_count;
    unsigned table_count;
};

// SQLite before 3.41 cannot be asked whether the statement is to end. But no statement runs while that is so, and a
// running one counts its steps for the progress handler: some hundred steps, so that a handler is asked as often as for
// rows from a table.
static const char probe_sql[] =
    "WITH RECURSIVE step(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM step LIMIT 40) SELECT count(n) FROM step";
static const char commit_sql[] = "PRAGMA main.data_version";

struct sql_state *sql_state_create(struct sqlite3 *database)
{
    struct sql_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->database = database;
    state->holder_count = 1;
    return state;
}

void sql_state_hold(struct sql_state *state)
{
    state->holder_count++;
}

void sql_state_release(void *holder)
{
    struct sql_state *state = holder;
    if (--state->holder_count == 0)
        free(state);
}

void sql_state_connect(struct sql_state *state)
{
    state->table_count++;
    sql_state_hold(state);
}

void sql_state_disconnect(struct sql_state *state)
{
    if (--state->table_count == 0)
    {
        sql_state_forget(state);
        sqlite3_finalize(state->probe);
        sqlite3_finalize(state->commit);
        state->probe = NULL;
        state->commit = NULL;
    }
    sql_state_release(state);
}

void sql_reel_release(struct sql_reel *reel)
{
    if (reel == NULL || --reel->holder_count != 0)
        return;
    reel_replay_close(reel->replay);
    reel_reader_close(reel->reader);
    free(reel);
}

void sql_state_forget(struct sql_state *state)
{
    sql_reel_release(state->reel);
    state->reel = NULL;
}

// A number that is another one after each commit of another connection.
static int read_commit(struct sql_state *state, int64_t *commit, struct reel_error *error)
{
    bool is_ready =
        state->commit != NULL || sqlite3_prepare_v2(state->database, commit_sql, -1, &state->commit, NULL) == SQLITE_OK;
    if (!is_ready || sqlite3_step(state->commit) != SQLITE_ROW)
    {
        int status = reel_error_from_sqlite(error, state->database, "looking whether the reel has changed");
        sqlite3_reset(state->commit);
        return status;
    }
    *commit = sqlite3_column_int64(state->commit, 0);
    sqlite3_reset(state->commit);
    return REEL_OK;
}

// NULL: *error says why.
static struct sql_reel *open_reel(struct sql_state *state, int64_t commit, struct reel_error *error)
{
    struct sql_reel *reel = calloc(1, sizeof *reel);
    if (reel == NULL)
    {
        reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
        return NULL;
    }
    reel->holder_count = 1;
    reel->commit = commit;
    reel->own_changes = sqlite3_total_changes(state->database);
    if (reel_reader_attach(&reel->reader, state->database, error) == REEL_OK &&
        reel_replay_open(&reel->replay, reel->reader, error) == REEL_OK)
        return reel;
    sql_reel_release(reel);
    return NULL;
}

// A reel that is being recorded has grown; what else was done to it is not known to be growth.
static bool is_refreshed(struct sql_reel *reel, int64_t commit, int64_t own_changes)
{
    if (reel->own_changes != own_changes)
        return false;
    if (reel->commit == commit)
        return true;
    reel->commit = commit;
    return !reel_reader_is_complete(reel->reader) && reel_replay_refresh(reel->replay, NULL) == REEL_OK;
}

int sql_state_reel(struct sql_state *state, struct sql_reel **out, struct reel_error *error)
{
    int64_t commit = 0;
    int status = read_commit(state, &commit, error);
    if (status != REEL_OK)
        return status;
    if (state->reel != NULL && !is_refreshed(state->reel, commit, sqlite3_total_changes(state->database)))
        sql_state_forget(state);
    if (state->reel == NULL)
        state->reel = open_reel(state, commit, error);
    if (state->reel == NULL)
        return error->status;
    state->reel->holder_count++;
    *out = state->reel;
    return REEL_OK;
}

bool sql_state_is_interrupted(struct sql_state *state)
{
    if (state->probe == NULL && sqlite3_prepare_v2(state->database, probe_sql, -1, &state->probe, NULL) != SQLITE_OK)
        return false;
    int result = sqlite3_step(state->probe);
    sqlite3_reset(state->probe);
    return result == SQLITE_INTERRUPT;
}

static int tick(void *context, double fraction)
{
    (void)fraction;
    return sql_state_is_interrupted(context);
}

struct reel_progress sql_state_progress(struct sql_state *state)
{
    return (struct reel_progress){.tick = tick, .context = state};
}
