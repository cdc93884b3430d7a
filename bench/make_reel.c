// SPDX-License-Identifier: MIT
// Writes reels of any number of events: make_reel FILE [--events N] [--live N] [--threads N] [--stacks N] [--seed N].
// The program that they tell of is made up; stacks have about 20 frames, with names. Prints one line of JSON.
#include "made_heap.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "reel/writer.h"

enum
{
    BATCH_EVENTS = 1024,
    COMMIT_BATCHES = 2048,
    DEPTH_LEAST = 12,
    DEPTH_SPREAD = 17,
    FUNCTION_COUNT = 4000,
    FILE_COUNT = 200,
    NAME_MAX_BYTES = 64,
    STACKS_LEAST = 128,
    STACKS_MOST = 1000000,
    THREADS_MOST = 64,
};

#define LIVE_MOST 200000000u

struct options
{
    const char *path;
    uint64_t events;
    uint64_t live;
    uint64_t threads;
    uint64_t stacks;
    uint64_t seed;
};

static void stop_if(int status, const struct reel_error *error)
{
    if (status != REEL_OK)
    {
        fprintf(stderr, "make_reel: %s\n", error->text);
        exit(3);
    }
}

static void stop_without_memory(void)
{
    fputs("make_reel: no memory; ask for fewer live blocks\n", stderr);
    exit(3);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void add_functions(struct reel_writer *writer, uint32_t *frames, struct reel_error *error)
{
    const struct reel_module_info info = {.process = 1,
                                          .path = "/usr/bin/made-up",
                                          .build_id = (const uint8_t *)"made-up",
                                          .build_id_bytes = 7,
                                          .bias = UINT64_C(0x555555000000),
                                          .begin = UINT64_C(0x555555000000),
                                          .end = UINT64_C(0x555555400000)};
    uint32_t module;
    stop_if(reel_writer_add_module(writer, &info, &module, error), error);
    for (uint32_t i = 0; i < FUNCTION_COUNT; i++)
        stop_if(reel_writer_intern_frame(writer, module, 0x1000 + (uint64_t)i * 416 + i % 7, &frames[i], error), error);
}

static void name_functions(struct reel_writer *writer, struct reel_error *error)
{
    char function[NAME_MAX_BYTES];
    char file[NAME_MAX_BYTES];
    for (uint32_t frame = 1; frame <= reel_writer_frame_count(writer); frame++)
    {
        snprintf(function, sizeof function, "part%u::function_%u(int)", frame % FILE_COUNT, frame);
        snprintf(file, sizeof file, "/src/made-up/part%u.cc", frame % FILE_COUNT);
        const struct reel_symbol symbol = {.function = function, .file = file, .line = (int)(frame / FILE_COUNT * 40)};
        stop_if(reel_writer_set_symbols(writer, frame, &symbol, 1, error), error);
    }
}

// Each stack leaves the one before it somewhere between main and its innermost frames, as neighbours do in a program.
static void add_stacks(struct reel_writer *writer, uint32_t *stacks, uint32_t count, uint64_t random,
                       struct reel_error *error)
{
    static uint32_t frames[FUNCTION_COUNT];
    uint32_t path[DEPTH_LEAST + DEPTH_SPREAD] = {0};
    uint32_t depth = 0;
    add_functions(writer, frames, error);
    for (uint32_t i = 0; i < count; i++)
    {
        uint64_t bits = made_random(&random);
        uint32_t kept = depth == 0 ? 0 : 1 + (uint32_t)(bits % depth);
        depth = DEPTH_LEAST + (uint32_t)(bits >> 20) % DEPTH_SPREAD;
        for (kept = kept < depth ? kept : depth - 1; kept < depth; kept++)
        {
            uint32_t parent = kept == 0 ? 0 : path[kept - 1];
            uint32_t frame = kept == 0 ? frames[0] : frames[made_random(&random) % FUNCTION_COUNT];
            stop_if(reel_writer_intern_stack(writer, parent, frame, &path[kept], error), error);
        }
        stacks[i] = path[depth - 1];
    }
}

static void add_threads(struct reel_writer *writer, uint64_t count, struct reel_error *error)
{
    const struct reel_process_info info = {.pid = 1, .command = "made-up", .executable = "/usr/bin/made-up"};
    uint32_t process;
    uint32_t thread;
    stop_if(reel_writer_add_process(writer, &info, &process, error), error);
    for (uint64_t i = 0; i < count; i++)
        stop_if(reel_writer_add_thread(writer, process, (int32_t)i + 1, "worker", 0, &thread, error), error);
}

// Gives the time of the last event.
static uint64_t append_all(struct reel_writer *writer, struct made_heap *heap, uint64_t count, struct reel_error *error)
{
    static struct reel_event events[BATCH_EVENTS];
    uint64_t t_ns = 0;
    for (uint64_t done = 0, batches = 1; done < count; batches++)
    {
        size_t more = count - done < BATCH_EVENTS ? (size_t)(count - done) : BATCH_EVENTS;
        if (!made_heap_next(heap, events, more))
            stop_without_memory();
        stop_if(reel_writer_append(writer, events, more, error), error);
        if (batches % COMMIT_BATCHES == 0)
            stop_if(reel_writer_commit(writer, error), error);
        t_ns = events[more - 1].t_ns;
        done += more;
    }
    return t_ns;
}

static void write_reel(const struct options *options)
{
    struct reel_error error;
    struct reel_writer *writer = NULL;
    const struct reel_run_info run = {
        .command = "made-up", .allocator = "system", .stacks = "on", .when_full = "wait", .version = "bench"};
    uint32_t *stacks = calloc(options->stacks, sizeof *stacks);
    if (stacks == NULL)
        stop_without_memory();
    stop_if(reel_writer_open(&writer, options->path, true, &run, &error), &error);
    add_threads(writer, options->threads, &error);
    add_stacks(writer, stacks, (uint32_t)options->stacks, options->seed * 2 + 1, &error);
    const struct made_heap_config config = {.events = options->events,
                                            .live_blocks = options->live,
                                            .thread_count = (uint32_t)options->threads,
                                            .site_stacks = stacks,
                                            .site_count = (uint32_t)options->stacks,
                                            .seed = options->seed};
    struct made_heap *heap = made_heap_create(&config);
    if (heap == NULL)
        stop_without_memory();
    double begin = cpu_seconds();
    uint64_t t_ns = append_all(writer, heap, options->events, &error);
    struct reel_writer_totals totals;
    reel_writer_totals(writer, &totals);
    name_functions(writer, &error);
    const struct reel_process_end_info end = {.t_ns = t_ns, .how = REEL_END_EXITED};
    const struct reel_process_counters counters = {.committed_events = options->events};
    stop_if(reel_writer_set_counters(writer, 1, &counters, &error), &error);
    stop_if(reel_writer_end_process(writer, 1, &end, &error), &error);
    stop_if(reel_writer_finish(writer, t_ns, &error), &error);
    double seconds = cpu_seconds() - begin;
    printf("{\"events\": %" PRIu64 ", \"live_blocks\": %" PRIu64 ", \"peak_live_bytes\": %" PRIu64
           ", \"seconds\": %.2f, \"events_per_second\": %.0f}\n",
           totals.events, totals.live_blocks, totals.peak_live_bytes, seconds, (double)totals.events / seconds);
    made_heap_destroy(heap);
    free(stacks);
}

static bool parse(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    char *end = NULL;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && *number >= least && *number <= most;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"events", required_argument, NULL, 'e'},  {"live", required_argument, NULL, 'l'},
        {"threads", required_argument, NULL, 't'}, {"stacks", required_argument, NULL, 's'},
        {"seed", required_argument, NULL, 'r'},    {0}};
    bool is_sound = true;
    for (int option; is_sound && (option = getopt_long(argc, argv, "", known, NULL)) != -1;)
        switch (option)
        {
        case 'e':
            is_sound = parse(optarg, 1, INT64_MAX, &options->events);
            break;
        case 'l':
            is_sound = parse(optarg, 1, LIVE_MOST, &options->live);
            break;
        case 't':
            is_sound = parse(optarg, 1, THREADS_MOST, &options->threads);
            break;
        case 's':
            is_sound = parse(optarg, STACKS_LEAST, STACKS_MOST, &options->stacks);
            break;
        case 'r':
            is_sound = parse(optarg, 0, INT64_MAX - 1, &options->seed);
            break;
        default:
            is_sound = false;
        }
    options->path = argv[optind];
    return is_sound && argc == optind + 1;
}

int main(int argc, char **argv)
{
    struct options options = {.events = 100000000, .live = 10000, .threads = 2, .stacks = 4000, .seed = 1};
    if (!read_options(argc, argv, &options))
    {
        fputs("usage: make_reel FILE [--events N] [--live N] [--threads 1..64] [--stacks 128..1000000] [--seed N]\n",
              stderr);
        return 2;
    }
    write_reel(&options);
    return 0;
}
