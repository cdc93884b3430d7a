// SPDX-License-Identifier: MIT
// Requested sizes of live blocks: a pass over the tables of blocks, with a hash of the sizes that were met.
#include "reel/sizes.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/replay/block_walk.h"

#define SLOTS_MIN 1024u

struct gathered
{
    int32_t class_number;
    struct reel_size *slots; // linear probing; live_blocks 0: empty. At most half full
    size_t slot_mask;
    size_t count;
    bool has_failed; // for want of memory
};

static struct reel_size *slot_of(struct reel_size *slots, size_t mask, uint64_t requested_bytes)
{
    size_t slot = (size_t)(requested_bytes * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
    while (slots[slot].live_blocks != 0 && slots[slot].requested_bytes != requested_bytes)
        slot = (slot + 1) & mask;
    return &slots[slot];
}

static bool make_room(struct gathered *gathered)
{
    size_t slot_count = gathered->slots == NULL ? SLOTS_MIN : 2 * (gathered->slot_mask + 1);
    struct reel_size *slots = calloc(slot_count, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; gathered->slots != NULL && i <= gathered->slot_mask; i++)
        if (gathered->slots[i].live_blocks != 0)
            *slot_of(slots, slot_count - 1, gathered->slots[i].requested_bytes) = gathered->slots[i];
    free(gathered->slots);
    gathered->slots = slots;
    gathered->slot_mask = slot_count - 1;
    return true;
}

static void take_block(void *context, const struct reel_block *block)
{
    struct gathered *gathered = context;
    if (gathered->has_failed || (gathered->class_number >= 0 && block->size_class != (uint32_t)gathered->class_number))
        return;
    if (gathered->slots == NULL || 2 * gathered->count > gathered->slot_mask)
        gathered->has_failed = !make_room(gathered);
    if (gathered->has_failed)
        return;
    struct reel_size *size = slot_of(gathered->slots, gathered->slot_mask, block->requested_bytes);
    gathered->count += size->live_blocks == 0;
    size->requested_bytes = block->requested_bytes;
    size->live_blocks++;
    size->usable_bytes += replay_usable_bytes(block);
}

static int compare_sizes(const void *left, const void *right)
{
    const struct reel_size *a = left;
    const struct reel_size *b = right;
    if (a->live_blocks != b->live_blocks)
        return a->live_blocks > b->live_blocks ? -1 : 1;
    return a->requested_bytes < b->requested_bytes ? -1 : a->requested_bytes > b->requested_bytes;
}

// The table of slots becomes the array.
static void give_sizes(struct gathered *gathered, struct reel_size **sizes, size_t *count)
{
    size_t filled = 0;
    for (size_t i = 0; gathered->slots != NULL && i <= gathered->slot_mask; i++)
        if (gathered->slots[i].live_blocks != 0)
            gathered->slots[filled++] = gathered->slots[i];
    if (filled != 0)
        qsort(gathered->slots, filled, sizeof *gathered->slots, compare_sizes);
    *sizes = gathered->slots;
    *count = filled;
}

int reel_sizes_find(const struct reel_replay *replay, uint32_t process, int32_t class_number, struct reel_size **sizes,
                    size_t *count, const struct reel_progress *progress, struct reel_error *error)
{
    struct gathered gathered = {.class_number = class_number};
    *sizes = NULL;
    *count = 0;
    if (process >= replay->state.lives.count)
        return reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has none with that number", process);
    int status = replay_walk_blocks(replay, process, take_block, &gathered, progress, error);
    if (status == REEL_OK && gathered.has_failed)
        status = reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the sizes of the blocks");
    if (status == REEL_OK)
        give_sizes(&gathered, sizes, count);
    else
        free(gathered.slots);
    return status;
}
