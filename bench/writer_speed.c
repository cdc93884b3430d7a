// SPDX-License-Identifier: MIT
// Measures how many events a second the writer takes on one core, without a program or a tracer: writer_speed FILE
// EVENTS. The stream is made before the clock runs: random sizes and lives on one thread, stacks of 24 frames with few
// changes. Prints one line of JSON. Judges nothing.
#include "reel/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum
{
    BATCH_EVENTS = 4096,
    COMMIT_EVENTS = 1 << 20,
    SLOT_COUNT = 1 << 14, // blocks that live at one time
    STACK_COUNT = 2000,
    STACK_DEPTH = 24,
};

struct stream
{
    struct reel_event *events;
    uint64_t count;
    uint64_t random;
    uint64_t next_address;
    struct reel_event slots[SLOT_COUNT]; // kind 0 = empty
};

static uint64_t next_random(struct stream *stream)
{
    stream->random ^= stream->random << 13;
    stream->random ^= stream->random >> 7;
    stream->random ^= stream->random << 17;
    return stream->random;
}

static struct reel_event free_event(const struct reel_event *birth, uint64_t t_ns)
{
    struct reel_event event = *birth;
    event.t_ns = t_ns;
    event.kind = REEL_EVENT_FREE;
    event.requested_bytes = event.usable_bytes = 0;
    return event;
}

static struct reel_event alloc_event(struct stream *stream, uint64_t t_ns, uint32_t thread, uint32_t process)
{
    uint64_t random = next_random(stream);
    uint64_t requested_bytes = 16 + random % 500;
    struct reel_event event = {.t_ns = t_ns, .thread = thread, .process = process, .kind = REEL_EVENT_ALLOC};
    event.requested_bytes = requested_bytes;
    event.usable_bytes = (requested_bytes + 23) / 16 * 16 - 8;
    event.stack = 1 + (uint32_t)(random >> 40) % STACK_COUNT;
    return event;
}

// A freed slot's address serves the slot's next block, so addresses repeat as they do in a program.
static void fill(struct stream *stream, uint32_t thread, uint32_t process)
{
    uint64_t t_ns = 0;
    for (uint64_t i = 0; i < stream->count; i++)
    {
        uint64_t random = next_random(stream);
        struct reel_event *slot = &stream->slots[random % SLOT_COUNT];
        t_ns += 20 + (random >> 32) % 100;
        if (slot->kind == REEL_EVENT_ALLOC)
        {
            stream->events[i] = free_event(slot, t_ns);
            slot->kind = 0;
            continue;
        }
        uint64_t address = slot->address;
        *slot = alloc_event(stream, t_ns, thread, process);
        slot->address = address != 0 ? address : (stream->next_address += 528);
        stream->events[i] = *slot;
    }
}

static void stop_if(int status, const struct reel_error *error)
{
    if (status != REEL_OK)
    {
        fprintf(stderr, "writer_speed: %s\n", error->text);
        exit(3);
    }
}

static void add_stacks(struct reel_writer *writer, struct reel_error *error)
{
    uint32_t stack = 0;
    for (uint32_t i = 0; i < STACK_COUNT; i++)
    {
        uint32_t frame;
        stop_if(reel_writer_intern_frame(writer, 0, 0x400000 + (uint64_t)i * 16, &frame, error), error);
        stop_if(reel_writer_intern_stack(writer, i % STACK_DEPTH == 0 ? 0 : stack, frame, &stack, error), error);
    }
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void append_all(struct reel_writer *writer, const struct stream *stream, struct reel_error *error)
{
    for (uint64_t first = 0; first < stream->count; first += BATCH_EVENTS)
    {
        uint64_t left = stream->count - first;
        size_t count = left < BATCH_EVENTS ? (size_t)left : BATCH_EVENTS;
        stop_if(reel_writer_append(writer, stream->events + first, count, error), error);
        if ((first + count) % COMMIT_EVENTS == 0)
        {
            stop_if(reel_writer_commit(writer, error), error);
        }
    }
}

static void measure(const char *path, struct stream *stream)
{
    struct reel_error error;
    struct reel_writer *writer = NULL;
    const struct reel_run_info run = {.command = "writer_speed", .allocator = "none", .version = "bench"};
    const struct reel_process_info process_info = {.pid = 1, .command = "writer_speed"};
    uint32_t process = 0;
    uint32_t thread = 0;
    stop_if(reel_writer_open(&writer, path, true, &run, &error), &error);
    stop_if(reel_writer_add_process(writer, &process_info, &process, &error), &error);
    stop_if(reel_writer_add_thread(writer, process, 1, "main", 0, &thread, &error), &error);
    add_stacks(writer, &error);
    fill(stream, thread, process);

    double begin = seconds_now();
    append_all(writer, stream, &error);
    struct reel_writer_totals totals;
    reel_writer_totals(writer, &totals);
    uint64_t end_ns = stream->events[stream->count - 1].t_ns;
    stop_if(reel_writer_finish(writer, end_ns, &error), &error);
    double seconds = seconds_now() - begin;
    printf("{\"events\": %" PRIu64 ", \"seconds\": %.3f, \"events_per_second\": %.0f}\n", totals.events, seconds,
           (double)totals.events / seconds);
}

int main(int argc, char **argv)
{
    static struct stream stream = {.random = 88172645463325252u, .next_address = 0x555500000000};
    char *end = NULL;
    stream.count = argc == 3 ? strtoull(argv[2], &end, 10) : 0;
    if (stream.count == 0 || *end != '\0')
    {
        fprintf(stderr, "usage: writer_speed FILE EVENTS\n");
        return 2;
    }
    stream.events = calloc(stream.count, sizeof *stream.events);
    if (stream.events == NULL)
    {
        fprintf(stderr, "writer_speed: no memory for %" PRIu64 " events\n", stream.count);
        return 3;
    }
    measure(argv[1], &stream);
    free(stream.events);
    return 0;
}
