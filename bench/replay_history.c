// SPDX-License-Identifier: MIT
// What questions about events cost: over the whole reel, and over a short range in the middle, where the blocks that
// live there must be known first.
#include "replay_measures.h"

#include <stdlib.h>

#include "reel/history.h"

#define MIDDLE_EVENTS 100000

static struct spent lifetimes_timed(struct reel_replay *replay, uint64_t begin, uint64_t end)
{
    struct reel_error error;
    struct reel_lifetimes *lifetimes;
    struct spent from = spent_now();
    stop_if(reel_history_lifetimes(replay, begin, end, NULL, &lifetimes, &error), &error);
    free(lifetimes);
    return spent_since(from);
}

static struct spent crossings_timed(struct reel_replay *replay, uint64_t end)
{
    struct reel_error error;
    struct reel_crossing *rows;
    size_t count;
    struct spent from = spent_now();
    stop_if(reel_history_crossings(replay, 0, end, NULL, &rows, &count, &error), &error);
    free(rows);
    return spent_since(from);
}

static struct spent growth_timed(struct reel_replay *replay, uint64_t end)
{
    struct reel_error error;
    struct reel_growth *rows;
    size_t count;
    struct spent from = spent_now();
    stop_if(reel_history_growth(replay, 0, end, NULL, &rows, &count, &error), &error);
    free(rows);
    return spent_since(from);
}

static int take_last(void *context, const struct reel_live_block *block)
{
    *(uint64_t *)context = block->address;
    return REEL_OK;
}

static struct spent address_timed(struct reel_replay *replay, uint64_t end)
{
    struct reel_error error;
    struct reel_tenant *tenants;
    uint64_t address = 0;
    size_t count;
    stop_if(reel_replay_seek(replay, end / 2, NULL, &error), &error);
    reel_replay_each_block(replay, 0, take_last, &address);
    struct spent from = spent_now();
    stop_if(reel_history_of_address(reel_replay_reader(replay), 0, address, end, NULL, &tenants, &count, &error),
            &error);
    free(tenants);
    return spent_since(from);
}

static void add_rate(struct figures *figures, const char *name, uint64_t events, struct spent spent)
{
    figures_add(figures, name, (double)events / spent.cpu_s);
}

void measure_history(const struct measure_config *config, struct figures *figures)
{
    struct reel_error error;
    struct reel_reader *reader;
    struct reel_replay *replay;
    stop_if(reel_reader_open(&reader, config->path, &error), &error);
    stop_if(reel_replay_open(&replay, reader, &error), &error);
    uint64_t end = reel_reader_event_count(reader);
    add_rate(figures, "lifetimes_events_per_cpu_s", end, lifetimes_timed(replay, 0, end));
    add_rate(figures, "crossings_events_per_cpu_s", end, crossings_timed(replay, end));
    add_rate(figures, "address_events_per_cpu_s", end, address_timed(replay, end));
    struct spent growth = growth_timed(replay, end);
    struct spent middle = lifetimes_timed(replay, end / 2, end / 2 + MIDDLE_EVENTS);
    figures_add_spent(figures, "growth", &growth, 1);
    figures_add_spent(figures, "lifetimes_in_the_middle", &middle, 1);
    reel_replay_close(replay);
    reel_reader_close(reader);
}
