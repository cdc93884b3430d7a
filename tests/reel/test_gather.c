// SPDX-License-Identifier: MIT
// What others see of a database whose writes are gathered: every commit, never a part of one, and no loss in silence.
#include "recording.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "reel/gather.h"
#include "reel/sqlite.h"

static void execute(struct sqlite3 *database, const char *sql)
{
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(database));
}

// Checkpoints only when it is told to.
static struct sqlite3 *open_gathered(const struct recording *recording)
{
    struct sqlite3 *database;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    assert_int_equal(reel_sqlite_open(&database, recording->path, flags, reel_gather_vfs()), SQLITE_OK);
    execute(database, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;"
                      "CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB);"
                      "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
    return database;
}

static void insert_rows(struct sqlite3 *database, int count)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
             "INSERT INTO t (b) SELECT randomblob(900 + i * 7919 %% 9000) FROM n",
             count);
    execute(database, sql);
}

static void assert_whole(const char *path, int64_t row_count)
{
    assert_int_equal(recording_query(path, "SELECT count(*) FROM t WHERE length(b) >= 900"), row_count);
    assert_int_equal(recording_query(path, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

// The files as a killed writer would leave them now.
static void assert_copy_is_whole(const struct recording *recording, int64_t row_count)
{
    char copy[128], copy_log[160], log[160];
    snprintf(copy, sizeof copy, "%s/copy.reel", recording->directory);
    snprintf(copy_log, sizeof copy_log, "%s-wal", copy);
    snprintf(log, sizeof log, "%s-wal", recording->path);
    recording_copy_file(recording->path, copy);
    recording_copy_file(log, copy_log);
    assert_whole(copy, row_count);
    remove(copy_log);
    remove(copy);
}

static void what_was_committed_is_in_the_files(void **state)
{
    struct recording *recording = *state;
    struct sqlite3 *database = open_gathered(recording);
    for (int round = 1; round <= 12; round++)
    {
        insert_rows(database, 60);
        assert_copy_is_whole(recording, round * INT64_C(60));
        assert_whole(recording->path, round * INT64_C(60));
        if (round % 4 == 0)
            execute(database, "PRAGMA wal_checkpoint");
        assert_copy_is_whole(recording, round * INT64_C(60));
    }
    sqlite3_close(database);
    assert_whole(recording->path, INT64_C(720));
}

// A cache of ten pages: most go to the log before the commit, some come back, are changed, and go there again.
static void a_transaction_that_outgrows_the_cache_is_whole_or_absent(void **state)
{
    struct recording *recording = *state;
    struct sqlite3 *database = open_gathered(recording);
    execute(database, "PRAGMA cache_size = 10");
    for (int round = 0; round < 6; round++)
    {
        execute(database, "BEGIN");
        insert_rows(database, 40);
        execute(database, "UPDATE t SET b = randomblob(1200) WHERE a % 3 = 0");
        assert_copy_is_whole(recording, round * INT64_C(40));
        insert_rows(database, 40);
        execute(database, "DELETE FROM t WHERE a > (SELECT max(a) FROM t) - 40");
        execute(database, "COMMIT");
        assert_copy_is_whole(recording, (round + 1) * INT64_C(40));
    }
    execute(database, "PRAGMA wal_checkpoint");
    sqlite3_close(database);
    assert_whole(recording->path, INT64_C(240));
}

static void a_reader_keeps_its_state_during_checkpoints(void **state)
{
    struct recording *recording = *state;
    struct sqlite3 *database = open_gathered(recording);
    struct sqlite3 *reader;
    struct sqlite3_stmt *count;
    insert_rows(database, 100);
    assert_int_equal(reel_sqlite_open(&reader, recording->path, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(reader, "SELECT sum(length(b) >= 900) FROM t", -1, &count, NULL), SQLITE_OK);
    execute(reader, "BEGIN");
    for (int round = 0; round < 4; round++)
    {
        assert_int_equal(sqlite3_step(count), SQLITE_ROW);
        assert_int_equal(sqlite3_column_int64(count, 0), 100);
        sqlite3_reset(count);
        execute(database, "UPDATE t SET b = randomblob(1000 + a)");
        insert_rows(database, 50);
        execute(database, "PRAGMA wal_checkpoint");
        assert_whole(recording->path, 150 + round * INT64_C(50));
    }
    execute(reader, "COMMIT");
    sqlite3_finalize(count);
    sqlite3_close(reader);
    execute(database, "PRAGMA wal_checkpoint");
    sqlite3_close(database);
    assert_whole(recording->path, INT64_C(300));
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

// With room for so many bytes more than the database has.
static void assert_checkpoint_fails(const struct recording *recording, struct sqlite3 *database, rlim_t room_bytes)
{
    struct stat status;
    assert_int_equal(stat(recording->path, &status), 0);
    limit_files((rlim_t)status.st_size + room_bytes);
    int result = sqlite3_wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    limit_files(RLIM_INFINITY);
    assert_int_not_equal(result, SQLITE_OK);
}

// At once, or with what is kept to the end.
static void fail_checkpoints(const struct recording *recording, bool is_read)
{
    static const rlim_t rooms[] = {0, 4096, 8192};
    struct sqlite3 *database = open_gathered(recording);
    struct sqlite3 *reader = NULL;
    int64_t row_count = 300;
    signal(SIGXFSZ, SIG_IGN);
    insert_rows(database, 300);
    execute(database, "PRAGMA wal_checkpoint");
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
    {
        insert_rows(database, 5);
        assert_int_equal(reel_sqlite_open(&reader, recording->path, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
        if (is_read)
            execute(reader, "BEGIN; SELECT count(*) FROM t");
        insert_rows(database, 1);
        row_count += 6;
        assert_checkpoint_fails(recording, database, rooms[i]);
        assert_copy_is_whole(recording, row_count);
        assert_whole(recording->path, row_count);
        sqlite3_close(reader);
        execute(database, "PRAGMA wal_checkpoint");
    }
    sqlite3_close(database);
    assert_whole(recording->path, row_count);
}

static void a_checkpoint_without_room_says_so_and_spoils_nothing(void **state)
{
    fail_checkpoints(*state, false);
}

// Then it goes as far as the reader's state, and no truncation ends it.
static void a_checkpoint_without_room_says_so_while_somebody_reads(void **state)
{
    fail_checkpoints(*state, true);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(what_was_committed_is_in_the_files),
        IN_DIRECTORY(a_transaction_that_outgrows_the_cache_is_whole_or_absent),
        IN_DIRECTORY(a_reader_keeps_its_state_during_checkpoints),
        IN_DIRECTORY(a_checkpoint_without_room_says_so_and_spoils_nothing),
        IN_DIRECTORY(a_checkpoint_without_room_says_so_while_somebody_reads),
    };
    return recording_run_tests(argc > 1 ? argv[1] : NULL, tests, sizeof tests / sizeof *tests);
}
