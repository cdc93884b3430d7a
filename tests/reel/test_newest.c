// SPDX-License-Identifier: MIT
// The moment that who follows a fast program is sent to: at a keyframe, behind it where a process turns there, at the
// end of a chunk where the keyframe is too old. What is seen there is what a replay that comes by another way sees.
#include "recording.h"

#include "reel/replay.h"
#include "reel/writer_internal.h"

#define AFTER_KEYFRAME 300000u
#define CHUNK_EVENTS 65536u

struct followed
{
    struct recording *recording;
    struct reel_writer *writer;
    struct reel_reader *reader;
    struct reel_replay *replay;
    uint64_t events; // event number n is at n + 1 ns
};

static void append(struct followed *followed, struct reel_event event)
{
    event.t_ns = ++followed->events;
    assert_ok(reel_writer_append(followed->writer, &event, 1, &followed->recording->error), followed->recording->error);
}

// A block comes or goes.
static void step(struct followed *followed)
{
    uint64_t address = 0x1000 + followed->events / 2 % 64 * 32;
    append(followed,
           followed->events % 2 == 0 ? recording_alloc(0, address, 1 + address % 500) : recording_free(0, address));
}

static void commit(struct followed *followed)
{
    assert_ok(reel_writer_commit(followed->writer, &followed->recording->error), followed->recording->error);
}

// A block of each of two processes lives; the writer begins its first keyframe at the last event.
static struct followed begin_keyframe(struct recording *recording)
{
    struct followed followed = {.recording = recording, .writer = recording_begin(recording, 2)};
    struct reel_event other = recording_alloc(0, 0x100000, 77);
    other.process = 2;
    other.thread = STREAM_THREADS_PER_PROCESS + 1;
    append(&followed, recording_alloc(0, 0x200000, 33));
    append(&followed, other);
    commit(&followed);
    followed.reader = recording_open(recording);
    assert_ok(reel_replay_open(&followed.replay, followed.reader, &recording->error), recording->error);
    while (followed.writer->keyframes.last_event != followed.events)
        step(&followed);
    return followed;
}

// Goes on for a while; returns the moment of the keyframe.
static uint64_t end_keyframe(struct followed *followed)
{
    uint64_t begin = followed->events;
    while (followed->events < begin + AFTER_KEYFRAME)
        step(followed);
    for (commit(followed); recording_query(followed->recording->path, "SELECT count(*) FROM keyframe") == 0;)
    {
        step(followed);
        commit(followed);
    }
    assert_ok(reel_replay_refresh(followed->replay, &followed->recording->error), followed->recording->error);
    assert_int_equal(recording_query(followed->recording->path, "SELECT events FROM keyframe"), begin);
    return begin;
}

static void assert_same_as_fresh(struct followed *followed)
{
    struct reel_error *error = &followed->recording->error;
    struct reel_reader *reader = recording_open(followed->recording);
    struct reel_replay *fresh = NULL;
    size_t count;
    assert_ok(reel_replay_open(&fresh, reader, error), *error);
    assert_ok(reel_replay_seek(fresh, reel_replay_events(followed->replay), NULL, error), *error);
    assert_int_equal(reel_replay_t_ns(followed->replay), reel_replay_t_ns(fresh));
    const struct reel_replay_process *processes = reel_replay_processes(followed->replay, &count);
    assert_memory_equal(processes, reel_replay_processes(fresh, &count), count * sizeof *processes);
    for (uint32_t process = 0; process <= 2; process++)
    {
        struct reel_heap_state heaps[2] = {0};
        int status = reel_replay_heap(followed->replay, process, &heaps[0], error);
        assert_int_equal(status, reel_replay_heap(fresh, process, &heaps[1], error));
        assert_memory_equal(&heaps[0], &heaps[1], sizeof heaps[0]);
    }
    reel_replay_close(fresh);
    reel_reader_close(reader);
}

static void assert_sent_to(struct followed *followed, uint64_t oldest_ns, uint64_t moment)
{
    struct reel_error *error = &followed->recording->error;
    assert_int_equal(reel_replay_newest(followed->replay, oldest_ns), moment);
    assert_ok(reel_replay_seek(followed->replay, moment, NULL, error), *error);
    assert_int_equal(reel_replay_events(followed->replay), moment);
    assert_same_as_fresh(followed);
    assert_ok(reel_replay_seek(followed->replay, moment - 10, NULL, error), *error);
    assert_same_as_fresh(followed);
}

static void end(struct followed *followed)
{
    reel_replay_close(followed->replay);
    reel_reader_close(followed->reader);
    reel_writer_close(followed->writer);
}

static void a_keyframe_that_is_new_enough_is_stood_at(void **state)
{
    struct followed followed = begin_keyframe(*state);
    uint64_t keyframe = end_keyframe(&followed);
    assert_sent_to(&followed, keyframe - 1, keyframe);
    end(&followed);
}

static void a_process_that_ends_at_a_keyframe_has_ended_behind_it(void **state)
{
    struct followed followed = begin_keyframe(*state);
    struct reel_error *error = &followed.recording->error;
    const struct reel_process_end_info how = {.t_ns = followed.events, .how = REEL_END_EXITED};
    assert_ok(reel_writer_end_process(followed.writer, 2, &how, error), *error);
    uint64_t keyframe = end_keyframe(&followed);
    assert_sent_to(&followed, keyframe - 1, keyframe + 1);
    assert_ok(reel_replay_seek(followed.replay, keyframe, NULL, error), *error);
    assert_same_as_fresh(&followed);
    end(&followed);
}

static void where_the_keyframe_is_too_old_the_end_of_a_chunk_is_gone_to(void **state)
{
    struct followed followed = begin_keyframe(*state);
    uint64_t keyframe = end_keyframe(&followed); // a chunk begins there
    assert_sent_to(&followed, keyframe + 10, keyframe + CHUNK_EVENTS);
    end(&followed);
}

static void a_short_way_is_gone_at_once(void **state)
{
    struct followed followed = begin_keyframe(*state);
    uint64_t keyframe = end_keyframe(&followed);
    struct reel_error *error = &followed.recording->error;
    assert_ok(reel_replay_seek(followed.replay, followed.events - 1000, NULL, error), *error);
    assert_sent_to(&followed, keyframe, followed.events);
    end(&followed);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_keyframe_that_is_new_enough_is_stood_at),
        IN_DIRECTORY(a_process_that_ends_at_a_keyframe_has_ended_behind_it),
        IN_DIRECTORY(where_the_keyframe_is_too_old_the_end_of_a_chunk_is_gone_to),
        IN_DIRECTORY(a_short_way_is_gone_at_once),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
