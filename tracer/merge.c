// SPDX-License-Identifier: MIT
// Merges sorted queues by a binary heap that moves whole runs: as long as one queue has the oldest events, no heap
// operation is needed. Refuses to decide what is final: the bound is the caller's.
#include "tracer/merge.h"

#include "tracer/failure.h"

#include <stdlib.h>

enum merge_rank
{
    // With a coarse clock what belongs together can have one time: what makes room for a block, a free and the reuse of
    // its block.
    MERGE_RANK_BEGIN = 0,
    MERGE_RANK_ROOM = 1,
    MERGE_RANK_FREE = 2,
    MERGE_RANK_OTHER = 3,
};

static uint32_t event_rank(const struct wire_event *event)
{
    switch (wire_where_kind(event->where))
    {
    case WIRE_EVENT_CLASS:
    case WIRE_EVENT_ZONE:
    case WIRE_EVENT_COMMIT:
        return MERGE_RANK_ROOM;
    case WIRE_EVENT_FREE:
        return MERGE_RANK_FREE;
    default:
        return MERGE_RANK_OTHER;
    }
}

static bool is_before(const struct merge_item *a, const struct merge_item *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    if (a->rank != b->rank)
        return a->rank < b->rank;
    return a->order < b->order;
}

static void sift_down(struct merge *merge, size_t at)
{
    struct merge_item item = merge->items[at];
    for (;;)
    {
        size_t child = 2 * at + 1;
        if (child >= merge->count)
            break;
        if (child + 1 < merge->count && is_before(&merge->items[child + 1], &merge->items[child]))
            child++;
        if (!is_before(&merge->items[child], &item))
            break;
        merge->items[at] = merge->items[child];
        at = child;
    }
    merge->items[at] = item;
}

static int push(struct merge *merge, struct merge_item item, struct reel_error *error)
{
    if (merge->count == merge->capacity)
    {
        size_t capacity = merge->capacity == 0 ? 64 : 2 * merge->capacity;
        struct merge_item *items = realloc(merge->items, capacity * sizeof *items);
        if (items == NULL)
            return failure_set(error, REEL_E_NO_MEMORY, "out of memory while merging %zu rings", capacity);
        merge->items = items;
        merge->capacity = capacity;
    }
    size_t at = merge->count++;
    for (; at > 0 && is_before(&item, &merge->items[(at - 1) / 2]); at = (at - 1) / 2)
        merge->items[at] = merge->items[(at - 1) / 2];
    merge->items[at] = item;
    return REEL_OK;
}

static void drop_top(struct merge *merge)
{
    merge->items[0] = merge->items[--merge->count];
    if (merge->count > 1)
        sift_down(merge, 0);
}

static int push_rings(struct merge *merge, struct merge_feed *feed, uint64_t order, uint64_t bound,
                      struct reel_error *error)
{
    int status = REEL_OK;
    for (uint32_t i = 0; status == REEL_OK && i < feed->source->ring_count; i++)
    {
        struct drain_ring *ring = &feed->source->rings[i];
        if (ring->first == ring->end || ring->events[ring->first].time >= bound)
            continue;
        const struct wire_event *event = &ring->events[ring->first];
        status =
            push(merge,
                 (struct merge_item){
                     .time = event->time, .rank = event_rank(event), .order = order | i, .ring = ring, .feed = feed},
                 error);
    }
    return status;
}

static int push_feed(struct merge *merge, struct merge_feed *feed, uint64_t order, uint64_t bound,
                     struct reel_error *error)
{
    if (feed->has_begun)
        return push_rings(merge, feed, order, bound, error);
    if (feed->begin_time >= bound)
        return REEL_OK;
    return push(merge, (struct merge_item){.time = feed->begin_time, .order = order, .feed = feed}, error);
}

// The item that must come before the top's later events: the lesser child of the root.
static const struct merge_item *runner_up(const struct merge *merge)
{
    if (merge->count < 2)
        return NULL;
    if (merge->count > 2 && is_before(&merge->items[2], &merge->items[1]))
        return &merge->items[2];
    return &merge->items[1];
}

// How many events from the top's ring come before the runner-up and the bound; at least 1.
static size_t run_length(const struct merge *merge, uint64_t bound)
{
    const struct drain_ring *ring = merge->items[0].ring;
    const struct merge_item *other = runner_up(merge);
    const struct wire_event *events = ring->events + ring->first;
    size_t available = ring->end - ring->first;
    uint64_t limit = other != NULL && other->time < bound ? other->time : bound;
    if (events[available - 1].time < limit)
        return available;
    size_t length = 1;
    while (length < available && events[length].time < limit)
        length++;
    if (other == NULL || limit == bound)
        return length;
    // Equal times: only what outranks the runner-up.
    while (length < available && events[length].time == limit && event_rank(&events[length]) < other->rank)
        length++;
    return length;
}

static int merge_top_run(struct merge *merge, uint64_t bound, const struct merge_sink *sink, size_t *merged,
                         struct reel_error *error)
{
    struct merge_item *top = &merge->items[0];
    struct drain_ring *ring = top->ring;
    size_t length = run_length(merge, bound);
    int status = sink->run(sink->context, top->feed->owner, ring, ring->events + ring->first, length, error);
    ring->first += length;
    *merged += length;
    if (ring->first == ring->end || ring->events[ring->first].time >= bound)
        drop_top(merge);
    else
    {
        top->time = ring->events[ring->first].time;
        top->rank = event_rank(&ring->events[ring->first]);
        sift_down(merge, 0);
    }
    return status;
}

static int merge_top_beginning(struct merge *merge, uint64_t bound, const struct merge_sink *sink,
                               struct reel_error *error)
{
    struct merge_feed *feed = merge->items[0].feed;
    uint64_t order = merge->items[0].order;
    drop_top(merge);
    feed->has_begun = true;
    int status = sink->begin(sink->context, feed->owner, error);
    return status == REEL_OK ? push_rings(merge, feed, order, bound, error) : status;
}

int merge_until(struct merge *merge, struct merge_feed *const *feeds, size_t feed_count, uint64_t bound,
                const struct merge_sink *sink, size_t *merged, struct reel_error *error)
{
    size_t events = 0;
    int status = REEL_OK;
    merge->count = 0;
    for (size_t i = 0; status == REEL_OK && i < feed_count; i++)
        status = push_feed(merge, feeds[i], (uint64_t)i << 32, bound, error);
    while (status == REEL_OK && merge->count > 0)
        status = merge->items[0].ring == NULL ? merge_top_beginning(merge, bound, sink, error)
                                              : merge_top_run(merge, bound, sink, &events, error);
    if (merged != NULL)
        *merged = events;
    return status;
}

void merge_clean_up(struct merge *merge)
{
    free(merge->items);
    *merge = (struct merge){0};
}
