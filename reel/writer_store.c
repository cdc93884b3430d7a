// SPDX-License-Identifier: MIT
// The writer's statements, and what becomes of a failure: rolled back, remembered, told again. Knows no meaning of
// rows.
#include "reel/writer_internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "reel/error.h"

#define FIGURE_ASSIGNMENT(name) #name " = ?, "
#define UPDATE_FIGURES                                                                                                 \
    " SET " REEL_FIGURE_LIST(FIGURE_ASSIGNMENT) "peak_event = ?, live_blocks = ?, live_bytes = ? WHERE rowid = ?"

static const char *const statement_texts[WRITER_STATEMENT_COUNT] = {
    [WRITER_BEGIN] = "BEGIN",
    [WRITER_COMMIT] = "COMMIT",
    [WRITER_INSERT_RUN] = "INSERT INTO run (run, command, allocator, stacks, when_full, host, version, start_unix_ns, "
                          "ticks_per_second) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
    [WRITER_UPDATE_RUN] = "UPDATE run" UPDATE_FIGURES,
    [WRITER_UPDATE_START] = "UPDATE run SET start_unix_ns = ?",
    [WRITER_INSERT_PROCESS] =
        "INSERT INTO process (process, pid, parent_pid, parent_process, is_fork, fork_serial, fork_event, "
        "fork_begin_ns, fork_end_ns, command, executable, begin_ns, begin_event, inherited_blocks, inherited_bytes) "
        "VALUES (?, ?, ?, nullif(?, 0), ?, ?, nullif(?, -1), ?, ?, ?, ?, ?, ?, ?, ?)",
    [WRITER_UPDATE_PROCESS] = "UPDATE process" UPDATE_FIGURES,
    [WRITER_END_PROCESS] = "UPDATE process SET end_ns = ?, end_event = ?, end_kind = ?, exit_status = nullif(?, -1), "
                           "signal = nullif(?, 0) WHERE process = ?",
    [WRITER_INSERT_THREAD] = "INSERT INTO thread (thread, process, tid, name, begin_ns) VALUES (?, ?, ?, ?, ?)",
    [WRITER_END_THREAD] = "UPDATE thread SET end_ns = ? WHERE thread = ?",
    [WRITER_INSERT_MODULE] = "INSERT INTO module (module, path, build_id) VALUES (?, ?, ?)",
    [WRITER_INSERT_MAPPING] =
        "INSERT INTO mapping (process, module, t_ns, bias, begin_address, end_address) VALUES (?, ?, ?, ?, ?, ?)",
    [WRITER_INSERT_FRAME] = "INSERT INTO frame (frame, module, address_offset) VALUES (?, ?, ?)",
    [WRITER_INSERT_STACK] = "INSERT INTO stack (stack, parent, frame) VALUES (?, ?, ?)",
    [WRITER_INSERT_SYMBOL] = "INSERT INTO symbol (frame, depth, function, file, line, is_inlined) "
                             "VALUES (?, ?, ?, ?, nullif(?, 0), ?)",
    [WRITER_SELECT_THREAD] = "SELECT max(thread) FROM thread WHERE process = ? AND tid = ? AND begin_ns <= ?",
    [WRITER_INSERT_DIFFERENCE] =
        "INSERT INTO stack_difference (process, number, thread, t_ns, walked_stack, unwound_stack) "
        "VALUES (?, ?, nullif(?, 0), ?, nullif(?, 0), nullif(?, 0))",
    [WRITER_INSERT_RESIDENCY] = "INSERT INTO residency (process, t_ns, resident_bytes, anonymous_bytes, file_bytes, "
                                "swapped_bytes, peak_resident_bytes) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [WRITER_INSERT_RESIDENT_PAGES] = "INSERT INTO resident_pages (residency, process, t_ns, data) VALUES (?, ?, ?, ?)",
    [WRITER_REPLACE_LOSS] = "REPLACE INTO loss (process, kind, loss_count) VALUES (?, ?, ?)",
    [WRITER_REPLACE_CHUNK] = "REPLACE INTO chunk (first_event, events, begin_ns, end_ns, allocations, frees, resizes, "
                             "requested_bytes, live_blocks, live_bytes, live_bytes_min, live_bytes_max) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [WRITER_REPLACE_CHUNK_DATA] = "REPLACE INTO chunk_data (first_event, data) VALUES (?, ?)",
    [WRITER_REPLACE_CLASS_TOTALS] = "REPLACE INTO class_totals (first_event, data) VALUES (?, ?)",
    [WRITER_DELETE_CLASS_TOTALS] = "DELETE FROM class_totals WHERE first_event = ?",
    [WRITER_INSERT_KEYFRAME] = "INSERT INTO keyframe (events, t_ns, live_blocks, data) VALUES (?, ?, ?, ?)",
    [WRITER_INSERT_CLASS] = "INSERT INTO size_class (class_id, slot_bytes, usable_bytes, is_aligned, event) "
                            "VALUES (?, ?, ?, ?, ?)",
    [WRITER_INSERT_ZONE] = "INSERT INTO zone (process, class_id, role, begin_address, zone_bytes, event, t_ns) "
                           "VALUES (?, nullif(?, -1), ?, ?, ?, ?, ?)",
    [WRITER_INSERT_PAGE_CHANGE] = "INSERT INTO page_change (process, event, t_ns, begin_address, range_bytes, kind) "
                                  "VALUES (?, ?, ?, ?, ?, ?)",
    [WRITER_INSERT_CENSUS] = "INSERT INTO class_census (process, class_id, event, t_ns, carved_slots, used_slots, "
                             "quarantined_slots) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [WRITER_INSERT_FINDING] =
        "INSERT INTO finding (process, thread, event, t_ns, kind, address, size_bytes, true_size_bytes, stack, "
        "free_event, alloc_event, alloc_stack) VALUES (?, ?, ?, ?, ?, ?, ?, nullif(?, 0), nullif(?, 0), "
        "nullif(?, -1), nullif(?, -1), nullif(?, 0))",
    [WRITER_SELECT_QUESTIONS] = "SELECT finding, coalesce(free_event, event), address, process, kind FROM finding "
                                "WHERE alloc_event IS NULL AND address <> 0 ORDER BY 2, 1 LIMIT ?",
    [WRITER_SELECT_FORKS] =
        "SELECT fork_event, parent_process, process FROM process WHERE is_fork = 1 AND "
        "fork_event IS NOT NULL AND parent_process IS NOT NULL ORDER BY fork_event, process LIMIT ?",
    [WRITER_UPDATE_FINDING] =
        "UPDATE finding SET alloc_event = nullif(?, -1), alloc_stack = nullif(?, 0), first_free_event = nullif(?, -1), "
        "first_free_stack = nullif(?, 0) WHERE finding = ?",
    [WRITER_REPLACE_CLASS_FIGURES] = "REPLACE INTO class_figures (process, class_id, carved_slots, live_slots, "
                                     "peak_live_slots, peak_event) VALUES (?, ?, ?, ?, ?, nullif(?, -1))",
    [WRITER_REPLACE_HEAP_FIGURES] =
        "REPLACE INTO heap_figures (process, carved_bytes, bound_bytes, live_slot_bytes, peak_slot_bytes, peak_event, "
        "committed_bytes, peak_committed_bytes, metadata_bytes, peak_metadata_bytes) "
        "VALUES (?, ?, ?, ?, ?, nullif(?, -1), ?, ?, ?, ?)",
};

static int fail(struct reel_writer *writer, struct reel_error *error)
{
    if (!sqlite3_get_autocommit(writer->database))
        sqlite3_exec(writer->database, "ROLLBACK", NULL, NULL, NULL);
    return writer_check(writer, error);
}

int writer_fail_sqlite(struct reel_writer *writer, struct reel_error *error)
{
    if (writer->failure.status == REEL_OK)
        reel_error_from_sqlite(&writer->failure, writer->database, writer->path);
    return fail(writer, error);
}

int writer_fail_memory(struct reel_writer *writer, struct reel_error *error)
{
    if (writer->failure.status == REEL_OK)
        reel_error_set(&writer->failure, REEL_E_NO_MEMORY, "%s: out of memory; recording ended", writer->path);
    return fail(writer, error);
}

int writer_check(const struct reel_writer *writer, struct reel_error *error)
{
    if (writer->failure.status == REEL_OK)
        return REEL_OK;
    return reel_error_set(error, writer->failure.status, "%s", writer->failure.text);
}

struct sqlite3_stmt *writer_statement(struct reel_writer *writer, struct reel_error *error,
                                      enum writer_statement statement)
{
    struct sqlite3_stmt **prepared = &writer->statements[statement];
    if (*prepared == NULL && sqlite3_prepare_v3(writer->database, statement_texts[statement], -1,
                                                SQLITE_PREPARE_PERSISTENT, prepared, NULL) != SQLITE_OK)
    {
        writer_fail_sqlite(writer, error);
        return NULL;
    }
    return *prepared;
}

int writer_step(struct reel_writer *writer, struct reel_error *error, struct sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE)
    {
        int status = writer_fail_sqlite(writer, error);
        sqlite3_reset(statement);
        return status;
    }
    sqlite3_reset(statement);
    return REEL_OK;
}

int writer_run(struct reel_writer *writer, struct reel_error *error, enum writer_statement statement, const char *types,
               ...)
{
    struct sqlite3_stmt *prepared = writer_statement(writer, error, statement);
    if (prepared == NULL)
        return writer->failure.status;
    va_list arguments;
    va_start(arguments, types);
    for (int i = 0; types[i] != '\0'; i++)
    {
        if (types[i] == 'i')
            sqlite3_bind_int64(prepared, i + 1, va_arg(arguments, int64_t));
        else if (types[i] == 't')
            sqlite3_bind_text(prepared, i + 1, va_arg(arguments, const char *), -1, SQLITE_STATIC);
        else
        {
            const void *bytes = va_arg(arguments, const void *);
            sqlite3_bind_blob64(prepared, i + 1, bytes, va_arg(arguments, size_t), SQLITE_STATIC);
        }
    }
    va_end(arguments);
    return writer_step(writer, error, prepared);
}

bool writer_reserve(void *array, size_t *max, size_t count, size_t element_bytes)
{
    if (count < *max)
        return true;
    void *elements; // copied in and out: the pointer in the struct has another type
    memcpy(&elements, array, sizeof elements);
    size_t bigger = *max == 0 ? 16 : *max * 2;
    elements = reallocarray(elements, bigger, element_bytes);
    if (elements == NULL)
        return false;
    memcpy(array, &elements, sizeof elements);
    *max = bigger;
    return true;
}

struct writer_process *writer_running_process(struct reel_writer *writer, uint32_t process, struct reel_error *error)
{
    struct writer_process *found = writer_process(writer, process, error);
    if (found == NULL || writer_check(writer, error) != REEL_OK)
        return NULL;
    if (found->is_running)
        return found;
    reel_error_set(error, REEL_E_ARGUMENT, "%s: process %u has ended before", writer->path, process);
    return NULL;
}

int writer_refusal(const struct reel_writer *writer)
{
    return writer->failure.status != REEL_OK ? writer->failure.status : REEL_E_ARGUMENT;
}

struct writer_process *writer_process(struct reel_writer *writer, uint32_t process, struct reel_error *error)
{
    if (process >= 1 && process <= writer->process_count)
        return &writer->processes[process - 1];
    reel_error_set(error, REEL_E_ARGUMENT, "%s: there is no process %u", writer->path, process);
    return NULL;
}
