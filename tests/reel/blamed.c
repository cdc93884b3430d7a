// SPDX-License-Identifier: MIT
// Reels made block by block: blocks lie where the test says.
#include "blamed.h"

void blamed_begin(struct blamed *blamed, struct recording *recording)
{
    struct reel_error *error = &recording->error;
    *blamed = (struct blamed){.recording = recording, .writer = recording_begin(recording, BLAMED_PROCESSES)};
    for (uint32_t i = 1; i < BLAMED_STACKS; i++)
    {
        uint32_t frame, stack;
        assert_ok(reel_writer_intern_frame(blamed->writer, 0, 1000 * i, &frame, error), *error);
        assert_ok(reel_writer_intern_stack(blamed->writer, 0, frame, &stack, error), *error);
        assert_int_equal(stack, i);
    }
}

static void append(struct blamed *blamed, struct reel_event event)
{
    struct reel_error *error = &blamed->recording->error;
    event.t_ns = blamed->t_ns += BLAMED_STEP_NS;
    event.thread = stream_thread(event.process, 0);
    assert_ok(reel_writer_append(blamed->writer, &event, 1, error), *error);
}

void blamed_alloc(struct blamed *blamed, uint32_t process, uint32_t stack, uint64_t address, uint64_t usable_bytes)
{
    struct reel_event event = recording_alloc(0, address, usable_bytes);
    event.usable_bytes = usable_bytes;
    event.stack = stack;
    event.process = process;
    append(blamed, event);
}

void blamed_free(struct blamed *blamed, uint32_t process, uint64_t address)
{
    struct reel_event event = recording_free(0, address);
    event.process = process;
    append(blamed, event);
}

void blamed_ask_again(struct blamed_answer *asked, uint32_t process)
{
    size_t count;
    reel_blame_destroy(asked->blame);
    assert_ok(reel_blame_make(&asked->blame, asked->replay, process, NULL, &asked->error), asked->error);
    asked->stacks = reel_blame_stacks(asked->blame, &count);
    assert_int_equal(count, BLAMED_STACKS);
    asked->classes = reel_blame_classes(asked->blame, &count);
    assert_int_equal(count, REEL_CLASS_NUMBERS);
    asked->total = reel_blame_total(asked->blame);
    assert_ok(reel_replay_heap(asked->replay, process, &asked->heap, &asked->error), asked->error);
}

void blamed_ask(struct blamed_answer *asked, struct blamed *blamed, uint32_t process)
{
    *asked = (struct blamed_answer){0};
    assert_ok(reel_writer_finish(blamed->writer, blamed->t_ns, &asked->error), asked->error);
    assert_ok(reel_reader_open(&asked->reader, blamed->recording->path, &asked->error), asked->error);
    assert_ok(reel_replay_open(&asked->replay, asked->reader, &asked->error), asked->error);
    assert_ok(reel_replay_seek(asked->replay, UINT64_MAX, NULL, &asked->error), asked->error);
    blamed_ask_again(asked, process);
}

void blamed_done(struct blamed_answer *asked)
{
    reel_blame_destroy(asked->blame);
    reel_replay_close(asked->replay);
    reel_reader_close(asked->reader);
}
