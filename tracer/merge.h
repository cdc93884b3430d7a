// SPDX-License-Identifier: MIT
// The k-way merge by time of all queues of all channels.
#ifndef HEAPREEL_TRACER_MERGE_H
#define HEAPREEL_TRACER_MERGE_H

#include "reel/status.h"
#include "tracer/drain.h"

// One channel in the merge. Its beginning is an item of its own: nothing of it is merged before.
struct merge_feed
{
    struct drain_source *source;
    uint64_t begin_time;
    bool has_begun;
    void *owner; // given to the sink
};

// Gets the merged stream. A negative status ends the merge and is returned.
struct merge_sink
{
    int (*begin)(void *context, void *owner, struct reel_error *error);
    // Consecutive events of one ring, sorted; count > 0. They stay valid until the function returns.
    int (*run)(void *context, void *owner, struct drain_ring *ring, const struct wire_event *events, size_t count,
               struct reel_error *error);
    void *context;
};

struct merge_item
{
    uint64_t time;
    uint64_t order;          // at equal ranks: number of the feed << 32 | number of the ring
    uint32_t rank;           // at equal times: beginnings, new room for blocks, frees, the rest
    struct drain_ring *ring; // NULL: the beginning of feed
    struct merge_feed *feed;
};

struct merge
{
    struct merge_item *items; // binary heap
    size_t count;
    size_t capacity;
};

// Gives the sink all queued events and beginnings older than bound, in order. merged (may be NULL) gets the number of
// events.
int merge_until(struct merge *merge, struct merge_feed *const *feeds, size_t feed_count, uint64_t bound,
                const struct merge_sink *sink, size_t *merged, struct reel_error *error);
void merge_clean_up(struct merge *merge);

#endif
