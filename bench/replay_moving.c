// SPDX-License-Identifier: MIT
// What it costs to move a state over the events, and to ask it.
#include "replay_measures.h"

#include <stdlib.h>
#include <time.h>

#include "reel/replay.h"
#include "reel/summary.h"
#include "reel/timeline.h"

#define STEPS 200 // columns of a screen
#define DRAG_STEPS 20
#define FRAME_S 0.033 // 30 a second

static struct reel_replay *open_replay(const char *path, struct reel_reader **reader)
{
    struct reel_error error;
    struct reel_replay *replay;
    stop_if(reel_reader_open(reader, path, &error), &error);
    stop_if(reel_replay_open(&replay, *reader, &error), &error);
    return replay;
}

static void close_replay(struct reel_replay *replay, struct reel_reader *reader)
{
    reel_replay_close(replay);
    reel_reader_close(reader);
}

static void seek(struct reel_replay *replay, uint64_t events)
{
    struct reel_error error;
    stop_if(reel_replay_seek(replay, events, NULL, &error), &error);
}

static struct spent *allocate_times(size_t count)
{
    struct spent *times = calloc(count, sizeof *times);
    if (times == NULL)
    {
        struct reel_error error = {.text = "no memory"};
        stop_if(REEL_E_NO_MEMORY, &error);
    }
    return times;
}

// Until the sums of the moment are there.
static struct spent seek_timed(struct reel_replay *replay, uint64_t events)
{
    struct reel_error error;
    struct reel_heap_state heap;
    struct spent begin = spent_now();
    seek(replay, events);
    stop_if(reel_replay_heap(replay, 0, &heap, &error), &error);
    return spent_since(begin);
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static struct reel_figures read_figures(struct reel_reader *reader)
{
    struct reel_error error;
    struct reel_summary *summary;
    stop_if(reel_summary_read(&summary, reader, &error), &error);
    struct reel_figures figures = summary->figures;
    reel_summary_destroy(summary);
    return figures;
}

void measure_playing(const struct measure_config *config, struct figures *figures)
{
    struct reel_reader *reader;
    struct spent *times = allocate_times(STEPS);
    struct reel_replay *replay = open_replay(config->path, &reader);
    uint64_t events = reel_reader_event_count(reader);
    struct spent begin = spent_now();
    for (uint64_t i = 0; i < STEPS; i++)
        times[i] = seek_timed(replay, events * (i + 1) / STEPS);
    double seconds = spent_since(begin).cpu_s;
    figures_add(figures, "replay_million_events_per_s", (double)events / seconds / 1e6);
    figures_add(figures, "replay_ns_per_event", seconds / (double)events * 1e9);
    figures_add_spent(figures, "play_step", times, STEPS);
    close_replay(replay, reader);
    free(times);
}

void measure_memory(const struct measure_config *config, struct figures *figures)
{
    struct reel_error error;
    struct reel_reader *reader;
    struct reel_heap_state heap;
    double before = resident_bytes();
    struct reel_replay *replay = open_replay(config->path, &reader);
    seek(replay, read_figures(reader).peak_event + 1);
    stop_if(reel_replay_heap(replay, 0, &heap, &error), &error);
    double bytes = resident_bytes() - before;
    figures_add(figures, "peak_live_blocks", (double)heap.live_blocks);
    figures_add(figures, "reader_bytes_at_peak", bytes);
    figures_add(figures, "reader_bytes_per_block", bytes / (double)(heap.live_blocks + 1));
    close_replay(replay, reader);
}

static void add_spent_since(struct figures *figures, const char *name, struct spent begin)
{
    struct spent spent = spent_since(begin);
    figures_add_spent(figures, name, &spent, 1);
}

void measure_first_answers(const struct measure_config *config, struct figures *figures)
{
    struct reel_error error;
    struct reel_reader *reader;
    struct reel_replay *replay;
    struct reel_timeline_point *points;
    struct reel_class_state *classes;
    size_t class_count;
    struct spent begin = spent_now();
    stop_if(reel_reader_open(&reader, config->path, &error), &error);
    uint64_t peak_event = read_figures(reader).peak_event;
    add_spent_since(figures, "open_to_summary", begin);
    stop_if(reel_timeline_read(reader, 0, UINT64_MAX, STEPS, &points, &error), &error);
    add_spent_since(figures, "open_to_timeline", begin);
    stop_if(reel_replay_open(&replay, reader, &error), &error);
    seek(replay, peak_event + 1);
    stop_if(reel_replay_classes(replay, 0, &classes, &class_count, &error), &error);
    add_spent_since(figures, "open_to_classes_at_peak", begin);
    free(points);
    free(classes);
    close_replay(replay, reader);
}

void measure_seeks(const struct measure_config *config, struct figures *figures)
{
    struct reel_reader *reader;
    struct spent *times = allocate_times(config->tries);
    struct reel_replay *replay = open_replay(config->path, &reader);
    uint64_t random = config->seed;
    for (int i = 0; i < 8; i++)
        next_random(&random); // a small seed has few bits
    for (size_t i = 0; i < config->tries; i++)
        times[i] = seek_timed(replay, next_random(&random) % (reel_reader_event_count(reader) + 1));
    figures_add_spent(figures, "seek", times, config->tries);
    close_replay(replay, reader);
    free(times);
}

static void wait_for_next_frame(struct spent frame)
{
    double left = FRAME_S - spent_since(frame).wall_s;
    if (left > 0)
        nanosleep(&(struct timespec){.tv_nsec = (long)(left * 1e9)}, NULL);
}

// Drags of some columns from random moments, a column a frame, as a person scrubs.
static void measure_columns(const struct measure_config *config, struct figures *figures, const char *name,
                            bool is_forward)
{
    struct reel_reader *reader;
    struct spent *times = allocate_times(config->tries);
    struct reel_replay *replay = open_replay(config->path, &reader);
    uint64_t column = reel_reader_event_count(reader) / STEPS;
    uint64_t random = config->seed + 1;
    uint64_t at = 0;
    for (size_t i = 0; i < config->tries; i++)
    {
        if (i % DRAG_STEPS == 0)
        {
            at = (DRAG_STEPS + next_random(&random) % (STEPS - 2 * DRAG_STEPS)) * column;
            seek(replay, at);
        }
        struct spent frame = spent_now();
        at = is_forward ? at + column : at - column;
        times[i] = seek_timed(replay, at);
        wait_for_next_frame(frame);
    }
    figures_add_spent(figures, name, times, config->tries);
    close_replay(replay, reader);
    free(times);
}

void measure_steps(const struct measure_config *config, struct figures *figures)
{
    measure_columns(config, figures, "step_forward", true);
    measure_columns(config, figures, "step_back", false);
}
