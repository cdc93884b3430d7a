// SPDX-License-Identifier: MIT
// Chunks that a thread decodes ahead: the cursor gives and tells what it does without.
#include "recording.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "reel/codec.h"
#include "reel/sqlite.h"
#include "reel/thread.h"

#define CHUNKS 6
#define EVENTS ((uint64_t)CHUNKS * REEL_CHUNK_EVENTS_MAX)

static void make_reel(struct recording *recording)
{
    struct stream *stream = calloc(1, sizeof *stream);
    assert_non_null(stream);
    stream_init(stream, 5, 2);
    recording_make(recording, stream, EVENTS);
    free(stream);
}

static struct reel_cursor *open_cursor(struct recording *recording, struct reel_reader *reader, uint64_t first)
{
    struct reel_cursor *cursor = NULL;
    assert_ok(reel_cursor_open(&cursor, reader, first, UINT64_MAX, &recording->error), recording->error);
    return cursor;
}

struct given
{
    const struct reel_event *events;
    const uint32_t *births;
    size_t count;
    uint64_t first;
    struct reel_error error;
};

static int next(struct reel_cursor *cursor, struct given *given)
{
    given->error = (struct reel_error){0};
    return reel_cursor_next_with_births(cursor, &given->events, &given->births, &given->count, &given->first,
                                        &given->error);
}

// The next that both give. False: it was the end.
static bool is_same_next(struct reel_cursor *ahead, struct reel_cursor *plain)
{
    struct given a;
    struct given b;
    int status = next(plain, &b);
    assert_int_equal(next(ahead, &a), status);
    assert_string_equal(a.error.text, b.error.text);
    if (status != REEL_OK)
        return true;
    assert_int_equal(a.count, b.count);
    assert_int_equal(a.first, b.first);
    assert_memory_equal(a.events, b.events, a.count * sizeof *a.events);
    assert_memory_equal(a.births, b.births, a.count * sizeof *a.births);
    return a.count != 0;
}

static int compare_all(struct recording *recording, struct reel_reader *reader, uint64_t first, uint64_t until)
{
    struct reel_cursor *ahead = open_cursor(recording, reader, first);
    struct reel_cursor *plain = open_cursor(recording, reader, first);
    int count = 0;
    reel_cursor_begin_ahead(ahead, until);
    while (is_same_next(ahead, plain))
        count++;
    reel_cursor_close(ahead);
    reel_cursor_close(plain);
    return count;
}

static void what_is_decoded_ahead_is_what_the_reel_has(void **state)
{
    struct recording *recording = *state;
    make_reel(recording);
    struct reel_reader *reader = recording_open(recording);
    assert_int_equal(compare_all(recording, reader, 0, UINT64_MAX), CHUNKS);
    assert_int_equal(compare_all(recording, reader, 100000, 300000), CHUNKS - 1);
    assert_int_equal(compare_all(recording, reader, EVENTS, UINT64_MAX), 0);
    reel_reader_close(reader);
}

static void a_cursor_that_decodes_ahead_can_be_moved(void **state)
{
    struct recording *recording = *state;
    make_reel(recording);
    struct reel_reader *reader = recording_open(recording);
    struct reel_cursor *ahead = open_cursor(recording, reader, 0);
    struct reel_cursor *plain = open_cursor(recording, reader, 0);
    static const uint64_t ways[] = {200000, 70000, 0, 393000, 131072};
    reel_cursor_begin_ahead(ahead, UINT64_MAX);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
    {
        reel_cursor_move(ahead, ways[i], UINT64_MAX);
        reel_cursor_move(plain, ways[i], UINT64_MAX);
        assert_true(is_same_next(ahead, plain));
        is_same_next(ahead, plain);
        if (i == 2)
            reel_cursor_end_ahead(ahead);
        is_same_next(ahead, plain);
        if (i == 3)
            reel_cursor_begin_ahead(ahead, EVENTS);
    }
    reel_cursor_close(ahead);
    reel_cursor_close(plain);
    reel_reader_close(reader);
}

static void damage_of_a_chunk_decoded_ahead_is_told_at_its_place(void **state)
{
    static const char *const damages[] = {
        "UPDATE chunk_data SET data = zeroblob(50) WHERE first_event = 131072",
        "UPDATE chunk_data SET data = substr(data, 1, 1000) WHERE first_event = 65536",
        "DELETE FROM chunk_data WHERE first_event = 196608",
        "UPDATE chunk_data SET data = zeroblob(5000000) WHERE first_event = 262144",
        "UPDATE chunk_data SET data = x'' WHERE first_event = 0",
        "DELETE FROM chunk WHERE first_event = 196608",
        "UPDATE chunk SET events = 100000 WHERE first_event = 327680",
    };
    struct recording *recording = *state;
    make_reel(recording);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) // one more each time
    {
        recording_change(recording->path, damages[i]);
        struct reel_reader *reader = recording_open(recording);
        assert_true(compare_all(recording, reader, 0, UINT64_MAX) > 0);
        compare_all(recording, reader, 190000, UINT64_MAX);
        reel_reader_close(reader);
    }
}

// A reel that is in no file.
static void a_connection_of_somebody_else_is_read_ahead_too(void **state)
{
    struct recording *recording = *state;
    struct sqlite3 *file = NULL;
    struct sqlite3 *memory = NULL;
    struct reel_reader *reader = NULL;
    make_reel(recording);
    assert_int_equal(sqlite3_open(recording->path, &file), SQLITE_OK);
    assert_int_equal(sqlite3_open(":memory:", &memory), SQLITE_OK);
    struct sqlite3_backup *backup = sqlite3_backup_init(memory, "main", file, "main");
    assert_int_equal(sqlite3_backup_step(backup, -1), SQLITE_DONE);
    sqlite3_backup_finish(backup);
    assert_ok(reel_reader_attach(&reader, memory, &recording->error), recording->error);
    assert_int_equal(compare_all(recording, reader, 0, UINT64_MAX), CHUNKS);
    reel_reader_close(reader);
    sqlite3_close(file);
    sqlite3_close(memory);
}

static void an_interrupted_cursor_goes_on_where_it_was(void **state)
{
    struct recording *recording = *state;
    struct sqlite3_stmt *running = NULL;
    struct given given;
    make_reel(recording);
    struct reel_reader *reader = recording_open(recording);
    struct sqlite3 *database = reel_reader_database(reader);
    struct reel_cursor *ahead = open_cursor(recording, reader, 0);
    struct reel_cursor *plain = open_cursor(recording, reader, 0);
    reel_cursor_begin_ahead(ahead, UINT64_MAX);
    assert_true(is_same_next(ahead, plain));
    assert_int_equal(sqlite3_prepare_v2(database, "SELECT first_event FROM chunk", -1, &running, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(running), SQLITE_ROW);
    sqlite3_interrupt(database);
    assert_int_equal(next(ahead, &given), REEL_OK); // it was there already
    assert_int_equal(next(ahead, &given), REEL_E_CANCELLED);
    assert_int_equal(next(ahead, &given), REEL_E_CANCELLED);
    sqlite3_finalize(running);
    assert_int_equal(next(plain, &given), REEL_OK);
    int count = 0;
    while (is_same_next(ahead, plain))
        count++;
    assert_int_equal(count, CHUNKS - 2);
    reel_cursor_close(ahead);
    reel_cursor_close(plain);
    reel_reader_close(reader);
}

static void a_cursor_can_be_closed_while_its_thread_decodes(void **state)
{
    struct recording *recording = *state;
    struct given given;
    make_reel(recording);
    struct reel_reader *reader = recording_open(recording);
    for (int i = 0; i < 12; i++)
    {
        struct reel_cursor *cursor = open_cursor(recording, reader, 0);
        reel_cursor_begin_ahead(cursor, UINT64_MAX);
        for (int k = 0; k < i % 3; k++)
            assert_int_equal(next(cursor, &given), REEL_OK);
        reel_cursor_close(cursor);
    }
    reel_reader_close(reader);
}

static void *note_mask(void *context)
{
    pthread_sigmask(SIG_SETMASK, NULL, context);
    return NULL;
}

static void a_thread_of_ours_takes_no_signal(void **state)
{
    pthread_t thread;
    sigset_t inside;
    sigset_t before;
    sigset_t after;
    (void)state;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    assert_true(reel_thread_begin(&thread, note_mask, &inside));
    pthread_join(thread, NULL);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    static const int signals[] = {SIGINT, SIGTERM, SIGCHLD, SIGPROF, SIGUSR1};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    {
        assert_int_equal(sigismember(&inside, signals[i]), 1);
        assert_int_equal(sigismember(&after, signals[i]), sigismember(&before, signals[i]));
    }
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(what_is_decoded_ahead_is_what_the_reel_has),
        IN_DIRECTORY(a_cursor_that_decodes_ahead_can_be_moved),
        IN_DIRECTORY(damage_of_a_chunk_decoded_ahead_is_told_at_its_place),
        IN_DIRECTORY(a_connection_of_somebody_else_is_read_ahead_too),
        IN_DIRECTORY(an_interrupted_cursor_goes_on_where_it_was),
        IN_DIRECTORY(a_cursor_can_be_closed_while_its_thread_decodes),
        cmocka_unit_test(a_thread_of_ours_takes_no_signal),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
