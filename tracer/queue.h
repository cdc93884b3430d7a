// SPDX-License-Identifier: MIT
// Events that were taken out of a ring before the merge may have them: a chain of blocks from one pool.
//
// The pool has a fixed number of blocks, so that all queues together stay below QUEUE_POOL_BYTES whatever the programs
// do. A queue may get a block as long as it has fewer of them than are left: so one ring has at most half of the pool,
// n rings that want more than there is have the same share each, and there is always something left for another.
#ifndef HEAPREEL_TRACER_QUEUE_H
#define HEAPREEL_TRACER_QUEUE_H

#include "wire/event.h"

#include <stddef.h>
#include <stdint.h>

#define QUEUE_BLOCK_EVENTS 1023 // with its header a block has 32 KiB
#define QUEUE_POOL_BLOCKS 4096
#define QUEUE_POOL_BYTES (QUEUE_POOL_BLOCKS * sizeof(struct queue_block)) // 128 MiB

struct queue_block
{
    struct queue_block *next;
    size_t begin; // events[begin..end) are queued
    size_t end;
    size_t unused;
    struct wire_event events[QUEUE_BLOCK_EVENTS];
};

static_assert(sizeof(struct queue_block) == 32768, "a block is eight pages");

struct queue_pool
{
    size_t block_max; // limit of block_count
    size_t block_count;
    struct queue_block *spare; // ready to be used again; no part of block_count
    size_t spare_count;
};

struct queue
{
    struct queue_block *first;
    struct queue_block *last;
    size_t block_count;
    size_t event_count;
};

void queue_pool_init(struct queue_pool *pool, size_t block_max);
void queue_pool_fini(struct queue_pool *pool); // all queues are empty

// Room for events behind the last one: *room is how many. NULL: the queue has its share.
struct wire_event *queue_reserve(struct queue *queue, struct queue_pool *pool, size_t *room);
// count events have been written there.
void queue_commit(struct queue *queue, size_t count);
// Takes the oldest events that lie together and are older than bound; their number. They stay valid until the next call
// for this queue.
size_t queue_take(struct queue *queue, struct queue_pool *pool, uint64_t bound, const struct wire_event **events);
// Gives blocks back whose events are all taken.
void queue_trim(struct queue *queue, struct queue_pool *pool);
void queue_clear(struct queue *queue, struct queue_pool *pool);

#endif
