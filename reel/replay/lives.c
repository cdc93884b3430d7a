// SPDX-License-Identifier: MIT
// Reads the table of processes. Rows that contradict each other are taken as they are: each turn is harmless.
#include "reel/replay/lives.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/reader_internal.h"

#define PROCESSES_MAX (1u << 24)
#define TURN_KINDS 3

static const char rows_sql[] =
    "SELECT process, parent_process, is_fork, fork_serial, fork_event, begin_event, end_event "
    "FROM main.process WHERE process BETWEEN max(?1, 1) AND ?2 ORDER BY process";

static const struct replay_life no_life = {
    .fork_event = REPLAY_NEVER, .begin_event = REPLAY_NEVER, .end_event = REPLAY_NEVER};

static uint64_t event_of(struct sqlite3_stmt *row, int column)
{
    int64_t event = sqlite3_column_int64(row, column);
    return sqlite3_column_type(row, column) == SQLITE_NULL || event < 0 ? REPLAY_NEVER : (uint64_t)event;
}

static struct replay_life read_life(struct sqlite3_stmt *row, size_t process)
{
    uint64_t parent = (uint64_t)sqlite3_column_int64(row, 1);
    bool is_fork = sqlite3_column_int64(row, 2) != 0;
    bool has_parent = parent != 0 && parent < process;
    struct replay_life life = {.parent = has_parent ? (uint32_t)parent : 0,
                               .fork_serial = (uint32_t)sqlite3_column_int64(row, 3),
                               .is_fork = is_fork,
                               .fork_event = REPLAY_NEVER,
                               .begin_event = event_of(row, 5),
                               .end_event = event_of(row, 6)};
    if (is_fork && has_parent && life.fork_serial != 0)
        life.fork_event = event_of(row, 4);
    return life;
}

// A process that ends as it begins has no moment, but may have forked.
static uint64_t turn_of(const struct replay_life *life, enum replay_turn_kind kind)
{
    switch (kind)
    {
    case REPLAY_TURN_FORK:
        return life->fork_event;
    case REPLAY_TURN_BEGIN:
        return life->begin_event < life->end_event ? life->begin_event : REPLAY_NEVER;
    case REPLAY_TURN_END:
        return life->end_event;
    }
    return REPLAY_NEVER;
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
    lives->turn_count = 0;
    for (size_t i = 1; i < lives->count; i++)
        for (enum replay_turn_kind kind = 0; kind < TURN_KINDS; kind++)
        {
            uint64_t event = turn_of(&lives->all[i], kind);
            if (event != REPLAY_NEVER)
                lives->turns[lives->turn_count++] = (struct replay_turn){event, (uint32_t)i, kind};
        }
    qsort(lives->turns, lives->turn_count, sizeof *lives->turns, compare_turns);
}

// The first turn that one of two has and the other has not.
static uint64_t first_difference(const struct replay_life *one, const struct replay_life *other)
{
    uint64_t first = REPLAY_NEVER;
    for (enum replay_turn_kind kind = 0; kind < TURN_KINDS; kind++)
    {
        uint64_t a = turn_of(one, kind);
        uint64_t b = turn_of(other, kind);
        uint64_t lesser = a < b ? a : b;
        first = a != b && lesser < first ? lesser : first;
    }
    return first;
}

static int read_process_count(const struct reel_reader *reader, size_t *count, struct reel_error *error)
{
    int64_t greatest = 0;
    int status = reader_query_integer(reader, "SELECT coalesce(max(process), 0) FROM main.process", &greatest, error);
    if (status != REEL_OK)
        return status;
    if (greatest < 0 || greatest > PROCESSES_MAX)
        return reel_error_set(error, REEL_E_DAMAGED, "the reel is damaged: a process has an impossible number");
    *count = (size_t)greatest + 1;
    return REEL_OK;
}

static bool add_fate(struct replay_fates *fates, const struct replay_life *before, uint32_t process,
                     const struct replay_life *life)
{
    if (fates->fate_count == fates->fate_max)
    {
        size_t max = fates->fate_max == 0 ? 64 : fates->fate_max * 2;
        struct replay_fate *moved = reallocarray(fates->all, max, sizeof *moved);
        if (moved == NULL)
            return false;
        fates->all = moved;
        fates->fate_max = max;
    }
    uint64_t event = first_difference(before, life);
    fates->from_event = event < fates->from_event ? event : fates->from_event;
    fates->all[fates->fate_count++] = (struct replay_fate){.process = process, .life = *life};
    return true;
}

// Rows of the processes from one to another.
static int read_rows(const struct replay_lives *lives, struct sqlite3_stmt *row, size_t from, size_t to,
                     struct replay_fates *fates)
{
    int result;
    bool has_memory = true;
    sqlite3_bind_int64(row, 1, (int64_t)from);
    sqlite3_bind_int64(row, 2, (int64_t)to);
    while (has_memory && (result = sqlite3_step(row)) == SQLITE_ROW)
    {
        size_t process = (size_t)sqlite3_column_int64(row, 0);
        const struct replay_life *before = process < lives->count ? &lives->all[process] : &no_life;
        const struct replay_life life = read_life(row, process);
        if (process >= lives->count || life.end_event != before->end_event)
            has_memory = add_fate(fates, before, (uint32_t)process, &life);
    }
    sqlite3_reset(row);
    return !has_memory ? REEL_E_NO_MEMORY : result == SQLITE_DONE ? REEL_OK : REEL_E_IO;
}

int replay_lives_look(const struct replay_lives *lives, struct reel_reader *reader, struct replay_fates *fates,
                      struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(reader);
    struct sqlite3_stmt *row = NULL;
    *fates = (struct replay_fates){.from_event = REPLAY_NEVER};
    int status = read_process_count(reader, &fates->process_count, error);
    if (status != REEL_OK)
        return status;
    if (fates->process_count < lives->count)
        return reel_error_set(error, REEL_E_DAMAGED, "the reel has lost processes since it was opened; open it again");
    status = sqlite3_prepare_v2(database, rows_sql, -1, &row, NULL) == SQLITE_OK ? REEL_OK : REEL_E_IO;
    for (size_t i = 1; status == REEL_OK && i < lives->count; i++)
        if (lives->all[i].end_event == REPLAY_NEVER && lives->all[i].begin_event != REPLAY_NEVER)
            status = read_rows(lives, row, i, i, fates);
    if (status == REEL_OK && fates->process_count > lives->count)
        status = read_rows(lives, row, lives->count, fates->process_count - 1, fates);
    if (status == REEL_E_NO_MEMORY)
        reel_error_set(error, status, "out of memory for %zu processes", fates->process_count);
    else if (status != REEL_OK)
        status = reel_error_from_sqlite(error, database, "reading the processes");
    sqlite3_finalize(row);
    return status;
}

void replay_fates_fini(struct replay_fates *fates)
{
    free(fates->all);
    *fates = (struct replay_fates){0};
}

static int make_room(struct replay_lives *lives, size_t count)
{
    struct replay_life *all = reallocarray(lives->all, count, sizeof *all);
    lives->all = all != NULL ? all : lives->all;
    struct replay_turn *turns = reallocarray(lives->turns, count * TURN_KINDS, sizeof *turns);
    lives->turns = turns != NULL ? turns : lives->turns;
    if (all == NULL || turns == NULL)
        return REEL_E_NO_MEMORY;
    for (; lives->count < count; lives->count++)
        lives->all[lives->count] = no_life;
    return REEL_OK;
}

int replay_lives_take(struct replay_lives *lives, const struct replay_fates *fates)
{
    if (fates->process_count > lives->count && make_room(lives, fates->process_count) != REEL_OK)
        return REEL_E_NO_MEMORY;
    for (size_t i = 0; i < fates->fate_count; i++)
        lives->all[fates->all[i].process] = fates->all[i].life;
    if (fates->fate_count != 0)
        make_turns(lives);
    return REEL_OK;
}

int replay_lives_read(struct replay_lives *lives, struct reel_reader *reader, struct reel_error *error)
{
    struct replay_fates fates = {0};
    *lives = (struct replay_lives){0};
    int status = replay_lives_look(lives, reader, &fates, error);
    if (status == REEL_OK && replay_lives_take(lives, &fates) != REEL_OK)
        status = reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for %zu processes", fates.process_count);
    replay_fates_fini(&fates);
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
