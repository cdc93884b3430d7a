// SPDX-License-Identifier: MIT
// Reads the table of processes. Rows that contradict each other are taken as they are: each turn is harmless.
#include "reel/replay/lives.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/sqlite.h"

#define PROCESSES_MAX (1u << 24)
#define TURNS_EACH 3

static const char rows_sql[] =
    "SELECT process, parent_process, is_fork, fork_serial, fork_event, begin_event, end_event "
    "FROM main.process WHERE process > 0 ORDER BY process";

static uint64_t event_of(struct sqlite3_stmt *row, int column)
{
    int64_t event = sqlite3_column_int64(row, column);
    return sqlite3_column_type(row, column) == SQLITE_NULL || event < 0 ? REPLAY_NEVER : (uint64_t)event;
}

static void read_row(struct replay_lives *lives, struct sqlite3_stmt *row)
{
    size_t process = (size_t)sqlite3_column_int64(row, 0);
    uint64_t parent = (uint64_t)sqlite3_column_int64(row, 1);
    if (process >= lives->count)
        return;
    bool is_fork = sqlite3_column_int64(row, 2) != 0;
    bool has_parent = parent != 0 && parent < process;
    struct replay_life *life = &lives->all[process];
    *life = (struct replay_life){.parent = has_parent ? (uint32_t)parent : 0,
                                 .fork_serial = (uint32_t)sqlite3_column_int64(row, 3),
                                 .is_fork = is_fork,
                                 .fork_event = REPLAY_NEVER,
                                 .begin_event = event_of(row, 5),
                                 .end_event = event_of(row, 6)};
    if (is_fork && has_parent && life->fork_serial != 0)
        life->fork_event = event_of(row, 4);
}

static void add_turn(struct replay_lives *lives, uint64_t event, size_t process, enum replay_turn_kind kind)
{
    if (event != REPLAY_NEVER)
        lives->turns[lives->turn_count++] = (struct replay_turn){event, (uint32_t)process, kind};
}

static int compare_turns(const void *left, const void *right)
{
    const struct replay_turn *a = left;
    const struct replay_turn *b = right;
    if (a->event != b->event)
        return a->event < b->event ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return (a->process > b->process) - (a->process < b->process);
}

static void make_turns(struct replay_lives *lives)
{
    for (size_t i = 1; i < lives->count; i++)
    {
        add_turn(lives, lives->all[i].fork_event, i, REPLAY_TURN_FORK);
        if (lives->all[i].begin_event < lives->all[i].end_event) // else no moment has it, but it may have forked
            add_turn(lives, lives->all[i].begin_event, i, REPLAY_TURN_BEGIN);
        add_turn(lives, lives->all[i].end_event, i, REPLAY_TURN_END);
    }
    qsort(lives->turns, lives->turn_count, sizeof *lives->turns, compare_turns);
}

static int make_room(struct replay_lives *lives, struct sqlite3 *database, struct reel_error *error)
{
    struct sqlite3_stmt *row = NULL;
    int64_t greatest = -1;
    if (sqlite3_prepare_v2(database, "SELECT coalesce(max(process), 0) FROM main.process", -1, &row, NULL) ==
            SQLITE_OK &&
        sqlite3_step(row) == SQLITE_ROW)
        greatest = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    if (greatest < 0 || greatest > PROCESSES_MAX)
        return reel_error_set(error, REEL_E_DAMAGED, "the reel is damaged: a process has an impossible number");
    lives->count = (size_t)greatest + 1;
    lives->all = calloc(lives->count, sizeof *lives->all);
    lives->turns = calloc(lives->count * TURNS_EACH, sizeof *lives->turns);
    if (lives->all == NULL || lives->turns == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for %zu processes", lives->count);
    for (size_t i = 0; i < lives->count; i++)
        lives->all[i].fork_event = lives->all[i].begin_event = lives->all[i].end_event = REPLAY_NEVER;
    return REEL_OK;
}

int replay_lives_read(struct replay_lives *lives, struct reel_reader *reader, struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(reader);
    struct sqlite3_stmt *row = NULL;
    *lives = (struct replay_lives){0};
    int status = make_room(lives, database, error);
    if (status != REEL_OK)
        return status;
    int result = sqlite3_prepare_v2(database, rows_sql, -1, &row, NULL);
    while (result == SQLITE_OK || result == SQLITE_ROW)
        if ((result = sqlite3_step(row)) == SQLITE_ROW)
            read_row(lives, row);
    if (result != SQLITE_DONE)
        status = reel_error_from_sqlite(error, database, "reading the processes");
    sqlite3_finalize(row);
    make_turns(lives);
    return status;
}

void replay_lives_fini(struct replay_lives *lives)
{
    free(lives->all);
    free(lives->turns);
    *lives = (struct replay_lives){0};
}

size_t replay_lives_turn_at(const struct replay_lives *lives, uint64_t event)
{
    size_t low = 0;
    size_t high = lives->turn_count;
    while (low < high)
    {
        size_t middle = (low + high) / 2;
        if (lives->turns[middle].event < event)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
