// SPDX-License-Identifier: MIT
// What it costs to ask who pins memory, where the most bytes are live.
#include "replay_measures.h"

#include <stdlib.h>

#include "reel/blame.h"
#include "reel/summary.h"

#define BLAME_TRIES 15
#define ADVICE_ROWS 10

static uint64_t peak_event(struct reel_reader *reader)
{
    struct reel_error error;
    struct reel_summary *summary;
    stop_if(reel_summary_read(&summary, reader, &error), &error);
    uint64_t event = summary->figures.peak_event;
    reel_summary_destroy(summary);
    return event;
}

static double blame_timed(struct reel_replay *replay)
{
    struct reel_error error;
    struct reel_blame *blame;
    double begin = seconds_now();
    stop_if(reel_blame_make(&blame, replay, 0, NULL, &error), &error);
    double seconds = seconds_now() - begin;
    reel_blame_destroy(blame);
    return seconds;
}

static double advice_timed(struct reel_replay *replay)
{
    struct reel_error error;
    struct reel_blame *blame;
    struct reel_advice *advice;
    size_t count;
    stop_if(reel_blame_make(&blame, replay, 0, NULL, &error), &error);
    double begin = seconds_now();
    stop_if(reel_blame_advice(blame, replay, 0, ADVICE_ROWS, NULL, &advice, &count, &error), &error);
    double seconds = seconds_now() - begin;
    free(advice);
    reel_blame_destroy(blame);
    return seconds;
}

void measure_blame(const struct measure_config *config, struct figures *figures)
{
    struct reel_error error;
    struct reel_reader *reader;
    struct reel_replay *replay;
    struct reel_heap_state heap;
    double times[BLAME_TRIES];
    stop_if(reel_reader_open(&reader, config->path, &error), &error);
    stop_if(reel_replay_open(&replay, reader, &error), &error);
    stop_if(reel_replay_seek(replay, peak_event(reader) + 1, NULL, &error), &error);
    stop_if(reel_replay_heap(replay, 0, &heap, &error), &error);
    for (size_t i = 0; i < BLAME_TRIES; i++)
        times[i] = blame_timed(replay);
    figures_add(figures, "blamed_blocks", (double)heap.live_blocks);
    figures_add(figures, "blamed_pages", (double)heap.occupied_pages);
    figures_add_times(figures, "blame", times, BLAME_TRIES);
    figures_add(figures, "advice_ms", advice_timed(replay) * 1e3);
    reel_replay_close(replay);
    reel_reader_close(reader);
}
