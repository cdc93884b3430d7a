// SPDX-License-Identifier: MIT
// Makes the small reel and counts ticks. Asserts nothing about what is tested.
#include "watched.h"

#include <string.h>

static uint32_t add_frame(struct reel_writer *writer, const char *function)
{
    struct reel_error error = {0};
    uint32_t frame = 0;
    const struct reel_symbol symbol = {.function = function, .file = "program.c", .line = 12};
    assert_ok(reel_writer_intern_frame(writer, 0, 0x1000 + 16 * reel_writer_frame_count(writer), &frame, &error),
              error);
    assert_ok(reel_writer_set_symbols(writer, frame, &symbol, 1, &error), error);
    return frame;
}

uint32_t watched_stack(struct reel_writer *writer, const char *outer, const char *inner)
{
    struct reel_error error = {0};
    uint32_t stack = 0;
    assert_ok(reel_writer_intern_stack(writer, 0, add_frame(writer, outer), &stack, &error), error);
    assert_ok(reel_writer_intern_stack(writer, stack, add_frame(writer, inner), &stack, &error), error);
    return stack;
}

static void append(struct reel_writer *writer, struct reel_event event, uint32_t stack)
{
    struct reel_error error = {0};
    event.stack = stack;
    assert_ok(reel_writer_append(writer, &event, 1, &error), error);
}

static void make(struct watched *watched, struct recording *recording)
{
    struct reel_writer *writer = recording_begin(recording, 1);
    watched->small = watched_stack(writer, "outer", "small");
    watched->big = watched_stack(writer, "outer", "big");
    append(writer, recording_alloc(1 * WATCHED_NS, 0x1000, 100), watched->small);
    append(writer, recording_alloc(2 * WATCHED_NS, 0x2000, 1000), watched->big);
    append(writer, recording_alloc(3 * WATCHED_NS, 0x3000, 50), watched->small);
    append(writer, recording_free(4 * WATCHED_NS, 0x2000), 0);
    append(writer, recording_alloc(5 * WATCHED_NS, 0x4000, 4000), watched->big);
    append(writer, recording_alloc(6 * WATCHED_NS, 0x5000, 8), 0);
    assert_ok(reel_writer_finish(writer, WATCHED_END_NS, &recording->error), recording->error);
}

void watched_open_made(struct watched *watched, struct recording *recording)
{
    watched->recording = recording;
    assert_ok(model_open(&watched->model, recording->path, &watched->error), watched->error);
    state_init(&watched->state);
    watched_go(watched, model_event_count(watched->model));
}

void watched_open(struct watched *watched, struct recording *recording)
{
    *watched = (struct watched){0};
    make(watched, recording);
    watched_open_made(watched, recording);
}

void watched_close(struct watched *watched)
{
    model_close(watched->model);
}

static bool tick(void *context, const char *what, double fraction)
{
    struct watched *watched = context;
    assert_true(strlen(what) > 0);
    assert_true(fraction >= 0 && fraction <= 1);
    watched->ticks++;
    return watched->is_stopping;
}

void watched_count(struct watched *watched, bool is_stopping)
{
    watched->ticks = 0;
    watched->is_stopping = is_stopping;
    model_watch(watched->model, (struct model_watcher){tick, watched});
}

void watched_go(struct watched *watched, uint64_t events)
{
    watched->state.moment = events;
    assert_ok(model_seek(watched->model, &watched->state, &watched->error), watched->error);
}
