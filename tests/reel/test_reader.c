// SPDX-License-Identifier: MIT
// Opening what is a reel and what is none; damage is told and passed over; stacks with names.
#include "recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reel/sqlite.h"
#include "reel/summary.h"

#define EVENTS 150000

static void make_reel(struct recording *recording)
{
    struct stream *stream = malloc(sizeof *stream);
    assert_non_null(stream);
    stream_init(stream, 4, 1);
    recording_make(recording, stream, EVENTS);
    free(stream);
}

static void assert_open_fails(struct recording *recording, enum reel_status expected, const char *word)
{
    struct reel_reader *reader = NULL;
    int status = reel_reader_open(&reader, recording->path, &recording->error);
    if (status == REEL_OK)
        fail_msg("opened, though %s was expected", word);
    if (strstr(recording->error.text, word) == NULL || strstr(recording->error.text, recording->path) == NULL)
        fail_msg("%s", recording->error.text);
    assert_int_equal(status, expected);
    assert_int_equal(recording->error.status, expected);
    assert_null(strchr(recording->error.text, '\n'));
}

static void write_file(const char *path, const char *text, size_t bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, bytes, file), bytes);
    fclose(file);
}

static void a_missing_file_is_told(void **state)
{
    assert_open_fails(*state, REEL_E_OPEN, "no such file");
}

static void a_directory_is_no_reel(void **state)
{
    struct recording *recording = *state;
    snprintf(recording->path, sizeof recording->path, "%s", recording->directory);
    assert_open_fails(recording, REEL_E_NOT_A_REEL, "not a regular file");
}

static void an_empty_file_is_no_reel(void **state)
{
    struct recording *recording = *state;
    write_file(recording->path, "", 0);
    assert_open_fails(recording, REEL_E_NOT_A_REEL, "empty");
}

static void a_text_file_is_no_reel(void **state)
{
    struct recording *recording = *state;
    write_file(recording->path, "hello, world", 12);
    assert_open_fails(recording, REEL_E_NOT_A_REEL, "not a SQLite database");
}

static void another_database_is_no_reel(void **state)
{
    struct recording *recording = *state;
    recording_query(recording->path, "CREATE TABLE t (x)");
    assert_open_fails(recording, REEL_E_NOT_A_REEL, "another application");
}

static void a_newer_reel_is_refused_with_its_version(void **state)
{
    struct recording *recording = *state;
    make_reel(recording);
    recording_query(recording->path, "PRAGMA user_version = 7");
    assert_open_fails(recording, REEL_E_NEWER, "version 7");
}

static void a_truncated_reel_is_told_wherever_it_was_cut(void **state)
{
    struct recording *recording = *state;
    struct stat status;
    make_reel(recording);
    assert_int_equal(stat(recording->path, &status), 0);
    for (int cut = 9; cut >= 1; cut--)
    {
        assert_int_equal(truncate(recording->path, status.st_size / 10 * cut), 0);
        assert_open_fails(recording, REEL_E_DAMAGED, "truncated");
    }
    assert_int_equal(truncate(recording->path, 50), 0);
    assert_open_fails(recording, REEL_E_DAMAGED, "truncated");
}

static void overwrite(const char *path, long offset, const void *bytes, size_t count)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    fclose(file);
}

static void a_reel_without_its_tables_is_damaged(void **state)
{
    struct recording *recording = *state;
    uint8_t garbage[4000];
    memset(garbage, 0xa5, sizeof garbage);
    make_reel(recording);
    overwrite(recording->path, 100, garbage, sizeof garbage);
    assert_open_fails(recording, REEL_E_DAMAGED, "damaged");
    unlink(recording->path);
    make_reel(recording);
    recording_query(recording->path, "DROP TABLE chunk");
    assert_open_fails(recording, REEL_E_DAMAGED, "chunk");
}

static void a_gap_in_the_threads_is_damage(void **state)
{
    struct recording *recording = *state;
    make_reel(recording);
    recording_query(recording->path, "UPDATE thread SET thread = 4000000000 WHERE thread = 2");
    assert_open_fails(recording, REEL_E_DAMAGED, "thread 2");
}

// Reads everything; counts the events and the errors.
static void read_all(struct recording *recording, uint64_t *events_seen, int *damaged)
{
    struct reel_reader *reader;
    struct reel_cursor *cursor;
    const struct reel_event *events;
    size_t count;
    uint64_t first;
    *events_seen = 0;
    *damaged = 0;
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_ok(reel_cursor_open(&cursor, reader, 0, UINT64_MAX, &recording->error), recording->error);
    do
    {
        int status = reel_cursor_next(cursor, &events, &count, &first, &recording->error);
        *events_seen += count;
        *damaged += status == REEL_E_DAMAGED;
        if (status != REEL_OK)
            assert_int_equal(status, REEL_E_DAMAGED);
        if (status != REEL_OK)
            count = 1; // not the end
    } while (count > 0);
    reel_cursor_close(cursor);
    reel_reader_close(reader);
}

static void a_damaged_chunk_is_named_and_passed_over(void **state)
{
    struct recording *recording = *state;
    static const char *const damages[] = {
        ("UPDATE chunk_data SET data = CAST(substr(data, 1, 1000) || x'00ff' || substr(data, 1003) AS BLOB) WHERE "
         "first_event = 65536"),
        "UPDATE chunk_data SET data = substr(data, 1, 5000) WHERE first_event = 65536",
        "UPDATE chunk_data SET data = (SELECT data FROM chunk_data WHERE first_event = 0) WHERE first_event = 65536",
        "UPDATE chunk_data SET data = x'' WHERE first_event = 65536",
        "DELETE FROM chunk_data WHERE first_event = 65536",
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++)
    {
        uint64_t seen;
        int damaged;
        make_reel(recording);
        read_all(recording, &seen, &damaged);
        assert_int_equal(seen, EVENTS);
        assert_int_equal(damaged, 0);
        recording_query(recording->path, damages[i]);
        read_all(recording, &seen, &damaged);
        assert_int_equal(seen, EVENTS - 65536);
        assert_int_equal(damaged, 1);
        assert_non_null(strstr(recording->error.text, "65536 to 131071"));
        unlink(recording->path);
    }
}

// As a writer leaves it that is killed while it enters or leaves its log: a transaction half written, its journal
// beside it.
static void interrupt_a_transaction(struct recording *recording)
{
    struct sqlite3 *database = NULL;
    char journal[128];
    char copy[128];
    char copied_journal[160];
    snprintf(journal, sizeof journal, "%s-journal", recording->path);
    snprintf(copy, sizeof copy, "%s/interrupted", recording->directory);
    snprintf(copied_journal, sizeof copied_journal, "%s-journal", copy);
    assert_int_equal(sqlite3_open(recording->path, &database), SQLITE_OK);
    const char *half = "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN; UPDATE process SET allocations = 7;"
                       "DELETE FROM chunk_data; DELETE FROM chunk; PRAGMA cache_spill = 1; DELETE FROM stack;";
    assert_int_equal(sqlite3_exec(database, half, NULL, NULL, NULL), SQLITE_OK);
    recording_copy_file(recording->path, copy);
    recording_copy_file(journal, copied_journal);
    assert_int_equal(sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    assert_int_equal(rename(copy, recording->path), 0);
    assert_int_equal(rename(copied_journal, journal), 0);
}

static void a_reel_with_a_rollback_journal_opens_as_before_the_transaction(void **state)
{
    struct recording *recording = *state;
    struct reel_reader *reader = NULL;
    make_reel(recording);
    interrupt_a_transaction(recording);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_int_equal(reel_reader_event_count(reader), EVENTS);
    reel_reader_close(reader);
    assert_true(recording_query(recording->path, "SELECT count(*) FROM chunk_data") > 0);
}

// Whatever bits of a file flip: it is read, or refused, and nothing worse.
static void flipped_bits_anywhere_in_the_file_do_no_harm(void **state)
{
    struct recording *recording = *state;
    struct stream *random = malloc(sizeof *random);
    char original[128];
    struct stat status;
    int noticed = 0;
    stream_init(random, 99, 1);
    snprintf(original, sizeof original, "%s/original", recording->directory);
    make_reel(recording);
    recording_copy_file(recording->path, original);
    assert_int_equal(stat(original, &status), 0);
    for (int round = 0; round < 60; round++)
    {
        recording_copy_file(original, recording->path);
        for (int flip = 0; flip < 3; flip++)
        {
            uint8_t bytes[4];
            for (size_t i = 0; i < sizeof bytes; i++)
                bytes[i] = (uint8_t)stream_random(random, 256);
            uint64_t range = round % 2 == 0 ? 16384 * 6 : (uint64_t)status.st_size;
            overwrite(recording->path, (long)stream_random(random, range - 4), bytes, sizeof bytes);
        }
        struct reel_reader *reader;
        if (reel_reader_open(&reader, recording->path, &recording->error) != REEL_OK)
        {
            noticed++;
            continue;
        }
        struct reel_summary *summary = NULL;
        if (reel_summary_read(&summary, reader, &recording->error) == REEL_OK)
            reel_summary_destroy(summary);
        reel_reader_close(reader);
        uint64_t seen;
        int damaged;
        read_all(recording, &seen, &damaged);
        noticed += damaged > 0;
    }
    assert_true(noticed > 20);
    free(random);
}

static void a_cursor_gives_any_part(void **state)
{
    static const uint64_t parts[][2] = {{0, 1},
                                        {65535, 65537},
                                        {65536, 65536},
                                        {70000, 140000},
                                        {149999, UINT64_MAX},
                                        {EVENTS, UINT64_MAX},
                                        {UINT64_MAX, UINT64_MAX}};
    struct recording *recording = *state;
    struct reel_reader *reader;
    make_reel(recording);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    {
        struct reel_cursor *cursor;
        const struct reel_event *events;
        size_t count;
        uint64_t first, next = parts[i][0];
        uint64_t end = parts[i][1] < EVENTS ? parts[i][1] : EVENTS;
        assert_ok(reel_cursor_open(&cursor, reader, parts[i][0], parts[i][1], &recording->error), recording->error);
        do
        {
            assert_ok(reel_cursor_next(cursor, &events, &count, &first, &recording->error), recording->error);
            if (count > 0)
                assert_int_equal(first, next);
            next += count;
        } while (count > 0);
        assert_int_equal(next, parts[i][0] < end ? end : parts[i][0]);
        reel_cursor_close(cursor);
    }
    reel_reader_close(reader);
}

static void a_reader_can_use_a_foreign_connection(void **state)
{
    struct recording *recording = *state;
    struct sqlite3 *database;
    struct reel_reader *reader;
    make_reel(recording);
    assert_int_equal(sqlite3_open(recording->path, &database), SQLITE_OK);
    assert_ok(reel_reader_attach(&reader, database, &recording->error), recording->error);
    assert_int_equal(reel_reader_event_count(reader), EVENTS);
    assert_true(reel_reader_is_complete(reader));
    reel_reader_close(reader);
    assert_int_equal(sqlite3_exec(database, "SELECT count(*) FROM run", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
    assert_int_equal(reel_reader_attach(&reader, database, &recording->error), REEL_E_NOT_A_REEL);
    sqlite3_close(database);
}

static void a_finished_reel_in_a_directory_without_write_permission_opens(void **state)
{
    struct recording *recording = *state;
    struct reel_reader *reader;
    make_reel(recording);
    assert_int_equal(chmod(recording->path, 0400), 0);
    assert_int_equal(chmod(recording->directory, 0500), 0);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_int_equal(reel_reader_event_count(reader), EVENTS);
    reel_reader_close(reader);
}

static void assert_place(struct reel_writer *writer, uint32_t frame, const char *path, uint64_t offset)
{
    struct reel_frame_place place;
    reel_writer_frame_place(writer, frame, &place);
    assert_int_equal(place.offset, offset);
    assert_int_equal(place.module, path != NULL);
    if (path == NULL)
    {
        assert_null(place.path);
        return;
    }
    assert_string_equal(place.path, path);
    assert_int_equal(place.build_id_bytes, 3);
    assert_memory_equal(place.build_id, "abc", 3);
}

// The outer frame gets the names, the inner one before it none; neither can be named again.
static void name_frames(struct reel_writer *writer, uint32_t inner, uint32_t outer, struct reel_error *error)
{
    const struct reel_symbol symbols[] = {{.function = "inner", .file = "a.c", .line = 3, .is_inlined = true},
                                          {.function = "outer", .file = "a.c", .line = 9}};
    assert_int_equal(reel_writer_set_symbols(writer, 0, symbols, 2, error), REEL_E_ARGUMENT);
    assert_int_equal(reel_writer_set_symbols(writer, 4, symbols, 2, error), REEL_E_ARGUMENT);
    assert_ok(reel_writer_set_symbols(writer, outer, symbols, 2, error), *error);
    assert_int_equal(reel_writer_set_symbols(writer, inner, symbols, 2, error), REEL_E_ARGUMENT);
    assert_int_equal(reel_writer_set_symbols(writer, outer, symbols, 2, error), REEL_E_ARGUMENT);
}

// Two frames in a module, 0x20 called from 0x10, and one without a module, innermost.
static uint32_t make_named_stack(struct recording *recording)
{
    struct reel_error *error = &recording->error;
    struct reel_writer *writer = recording_begin(recording, 1);
    const struct reel_module_info info = {.process = 1,
                                          .path = "/bin/program",
                                          .build_id = (const uint8_t *)"abc",
                                          .build_id_bytes = 3,
                                          .bias = 0x1000,
                                          .begin = 0x1000,
                                          .end = 0x2000};
    uint32_t module, again, outer, inner, bare, stack;
    assert_ok(reel_writer_add_module(writer, &info, &module, error), *error);
    assert_ok(reel_writer_add_module(writer, &info, &again, error), *error);
    assert_int_equal(module, again);
    assert_ok(reel_writer_intern_frame(writer, module, 0x20, &inner, error), *error);
    assert_ok(reel_writer_intern_frame(writer, module, 0x10, &outer, error), *error);
    assert_ok(reel_writer_intern_frame(writer, module, 0x20, &again, error), *error);
    assert_int_equal(inner, again);
    assert_ok(reel_writer_intern_frame(writer, 0, 0x99, &bare, error), *error);
    assert_ok(reel_writer_intern_stack(writer, 0, outer, &stack, error), *error);
    assert_ok(reel_writer_intern_stack(writer, stack, inner, &stack, error), *error);
    assert_ok(reel_writer_intern_stack(writer, stack, bare, &stack, error), *error);
    assert_int_equal(reel_writer_intern_stack(writer, stack + 1, bare, &again, error), REEL_E_ARGUMENT);
    assert_int_equal(reel_writer_frame_count(writer), 3);
    assert_place(writer, inner, "/bin/program", 0x20);
    assert_place(writer, outer, "/bin/program", 0x10);
    assert_place(writer, bare, NULL, 0x99);
    name_frames(writer, inner, outer, error);
    assert_ok(reel_writer_finish(writer, 1, error), *error);
    assert_int_equal(recording_query(recording->path, "SELECT count(*) FROM mapping"), 2);
    assert_int_equal(recording_query(recording->path, "SELECT count(*) FROM module"), 1);
    return stack;
}

static void a_stack_is_given_innermost_first_with_inlined_calls(void **state)
{
    struct recording *recording = *state;
    struct reel_reader *reader;
    struct reel_frame frames[8];
    size_t count;
    uint32_t stack = make_named_stack(recording);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    for (int round = 0; round < 2; round++)
    {
        assert_ok(reel_reader_stack_frames(reader, stack, frames, 8, &count, &recording->error), recording->error);
        assert_int_equal(count, 4);
        assert_null(frames[0].module);
        assert_int_equal(frames[0].offset, 0x99);
        assert_null(frames[1].function);
        assert_string_equal(frames[1].module, "/bin/program");
        assert_int_equal(frames[1].offset, 0x20);
        assert_string_equal(frames[2].function, "inner");
        assert_true(frames[2].is_inlined);
        assert_string_equal(frames[3].function, "outer");
        assert_int_equal(frames[3].line, 9);
        assert_false(frames[3].is_inlined);
    }
    assert_ok(reel_reader_stack_frames(reader, stack, frames, 1, &count, &recording->error), recording->error);
    assert_int_equal(count, 4);
    assert_ok(reel_reader_stack_frames(reader, 0, frames, 1, &count, &recording->error), recording->error);
    assert_int_equal(count, 0);
    assert_int_equal(reel_reader_stack_frames(reader, 12345, frames, 1, &count, &recording->error), REEL_E_DAMAGED);
    reel_reader_close(reader);
}

static void a_circle_of_stacks_is_damage(void **state)
{
    struct recording *recording = *state;
    struct reel_reader *reader;
    struct reel_frame frames[8];
    size_t count;
    uint32_t stack = make_named_stack(recording);
    recording_query(recording->path, "UPDATE stack SET parent = 3 WHERE stack = 1");
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_int_equal(reel_reader_stack_frames(reader, stack, frames, 8, &count, &recording->error), REEL_E_DAMAGED);
    reel_reader_close(reader);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_missing_file_is_told),
        IN_DIRECTORY(a_directory_is_no_reel),
        IN_DIRECTORY(an_empty_file_is_no_reel),
        IN_DIRECTORY(a_text_file_is_no_reel),
        IN_DIRECTORY(another_database_is_no_reel),
        IN_DIRECTORY(a_newer_reel_is_refused_with_its_version),
        IN_DIRECTORY(a_truncated_reel_is_told_wherever_it_was_cut),
        IN_DIRECTORY(a_reel_without_its_tables_is_damaged),
        IN_DIRECTORY(a_gap_in_the_threads_is_damage),
        IN_DIRECTORY(a_damaged_chunk_is_named_and_passed_over),
        IN_DIRECTORY(a_reel_with_a_rollback_journal_opens_as_before_the_transaction),
        IN_DIRECTORY(flipped_bits_anywhere_in_the_file_do_no_harm),
        IN_DIRECTORY(a_cursor_gives_any_part),
        IN_DIRECTORY(a_reader_can_use_a_foreign_connection),
        IN_DIRECTORY(a_finished_reel_in_a_directory_without_write_permission_opens),
        IN_DIRECTORY(a_stack_is_given_innermost_first_with_inlined_calls),
        IN_DIRECTORY(a_circle_of_stacks_is_damage),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
