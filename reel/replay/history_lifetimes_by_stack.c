// SPDX-License-Identifier: MIT
// How long the blocks of each stack live: its freed ones by powers of two, of which the median is told.
#include "reel/history.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/intern.h"
#include "reel/replay/history_sweep.h"

struct stack_counts
{
    struct reel_stack_lifetimes sums;
    uint64_t freed_by_time[REEL_LIFETIME_TIMES];
};

struct stack_sweep
{
    struct reel_intern stacks; // (stack, 0)
    struct stack_counts *all;  // [id - 1]
    size_t count, max;
    bool is_out_of_memory;
};

// NULL: no memory.
static struct stack_counts *counts_of(struct stack_sweep *sweep, uint32_t stack)
{
    bool is_new = false;
    if (sweep->count == sweep->max)
    {
        size_t bigger = sweep->max == 0 ? 64 : sweep->max * 2;
        struct stack_counts *moved = reallocarray(sweep->all, bigger, sizeof *moved);
        if (moved == NULL)
            return NULL;
        sweep->all = moved;
        sweep->max = bigger;
    }
    uint32_t id = reel_intern_id(&sweep->stacks, stack, 0, &is_new);
    if (id == 0)
        return NULL;
    if (is_new)
        sweep->all[sweep->count++] = (struct stack_counts){.sums = {.stack = stack}};
    return &sweep->all[id - 1];
}

static int count_free(void *context, const struct history_life *life, const struct reel_event *event)
{
    struct stack_counts *counts = counts_of(context, life->stack);
    if (counts == NULL)
        return REEL_E_NO_MEMORY;
    counts->sums.freed_blocks++;
    counts->sums.freed_bytes += life->requested_bytes;
    counts->freed_by_time[history_step_of(history_lifetime_ns(life, event), REEL_LIFETIME_TIMES)]++;
    return REEL_OK;
}

static void count_survivor(void *context, const struct history_life *life)
{
    struct stack_sweep *sweep = context;
    if (!life->is_of_range)
        return;
    struct stack_counts *counts = counts_of(sweep, life->stack);
    sweep->is_out_of_memory = sweep->is_out_of_memory || counts == NULL;
    if (counts == NULL)
        return;
    counts->sums.alive_blocks++;
    counts->sums.alive_bytes += life->requested_bytes;
}

// The step in which the middle one lies; of an even number the earlier of the two.
static struct reel_stack_lifetimes told(const struct stack_counts *counts)
{
    struct reel_stack_lifetimes row = counts->sums;
    uint64_t before = 0;
    row.median_least_ns = row.median_most_ns = UINT64_MAX;
    for (size_t step = 0; step < REEL_LIFETIME_TIMES && row.freed_blocks != 0; step++)
    {
        before += counts->freed_by_time[step];
        if (before < row.freed_blocks - row.freed_blocks / 2)
            continue;
        row.median_least_ns = reel_lifetime_least(step);
        row.median_most_ns = reel_lifetime_most(step, REEL_LIFETIME_TIMES);
        break;
    }
    return row;
}

static int compare_rows(const void *left, const void *right)
{
    const struct reel_stack_lifetimes *a = left;
    const struct reel_stack_lifetimes *b = right;
    if (a->freed_blocks != b->freed_blocks)
        return a->freed_blocks > b->freed_blocks ? -1 : 1;
    if (a->alive_blocks != b->alive_blocks)
        return a->alive_blocks > b->alive_blocks ? -1 : 1;
    return (a->stack > b->stack) - (a->stack < b->stack);
}

static int make_rows(const struct stack_sweep *sweep, struct reel_stack_lifetimes **rows, size_t *count,
                     struct reel_error *error)
{
    struct reel_stack_lifetimes *made = sweep->count != 0 ? calloc(sweep->count, sizeof *made) : NULL;
    if (sweep->is_out_of_memory || (made == NULL && sweep->count != 0))
    {
        free(made);
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < sweep->count; i++)
        made[i] = told(&sweep->all[i]);
    if (made != NULL)
        qsort(made, sweep->count, sizeof *made, compare_rows);
    *rows = made;
    *count = sweep->count;
    return REEL_OK;
}

int reel_history_lifetimes_by_stack(struct reel_replay *replay, uint64_t begin, uint64_t end,
                                    const struct reel_progress *progress, struct reel_stack_lifetimes **rows,
                                    size_t *count, struct reel_error *error)
{
    struct stack_sweep sweep = {0};
    const struct history_question question = {HISTORY_BIRTH_NS, count_free, count_survivor, &sweep};
    if (reel_intern_init(&sweep.stacks) != REEL_OK)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    int status = history_sweep(replay, begin, end, &question, progress, error);
    if (status == REEL_OK)
        status = make_rows(&sweep, rows, count, error);
    reel_intern_fini(&sweep.stacks);
    free(sweep.all);
    return status;
}
