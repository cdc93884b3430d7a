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

static struct spent blame_timed(struct reel_replay *replay)
{
    struct reel_error error;
    struct reel_blame *blame;
    struct spent begin = spent_now();
    stop_if(reel_blame_make(&blame, replay, 0, NULL, &error), &error);
    struct spent spent = spent_since(begin);
    reel_blame_destroy(blame);
    return spent;
}

static struct spent advice_timed(struct reel_replay *replay)
{
    struct reel_error error;
    struct reel_blame *blame;
    struct reel_advice *advice;
    size_t count;
    stop_if(reel_blame_make(&blame, replay, 0, NULL, &error), &error);
    struct spent begin = spent_now();
    stop_if(reel_blame_advice(blame, replay, 0, ADVICE_ROWS, NULL, &advice, &count, &error), &error);
    struct spent spent = spent_since(begin);
    free(advice);
    reel_blame_destroy(blame);
    return spent;
}

void measure_blame(const struct measure_config *config, struct figures *figures)
{
    struct reel_error error;
    struct reel_reader *reader;
    struct reel_replay *replay;
    struct reel_heap_state heap;
    struct spent times[BLAME_TRIES];
    stop_if(reel_reader_open(&reader, config->path, &error), &error);
    stop_if(reel_replay_open(&replay, reader, &error), &error);
    stop_if(reel_replay_seek(replay, peak_event(reader) + 1, NULL, &error), &error);
    stop_if(reel_replay_heap(replay, 0, &heap, &error), &error);
    for (size_t i = 0; i < BLAME_TRIES; i++)
        times[i] = blame_timed(replay);
    figures_add(figures, "blamed_blocks", (double)heap.live_blocks);
    figures_add(figures, "blamed_pages", (double)heap.occupied_pages);
    figures_add_spent(figures, "blame", times, BLAME_TRIES);
    struct spent advice = advice_timed(replay);
    figures_add_spent(figures, "advice", &advice, 1);
    reel_replay_close(replay);
    reel_reader_close(reader);
}
