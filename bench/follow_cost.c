// SPDX-License-Identifier: MIT
// What it costs to follow a program: follow_cost [--events N] [--rate N] [--every MS] [--behind MS] [--live N]
// [--stacks N] FILE, or follow_cost --recorded [--every MS] [--behind MS] REEL. As often as a viewer looks, a replay is
// refreshed, moved to the end, or to the moment that is cheapest of those not further behind, and asked for its sums.
// The first writes the reel of a made-up program that does so many events a second, in turns with the replay; the
// second follows a reel that is being recorded to its end. CPU time of the process while it looks counts. Prints one
// line of JSON. Judges nothing.
#include "made_heap.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "reel/moment.h"
#include "reel/replay.h"
#include "reel/writer.h"

enum
{
    BATCH_EVENTS = 1024,
    COMMIT_EVENTS = 262144, // as a recording does
    STACKS_LEAST = 128,
    STACKS_MOST = 1000000,
};

struct options
{
    const char *path;
    uint64_t events;
    uint64_t rate; // events a second
    uint64_t every_ms;
    uint64_t behind_ms; // 0: it goes to the end
    uint64_t live;
    uint64_t stacks;
    bool is_recorded;
};

struct course
{
    struct reel_writer *writer;
    struct made_heap *heap;
    struct reel_reader *reader;
    struct reel_replay *replay;
    uint64_t written;
    uint64_t looks;
    double refresh_s;
    double seek_s;
    double ask_s;
    double longest_s; // of a look
    struct reel_error error;
};

static void stop_if(int status, const struct reel_error *error)
{
    if (status != REEL_OK)
    {
        fprintf(stderr, "follow_cost: %s\n", error->text);
        exit(3);
    }
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void write_events(struct course *course, uint64_t count)
{
    static struct reel_event events[BATCH_EVENTS];
    for (uint64_t done = 0, uncommitted = 0; done < count;)
    {
        size_t more = count - done < BATCH_EVENTS ? (size_t)(count - done) : BATCH_EVENTS;
        if (!made_heap_next(course->heap, events, more))
            exit(3);
        stop_if(reel_writer_append(course->writer, events, more, &course->error), &course->error);
        done += more;
        uncommitted += more;
        if (uncommitted < COMMIT_EVENTS && done < count)
            continue;
        stop_if(reel_writer_commit(course->writer, &course->error), &course->error);
        uncommitted = 0;
    }
    course->written += count;
}

// The made-up program's clock goes as it likes: a time is so many of its events there.
static uint64_t choose_moment(struct course *course, const struct options *options)
{
    uint64_t end_ns = 0;
    uint64_t events = reel_reader_event_count(course->reader);
    if (options->behind_ms == 0)
        return UINT64_MAX;
    stop_if(reel_moment_time(course->reader, events, &end_ns, &course->error), &course->error);
    double step_ns =
        options->is_recorded || events == 0 ? 1e9 / (double)options->rate : (double)end_ns / (double)events;
    double behind_ns = step_ns * (double)options->rate * (double)options->behind_ms / 1000;
    return reel_replay_newest(course->replay, behind_ns < (double)end_ns ? end_ns - (uint64_t)behind_ns : 0);
}

static void look(struct course *course, const struct options *options)
{
    struct reel_heap_state heap;
    double begin = cpu_seconds();
    stop_if(reel_replay_refresh(course->replay, &course->error), &course->error);
    double refreshed = cpu_seconds();
    uint64_t moment = choose_moment(course, options);
    stop_if(reel_replay_seek(course->replay, moment, NULL, &course->error), &course->error);
    double moved = cpu_seconds();
    stop_if(reel_replay_heap(course->replay, 0, &heap, &course->error), &course->error);
    double asked = cpu_seconds();
    course->refresh_s += refreshed - begin;
    course->seek_s += moved - refreshed;
    course->ask_s += asked - moved;
    course->longest_s = asked - begin > course->longest_s ? asked - begin : course->longest_s;
    course->looks++;
}

static uint32_t *open_writer(struct course *course, const struct options *options)
{
    const struct reel_run_info run = {.command = "made-up", .allocator = "system", .version = "bench"};
    const struct reel_process_info info = {.pid = 1, .command = "made-up"};
    uint32_t *stacks = calloc(options->stacks, sizeof *stacks);
    uint32_t process, thread, frame;
    if (stacks == NULL)
        exit(3);
    stop_if(reel_writer_open(&course->writer, options->path, true, &run, &course->error), &course->error);
    stop_if(reel_writer_add_process(course->writer, &info, &process, &course->error), &course->error);
    for (int32_t i = 1; i <= 2; i++)
        stop_if(reel_writer_add_thread(course->writer, process, i, NULL, 0, &thread, &course->error), &course->error);
    for (uint32_t i = 0; i < options->stacks; i++)
    {
        stop_if(reel_writer_intern_frame(course->writer, 0, 4096 + i, &frame, &course->error), &course->error);
        stop_if(reel_writer_intern_stack(course->writer, i / 2, frame, &stacks[i], &course->error), &course->error);
    }
    return stacks;
}

static void open_replay(struct course *course, const char *path)
{
    stop_if(reel_reader_open(&course->reader, path, &course->error), &course->error);
    stop_if(reel_replay_open(&course->replay, course->reader, &course->error), &course->error);
}

static void close_replay(struct course *course)
{
    reel_replay_close(course->replay);
    reel_reader_close(course->reader);
}

static void print(const struct course *course, uint64_t rate)
{
    double looks = (double)course->looks;
    double events = (double)reel_replay_events(course->replay);
    double all_s = course->refresh_s + course->seek_s + course->ask_s;
    printf("{\"events\": %.0f, \"events_per_second\": %" PRIu64 ", \"looks\": %.0f, \"refresh_us\": %.0f, "
           "\"seek_ns_per_event\": %.1f, \"ask_us\": %.0f, \"longest_ms\": %.1f, \"percent_of_core\": %.2f}\n",
           events, rate, looks, 1e6 * course->refresh_s / looks, 1e9 * course->seek_s / events,
           1e6 * course->ask_s / looks, 1e3 * course->longest_s, 100 * all_s * (double)rate / events);
}

static void follow(const struct options *options)
{
    struct course course = {0};
    const struct timespec every = {.tv_sec = (time_t)(options->every_ms / 1000),
                                   .tv_nsec = (long)(options->every_ms % 1000) * 1000000};
    open_replay(&course, options->path);
    while (!reel_reader_is_complete(course.reader))
    {
        nanosleep(&every, NULL);
        look(&course, options);
    }
    uint64_t t_ns = reel_replay_t_ns(course.replay);
    double rate = t_ns != 0 ? (double)reel_replay_events(course.replay) * 1e9 / (double)t_ns : 0;
    print(&course, (uint64_t)rate);
    close_replay(&course);
}

static void run(const struct options *options)
{
    struct course course = {0};
    uint32_t *stacks = open_writer(&course, options);
    const struct made_heap_config config = {.events = options->events,
                                            .live_blocks = options->live,
                                            .thread_count = 2,
                                            .site_stacks = stacks,
                                            .site_count = (uint32_t)options->stacks,
                                            .seed = 1};
    course.heap = made_heap_create(&config);
    if (course.heap == NULL)
        exit(3);
    stop_if(reel_writer_commit(course.writer, &course.error), &course.error);
    open_replay(&course, options->path);
    while (course.written < options->events)
    {
        write_events(&course, options->rate * options->every_ms / 1000);
        look(&course, options);
    }
    print(&course, options->rate);
    close_replay(&course);
    reel_writer_close(course.writer);
    made_heap_destroy(course.heap);
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
        {"events", required_argument, NULL, 'e'}, {"rate", required_argument, NULL, 'r'},
        {"every", required_argument, NULL, 'm'},  {"behind", required_argument, NULL, 'b'},
        {"live", required_argument, NULL, 'l'},   {"stacks", required_argument, NULL, 's'},
        {"recorded", no_argument, NULL, 'f'},     {0}};
    bool is_sound = true;
    for (int option; is_sound && (option = getopt_long(argc, argv, "", known, NULL)) != -1;)
        switch (option)
        {
        case 'e':
            is_sound = parse(optarg, 1, INT64_MAX, &options->events);
            break;
        case 'r':
            is_sound = parse(optarg, 1000, UINT32_MAX, &options->rate);
            break;
        case 'm':
            is_sound = parse(optarg, 1, 60000, &options->every_ms);
            break;
        case 'b':
            is_sound = parse(optarg, 0, 60000, &options->behind_ms);
            break;
        case 'l':
            is_sound = parse(optarg, 1, UINT32_MAX, &options->live);
            break;
        case 's':
            is_sound = parse(optarg, STACKS_LEAST, STACKS_MOST, &options->stacks);
            break;
        case 'f':
            options->is_recorded = true;
            break;
        default:
            is_sound = false;
        }
    options->path = argv[optind];
    return is_sound && argc == optind + 1;
}

int main(int argc, char **argv)
{
    struct options options = {.events = 40000000, .rate = 2000000, .every_ms = 250, .live = 10000, .stacks = 4000};
    if (!read_options(argc, argv, &options))
    {
        fputs("usage: follow_cost [--events N] [--rate N] [--every MS] [--behind MS] [--live N] [--stacks N] FILE\n"
              "       follow_cost --recorded [--every MS] [--behind MS] REEL\n",
              stderr);
        return 2;
    }
    if (options.is_recorded)
        follow(&options);
    else
        run(&options);
    return 0;
}
