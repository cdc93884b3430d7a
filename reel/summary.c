// SPDX-License-Identifier: MIT
// The summary, from the rows that the writer keeps. Adds nothing up: what is not in the file is not here.
#include "reel/summary.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "reel/error.h"
#include "reel/figures.h"
#include "reel/sqlite.h"
#include "reel/words.h"

// The figures come first in both queries, and after them peak_event and what else there is.
#define FIGURE_COLUMN(name) #name ", "
#define FIGURE_COLUMNS REEL_FIGURE_LIST(FIGURE_COLUMN) "peak_event, "
#define FIGURE_ONE(name) +1 // NOLINT(bugprone-macro-parentheses): a term of a sum
enum
{
    AFTER_FIGURES = REEL_FIGURE_LIST(FIGURE_ONE) + 1
};

static const char run_sql[] =
    "SELECT " FIGURE_COLUMNS
    "command, allocator, stacks, host, version, start_unix_ns, is_complete FROM main.run LIMIT 1";
static const char process_sql[] =
    "SELECT " FIGURE_COLUMNS "process, pid, parent_pid, is_fork, command, end_kind, coalesce(exit_status, -1), "
    "coalesce(signal, 0) FROM main.process ORDER BY process";
static const char loss_sql[] = "SELECT process, kind, loss_count FROM main.loss WHERE loss_count > 0 "
                               "ORDER BY process, kind";

static void read_figures(struct sqlite3_stmt *row, struct reel_figures *figures)
{
    int column = 0;
#define READ_FIGURE(name) figures->name = (uint64_t)sqlite3_column_int64(row, column++);
    REEL_FIGURE_LIST(READ_FIGURE)
#undef READ_FIGURE
    figures->peak_event = (uint64_t)sqlite3_column_int64(row, column);
}

// A missing command is an empty one: the text is for people.
static const char *copy_text(struct sqlite3_stmt *row, int column)
{
    const unsigned char *text = sqlite3_column_text(row, column);
    return strdup(text != NULL ? (const char *)text : "");
}

static bool read_run(struct sqlite3_stmt *row, struct reel_summary *summary)
{
    read_figures(row, &summary->figures);
    const char **texts[] = {&summary->command, &summary->allocator, &summary->stacks, &summary->host,
                            &summary->version};
    bool has_memory = true;
    for (int i = 0; i < 5; i++)
    {
        *texts[i] = copy_text(row, AFTER_FIGURES + i);
        has_memory = has_memory && *texts[i] != NULL;
    }
    summary->start_unix_ns = sqlite3_column_int64(row, AFTER_FIGURES + 5);
    summary->is_complete = sqlite3_column_int64(row, AFTER_FIGURES + 6) != 0;
    return has_memory;
}

static bool read_process(struct sqlite3_stmt *row, struct reel_summary *summary)
{
    struct reel_process_summary *moved = reallocarray(summary->processes, summary->process_count + 1, sizeof *moved);
    if (moved == NULL)
        return false;
    summary->processes = moved;
    struct reel_process_summary *process = &moved[summary->process_count++];
    *process = (struct reel_process_summary){
        .process = (uint32_t)sqlite3_column_int64(row, AFTER_FIGURES),
        .pid = sqlite3_column_int(row, AFTER_FIGURES + 1),
        .parent_pid = sqlite3_column_int(row, AFTER_FIGURES + 2),
        .is_fork = sqlite3_column_int(row, AFTER_FIGURES + 3) != 0,
        .command = copy_text(row, AFTER_FIGURES + 4),
        .end = reel_words_to_end((const char *)sqlite3_column_text(row, AFTER_FIGURES + 5)),
        .exit_status = sqlite3_column_int(row, AFTER_FIGURES + 6),
        .signal = sqlite3_column_int(row, AFTER_FIGURES + 7)};
    read_figures(row, &process->figures);
    return process->command != NULL;
}

static bool read_loss(struct sqlite3_stmt *row, struct reel_summary *summary)
{
    struct reel_loss *moved = reallocarray(summary->losses, summary->loss_count + 1, sizeof *moved);
    if (moved == NULL)
        return false;
    summary->losses = moved;
    struct reel_loss *loss = &moved[summary->loss_count++];
    *loss = (struct reel_loss){.process = (uint32_t)sqlite3_column_int64(row, 0),
                               .kind = copy_text(row, 1),
                               .count = (uint64_t)sqlite3_column_int64(row, 2)};
    return loss->kind != NULL;
}

static int read_rows(struct sqlite3 *database, const char *sql, struct reel_summary *summary,
                     bool (*read_row)(struct sqlite3_stmt *row, struct reel_summary *summary), struct reel_error *error)
{
    struct sqlite3_stmt *rows = NULL;
    bool has_memory = true;
    int result = sqlite3_prepare_v2(database, sql, -1, &rows, NULL);
    if (result == SQLITE_OK)
        while (has_memory && (result = sqlite3_step(rows)) == SQLITE_ROW)
            has_memory = read_row(rows, summary);
    int status = REEL_OK;
    if (!has_memory)
        status = reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    else if (result != SQLITE_DONE)
        status = reel_error_set(error, REEL_E_DAMAGED, "the reel is damaged: %s", sqlite3_errmsg(database));
    sqlite3_finalize(rows);
    return status;
}

static uint64_t file_bytes(struct sqlite3 *database)
{
    struct stat status;
    const char *path = sqlite3_db_filename(database, "main");
    return path != NULL && stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

int reel_summary_read(struct reel_summary **out, struct reel_reader *reader, struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(reader);
    struct reel_summary *summary = calloc(1, sizeof *summary);
    if (summary == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    int status = read_rows(database, run_sql, summary, read_run, error);
    if (status == REEL_OK)
        status = read_rows(database, process_sql, summary, read_process, error);
    if (status == REEL_OK)
        status = read_rows(database, loss_sql, summary, read_loss, error);
    if (status == REEL_OK && summary->command == NULL)
        status = reel_error_set(error, REEL_E_DAMAGED, "the reel is damaged: it has no row about the run");
    summary->file_bytes = file_bytes(database);
    if (status != REEL_OK)
        reel_summary_destroy(summary);
    else
        *out = summary;
    return status;
}

static void free_text(const char *text)
{
    void *owned;
    memcpy(&owned, &text, sizeof owned); // ours, const only for readers
    free(owned);
}

void reel_summary_destroy(struct reel_summary *summary)
{
    if (summary == NULL)
        return;
    free_text(summary->command);
    free_text(summary->allocator);
    free_text(summary->stacks);
    free_text(summary->host);
    free_text(summary->version);
    for (size_t i = 0; i < summary->process_count; i++)
        free_text(summary->processes[i].command);
    for (size_t i = 0; i < summary->loss_count; i++)
        free_text(summary->losses[i].kind);
    free(summary->processes);
    free(summary->losses);
    free(summary);
}
