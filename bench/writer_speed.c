// SPDX-License-Identifier: MIT
// Measures how many events a second the writer takes on one core, and the reader gives back, without a program or a
// tracer: writer_speed FILE EVENTS [REEL]. The events are the first of the reel, or else made: random sizes and lives
// on one thread, stacks of 24 frames with few changes. They are in memory before the clock runs. Prints one line of
// JSON. Judges nothing.
#include "reel/reader.h"
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

static struct reel_event alloc_event(struct stream *stream, uint64_t t_ns)
{
    uint64_t random = next_random(stream);
    uint64_t requested_bytes = 16 + random % 500;
    struct reel_event event = {.t_ns = t_ns, .thread = 1, .process = 1, .kind = REEL_EVENT_ALLOC};
    event.requested_bytes = requested_bytes;
    event.usable_bytes = (requested_bytes + 23) / 16 * 16 - 8;
    event.stack = 1 + (uint32_t)(random >> 40) % STACK_COUNT;
    return event;
}

// A freed slot's address serves the slot's next block, so addresses repeat as they do in a program.
static void make(struct stream *stream)
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
        *slot = alloc_event(stream, t_ns);
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

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); // what others do on the machine is not in it
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// The events of the reel as one process's, a thread each; fewer than wanted if the reel has no more.
static void load(struct stream *stream, const char *path)
{
    struct reel_error error;
    struct reel_reader *reader;
    struct reel_cursor *cursor;
    const struct reel_event *run;
    size_t count;
    uint64_t first;
    uint64_t loaded = 0;
    stop_if(reel_reader_open(&reader, path, &error), &error);
    stop_if(reel_cursor_open(&cursor, reader, 0, stream->count, &error), &error);
    for (;;)
    {
        stop_if(reel_cursor_next(cursor, &run, &count, &first, &error), &error);
        if (count == 0)
            break;
        memcpy(stream->events + loaded, run, count * sizeof *run);
        for (size_t i = 0; i < count; i++)
            stream->events[loaded + i].process = 1;
        loaded += count;
    }
    stream->count = loaded;
    reel_cursor_close(cursor);
    reel_reader_close(reader);
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

static void add_threads(struct reel_writer *writer, const struct stream *stream, struct reel_error *error)
{
    const struct reel_process_info process_info = {.pid = 1, .command = "writer_speed"};
    uint32_t process;
    uint32_t thread = 0;
    uint32_t greatest = 0;
    for (uint64_t i = 0; i < stream->count; i++)
        greatest = stream->events[i].thread > greatest ? stream->events[i].thread : greatest;
    stop_if(reel_writer_add_process(writer, &process_info, &process, error), error);
    while (thread < greatest)
        stop_if(reel_writer_add_thread(writer, process, 1, "thread", 0, &thread, error), error);
}

static void append_all(struct reel_writer *writer, const struct stream *stream, struct reel_error *error)
{
    for (uint64_t first = 0; first < stream->count; first += BATCH_EVENTS)
    {
        uint64_t left = stream->count - first;
        size_t count = left < BATCH_EVENTS ? (size_t)left : BATCH_EVENTS;
        stop_if(reel_writer_append(writer, stream->events + first, count, error), error);
        if ((first + count) % COMMIT_EVENTS == 0)
            stop_if(reel_writer_commit(writer, error), error);
    }
}

static double measure_writing(const char *path, const struct stream *stream)
{
    struct reel_error error;
    struct reel_writer *writer = NULL;
    const struct reel_run_info run = {.command = "writer_speed", .allocator = "none", .version = "bench"};
    stop_if(reel_writer_open(&writer, path, true, &run, &error), &error);
    add_threads(writer, stream, &error);
    add_stacks(writer, &error);
    double begin = cpu_seconds();
    append_all(writer, stream, &error);
    stop_if(reel_writer_finish(writer, stream->events[stream->count - 1].t_ns, &error), &error);
    return cpu_seconds() - begin;
}

static double measure_reading(const char *path)
{
    struct reel_error error;
    struct reel_reader *reader;
    struct reel_cursor *cursor;
    const struct reel_event *run;
    size_t count;
    uint64_t first;
    stop_if(reel_reader_open(&reader, path, &error), &error);
    stop_if(reel_cursor_open(&cursor, reader, 0, UINT64_MAX, &error), &error);
    double begin = cpu_seconds();
    do
        stop_if(reel_cursor_next(cursor, &run, &count, &first, &error), &error);
    while (count != 0);
    double seconds = cpu_seconds() - begin;
    reel_cursor_close(cursor);
    reel_reader_close(reader);
    return seconds;
}

int main(int argc, char **argv)
{
    static struct stream stream = {.random = 88172645463325252u, .next_address = 0x555500000000};
    char *end = NULL;
    stream.count = argc == 3 || argc == 4 ? strtoull(argv[2], &end, 10) : 0;
    if (stream.count == 0 || *end != '\0')
    {
        fprintf(stderr, "usage: writer_speed FILE EVENTS [REEL]\n");
        return 2;
    }
    stream.events = calloc(stream.count, sizeof *stream.events);
    if (stream.events == NULL)
    {
        fprintf(stderr, "writer_speed: no memory for %" PRIu64 " events\n", stream.count);
        return 3;
    }
    if (argc == 4)
        load(&stream, argv[3]);
    else
        make(&stream);
    double written = measure_writing(argv[1], &stream);
    double read = measure_reading(argv[1]);
    printf("{\"events\": %" PRIu64 ", \"seconds\": %.3f, \"events_per_second\": %.0f, \"read_per_second\": %.0f}\n",
           stream.count, written, (double)stream.count / written, (double)stream.count / read);
    free(stream.events);
    return 0;
}
