// SPDX-License-Identifier: MIT
// Stacks that only grow: looks at the live bytes of all stacks at equally spaced moments.
#include "reel/history.h"

#include <stdlib.h>
#include <string.h>

#include "reel/error.h"
#include "reel/replay/history_read.h"

struct growing
{
    uint64_t first_bytes;
    uint64_t last_bytes;
    uint64_t last_blocks;
    uint32_t rises;
    bool has_fallen;
};

struct growth
{
    struct growing *stacks; // [stack]
    size_t stack_count;
};

static int reserve(struct growth *growth, size_t stack_count)
{
    if (stack_count <= growth->stack_count)
        return REEL_OK;
    struct growing *moved = reallocarray(growth->stacks, stack_count, sizeof *moved);
    if (moved == NULL)
        return REEL_E_NO_MEMORY;
    memset(moved + growth->stack_count, 0, (stack_count - growth->stack_count) * sizeof *moved);
    growth->stacks = moved;
    growth->stack_count = stack_count;
    return REEL_OK;
}

static int look(struct growth *growth, const struct reel_replay *replay, bool is_first)
{
    size_t count = 0;
    const struct reel_stack_state *states = reel_replay_stacks(replay, &count);
    if (reserve(growth, count) != REEL_OK)
        return REEL_E_NO_MEMORY;
    for (size_t i = 0; i < growth->stack_count; i++)
    {
        struct growing *stack = &growth->stacks[i];
        uint64_t bytes = i < count ? states[i].requested_bytes : 0;
        if (is_first)
            stack->first_bytes = bytes;
        else
        {
            stack->rises += bytes > stack->last_bytes;
            stack->has_fallen |= bytes < stack->last_bytes;
        }
        stack->last_bytes = bytes;
        stack->last_blocks = i < count ? states[i].live_blocks : 0;
    }
    return REEL_OK;
}

static int look_at_all(struct growth *growth, struct reel_replay *replay, uint64_t begin, uint64_t end,
                       const struct reel_progress *progress, struct reel_error *error)
{
    const uint64_t steps = REEL_GROWTH_MOMENTS - 1;
    const uint64_t length = end - begin;
    for (uint64_t i = 0; i <= steps; i++)
    {
        struct history_part part = {progress, (double)i / REEL_GROWTH_MOMENTS, (double)(i + 1) / REEL_GROWTH_MOMENTS};
        struct reel_progress own = history_part_progress(&part);
        uint64_t moment = begin + length / steps * i + length % steps * i / steps;
        int status = reel_replay_seek(replay, moment, &own, error);
        history_count_way(replay);
        if (status != REEL_OK)
            return status;
        if (look(growth, replay, i == 0) != REEL_OK)
            return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    }
    return REEL_OK;
}

static int compare_rows(const void *left, const void *right)
{
    const struct reel_growth *a = left;
    const struct reel_growth *b = right;
    uint64_t grown_a = a->last_bytes - a->first_bytes;
    uint64_t grown_b = b->last_bytes - b->first_bytes;
    if (grown_a != grown_b)
        return grown_a > grown_b ? -1 : 1;
    return a->stack < b->stack ? -1 : a->stack > b->stack;
}

static bool is_growing(const struct growing *stack)
{
    return !stack->has_fallen && stack->rises >= REEL_GROWTH_RISES;
}

static int pack(const struct growth *growth, struct reel_growth **rows, size_t *count, struct reel_error *error)
{
    size_t kept = 0;
    for (size_t i = 0; i < growth->stack_count; i++)
        kept += is_growing(&growth->stacks[i]);
    *count = 0;
    *rows = calloc(kept + 1, sizeof **rows);
    if (*rows == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < growth->stack_count; i++)
    {
        const struct growing *stack = &growth->stacks[i];
        if (is_growing(stack))
            (*rows)[(*count)++] =
                (struct reel_growth){(uint32_t)i, stack->first_bytes, stack->last_bytes, stack->last_blocks};
    }
    qsort(*rows, *count, sizeof **rows, compare_rows);
    return REEL_OK;
}

int reel_history_growth(struct reel_replay *replay, uint64_t begin, uint64_t end, const struct reel_progress *progress,
                        struct reel_growth **rows, size_t *count, struct reel_error *error)
{
    struct growth growth = {0};
    uint64_t event_count = reel_reader_event_count(reel_replay_reader(replay));
    end = end < event_count ? end : event_count;
    if (begin > end)
        return reel_error_set(error, REEL_E_ARGUMENT, "the range begins at event %llu, after its end at event %llu",
                              (unsigned long long)begin, (unsigned long long)end);
    history_begin_count(reel_replay_reader(replay));
    int status = look_at_all(&growth, replay, begin, end, progress, error);
    if (status == REEL_OK)
        status = pack(&growth, rows, count, error);
    free(growth.stacks);
    return status;
}
