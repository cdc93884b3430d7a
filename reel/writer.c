// SPDX-License-Identifier: MIT
// The writer's life: making the file, transactions, finishing. The rows are written elsewhere.
//
// A file begins as a copy of an empty reel; the log (WAL) is switched on when it names its run, so that the main file
// alone does at any moment.
#include "reel/writer_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reel/error.h"
#include "reel/gather.h"
#include "reel/schema.h"

// Never waits for the disk: what was committed is the kernel's, and outlives a killed tracer; a machine that stops may
// take the reel with it. A short log stays in the processor's cache, and leaves little to copy at the end.
static const char settings_before[] = "PRAGMA secure_delete = 0; PRAGMA temp_store = 2; PRAGMA cache_size = -2048;"
                                      "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;";
// The log is opened with the first query, and from then on the file has the lock by which others know of a writer.
static const char settings_after[] = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 256; SELECT run FROM run;";
#define BUSY_TIMEOUT_MS 5000

static int fail_to_create(const char *path, struct reel_error *error)
{
    int reason = errno;
    if (reason == EEXIST)
        return reel_error_set(error, REEL_E_EXISTS, "%s: the file exists already; choose another or use --force", path);
    return reel_error_set(error, reason == ENOSPC || reason == EDQUOT ? REEL_E_FULL : REEL_E_OPEN,
                          "%s: cannot create the file: %s", path, strerror(reason));
}

// Removes a regular file and what SQLite keeps beside it. Anything else stays, and creating the file will fail.
static int remove_old(const char *path, struct reel_error *error)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal", ""};
    struct stat status;
    if (lstat(path, &status) != 0)
        return REEL_OK;
    if (!S_ISREG(status.st_mode))
        return reel_error_set(error, REEL_E_EXISTS, "%s: exists and is no regular file; choose another", path);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
    {
        char *name = sqlite3_mprintf("%s%s", path, suffixes[i]);
        if (name == NULL)
            return reel_error_set(error, REEL_E_NO_MEMORY, "%s: out of memory", path);
        int failed = unlink(name);
        int reason = errno;
        sqlite3_free(name);
        if (failed != 0 && reason != ENOENT)
            return reel_error_set(error, REEL_E_OPEN, "%s: cannot replace the file: %s", path, strerror(reason));
    }
    return REEL_OK;
}

// The page that says what the file is comes last.
static bool write_empty(int file)
{
    static const size_t header_bytes = 4096;
    size_t rest_bytes = reel_empty_image_bytes - header_bytes;
    ssize_t rest = pwrite(file, reel_empty_image + header_bytes, rest_bytes, (off_t)header_bytes);
    ssize_t header = rest == (ssize_t)rest_bytes ? pwrite(file, reel_empty_image, header_bytes, 0) : 0;
    if (header == (ssize_t)header_bytes)
        return true;
    errno = rest >= 0 && header >= 0 ? ENOSPC : errno; // only a full disk takes less than it was given
    return false;
}

static int claim_file(const char *path, bool force, struct reel_error *error)
{
    int status = force ? remove_old(path, error) : REEL_OK;
    if (status != REEL_OK)
        return status;
    int file = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666);
    if (file < 0)
        return fail_to_create(path, error);
    status = write_empty(file) ? REEL_OK : fail_to_create(path, error);
    if (status != REEL_OK)
        unlink(path);
    close(file);
    return status;
}

static int allocate(struct reel_writer *writer, const char *path)
{
    writer->path = strdup(path);
    bool is_complete = writer->path != NULL && reel_codec_create(&writer->codec) == REEL_OK &&
                       reel_intern_init(&writer->frames) == REEL_OK && reel_intern_init(&writer->stacks) == REEL_OK;
    return is_complete ? REEL_OK : REEL_E_NO_MEMORY;
}

static int execute(struct reel_writer *writer, struct reel_error *error, const char *sql)
{
    if (sqlite3_exec(writer->database, sql, NULL, NULL, NULL) != SQLITE_OK)
        return writer_fail_sqlite(writer, error);
    return REEL_OK;
}

static int create_database(struct reel_writer *writer, const struct reel_run_info *info, struct reel_error *error)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (reel_sqlite_open(&writer->database, writer->path, flags, reel_gather_vfs()) != SQLITE_OK)
        return writer_fail_sqlite(writer, error);
    sqlite3_busy_timeout(writer->database, BUSY_TIMEOUT_MS);
    int status = execute(writer, error, settings_before);
    if (status == REEL_OK)
        status = execute(writer, error, "BEGIN");
    if (status == REEL_OK)
        status = writer_run(writer, error, WRITER_INSERT_RUN, "ttttttii", info->command, info->allocator, info->stacks,
                            info->when_full, info->host, info->version, info->start_unix_ns,
                            (int64_t)info->ticks_per_second);
    if (status == REEL_OK)
        status = execute(writer, error, "COMMIT");
    if (status == REEL_OK)
        status = execute(writer, error, settings_after);
    return status == REEL_OK ? execute(writer, error, "BEGIN") : status;
}

int reel_writer_open(struct reel_writer **out, const char *path, bool force, const struct reel_run_info *info,
                     struct reel_error *error)
{
    int status = claim_file(path, force, error);
    if (status != REEL_OK)
        return status;
    struct reel_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL || allocate(writer, path) != REEL_OK)
        status = reel_error_set(error, REEL_E_NO_MEMORY, "%s: out of memory", path);
    else
        status = create_database(writer, info, error);
    if (status != REEL_OK)
    {
        reel_writer_close(writer);
        unlink(path); // an empty file of ours would only be in the way of the next attempt
        return status;
    }
    *out = writer;
    return REEL_OK;
}

static int commit(struct reel_writer *writer, struct reel_error *error)
{
    int status = writer_check(writer, error);
    // A chunk that is half full is closed: writing it again and again would cost more than a shorter chunk does.
    if (status == REEL_OK)
        status = writer->chunk.count >= REEL_CHUNK_EVENTS_MAX / 2 ? writer_next_chunk(writer, error)
                                                                  : writer_store_chunk(writer, error);
    if (status == REEL_OK)
        status = writer_keyframe_store(writer, false, error);
    if (status == REEL_OK)
        status = writer_store_figures(writer, error);
    return status == REEL_OK ? writer_run(writer, error, WRITER_COMMIT, "") : status;
}

int reel_writer_commit(struct reel_writer *writer, struct reel_error *error)
{
    int status = commit(writer, error);
    return status == REEL_OK ? writer_run(writer, error, WRITER_BEGIN, "") : status;
}

void reel_writer_totals(const struct reel_writer *writer, struct reel_writer_totals *totals)
{
    *totals = (struct reel_writer_totals){.events = writer->ledger.figures.events,
                                          .live_blocks = writer->ledger.live_blocks,
                                          .live_bytes = writer->ledger.live_bytes,
                                          .peak_live_bytes = writer->ledger.figures.peak_live_bytes};
}

static int stop_processes(struct reel_writer *writer, uint64_t t_ns, struct reel_error *error)
{
    const struct reel_process_end_info stopped = {.t_ns = t_ns, .how = REEL_END_STOPPED, .exit_status = -1};
    int status = writer_check(writer, error);
    for (size_t i = 0; i < writer->process_count && status == REEL_OK; i++)
        if (writer->processes[i].is_running)
            status = reel_writer_end_process(writer, (uint32_t)i + 1, &stopped, error);
    return status;
}

static void finalize_statements(struct reel_writer *writer)
{
    for (int i = 0; i < WRITER_STATEMENT_COUNT; i++)
    {
        sqlite3_finalize(writer->statements[i]);
        writer->statements[i] = NULL;
    }
}

int reel_writer_finish(struct reel_writer *writer, uint64_t t_ns, struct reel_error *error)
{
    int status = stop_processes(writer, t_ns, error);
    writer_saw_time(writer, t_ns);
    if (status == REEL_OK)
        status = writer_store_chunk(writer, error);
    if (status == REEL_OK)
        status = writer_keyframe_store(writer, true, error);
    if (status == REEL_OK)
        status = writer_answer_findings(writer, error);
    if (status == REEL_OK)
        status = execute(writer, error, "UPDATE run SET is_complete = 1");
    if (status == REEL_OK)
        status = commit(writer, error);
    if (status == REEL_OK)
    {
        // Not while somebody reads: then the log stays beside the file, and both together are the complete reel.
        finalize_statements(writer);
        sqlite3_busy_timeout(writer->database, 0);
        sqlite3_exec(writer->database, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = MEMORY", NULL, NULL,
                     NULL);
    }
    reel_writer_close(writer);
    return status;
}

void reel_writer_fold_log(const char *path)
{
    struct sqlite3 *database = NULL;
    if (reel_sqlite_open(&database, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
        sqlite3_exec(database, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    sqlite3_close(database);
}

void reel_writer_close(struct reel_writer *writer)
{
    if (writer == NULL)
        return;
    writer_keyframe_drop(writer);
    finalize_statements(writer);
    sqlite3_close(writer->database);
    writer_drop_forks(writer);
    for (size_t i = 0; i < writer->process_count; i++)
    {
        if (writer->processes[i].is_running)
            reel_blocks_fini(&writer->processes[i].blocks);
        writer_heap_destroy(writer->processes[i].heap);
        free(writer->processes[i].totals);
    }
    for (size_t i = 0; i < writer->module_count; i++)
    {
        free(writer->modules[i].path);
        free(writer->modules[i].build_id);
    }
    free(writer->processes);
    free(writer->threads);
    free(writer->modules);
    free(writer->forks);
    reel_intern_fini(&writer->frames);
    reel_intern_fini(&writer->stacks);
    reel_codec_destroy(writer->codec);
    free(writer->path);
    free(writer);
}
