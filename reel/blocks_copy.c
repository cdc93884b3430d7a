// SPDX-License-Identifier: MIT
// Copies of pools: one pass over memory where most of a pool is live, a walk over the live blocks where few are.
#include "reel/blocks_copy.h"

#include "reel/status.h"
#include "reel/table_memory.h"

#include <string.h>

#define SPARSE 8         // a pool of more entries for each live block than that is not copied as a whole
#define VACANT UINT8_MAX // in place of a class, of which there are fewer

// At least one byte, so that NULL means that there is no memory.
static size_t vacant_bytes(size_t vacant_count)
{
    return (vacant_count + 1) * sizeof(uint32_t);
}

static bool allocate(struct reel_blocks_copy *copy, size_t count, size_t vacant_count)
{
    *copy = (struct reel_blocks_copy){.max = count, .vacant_count = vacant_count};
    copy->blocks = table_memory_allocate(count * sizeof *copy->blocks);
    copy->vacant = table_memory_allocate(vacant_bytes(vacant_count));
    if (copy->blocks != NULL && copy->vacant != NULL)
        return true;
    reel_blocks_copy_free(copy);
    return false;
}

static int take_live(struct reel_blocks_copy *copy, const struct reel_blocks *blocks)
{
    const struct reel_block *block;
    size_t position = 0;
    if (!allocate(copy, blocks->count + 1, 0))
        return REEL_E_NO_MEMORY;
    while ((block = reel_blocks_next(blocks, &position)) != NULL)
        copy->blocks[copy->count++] = *block;
    return REEL_OK;
}

int reel_blocks_copy_take(struct reel_blocks_copy *copy, const struct reel_blocks *blocks)
{
    if (blocks->pool_end / SPARSE > blocks->count)
        return take_live(copy, blocks);
    if (!allocate(copy, blocks->pool_end, blocks->vacant_count))
        return REEL_E_NO_MEMORY;
    copy->count = blocks->pool_end - 1;
    memcpy(copy->blocks, blocks->pool + 1, copy->count * sizeof *copy->blocks);
    memcpy(copy->vacant, blocks->vacant, copy->vacant_count * sizeof *copy->vacant);
    return REEL_OK;
}

void reel_blocks_copy_settle(struct reel_blocks_copy *copy)
{
    size_t live = 0;
    for (size_t i = 0; i < copy->vacant_count; i++)
        copy->blocks[copy->vacant[i] - 1].size_class = VACANT;
    for (size_t i = 0; i < copy->count; i++)
    {
        copy->blocks[live] = copy->blocks[i];
        live += copy->blocks[live].size_class != VACANT;
    }
    table_memory_free(copy->vacant, vacant_bytes(copy->vacant_count));
    copy->vacant = NULL;
    copy->vacant_count = 0;
    copy->count = live;
}

void reel_blocks_copy_free(struct reel_blocks_copy *copy)
{
    table_memory_free(copy->blocks, copy->max * sizeof *copy->blocks);
    table_memory_free(copy->vacant, vacant_bytes(copy->vacant_count));
    *copy = (struct reel_blocks_copy){0};
}
