// SPDX-License-Identifier: MIT
// How long blocks of each size live: a table of powers of two.
#include "reel/history.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/replay/history_sweep.h"

struct lifetimes
{
    struct reel_lifetimes *counts;
    uint64_t begin_event;
};

// 0 for 0, n for 2^(n-1) up to 2^n - 1; the last one is for all above it too.
static size_t step_of(uint64_t amount, size_t step_count)
{
    size_t step = amount == 0 ? 0 : 64 - (size_t)__builtin_clzll(amount);
    return step < step_count ? step : step_count - 1;
}

static int count_free(void *context, const struct history_life *life, const struct reel_event *event)
{
    const struct lifetimes *lifetimes = context;
    uint64_t lifetime_ns = event->t_ns > life->birthmark ? event->t_ns - life->birthmark : 0;
    size_t size = step_of(life->requested_bytes, REEL_LIFETIME_SIZES);
    size_t time = step_of(lifetime_ns, REEL_LIFETIME_TIMES);
    lifetimes->counts->blocks[size][time]++;
    lifetimes->counts->bytes[size][time] += life->requested_bytes;
    return REEL_OK;
}

static void count_survivor(void *context, const struct history_life *life)
{
    const struct lifetimes *lifetimes = context;
    size_t size = step_of(life->requested_bytes, REEL_LIFETIME_SIZES);
    if (life->birth_event < lifetimes->begin_event)
        return;
    lifetimes->counts->alive_blocks[size]++;
    lifetimes->counts->alive_bytes[size] += life->requested_bytes;
}

int reel_history_lifetimes(struct reel_replay *replay, uint64_t begin, uint64_t end,
                           const struct reel_progress *progress, struct reel_lifetimes **out, struct reel_error *error)
{
    struct lifetimes lifetimes = {.counts = calloc(1, sizeof *lifetimes.counts), .begin_event = begin};
    const struct history_question question = {HISTORY_BIRTH_NS, count_free, count_survivor, &lifetimes};
    if (lifetimes.counts == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    int status = history_sweep(replay, begin, end, &question, progress, error);
    if (status == REEL_OK)
        *out = lifetimes.counts;
    else
        free(lifetimes.counts);
    return status;
}
