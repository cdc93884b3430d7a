// SPDX-License-Identifier: MIT
// Chains of blocks, filled at one end and emptied at the other. Refuses to look into events but at their time.
#include "tracer/queue.h"

#include <stdlib.h>

#define QUEUE_SPARE_MAX 64 // 2 MiB

static struct queue_block *acquire(struct queue *queue, struct queue_pool *pool)
{
    if (queue->block_count >= pool->block_max - pool->block_count)
        return NULL;
    struct queue_block *block = pool->spare;
    if (block != NULL)
    {
        pool->spare = block->next;
        pool->spare_count--;
    }
    else if ((block = malloc(sizeof *block)) == NULL)
        return NULL;
    block->next = NULL;
    block->begin = block->end = 0;
    pool->block_count++;
    queue->block_count++;
    return block;
}

static void release_first(struct queue *queue, struct queue_pool *pool)
{
    struct queue_block *block = queue->first;
    queue->first = block->next;
    if (queue->first == NULL)
        queue->last = NULL;
    queue->block_count--;
    pool->block_count--;
    if (pool->spare_count == QUEUE_SPARE_MAX)
    {
        free(block);
        return;
    }
    block->next = pool->spare;
    pool->spare = block;
    pool->spare_count++;
}

void queue_pool_init(struct queue_pool *pool, size_t block_max)
{
    *pool = (struct queue_pool){.block_max = block_max};
}

void queue_pool_fini(struct queue_pool *pool)
{
    while (pool->spare != NULL)
    {
        struct queue_block *block = pool->spare;
        pool->spare = block->next;
        free(block);
    }
    *pool = (struct queue_pool){0};
}

struct wire_event *queue_reserve(struct queue *queue, struct queue_pool *pool, size_t *room)
{
    if (queue->last == NULL || queue->last->end == QUEUE_BLOCK_EVENTS)
    {
        struct queue_block *block = acquire(queue, pool);
        if (block == NULL)
            return NULL;
        if (queue->last != NULL)
            queue->last->next = block;
        else
            queue->first = block;
        queue->last = block;
    }
    *room = QUEUE_BLOCK_EVENTS - queue->last->end;
    return queue->last->events + queue->last->end;
}

void queue_commit(struct queue *queue, size_t count)
{
    queue->last->end += count;
    queue->event_count += count;
}

size_t queue_take(struct queue *queue, struct queue_pool *pool, uint64_t bound, const struct wire_event **events)
{
    queue_trim(queue, pool);
    if (queue->first == NULL)
        return 0;
    struct queue_block *block = queue->first;
    size_t end = block->begin;
    while (end < block->end && block->events[end].time < bound)
        end++;
    size_t count = end - block->begin;
    *events = block->events + block->begin;
    block->begin = end;
    queue->event_count -= count;
    return count;
}

void queue_trim(struct queue *queue, struct queue_pool *pool)
{
    while (queue->first != NULL && queue->first->begin == queue->first->end)
        release_first(queue, pool);
}

void queue_clear(struct queue *queue, struct queue_pool *pool)
{
    while (queue->first != NULL)
        release_first(queue, pool);
    queue->event_count = 0;
}
