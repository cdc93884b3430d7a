// SPDX-License-Identifier: MIT
// A pass over the tables of blocks of one process or of all. Knows nothing of what is made of them.
#include "reel/replay/block_walk.h"

#include "reel/blocks_scan.h"
#include "reel/error.h"

#define BLOCKS_TO_TICK 0x40000u

struct walk
{
    replay_take_block *take;
    void *context;
    const struct reel_progress *progress;
    uint64_t done;
    uint64_t all; // blocks
    struct reel_error *error;
};

static int tick(const struct walk *walk)
{
    const struct reel_progress *progress = walk->progress;
    if (walk->done % BLOCKS_TO_TICK != 0 || progress == NULL || progress->tick == NULL ||
        progress->tick(progress->context, (double)walk->done / (double)walk->all) == 0)
        return REEL_OK;
    return reel_error_set(walk->error, REEL_E_CANCELLED, "cancelled");
}

static int walk_heap(struct walk *walk, const struct replay_heap *heap)
{
    struct reel_blocks_scan scan;
    const struct reel_block *block;
    int status = REEL_OK;
    if (reel_blocks_scan_begin(&scan, &heap->blocks) != REEL_OK)
        return reel_error_set(walk->error, REEL_E_NO_MEMORY, "out of memory for a look at the live blocks");
    while (status == REEL_OK && (block = reel_blocks_scan_next(&scan)) != NULL)
    {
        walk->take(walk->context, block);
        walk->done++;
        status = tick(walk);
    }
    reel_blocks_scan_end(&scan);
    return status;
}

static bool is_asked(const struct reel_replay *replay, uint32_t process, uint32_t asked)
{
    return replay_heap_of(replay, process) != NULL && (asked == 0 || asked == process);
}

int replay_walk_blocks(const struct reel_replay *replay, uint32_t process, replay_take_block *take, void *context,
                       const struct reel_progress *progress, struct reel_error *error)
{
    struct walk walk = {.take = take, .context = context, .progress = progress, .error = error};
    int status = REEL_OK;
    for (uint32_t i = 1; i < replay->state.lives.count; i++)
        if (is_asked(replay, i, process))
            walk.all += replay_heap_of(replay, i)->blocks.count;
    for (uint32_t i = 1; i < replay->state.lives.count && status == REEL_OK; i++)
        if (is_asked(replay, i, process))
            status = walk_heap(&walk, replay_heap_of(replay, i));
    return status;
}
