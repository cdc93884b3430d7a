// SPDX-License-Identifier: MIT
// A reader and a replay of a reel that is being written: refreshed after each commit they answer as the model of what
// was written by then, wherever they stood; what comes late, as forks, classes, names and the end do, is seen.
#include "same_state.h"

#include <stdlib.h>
#include <string.h>

#define SEEDS 8

// ---- laws

// Refreshes where it stands, which may be anywhere, and compares there, at the new end, and at another moment.
static void follow(void *context)
{
    struct opened *opened = context;
    struct reel_error *error = &opened->recording->error;
    if (opened->replay == NULL)
    {
        opened->reader = recording_open(opened->recording);
        assert_ok(reel_replay_open(&opened->replay, opened->reader, error), *error);
        stream_init(&opened->dice, 5, 1);
    }
    uint64_t stood = reel_replay_events(opened->replay);
    assert_ok(reel_replay_refresh(opened->replay, error), *error);
    assert_int_equal(reel_reader_event_count(opened->reader), opened->reel.event_count);
    same_state_at(opened, stood);
    same_state_at(opened, opened->reel.event_count);
    if (stream_random(&opened->dice, 3) == 0)
        same_state_at(opened, stream_random(&opened->dice, opened->reel.event_count + 1));
}

static void a_followed_reel_answers_as_the_model_at_each_commit(void **state)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++)
    {
        struct opened opened = {.recording = *state};
        const struct random_shape shape = {.seed = seed,
                                           .event_count = 3000,
                                           .live_blocks = 60 + 20 * (uint32_t)seed,
                                           .process_max = seed % 3 == 0 ? 1 : RANDOM_PROCESSES_MAX - 3,
                                           .has_classes = seed % 2 == 1,
                                           .commit_every = 20 + 37 * (uint32_t)seed,
                                           .at_commit = follow,
                                           .context = &opened};
        random_reel_make(&opened.reel, opened.recording, &shape);
        assert_true(reel_reader_is_complete(opened.reader));
        opened_close(&opened);
    }
}

static void a_followed_reel_of_many_chunks_answers_as_the_model(void **state)
{
    struct opened opened = {.recording = *state};
    const struct random_shape shape = {.seed = 7,
                                       .event_count = 200000,
                                       .live_blocks = 2500,
                                       .process_max = 5,
                                       .has_classes = true,
                                       .commit_every = 30011,
                                       .at_commit = follow,
                                       .context = &opened};
    random_reel_make(&opened.reel, opened.recording, &shape);
    opened_close(&opened);
}

#define LONG_EVENTS 3000000u // keyframes come among them
#define LONG_BATCH 10000u
#define LONG_COMMITS 12u
#define LONG_PLACES 2000
#define NEAR 262144u // events to the end, to which one goes at once

// A program that frees and allocates at places of its own, chosen at random.
static void append_batch(struct recording *recording, struct reel_writer *writer, struct stream *dice, uint64_t t_ns)
{
    static struct reel_event events[LONG_BATCH];
    static bool is_live[LONG_PLACES];
    if (t_ns == 0)
        memset(is_live, 0, sizeof is_live);
    for (uint64_t i = 0; i < LONG_BATCH; i++)
    {
        uint64_t place = stream_random(dice, LONG_PLACES);
        uint64_t address = 0x10000 + place * 1024;
        uint64_t bytes = 1 + stream_random(dice, 1000);
        events[i] = is_live[place] ? recording_free(t_ns + i, address) : recording_alloc(t_ns + i, address, bytes);
        is_live[place] = !is_live[place];
    }
    assert_ok(reel_writer_append(writer, events, LONG_BATCH, &recording->error), recording->error);
}

// Where both stand.
static void assert_same_sums(struct reel_replay *one, struct reel_replay *other, struct recording *recording)
{
    struct reel_heap_state heaps[2];
    size_t counts[2];
    assert_int_equal(reel_replay_events(one), reel_replay_events(other));
    assert_int_equal(reel_replay_t_ns(one), reel_replay_t_ns(other));
    assert_ok(reel_replay_heap(one, 0, &heaps[0], &recording->error), recording->error);
    assert_ok(reel_replay_heap(other, 0, &heaps[1], &recording->error), recording->error);
    assert_memory_equal(&heaps[0], &heaps[1], sizeof heaps[0]);
    const struct reel_stack_state *stacks = reel_replay_stacks(one, &counts[0]);
    const struct reel_stack_state *others = reel_replay_stacks(other, &counts[1]);
    assert_int_equal(counts[0], counts[1]);
    assert_memory_equal(stacks, others, counts[0] * sizeof *stacks);
}

static void compare_with_fresh(struct reel_replay *followed, struct recording *recording, struct stream *dice)
{
    struct reel_reader *reader = recording_open(recording);
    struct reel_replay *fresh = NULL;
    assert_ok(reel_replay_open(&fresh, reader, &recording->error), recording->error);
    for (int i = 0; i < 3; i++)
    {
        uint64_t events = reel_reader_event_count(reader);
        events = i == 0 ? events : i == 1 ? events - stream_random(dice, 3000) : stream_random(dice, events);
        assert_ok(reel_replay_seek(followed, events, NULL, &recording->error), recording->error);
        assert_ok(reel_replay_seek(fresh, events, NULL, &recording->error), recording->error);
        assert_same_sums(followed, fresh, recording);
    }
    reel_replay_close(fresh);
    reel_reader_close(reader);
}

// Half of all that there is may lie behind: where the state is then costs less than the end, and it is as one of there.
static int follow_near_the_end(struct reel_replay *followed, struct recording *recording, uint64_t end)
{
    struct reel_reader *reader = recording_open(recording);
    struct reel_replay *fresh = NULL;
    uint64_t oldest_ns = end / 2;
    assert_ok(reel_replay_open(&fresh, reader, &recording->error), recording->error);
    assert_ok(reel_replay_seek(followed, end / 4, NULL, &recording->error), recording->error);
    uint64_t newest = reel_replay_newest(followed, oldest_ns);
    assert_in_range(newest, oldest_ns, end);
    assert_ok(reel_replay_seek(followed, newest, NULL, &recording->error), recording->error);
    assert_ok(reel_replay_seek(fresh, newest, NULL, &recording->error), recording->error);
    assert_same_sums(followed, fresh, recording);
    assert_int_equal(reel_replay_newest(followed, oldest_ns), end - newest < NEAR ? end : newest); // not again
    reel_replay_close(fresh);
    reel_reader_close(reader);
    return newest < end;
}

static void a_long_recording_is_followed_over_its_keyframes(void **state)
{
    struct recording *recording = *state;
    struct stream dice;
    struct reel_replay *replay = NULL;
    int near_end = 0;
    stream_init(&dice, 11, 1);
    struct reel_writer *writer = recording_begin(recording, 1);
    assert_ok(reel_writer_commit(writer, &recording->error), recording->error);
    struct reel_reader *reader = recording_open(recording);
    assert_ok(reel_replay_open(&replay, reader, &recording->error), recording->error);
    for (uint64_t done = 0; done < LONG_EVENTS;)
    {
        for (uint64_t end = done + LONG_EVENTS / LONG_COMMITS; done < end; done += LONG_BATCH)
            append_batch(recording, writer, &dice, done);
        assert_ok(reel_writer_commit(writer, &recording->error), recording->error);
        assert_ok(reel_replay_refresh(replay, &recording->error), recording->error);
        compare_with_fresh(replay, recording, &dice);
        near_end += follow_near_the_end(replay, recording, done);
    }
    assert_in_range(near_end, 1, LONG_COMMITS - 1);
    assert_true(recording_query(recording->path, "SELECT count(*) FROM keyframe") > 0);
    reel_replay_close(replay);
    reel_reader_close(reader);
    reel_writer_close(writer);
}

// ---- what comes late

struct growing
{
    struct recording *recording;
    struct reel_writer *writer;
    struct reel_reader *reader;
    struct reel_replay *replay;
    uint64_t t_ns;
};

static void commit(struct growing *growing)
{
    assert_ok(reel_writer_commit(growing->writer, &growing->recording->error), growing->recording->error);
}

// What was committed is seen, and the replay stands at its end.
static struct reel_heap_state see(struct growing *growing)
{
    struct reel_error *error = &growing->recording->error;
    struct reel_heap_state heap;
    assert_ok(reel_replay_refresh(growing->replay, error), *error);
    assert_ok(reel_replay_seek(growing->replay, UINT64_MAX, NULL, error), *error);
    assert_ok(reel_replay_heap(growing->replay, 0, &heap, error), *error);
    return heap;
}

static struct growing grow(struct recording *recording)
{
    struct growing growing = {.recording = recording, .writer = recording_begin(recording, 1)};
    commit(&growing);
    growing.reader = recording_open(recording);
    assert_ok(reel_replay_open(&growing.replay, growing.reader, &recording->error), recording->error);
    return growing;
}

static void allocate(struct growing *growing, uint64_t address, uint64_t bytes, uint32_t stack)
{
    struct reel_event event = recording_alloc(++growing->t_ns, address, bytes);
    event.stack = stack;
    assert_ok(reel_writer_append(growing->writer, &event, 1, &growing->recording->error), growing->recording->error);
}

static void end(struct growing *growing)
{
    reel_replay_close(growing->replay);
    reel_reader_close(growing->reader);
    reel_writer_close(growing->writer);
}

static void the_end_of_the_recording_is_seen(void **state)
{
    struct growing growing = grow(*state);
    assert_int_equal(see(&growing).live_blocks, 0);
    allocate(&growing, 0x1000, 100, 0);
    assert_false(reel_reader_has_grown(growing.reader));
    assert_int_equal(see(&growing).live_blocks, 0); // not committed
    commit(&growing);
    assert_true(reel_reader_has_grown(growing.reader));
    assert_int_equal(see(&growing).live_blocks, 1);
    assert_false(reel_reader_has_grown(growing.reader));
    assert_false(reel_reader_is_complete(growing.reader));
    allocate(&growing, 0x2000, 100, 0);
    assert_ok(reel_writer_finish(growing.writer, ++growing.t_ns, &growing.recording->error), growing.recording->error);
    growing.writer = NULL;
    assert_true(reel_reader_has_grown(growing.reader));
    assert_int_equal(see(&growing).live_blocks, 2);
    assert_true(reel_reader_is_complete(growing.reader));
    assert_false(reel_reader_has_grown(growing.reader));
    assert_int_equal(see(&growing).live_blocks, 2);
    end(&growing);
}

static void a_reader_refreshed_alone_leaves_the_replay_at_its_end(void **state)
{
    struct growing growing = grow(*state);
    allocate(&growing, 0x1000, 100, 0);
    commit(&growing);
    assert_ok(reel_reader_refresh(growing.reader, &growing.recording->error), growing.recording->error);
    assert_int_equal(reel_reader_event_count(growing.reader), 1);
    assert_ok(reel_replay_seek(growing.replay, 1, NULL, &growing.recording->error), growing.recording->error);
    assert_int_equal(reel_replay_events(growing.replay), 0);
    assert_int_equal(see(&growing).live_blocks, 1);
    end(&growing);
}

static uint32_t intern(struct growing *growing, uint64_t offset, uint32_t *stack)
{
    struct reel_error *error = &growing->recording->error;
    uint32_t frame;
    assert_ok(reel_writer_intern_frame(growing->writer, 0, offset, &frame, error), *error);
    assert_ok(reel_writer_intern_stack(growing->writer, 0, frame, stack, error), *error);
    return frame;
}

static struct reel_frame ask_frame(struct growing *growing, uint32_t stack)
{
    struct reel_frame frame = {0};
    size_t count = 0;
    assert_ok(reel_reader_stack_frames(growing->reader, stack, &frame, 1, &count, &growing->recording->error),
              growing->recording->error);
    assert_int_equal(count, 1);
    return frame;
}

static void names_and_stacks_that_come_later_are_found(void **state)
{
    struct growing growing = grow(*state);
    struct reel_error *error = &growing.recording->error;
    const struct reel_symbol name = {.function = "reads", .file = "a.c", .line = 7};
    uint32_t stacks[2];
    size_t count;
    uint32_t named = intern(&growing, 0x100, &stacks[0]);
    allocate(&growing, 0x1000, 100, stacks[0]);
    commit(&growing);
    see(&growing);
    assert_null(ask_frame(&growing, stacks[0]).function);
    intern(&growing, 0x200, &stacks[1]);
    allocate(&growing, 0x2000, 50, stacks[1]);
    assert_ok(reel_writer_set_symbols(growing.writer, named, &name, 1, error), *error);
    commit(&growing);
    see(&growing);
    const struct reel_frame first = ask_frame(&growing, stacks[0]);
    assert_string_equal(first.function, "reads");
    assert_null(ask_frame(&growing, stacks[1]).function);
    const struct reel_stack_state *sums = reel_replay_stacks(growing.replay, &count);
    assert_int_equal(count, 3);
    assert_int_equal(sums[stacks[0]].requested_bytes, 100);
    assert_int_equal(sums[stacks[1]].requested_bytes, 50);
    commit(&growing);
    see(&growing);
    assert_ptr_equal(ask_frame(&growing, stacks[0]).function, first.function);
    end(&growing);
}

static void classes_that_are_told_late_number_the_blocks_anew(void **state)
{
    struct growing growing = grow(*state);
    struct reel_error *error = &growing.recording->error;
    const struct reel_class_info class = {.class_id = 3, .slot_bytes = 128, .usable_bytes = 108};
    struct reel_class_state *classes = NULL;
    size_t count;
    allocate(&growing, 0x1000, 100, 0); // 108 usable
    allocate(&growing, 0x2000, 200, 0);
    commit(&growing);
    see(&growing);
    assert_ok(reel_writer_add_class(growing.writer, &class, error), *error);
    commit(&growing);
    assert_int_equal(see(&growing).live_slot_bytes, 128);
    assert_ok(reel_replay_classes(growing.replay, 0, &classes, &count, error), *error);
    assert_int_equal(count, 2);
    assert_int_equal(classes[1].class_id, 3);
    assert_int_equal(classes[1].live_blocks, 1);
    free(classes);
    end(&growing);
}

static void a_zone_that_comes_late_has_its_large_blocks(void **state)
{
    struct growing growing = grow(*state);
    struct reel_error *error = &growing.recording->error;
    const struct reel_class_info class = {.slot_bytes = 8192, .usable_bytes = 8192};
    struct reel_zone_info zone = {
        .process = 1, .begin = 0x100000, .bytes = 0x100000, .role = REEL_ZONE_SLOTS, .t_ns = 1};
    assert_ok(reel_writer_add_class(growing.writer, &class, error), *error);
    allocate(&growing, 0x900000, 8184, 0); // a mapping of its own
    commit(&growing);
    assert_int_equal(see(&growing).live_slot_bytes, 0);
    assert_ok(reel_writer_add_zone(growing.writer, &zone, error), *error);
    allocate(&growing, 0x100000, 8184, 0);
    commit(&growing);
    assert_int_equal(see(&growing).live_slot_bytes, 8192);
    zone.begin = 0x180000; // lies over the one before: not believed
    assert_ok(reel_writer_add_zone(growing.writer, &zone, error), *error);
    allocate(&growing, 0x240000, 8184, 0);
    commit(&growing);
    assert_int_equal(see(&growing).live_slot_bytes, 8192);
    end(&growing);
}

static void a_process_that_ends_is_there_up_to_its_end(void **state)
{
    struct growing growing = grow(*state);
    struct reel_error *error = &growing.recording->error;
    const struct reel_process_end_info how = {.t_ns = 2, .how = REEL_END_EXITED};
    size_t count;
    allocate(&growing, 0x1000, 100, 0);
    commit(&growing);
    see(&growing);
    assert_ok(reel_writer_end_process(growing.writer, 1, &how, error), *error);
    commit(&growing);
    assert_int_equal(see(&growing).live_blocks, 1);
    assert_true(reel_replay_processes(growing.replay, &count)[0].is_running);
    const struct reel_process_info other = {.pid = 7, .t_ns = 3, .command = "other"};
    struct reel_event event = recording_alloc(4, 0x2000, 10);
    assert_ok(reel_writer_add_process(growing.writer, &other, &event.process, error), *error);
    assert_ok(reel_writer_add_thread(growing.writer, event.process, 7, NULL, 3, &event.thread, error), *error);
    assert_ok(reel_writer_append(growing.writer, &event, 1, error), *error);
    commit(&growing);
    assert_int_equal(see(&growing).requested_bytes, 10);
    const struct reel_replay_process *processes = reel_replay_processes(growing.replay, &count);
    assert_int_equal(count, 2);
    assert_false(processes[0].is_running);
    assert_true(processes[1].is_running);
    end(&growing);
}

// ---- a file that changes otherwise

static void a_reel_that_shrinks_is_told(void **state)
{
    struct growing growing = grow(*state);
    struct reel_error error = {0};
    allocate(&growing, 0x1000, 100, 0);
    commit(&growing);
    see(&growing);
    reel_writer_close(growing.writer);
    growing.writer = NULL;
    recording_change(growing.recording->path, "DELETE FROM chunk");
    assert_true(reel_reader_has_grown(growing.reader));
    assert_int_equal(reel_replay_refresh(growing.replay, &error), REEL_E_DAMAGED);
    assert_non_null(strstr(error.text, "open it again"));
    recording_change(growing.recording->path, "DELETE FROM process");
    assert_int_not_equal(reel_replay_refresh(growing.replay, &error), REEL_OK);
    end(&growing);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_followed_reel_answers_as_the_model_at_each_commit),
        IN_DIRECTORY(a_followed_reel_of_many_chunks_answers_as_the_model),
        IN_DIRECTORY(a_long_recording_is_followed_over_its_keyframes),
        IN_DIRECTORY(the_end_of_the_recording_is_seen),
        IN_DIRECTORY(a_reader_refreshed_alone_leaves_the_replay_at_its_end),
        IN_DIRECTORY(names_and_stacks_that_come_later_are_found),
        IN_DIRECTORY(classes_that_are_told_late_number_the_blocks_anew),
        IN_DIRECTORY(a_zone_that_comes_late_has_its_large_blocks),
        IN_DIRECTORY(a_process_that_ends_is_there_up_to_its_end),
        IN_DIRECTORY(a_reel_that_shrinks_is_told),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
