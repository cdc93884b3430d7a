// SPDX-License-Identifier: MIT
// Reels made for tests, in a directory that goes away with the test.
#include "recording.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reel/sqlite.h"

#define BATCH 1000

int recording_set_up(void **state)
{
    struct recording *recording = calloc(1, sizeof *recording);
    const char *base = getenv("TMPDIR");
    assert_non_null(recording);
    snprintf(recording->directory, sizeof recording->directory, "%.40s/reel-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(recording->directory));
    snprintf(recording->path, sizeof recording->path, "%s/made.reel", recording->directory);
    *state = recording;
    return 0;
}

int recording_tear_down(void **state)
{
    struct recording *recording = *state;
    DIR *directory = opendir(recording->directory);
    assert_non_null(directory);
    chmod(recording->directory, 0700);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    rmdir(recording->directory);
    free(recording);
    return 0;
}

struct reel_writer *recording_begin(struct recording *recording, uint32_t process_count)
{
    const struct reel_run_info info = {.command = "program --option",
                                       .allocator = "system",
                                       .stacks = "on",
                                       .when_full = "wait",
                                       .host = "here",
                                       .version = "0",
                                       .start_unix_ns = 1000,
                                       .ticks_per_second = 1000000000};
    struct reel_writer *writer = NULL;
    assert_ok(reel_writer_open(&writer, recording->path, false, &info, &recording->error), recording->error);
    for (uint32_t i = 1; i <= process_count; i++)
    {
        uint32_t process, thread;
        const struct reel_process_info process_info = {
            .pid = (int32_t)(100 + i), .parent_pid = 1, .command = "program"};
        assert_ok(reel_writer_add_process(writer, &process_info, &process, &recording->error), recording->error);
        assert_int_equal(process, i);
        for (uint32_t k = 0; k < STREAM_THREADS_PER_PROCESS; k++)
        {
            assert_ok(reel_writer_add_thread(writer, process, 1, "t", 0, &thread, &recording->error), recording->error);
            assert_int_equal(thread, stream_thread(process, k));
        }
    }
    return writer;
}

void recording_make(struct recording *recording, struct stream *stream, size_t event_count)
{
    struct reel_event events[BATCH];
    struct reel_writer *writer = recording_begin(recording, stream->process_count);
    for (size_t done = 0; done < event_count; done += BATCH)
    {
        size_t count = event_count - done < BATCH ? event_count - done : BATCH;
        stream_next(stream, events, count);
        assert_ok(reel_writer_append(writer, events, count, &recording->error), recording->error);
    }
    assert_ok(reel_writer_finish(writer, stream->t_ns, &recording->error), recording->error);
}

struct reel_event recording_alloc(uint64_t t_ns, uint64_t address, uint64_t bytes)
{
    return (struct reel_event){.t_ns = t_ns,
                               .address = address,
                               .requested_bytes = bytes,
                               .usable_bytes = bytes + 8,
                               .thread = 1,
                               .process = 1,
                               .kind = REEL_EVENT_ALLOC};
}

struct reel_event recording_free(uint64_t t_ns, uint64_t address)
{
    return (struct reel_event){.t_ns = t_ns, .address = address, .thread = 1, .process = 1, .kind = REEL_EVENT_FREE};
}

void recording_copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    char buffer[16384];
    assert_non_null(in);
    assert_non_null(out);
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, in)) > 0;)
        assert_int_equal(fwrite(buffer, 1, got, out), got);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

void recording_change(const char *path, const char *sql)
{
    struct sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(database));
    sqlite3_close(database);
}

struct reel_reader *recording_open(struct recording *recording)
{
    struct reel_reader *reader = NULL;
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    return reader;
}

int64_t recording_query(const char *path, const char *sql)
{
    struct sqlite3 *database;
    struct sqlite3_stmt *row;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    if (sqlite3_prepare_v2(database, sql, -1, &row, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(database));
    int result = sqlite3_step(row);
    assert_true(result == SQLITE_ROW || result == SQLITE_DONE);
    int64_t value = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(database);
    return value;
}

int recording_run_tests(const char *filter, const struct CMUnitTest *tests, size_t test_count)
{
    if (filter != NULL)
        cmocka_set_test_filter(filter);
    return _cmocka_run_group_tests("reel", tests, test_count, NULL, NULL);
}
