// SPDX-License-Identifier: MIT
// How long blocks of each size live: a table of powers of two.
#include "reel/history.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/replay/history_sweep.h"

static int count_free(void *context, const struct history_life *life, const struct reel_event *event)
{
    struct reel_lifetimes *counts = context;
    size_t size = history_step_of(life->requested_bytes, REEL_LIFETIME_SIZES);
    size_t time = history_step_of(history_lifetime_ns(life, event), REEL_LIFETIME_TIMES);
    counts->blocks[size][time]++;
    counts->bytes[size][time] += life->requested_bytes;
    return REEL_OK;
}

static void count_survivor(void *context, const struct history_life *life)
{
    struct reel_lifetimes *counts = context;
    size_t size = history_step_of(life->requested_bytes, REEL_LIFETIME_SIZES);
    if (!life->is_of_range)
        return;
    counts->alive_blocks[size]++;
    counts->alive_bytes[size] += life->requested_bytes;
}

uint64_t reel_lifetime_least(size_t step)
{
    return step == 0 ? 0 : UINT64_C(1) << (step - 1);
}

uint64_t reel_lifetime_most(size_t step, size_t step_count)
{
    return step == 0 ? 0 : step == step_count - 1 ? UINT64_MAX : (UINT64_C(1) << step) - 1;
}

int reel_history_lifetimes(struct reel_replay *replay, uint64_t begin, uint64_t end,
                           const struct reel_progress *progress, struct reel_lifetimes **out, struct reel_error *error)
{
    struct reel_lifetimes *counts = calloc(1, sizeof *counts);
    const struct history_question question = {HISTORY_BIRTH_NS, count_free, count_survivor, counts};
    if (counts == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    int status = history_sweep(replay, begin, end, &question, progress, error);
    if (status == REEL_OK)
        *out = counts;
    else
        free(counts);
    return status;
}
