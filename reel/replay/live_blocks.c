// SPDX-License-Identifier: MIT
// The live blocks themselves: all, the one at an address, or those that pass a filter, page by page.
#include "reel/replay/replay_internal.h"

#include <stdlib.h>

#include "reel/blocks_scan.h"
#include "reel/error.h"

static struct reel_live_block live_block(const struct reel_block *block, uint32_t process)
{
    return (struct reel_live_block){.process = process,
                                    .stack = block->stack,
                                    .class_number = block->size_class,
                                    .is_inherited = block->is_inherited,
                                    .address = block->address,
                                    .requested_bytes = block->requested_bytes,
                                    .usable_bytes = replay_usable_bytes(block),
                                    .birth_event = block->birth_event};
}

// For process 0 the own blocks of each.
int reel_replay_each_block(const struct reel_replay *replay, uint32_t process,
                           int (*take)(void *context, const struct reel_live_block *block), void *context)
{
    int status = REEL_OK;
    for (uint32_t i = 1; i < replay->state.lives.count && status == REEL_OK; i++)
    {
        const struct replay_heap *heap = replay_heap_of(replay, i);
        const struct reel_block *block;
        struct reel_blocks_scan scan;
        if (heap == NULL || (process != 0 && process != i))
            continue;
        if (reel_blocks_scan_begin(&scan, &heap->blocks) != REEL_OK)
            return REEL_E_NO_MEMORY;
        while (status == REEL_OK && (block = reel_blocks_scan_next(&scan)) != NULL)
        {
            if (process == 0 && block->is_inherited)
                continue;
            const struct reel_live_block given = live_block(block, i);
            status = take(context, &given);
        }
        reel_blocks_scan_end(&scan);
    }
    return status;
}

struct sought
{
    uint64_t address;
    struct reel_live_block *found;
};

static int is_there(void *context, const struct reel_live_block *block)
{
    struct sought *sought = context;
    bool is_within = sought->address - block->address < block->usable_bytes;
    if (!is_within && sought->address != block->address)
        return REEL_OK;
    *sought->found = *block;
    return REEL_E_CANCELLED; // found: look no further
}

bool reel_replay_block_at(const struct reel_replay *replay, uint32_t process, uint64_t address,
                          struct reel_live_block *block)
{
    struct sought sought = {address, block};
    return reel_replay_each_block(replay, process, is_there, &sought) == REEL_E_CANCELLED;
}

// The first blocks so far, as a heap with the last of them on top.
struct chosen
{
    const struct reel_block_filter *filter;
    uint32_t after_process;
    uint64_t after_address;
    struct reel_live_block *blocks;
    size_t count;
    size_t max;
    size_t limit;
};

static bool is_before(const struct reel_live_block *a, const struct reel_live_block *b)
{
    return a->process != b->process ? a->process < b->process : a->address < b->address;
}

static bool passes(const struct reel_block_filter *filter, const struct reel_live_block *block)
{
    return (filter->process == 0 || filter->process == block->process) &&
           (filter->stack == 0 || filter->stack == block->stack) &&
           (filter->class_number < 0 || (uint32_t)filter->class_number == block->class_number) &&
           block->requested_bytes >= filter->least_bytes &&
           (filter->most_bytes == 0 || block->requested_bytes <= filter->most_bytes) &&
           block->birth_event >= filter->born_from &&
           (filter->born_before == 0 || block->birth_event < filter->born_before) &&
           block->address >= filter->address_from &&
           (filter->address_before == 0 || block->address < filter->address_before);
}

static void sift_up(struct chosen *chosen, size_t at)
{
    struct reel_live_block moved = chosen->blocks[at];
    for (size_t parent; at != 0 && is_before(&chosen->blocks[parent = (at - 1) / 2], &moved); at = parent)
        chosen->blocks[at] = chosen->blocks[parent];
    chosen->blocks[at] = moved;
}

// Puts a block at the top and lets it sink to its place.
static void sink(struct chosen *chosen, const struct reel_live_block *block)
{
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < chosen->count; at = child)
    {
        child += child + 1 < chosen->count && is_before(&chosen->blocks[child], &chosen->blocks[child + 1]);
        if (!is_before(block, &chosen->blocks[child]))
            break;
        chosen->blocks[at] = chosen->blocks[child];
    }
    chosen->blocks[at] = *block;
}

static bool make_room(struct chosen *chosen)
{
    if (chosen->count < chosen->max)
        return true;
    size_t max = chosen->max == 0 ? 64 : 2 * chosen->max;
    struct reel_live_block *blocks = realloc(chosen->blocks, max * sizeof *blocks);
    if (blocks == NULL)
        return false;
    chosen->blocks = blocks;
    chosen->max = max;
    return true;
}

static int choose(void *context, const struct reel_live_block *block)
{
    struct chosen *chosen = context;
    const struct reel_live_block after = {.process = chosen->after_process, .address = chosen->after_address};
    if (!passes(chosen->filter, block) || (chosen->after_process != 0 && !is_before(&after, block)))
        return REEL_OK;
    if (chosen->count == chosen->limit)
    {
        if (is_before(block, &chosen->blocks[0]))
            sink(chosen, block);
        return REEL_OK;
    }
    if (!make_room(chosen))
        return REEL_E_NO_MEMORY;
    chosen->blocks[chosen->count] = *block;
    sift_up(chosen, chosen->count++);
    return REEL_OK;
}

static int compare(const void *left, const void *right)
{
    return is_before(left, right) ? -1 : is_before(right, left);
}

int reel_replay_blocks(const struct reel_replay *replay, const struct reel_block_filter *filter, uint32_t after_process,
                       uint64_t after_address, size_t limit, struct reel_live_block **blocks, size_t *count,
                       struct reel_error *error)
{
    struct chosen chosen = {
        .filter = filter, .after_process = after_process, .after_address = after_address, .limit = limit};
    *blocks = NULL;
    *count = 0;
    int status = limit == 0 ? REEL_OK : reel_replay_each_block(replay, filter->process, choose, &chosen);
    if (status != REEL_OK)
    {
        free(chosen.blocks);
        return reel_error_set(error, status, "out of memory for %zu blocks", chosen.count);
    }
    if (chosen.count != 0)
        qsort(chosen.blocks, chosen.count, sizeof *chosen.blocks, compare);
    *blocks = chosen.blocks;
    *count = chosen.count;
    return REEL_OK;
}
