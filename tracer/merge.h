// SPDX-License-Identifier: MIT
// The k-way merge by time of all rings of all channels.
#ifndef HEAPREEL_TRACER_MERGE_H
#define HEAPREEL_TRACER_MERGE_H

#include "reel/status.h"
#include "tracer/drain.h"
#include "tracer/tournament.h"

#define MERGE_RUNS_MAX 512
// Events are copied out of their rings in slices. All slices together have room for MERGE_SLICES_EVENTS (512 KiB, less
// than a second-level cache), or, with thousands of rings, for MERGE_SLICE_EVENTS_MIN (512 bytes) of each.
#define MERGE_SLICES_EVENTS 16384
#define MERGE_SLICE_EVENTS_MIN 16
#define MERGE_SLICE_EVENTS_MAX 512

// One channel in the merge. Its beginning is an item of its own: nothing of it is merged before.
struct merge_feed
{
    struct drain_source *source;
    uint64_t begin_time;
    bool has_begun;
    void *owner; // given to the sink
};

// Consecutive events of one ring, in order; count > 0.
struct merge_run
{
    void *owner;
    struct drain_ring *ring;
    const struct wire_event *events;
    size_t count;
};

// Gets the merged stream. A negative status ends the merge and is returned.
struct merge_sink
{
    int (*begin)(void *context, void *owner, struct reel_error *error);
    // Runs as they follow each other; count > 0. They stay valid until the function returns.
    int (*take)(void *context, const struct merge_run *runs, size_t count, struct reel_error *error);
    void *context;
};

// What plays in the tournament: a ring, or the beginning of a feed.
struct merge_entrant
{
    struct merge_feed *feed;
    struct drain_ring *ring;       // NULL: the beginning
    const struct wire_event *next; // ..end: taken out of the ring and not merged; not empty, unless it is out
    const struct wire_event *end;
    tournament_key following; // of next[1]: known before it is needed, so that nobody waits for its event
    struct wire_event *slice;
};

struct merge
{
    struct merge_entrant *entrants;
    tournament_key *nodes;
    size_t entrant_count;
    size_t entrant_max;
    struct wire_event *slices;
    size_t slices_events;                  // allocated
    size_t slice_events;                   // of each ring
    size_t slice_count;                    // given to entrants
    struct merge_run runs[MERGE_RUNS_MAX]; // not yet given to the sink
    size_t run_count;
    size_t event_count;
};

// Gives the sink all events that the last look found and all beginnings, if they are older than bound, in order. merged
// (may be NULL) gets the number of events.
int merge_until(struct merge *merge, struct merge_feed *const *feeds, size_t feed_count, uint64_t bound,
                const struct merge_sink *sink, size_t *merged, struct reel_error *error);
void merge_clean_up(struct merge *merge);

#endif
