// SPDX-License-Identifier: MIT
// Keyframes that the writer leaves in a reel: each is the state that all events before it give, read naively; together
// they stay small; a damaged one is passed over.
#include "turned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reel/keyframe.h"
#include "reel/sqlite.h"
#include "reel/writer_internal.h"

static void assert_same_block(const struct reel_block *one, const struct reel_block *naive)
{
    assert_int_equal(one->address, naive->address);
    assert_int_equal(one->requested_bytes, naive->requested_bytes);
    assert_int_equal(one->slack, naive->slack);
    assert_int_equal(one->birth_event, naive->birth_event);
    assert_int_equal(one->stack, naive->stack);
    assert_int_equal(one->is_inherited, naive->is_inherited);
    assert_int_equal(one->size_class, naive->size_class == 0 ? 0 : TURNED_FIRST_CLASS + naive->size_class);
}

static void assert_same_heap(const struct reel_keyframe_heap *heap, const struct turned_heap *naive)
{
    size_t next = 0;
    assert_true(naive->is_running);
    assert_int_equal(heap->is_blind, naive->is_blind);
    assert_int_equal(heap->peak_slot_bytes, naive->peak_slot_bytes);
    assert_int_equal(heap->class_count, (naive->peak[0] != 0) + (naive->peak[1] != 0));
    for (size_t i = 0; i < heap->class_count; i++)
    {
        uint32_t class = heap->classes[i].class_id - TURNED_FIRST_CLASS;
        assert_int_equal(heap->classes[i].carved_slots, naive->carved[class]);
        assert_int_equal(heap->classes[i].peak_live_slots, naive->peak[class]);
    }
    assert_int_equal(heap->block_count, naive->block_count);
    for (size_t i = 0; i < TURNED_PLACES; i++)
        if (naive->blocks[i].address != 0)
            assert_same_block(&heap->blocks[next++], &naive->blocks[i]);
}

// What was seen in the keyframes of a reel.
struct seen
{
    size_t keyframes;
    size_t copies;
    size_t children;
    size_t blind;
    size_t without_child; // after it ended
};

static void compare(const struct reel_keyframe *keyframe, const struct turned *naive, struct seen *seen)
{
    size_t expected = 0;
    for (size_t i = 1; i <= TURNED_PROCESSES; i++)
        expected += naive->processes[i].is_running;
    for (size_t i = 1; i <= TURNED_COPIES; i++)
        expected += naive->copies[i].is_running;
    assert_int_equal(keyframe->heap_count, expected);
    for (size_t i = 0; i < keyframe->heap_count; i++)
    {
        const struct reel_keyframe_heap *heap = &keyframe->heaps[i];
        assert_in_range(heap->process, 1, TURNED_PROCESSES);
        assert_in_range(heap->fork_serial, 0, TURNED_COPIES);
        assert_same_heap(heap,
                         heap->fork_serial != 0 ? &naive->copies[heap->fork_serial] : &naive->processes[heap->process]);
        seen->copies += heap->fork_serial != 0;
        seen->children += heap->process == 3;
        seen->blind += heap->is_blind;
    }
    seen->keyframes++;
    seen->without_child += keyframe->events > 2300000 && !naive->processes[3].is_running;
}

static void read_events(struct reel_reader *reader, struct turned *naive, uint64_t first, uint64_t end)
{
    struct reel_cursor *cursor;
    struct reel_error error;
    const struct reel_event *events;
    size_t count;
    assert_ok(reel_cursor_open(&cursor, reader, first, end, &error), error);
    for (;;)
    {
        assert_ok(reel_cursor_next(cursor, &events, &count, &first, &error), error);
        if (count == 0)
            break;
        for (size_t i = 0; i < count; i++)
            turned_apply(naive, &events[i], first + i);
    }
    reel_cursor_close(cursor);
}

// The naive state after that many events, from where it stands.
static void advance(struct reel_reader *reader, struct turned *naive, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < TURNED_TURNS; i++)
        if (turned_turns[i].event >= from && turned_turns[i].event < to)
        {
            read_events(reader, naive, from, turned_turns[i].event);
            turned_take_turn(naive, turned_turns[i].turn);
            from = turned_turns[i].event;
        }
    read_events(reader, naive, from, to);
}

static uint64_t next_keyframe(struct reel_reader *reader, uint64_t after)
{
    struct sqlite3_stmt *row;
    uint64_t events = 0;
    assert_int_equal(sqlite3_prepare_v2(reel_reader_database(reader),
                                        "SELECT min(events) FROM keyframe WHERE events > ?", -1, &row, NULL),
                     SQLITE_OK);
    sqlite3_bind_int64(row, 1, (int64_t)after);
    if (sqlite3_step(row) == SQLITE_ROW)
        events = (uint64_t)sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return events;
}

static struct seen assert_keyframes_are_the_events_before_them(const char *path)
{
    struct reel_reader *reader;
    struct reel_error error;
    struct seen seen = {0};
    struct turned *naive = malloc(sizeof *naive);
    uint64_t at = 0;
    assert_non_null(naive);
    turned_begin(naive);
    assert_ok(reel_reader_open(&reader, path, &error), error);
    for (uint64_t events; (events = next_keyframe(reader, at)) != 0; at = events)
    {
        struct reel_keyframe_copy *copy;
        advance(reader, naive, at, events);
        assert_ok(reel_keyframe_read(reader, 0, events, &copy, &error), error);
        assert_non_null(copy);
        assert_int_equal(reel_keyframe_get(copy)->events, events);
        compare(reel_keyframe_get(copy), naive, &seen);
        reel_keyframe_free(copy);
    }
    reel_reader_close(reader);
    free(naive);
    return seen;
}

static void a_keyframe_is_the_state_that_the_events_before_it_give(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = turned_write(recording, TURNED_EVENTS);
    assert_ok(reel_writer_finish(writer, 1000000000, &recording->error), recording->error);
    struct seen seen = assert_keyframes_are_the_events_before_them(recording->path);
    assert_int_equal(seen.keyframes, 3);
    assert_int_equal(seen.copies, 2 + 1 + 1); // both wait at the first, the second for ever
    assert_int_equal(seen.children, 1);
    assert_int_equal(seen.blind, 2);
    assert_int_equal(seen.without_child, 1);
}

static void a_reel_that_was_cut_off_has_its_keyframes(void **state)
{
    struct recording *recording = *state;
    char cut[160], log[128], cut_log[176];
    struct reel_writer *writer = turned_write(recording, 2200000);
    assert_ok(reel_writer_commit(writer, &recording->error), recording->error);
    snprintf(cut, sizeof cut, "%s/cut.reel", recording->directory);
    snprintf(log, sizeof log, "%s-wal", recording->path);
    snprintf(cut_log, sizeof cut_log, "%s-wal", cut);
    recording_copy_file(recording->path, cut);
    recording_copy_file(log, cut_log);
    reel_writer_close(writer);
    struct seen seen = assert_keyframes_are_the_events_before_them(cut);
    assert_int_equal(seen.keyframes, 2);
}

static void a_writer_that_is_closed_waits_for_its_thread(void **state)
{
    struct recording *recording = *state;
    struct stream random;
    struct reel_event events[TURNED_BATCH];
    struct reel_writer *writer = recording_begin(recording, 2);
    const uint32_t threads[1 + TURNED_PROCESSES] = {0, stream_thread(1, 0), stream_thread(2, 0), 0, 0};
    stream_init(&random, 5, 1);
    for (uint64_t done = 0; done < 1200000 && writer->keyframes.job == NULL; done += TURNED_BATCH)
    {
        for (size_t i = 0; i < TURNED_BATCH; i++)
            events[i] = turned_draw(&random, threads);
        assert_ok(reel_writer_append(writer, events, TURNED_BATCH, &recording->error), recording->error);
    }
    assert_non_null(writer->keyframes.job);
    reel_writer_close(writer); // a thread left behind would be found by the sanitizers
    assert_int_equal(recording_query(recording->path, "SELECT count(*) FROM keyframe"), 0);
}

// Many blocks of random sizes, so that each keyframe is large beside the chunks.
static void keyframes_take_no_more_than_a_third_of_the_chunks(void **state)
{
    struct recording *recording = *state;
    struct reel_event events[TURNED_BATCH];
    struct stream random;
    struct reel_writer *writer = recording_begin(recording, 1);
    stream_init(&random, 6, 1);
    for (uint64_t done = 0; done < 3600000; done += TURNED_BATCH)
    {
        for (size_t i = 0; i < TURNED_BATCH; i++)
        {
            uint64_t place = done < 400000 ? done + i : stream_random(&random, 400000);
            events[i] =
                recording_alloc(done + i, TURNED_BASE + place * TURNED_PLACE_BYTES, 1 + stream_random(&random, 500));
            events[i].stack = (uint32_t)stream_random(&random, 5000);
        }
        turned_append(writer, events, TURNED_BATCH, &recording->error);
    }
    assert_ok(reel_writer_finish(writer, 3600000, &recording->error), recording->error);
    int64_t chunks = recording_query(recording->path, "SELECT sum(length(data)) FROM chunk_data");
    int64_t keyframes = recording_query(recording->path, "SELECT sum(length(data)) FROM keyframe");
    int64_t one = recording_query(recording->path, "SELECT max(length(data)) FROM keyframe");
    assert_true(keyframes > 0 && keyframes * 3 <= chunks);
    assert_true((keyframes + one) * 3 > chunks / 2); // and not much less
    assert_int_equal(recording_query(recording->path, "SELECT min(live_blocks) FROM keyframe"), 400000);
}

// Events of the keyframe that a reader begins at, 0: none.
static uint64_t begin_of(const char *path, uint64_t from, uint64_t events)
{
    struct reel_reader *reader;
    struct reel_error error;
    struct reel_keyframe_copy *copy;
    assert_ok(reel_reader_open(&reader, path, &error), error);
    assert_ok(reel_keyframe_read(reader, from, events, &copy, &error), error);
    uint64_t begin = copy != NULL ? reel_keyframe_get(copy)->events : 0;
    reel_keyframe_free(copy);
    reel_reader_close(reader);
    return begin;
}

static void the_last_sound_keyframe_before_a_moment_is_read(void **state)
{
    struct recording *recording = *state;
    const char *path = recording->path;
    struct reel_writer *writer = turned_write(recording, 2200000);
    assert_ok(reel_writer_finish(writer, 1000000000, &recording->error), recording->error);
    uint64_t first = (uint64_t)recording_query(path, "SELECT min(events) FROM keyframe");
    uint64_t second = (uint64_t)recording_query(path, "SELECT max(events) FROM keyframe");
    assert_true(first < second);
    assert_int_equal(begin_of(path, 0, first - 1), 0);
    assert_int_equal(begin_of(path, 0, first), first);
    assert_int_equal(begin_of(path, first, second - 1), first);
    assert_int_equal(begin_of(path, first + 1, second - 1), 0);
    assert_int_equal(begin_of(path, 0, UINT64_MAX), second);
    recording_change(path, "UPDATE keyframe SET data = substr(data, 1, length(data) - 1) "
                           "WHERE events = (SELECT max(events) FROM keyframe)");
    assert_int_equal(begin_of(path, 0, UINT64_MAX), first);
    // The bytes of another moment are none of this one.
    recording_change(path, "UPDATE keyframe SET data = (SELECT data FROM keyframe ORDER BY events LIMIT 1)");
    assert_int_equal(begin_of(path, 0, UINT64_MAX), first);
    recording_change(path, "UPDATE keyframe SET data = x''");
    assert_int_equal(begin_of(path, 0, UINT64_MAX), 0);
    recording_change(path, "DROP TABLE keyframe");
    assert_int_equal(begin_of(path, 0, UINT64_MAX), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_keyframe_is_the_state_that_the_events_before_it_give),
        IN_DIRECTORY(a_reel_that_was_cut_off_has_its_keyframes),
        IN_DIRECTORY(a_writer_that_is_closed_waits_for_its_thread),
        IN_DIRECTORY(keyframes_take_no_more_than_a_third_of_the_chunks),
        IN_DIRECTORY(the_last_sound_keyframe_before_a_moment_is_read),
    };
    return recording_run_tests(argc > 1 ? argv[1] : NULL, tests, sizeof tests / sizeof *tests);
}
