// SPDX-License-Identifier: MIT
// Keyframes that the writer leaves in a reel: each is the state that all events before it give, read naively; together
// they stay small; a damaged one is passed over.
#include "recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reel/keyframe.h"
#include "reel/sqlite.h"
#include "reel/writer_internal.h"

#define BATCH 1000
#define PLACES 3000
#define BASE UINT64_C(0x7f0000000000)
#define PLACE_BYTES 512
#define PROCESSES 4
#define COPIES 2
#define CLASSES 2

// A heap as a naive reader keeps it.
struct naive_heap
{
    struct reel_block blocks[PLACES]; // [place]; address 0: none
    size_t block_count;
    bool is_running;
    bool is_blind;
    uint64_t carved[CLASSES];
    uint64_t live[CLASSES];
    uint64_t peak[CLASSES];
    uint64_t slot_bytes;
    uint64_t peak_slot_bytes;
};

struct naive
{
    struct naive_heap processes[1 + PROCESSES];
    struct naive_heap copies[1 + COPIES]; // [serial]: of process 1, while they wait
    bool is_told[CLASSES];                // whether the class is
};

static const uint64_t usable_of_class[CLASSES] = {48, 96};

// What happens beside the events, by their number then.
enum turn
{
    TURN_FORK,     // process 1 announces a fork with the next serial
    TURN_CHILD,    // the child of the first fork begins
    TURN_BLIND,    // a child that nobody announced
    TURN_CLASS,    // class 1 is told
    TURN_CHILD_END // the first child ends
};

static const struct
{
    uint64_t event;
    enum turn turn;
} turns[] = {
    {500000, TURN_CLASS},  {900000, TURN_FORK},   {1000000, TURN_FORK},
    {1200000, TURN_CHILD}, {1300000, TURN_BLIND}, {2300000, TURN_CHILD_END},
};

#define TURNS (sizeof turns / sizeof *turns)
#define MADE_EVENTS 3300000

// --- the naive reading ---

static int class_of(const struct naive *naive, uint64_t usable_bytes)
{
    for (int i = 0; i < CLASSES; i++)
        if (naive->is_told[i] && usable_of_class[i] == usable_bytes)
            return i;
    return -1;
}

static void leave_class(struct naive_heap *heap, const struct reel_block *block)
{
    if (block->address == 0 || block->size_class == 0)
        return;
    heap->live[block->size_class - 1]--;
    heap->slot_bytes -= usable_of_class[block->size_class - 1];
}

static void join_class(const struct naive *naive, struct naive_heap *heap, struct reel_block *block,
                       const struct reel_event *event)
{
    int class = class_of(naive, event->usable_bytes);
    block->size_class = (uint8_t)(class + 1);
    if (class < 0)
        return;
    heap->carved[class] += (event->flags & REEL_EVENT_CARVED) != 0;
    if (++heap->live[class] > heap->peak[class])
        heap->peak[class] = heap->live[class];
    heap->slot_bytes += usable_of_class[class];
    if (heap->slot_bytes > heap->peak_slot_bytes)
        heap->peak_slot_bytes = heap->slot_bytes;
}

static void apply(struct naive *naive, const struct reel_event *event, uint64_t number)
{
    struct naive_heap *heap = &naive->processes[event->process];
    struct reel_block *block = &heap->blocks[(event->address - BASE) / PLACE_BYTES];
    bool was_live = block->address != 0;
    if (event->kind == REEL_EVENT_ALLOC)
    {
        leave_class(heap, block);
        heap->block_count += !was_live;
        *block = (struct reel_block){.address = event->address,
                                     .birth_event = number & REEL_BLOCK_EVENT_MASK,
                                     .stack = event->stack,
                                     .requested_bytes = event->requested_bytes,
                                     .slack = (uint32_t)(event->usable_bytes - event->requested_bytes)};
        join_class(naive, heap, block, event);
    }
    else if (event->kind == REEL_EVENT_FREE && was_live)
    {
        leave_class(heap, block);
        heap->block_count--;
        *block = (struct reel_block){0};
    }
    else if (event->kind == REEL_EVENT_RESIZE && was_live)
    {
        bool keeps_size = block->requested_bytes + block->slack == event->usable_bytes;
        block->requested_bytes = event->requested_bytes;
        block->slack = (uint32_t)(event->usable_bytes - event->requested_bytes);
        if (keeps_size)
            return;
        leave_class(heap, block);
        join_class(naive, heap, block, event);
    }
}

static void copy_as_inherited(struct naive_heap *copy, const struct naive_heap *heap)
{
    *copy = *heap;
    for (size_t i = 0; i < PLACES; i++)
        copy->blocks[i].is_inherited = copy->blocks[i].address != 0;
}

static void take_turn(struct naive *naive, enum turn turn)
{
    if (turn == TURN_FORK)
        copy_as_inherited(&naive->copies[naive->copies[1].is_running ? 2 : 1], &naive->processes[1]);
    else if (turn == TURN_CHILD)
    {
        naive->processes[3] = naive->copies[1];
        naive->copies[1].is_running = false;
    }
    else if (turn == TURN_BLIND)
        naive->processes[4] = (struct naive_heap){.is_running = true, .is_blind = true};
    else if (turn == TURN_CLASS)
        naive->is_told[1] = true;
    else
        naive->processes[3].is_running = false;
}

static void naive_begin(struct naive *naive)
{
    memset(naive, 0, sizeof *naive);
    naive->is_told[0] = true;
    naive->processes[1].is_running = naive->processes[2].is_running = true;
}

// --- the reel ---

static void tell_class(struct reel_writer *writer, uint32_t class, struct reel_error *error)
{
    const struct reel_class_info info = {
        .class_id = 10 + class, .slot_bytes = usable_of_class[class], .usable_bytes = usable_of_class[class]};
    assert_ok(reel_writer_add_class(writer, &info, error), *error);
}

static void add_child(struct reel_writer *writer, uint32_t serial, uint32_t *thread, struct reel_error *error)
{
    uint32_t process;
    const struct reel_process_info info = {.pid = 200, .parent_process = 1, .fork_serial = serial, .is_fork = true};
    assert_ok(reel_writer_add_process(writer, &info, &process, error), *error);
    assert_ok(reel_writer_add_thread(writer, process, 200, NULL, 0, thread, error), *error);
}

static void write_turn(struct reel_writer *writer, enum turn turn, uint32_t *serial, uint32_t *threads,
                       struct reel_error *error)
{
    const struct reel_process_end_info end = {.how = REEL_END_EXITED};
    if (turn == TURN_FORK)
        assert_ok(reel_writer_mark_fork(writer, 1, ++*serial, error), *error);
    else if (turn == TURN_CHILD)
        add_child(writer, 1, &threads[3], error);
    else if (turn == TURN_BLIND)
        add_child(writer, 0, &threads[4], error);
    else if (turn == TURN_CLASS)
        tell_class(writer, 1, error);
    else
    {
        assert_ok(reel_writer_end_process(writer, 3, &end, error), *error);
        threads[3] = 0;
    }
}

static struct reel_event draw_event(struct stream *random, const uint32_t *threads)
{
    static const uint64_t usable[] = {48, 96, 72};
    struct reel_event event = {.address = BASE + stream_random(random, PLACES) * PLACE_BYTES,
                               .stack = (uint32_t)stream_random(random, 50),
                               .t_ns = random->t_ns += stream_random(random, 100)};
    do
        event.process = 1 + (uint32_t)stream_random(random, PROCESSES);
    while (threads[event.process] == 0);
    event.thread = threads[event.process];
    event.kind = (uint8_t)(1 + stream_random(random, 2) + (stream_random(random, 10) == 0));
    if (event.kind == REEL_EVENT_FREE)
        return event;
    event.usable_bytes = usable[stream_random(random, 3)];
    event.requested_bytes = event.usable_bytes - stream_random(random, 16);
    event.flags = event.kind == REEL_EVENT_ALLOC && stream_random(random, 9) == 0 ? REEL_EVENT_CARVED : 0;
    return event;
}

// A keyframe is in the file before the next is due, however slow its thread is.
static void append(struct reel_writer *writer, const struct reel_event *events, size_t count, struct reel_error *error)
{
    assert_ok(reel_writer_append(writer, events, count, error), *error);
    assert_ok(writer_keyframe_store(writer, true, error), *error);
}

// Two processes, then the turns. Neither finished nor closed.
static struct reel_writer *write_reel(struct recording *recording, uint64_t event_count)
{
    struct reel_event events[BATCH];
    struct stream random;
    struct reel_writer *writer = recording_begin(recording, 2);
    uint32_t threads[1 + PROCESSES] = {0, stream_thread(1, 0), stream_thread(2, 0), 0, 0};
    uint32_t serial = 0;
    size_t turn = 0;
    stream_init(&random, 77, 1);
    tell_class(writer, 0, &recording->error);
    for (uint64_t done = 0; done < event_count; done += BATCH)
    {
        for (; turn < TURNS && turns[turn].event == done; turn++)
            write_turn(writer, turns[turn].turn, &serial, threads, &recording->error);
        for (size_t i = 0; i < BATCH; i++)
            events[i] = draw_event(&random, threads);
        append(writer, events, BATCH, &recording->error);
    }
    return writer;
}

// --- the comparison ---

static void assert_same_block(const struct reel_block *one, const struct reel_block *naive)
{
    assert_int_equal(one->address, naive->address);
    assert_int_equal(one->requested_bytes, naive->requested_bytes);
    assert_int_equal(one->slack, naive->slack);
    assert_int_equal(one->birth_event, naive->birth_event);
    assert_int_equal(one->stack, naive->stack);
    assert_int_equal(one->is_inherited, naive->is_inherited);
    assert_int_equal(one->size_class, naive->size_class == 0 ? 0 : 10 + naive->size_class);
}

static void assert_same_heap(const struct reel_keyframe_heap *heap, const struct naive_heap *naive)
{
    size_t next = 0;
    assert_true(naive->is_running);
    assert_int_equal(heap->is_blind, naive->is_blind);
    assert_int_equal(heap->peak_slot_bytes, naive->peak_slot_bytes);
    assert_int_equal(heap->class_count, (naive->peak[0] != 0) + (naive->peak[1] != 0));
    for (size_t i = 0; i < heap->class_count; i++)
    {
        uint32_t class = heap->classes[i].class_id - 10;
        assert_int_equal(heap->classes[i].carved_slots, naive->carved[class]);
        assert_int_equal(heap->classes[i].peak_live_slots, naive->peak[class]);
    }
    assert_int_equal(heap->block_count, naive->block_count);
    for (size_t i = 0; i < PLACES; i++)
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

static void compare(const struct reel_keyframe *keyframe, const struct naive *naive, struct seen *seen)
{
    size_t expected = 0;
    for (size_t i = 1; i <= PROCESSES; i++)
        expected += naive->processes[i].is_running;
    for (size_t i = 1; i <= COPIES; i++)
        expected += naive->copies[i].is_running;
    assert_int_equal(keyframe->heap_count, expected);
    for (size_t i = 0; i < keyframe->heap_count; i++)
    {
        const struct reel_keyframe_heap *heap = &keyframe->heaps[i];
        assert_in_range(heap->process, 1, PROCESSES);
        assert_in_range(heap->fork_serial, 0, COPIES);
        assert_same_heap(heap,
                         heap->fork_serial != 0 ? &naive->copies[heap->fork_serial] : &naive->processes[heap->process]);
        seen->copies += heap->fork_serial != 0;
        seen->children += heap->process == 3;
        seen->blind += heap->is_blind;
    }
    seen->keyframes++;
    seen->without_child += keyframe->events > 2300000 && !naive->processes[3].is_running;
}

static void read_events(struct reel_reader *reader, struct naive *naive, uint64_t first, uint64_t end)
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
            apply(naive, &events[i], first + i);
    }
    reel_cursor_close(cursor);
}

// The naive state after that many events, from where it stands.
static void advance(struct reel_reader *reader, struct naive *naive, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < TURNS; i++)
        if (turns[i].event >= from && turns[i].event < to)
        {
            read_events(reader, naive, from, turns[i].event);
            take_turn(naive, turns[i].turn);
            from = turns[i].event;
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
    struct naive *naive = malloc(sizeof *naive);
    uint64_t at = 0;
    assert_non_null(naive);
    naive_begin(naive);
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
    struct reel_writer *writer = write_reel(recording, MADE_EVENTS);
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
    struct reel_writer *writer = write_reel(recording, 2200000);
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
    struct reel_event events[BATCH];
    struct reel_writer *writer = recording_begin(recording, 2);
    const uint32_t threads[1 + PROCESSES] = {0, stream_thread(1, 0), stream_thread(2, 0), 0, 0};
    stream_init(&random, 5, 1);
    for (uint64_t done = 0; done < 1200000 && writer->keyframes.job == NULL; done += BATCH)
    {
        for (size_t i = 0; i < BATCH; i++)
            events[i] = draw_event(&random, threads);
        assert_ok(reel_writer_append(writer, events, BATCH, &recording->error), recording->error);
    }
    assert_non_null(writer->keyframes.job);
    reel_writer_close(writer); // a thread left behind would be found by the sanitizers
    assert_int_equal(recording_query(recording->path, "SELECT count(*) FROM keyframe"), 0);
}

// Many blocks of random sizes, so that each keyframe is large beside the chunks.
static void keyframes_take_no_more_than_a_third_of_the_chunks(void **state)
{
    struct recording *recording = *state;
    struct reel_event events[BATCH];
    struct stream random;
    struct reel_writer *writer = recording_begin(recording, 1);
    stream_init(&random, 6, 1);
    for (uint64_t done = 0; done < 3600000; done += BATCH)
    {
        for (size_t i = 0; i < BATCH; i++)
        {
            uint64_t place = done < 400000 ? done + i : stream_random(&random, 400000);
            events[i] = recording_alloc(done + i, BASE + place * PLACE_BYTES, 1 + stream_random(&random, 500));
            events[i].stack = (uint32_t)stream_random(&random, 5000);
        }
        append(writer, events, BATCH, &recording->error);
    }
    assert_ok(reel_writer_finish(writer, 3600000, &recording->error), recording->error);
    int64_t chunks = recording_query(recording->path, "SELECT sum(length(data)) FROM chunk_data");
    int64_t keyframes = recording_query(recording->path, "SELECT sum(length(data)) FROM keyframe");
    int64_t one = recording_query(recording->path, "SELECT max(length(data)) FROM keyframe");
    assert_true(keyframes > 0 && keyframes * 3 <= chunks);
    assert_true((keyframes + one) * 3 > chunks / 2); // and not much less
    assert_int_equal(recording_query(recording->path, "SELECT min(live_blocks) FROM keyframe"), 400000);
}

static void change(const char *path, const char *sql)
{
    struct sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
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
    struct reel_writer *writer = write_reel(recording, 2200000);
    assert_ok(reel_writer_finish(writer, 1000000000, &recording->error), recording->error);
    uint64_t first = (uint64_t)recording_query(path, "SELECT min(events) FROM keyframe");
    uint64_t second = (uint64_t)recording_query(path, "SELECT max(events) FROM keyframe");
    assert_true(first < second);
    assert_int_equal(begin_of(path, 0, first - 1), 0);
    assert_int_equal(begin_of(path, 0, first), first);
    assert_int_equal(begin_of(path, first, second - 1), first);
    assert_int_equal(begin_of(path, first + 1, second - 1), 0);
    assert_int_equal(begin_of(path, 0, UINT64_MAX), second);
    change(path, "UPDATE keyframe SET data = substr(data, 1, length(data) - 1) "
                 "WHERE events = (SELECT max(events) FROM keyframe)");
    assert_int_equal(begin_of(path, 0, UINT64_MAX), first);
    // The bytes of another moment are none of this one.
    change(path, "UPDATE keyframe SET data = (SELECT data FROM keyframe ORDER BY events LIMIT 1)");
    assert_int_equal(begin_of(path, 0, UINT64_MAX), first);
    change(path, "UPDATE keyframe SET data = x''");
    assert_int_equal(begin_of(path, 0, UINT64_MAX), 0);
    change(path, "DROP TABLE keyframe");
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
