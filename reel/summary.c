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
    "coalesce(signal, 0), coalesce(parent_process, 0), begin_ns, coalesce(end_ns, 0) FROM main.process ORDER BY "
    "process";
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
        .signal = sqlite3_column_int(row, AFTER_FIGURES + 7),
        .parent_process = (uint32_t)sqlite3_column_int64(row, AFTER_FIGURES + 8),
        .begin_ns = (uint64_t)sqlite3_column_int64(row, AFTER_FIGURES + 9),
        .end_ns = (uint64_t)sqlite3_column_int64(row, AFTER_FIGURES + 10)};
    read_figures(row, &process->figures);
    return process->command != NULL;
}

static bool read_class(struct sqlite3_stmt *row, struct reel_summary *summary)
{
    struct reel_class_summary *moved = reallocarray(summary->classes, summary->class_count + 1, sizeof *moved);
    if (moved == NULL)
        return false;
    summary->classes = moved;
    moved[summary->class_count++] =
        (struct reel_class_summary){.process = (uint32_t)sqlite3_column_int64(row, 0),
                                    .class_id = (uint32_t)sqlite3_column_int64(row, 1),
                                    .is_aligned = sqlite3_column_int(row, 2) != 0,
                                    .slot_bytes = (uint64_t)sqlite3_column_int64(row, 3),
                                    .carved_slots = (uint64_t)sqlite3_column_int64(row, 4),
                                    .live_slots = (uint64_t)sqlite3_column_int64(row, 5),
                                    .peak_live_slots = (uint64_t)sqlite3_column_int64(row, 6)};
    return true;
}

// The classes are read before, and lie together by process.
static void find_classes(const struct reel_summary *summary, struct reel_heap_summary *heap)
{
    for (size_t i = 0; i < summary->class_count; i++)
    {
        if (summary->classes[i].process != heap->process)
            continue;
        if (heap->class_count++ == 0)
            heap->classes = &summary->classes[i];
        heap->carved_slots += summary->classes[i].carved_slots;
    }
}

static bool read_heap(struct sqlite3_stmt *row, struct reel_summary *summary)
{
    struct reel_heap_summary *moved = reallocarray(summary->heaps, summary->heap_count + 1, sizeof *moved);
    if (moved == NULL)
        return false;
    summary->heaps = moved;
    struct reel_heap_summary *heap = &moved[summary->heap_count++];
    *heap = (struct reel_heap_summary){.process = (uint32_t)sqlite3_column_int64(row, 0),
                                       .carved_bytes = (uint64_t)sqlite3_column_int64(row, 1),
                                       .bound_bytes = (uint64_t)sqlite3_column_int64(row, 2),
                                       .live_slot_bytes = (uint64_t)sqlite3_column_int64(row, 3),
                                       .peak_slot_bytes = (uint64_t)sqlite3_column_int64(row, 4),
                                       .committed_bytes = (uint64_t)sqlite3_column_int64(row, 5),
                                       .peak_committed_bytes = (uint64_t)sqlite3_column_int64(row, 6),
                                       .metadata_bytes = (uint64_t)sqlite3_column_int64(row, 7),
                                       .peak_metadata_bytes = (uint64_t)sqlite3_column_int64(row, 8)};
    find_classes(summary, heap);
    return true;
}

static bool read_finding_count(struct sqlite3_stmt *row, struct reel_summary *summary)
{
    uint64_t count = (uint64_t)sqlite3_column_int64(row, 1);
    summary->finding_counts[reel_words_to_misuse((const char *)sqlite3_column_text(row, 0))] += count;
    summary->finding_count += count;
    return true;
}

static bool read_finding(struct sqlite3_stmt *row, struct reel_summary *summary)
{
    if (summary->first_findings == NULL)
        summary->first_findings = calloc(REEL_SUMMARY_FINDINGS_MAX, sizeof *summary->first_findings);
    if (summary->first_findings == NULL)
        return false;
    if (summary->first_finding_count < REEL_SUMMARY_FINDINGS_MAX)
        summary->first_findings[summary->first_finding_count++] =
            (struct reel_finding_summary){.process = (uint32_t)sqlite3_column_int64(row, 0),
                                          .thread = (uint32_t)sqlite3_column_int64(row, 1),
                                          .event = (uint64_t)sqlite3_column_int64(row, 2),
                                          .t_ns = (uint64_t)sqlite3_column_int64(row, 3),
                                          .misuse = reel_words_to_misuse((const char *)sqlite3_column_text(row, 4)),
                                          .address = (uint64_t)sqlite3_column_int64(row, 5),
                                          .size_bytes = (uint64_t)sqlite3_column_int64(row, 6),
                                          .true_size_bytes = (uint64_t)sqlite3_column_int64(row, 7),
                                          .stack = (uint32_t)sqlite3_column_int64(row, 8),
                                          .alloc_stack = (uint32_t)sqlite3_column_int64(row, 9),
                                          .first_free_stack = (uint32_t)sqlite3_column_int64(row, 10)};
    return true;
}

static bool read_difference(struct sqlite3_stmt *row, struct reel_summary *summary)
{
    struct reel_difference_summary *moved =
        reallocarray(summary->differences, summary->difference_count + 1, sizeof *moved);
    if (moved == NULL)
        return false;
    summary->differences = moved;
    moved[summary->difference_count++] =
        (struct reel_difference_summary){.process = (uint32_t)sqlite3_column_int64(row, 0),
                                         .number = (uint32_t)sqlite3_column_int64(row, 1),
                                         .thread = (uint32_t)sqlite3_column_int64(row, 2),
                                         .t_ns = (uint64_t)sqlite3_column_int64(row, 3),
                                         .walked_stack = (uint32_t)sqlite3_column_int64(row, 4),
                                         .unwound_stack = (uint32_t)sqlite3_column_int64(row, 5)};
    return true;
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

// Classes before heaps, which point to them.
static const struct
{
    const char *sql;
    bool (*read)(struct sqlite3_stmt *row, struct reel_summary *summary);
    uint32_t version; // of the format that brought the table
} newer_queries[] = {
    {"SELECT process, class_id, is_aligned, slot_bytes, carved_slots, live_slots, peak_live_slots "
     "FROM main.class_figures JOIN main.size_class USING (class_id) ORDER BY process, slot_bytes, is_aligned",
     read_class, 2},
    {"SELECT process, carved_bytes, bound_bytes, live_slot_bytes, peak_slot_bytes, committed_bytes, "
     "peak_committed_bytes, metadata_bytes, peak_metadata_bytes FROM main.heap_figures "
     "ORDER BY bound_bytes DESC, peak_committed_bytes DESC, process",
     read_heap, 2},
    {"SELECT kind, count(*) FROM main.finding GROUP BY kind", read_finding_count, 2},
    {"SELECT process, thread, event, t_ns, kind, address, size_bytes, coalesce(true_size_bytes, 0), "
     "coalesce(stack, 0), coalesce(alloc_stack, 0), coalesce(first_free_stack, 0) FROM main.finding "
     "ORDER BY finding LIMIT 20",
     read_finding, 2},
    {"SELECT process, number, coalesce(thread, 0), t_ns, coalesce(walked_stack, 0), coalesce(unwound_stack, 0) FROM "
     "main.stack_difference ORDER BY process, number",
     read_difference, 3},
};

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
    for (size_t i = 0; i < sizeof newer_queries / sizeof newer_queries[0] && status == REEL_OK; i++)
        if (reel_reader_version(reader) >= newer_queries[i].version)
            status = read_rows(database, newer_queries[i].sql, summary, newer_queries[i].read, error);
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
    free(summary->heaps);
    free(summary->classes);
    free(summary->first_findings);
    free(summary->differences);
    free(summary);
}
