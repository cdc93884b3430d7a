// SPDX-License-Identifier: MIT
// Merges rings by a tournament of their oldest events. Refuses to decide what is final: the bound is the caller's.
#include "tracer/merge.h"

#include "tracer/failure.h"

#include <stdlib.h>

#define MERGE_STREAK 8 // after so many events of one ring, whole runs of it are looked for

enum merge_rank
{
    // With a coarse clock what belongs together can have one time: what makes room for a block, a free and the reuse of
    // its block.
    MERGE_RANK_BEGIN = 0,
    MERGE_RANK_ROOM = 1,
    MERGE_RANK_FREE = 2,
    MERGE_RANK_OTHER = 3,
};

// The ranks of all kinds, two bits each: looked up without a branch.
#define MERGE_RANK_OF(kind, rank) ((uint32_t)(rank) << 2 * (kind))
#define MERGE_RANKS                                                                                                    \
    (MERGE_RANK_OF(WIRE_EVENT_ALLOC, MERGE_RANK_OTHER) | MERGE_RANK_OF(WIRE_EVENT_FREE, MERGE_RANK_FREE) |             \
     MERGE_RANK_OF(WIRE_EVENT_RESIZE, MERGE_RANK_OTHER) | MERGE_RANK_OF(WIRE_EVENT_FORK, MERGE_RANK_OTHER) |           \
     MERGE_RANK_OF(WIRE_EVENT_CLASS, MERGE_RANK_ROOM) | MERGE_RANK_OF(WIRE_EVENT_ZONE, MERGE_RANK_ROOM) |              \
     MERGE_RANK_OF(WIRE_EVENT_COMMIT, MERGE_RANK_ROOM) | MERGE_RANK_OF(WIRE_EVENT_RETURN, MERGE_RANK_OTHER) |          \
     MERGE_RANK_OF(WIRE_EVENT_CENSUS, MERGE_RANK_OTHER) | MERGE_RANK_OF(WIRE_EVENT_MISUSE, MERGE_RANK_OTHER))

static_assert(WIRE_EVENT_MISUSE < 16, "ranks of all kinds fit into a word");

static tournament_key key_of(const struct wire_event *event, size_t number)
{
    uint32_t rank = MERGE_RANKS >> 2 * wire_where_kind(event->where) & 3;
    return tournament_key_make(event->time, rank, (uint32_t)number);
}

static void look_ahead(struct merge_entrant *entrant, size_t number)
{
    entrant->following = key_of(entrant->next + (entrant->next + 1 < entrant->end), number);
}

static int deliver(struct merge *merge, const struct merge_sink *sink, struct reel_error *error)
{
    size_t count = merge->run_count;
    merge->run_count = 0;
    return count == 0 ? REEL_OK : sink->take(sink->context, merge->runs, count, error);
}

// False when the ring has nothing that is older than bound.
static bool refill(struct merge *merge, struct merge_entrant *entrant, uint64_t bound)
{
    size_t count =
        drain_take(entrant->feed->source, entrant->ring, bound, entrant->slice, merge->slice_events, &entrant->next);
    entrant->end = entrant->next + count;
    return count != 0;
}

static size_t count_pending(const struct drain_source *source)
{
    size_t count = 0;
    for (uint32_t i = 0; i < source->ring_count; i++)
        count += !drain_is_empty(&source->rings[i]);
    return count;
}

static void release(struct merge *merge)
{
    free(merge->entrants);
    free(merge->nodes);
    free(merge->slices);
    merge->entrants = NULL;
    merge->nodes = NULL;
    merge->slices = NULL;
    merge->entrant_max = merge->slices_events = 0;
}

static int allocate(struct merge *merge, size_t entrant_max, size_t slices_events, struct reel_error *error)
{
    release(merge);
    merge->entrants = malloc(entrant_max * sizeof *merge->entrants);
    merge->nodes = malloc(2 * entrant_max * sizeof *merge->nodes);
    merge->slices = malloc(slices_events * sizeof *merge->slices);
    if (merge->entrants == NULL || merge->nodes == NULL || merge->slices == NULL)
        return failure_set(error, REEL_E_NO_MEMORY, "out of memory while merging %zu rings", entrant_max);
    merge->entrant_max = entrant_max;
    merge->slices_events = slices_events;
    return REEL_OK;
}

static int make_room(struct merge *merge, size_t ring_count, size_t beginning_count, struct reel_error *error)
{
    size_t share = MERGE_SLICES_EVENTS / (ring_count + 1);
    share = share > MERGE_SLICE_EVENTS_MAX ? MERGE_SLICE_EVENTS_MAX : share;
    merge->slice_events = share < MERGE_SLICE_EVENTS_MIN ? MERGE_SLICE_EVENTS_MIN : share;
    size_t slices_events = ring_count * merge->slice_events;
    size_t entrant_max = ring_count + beginning_count;
    if (entrant_max <= merge->entrant_max && slices_events <= merge->slices_events)
        return REEL_OK;
    return allocate(merge, 2 * entrant_max, slices_events > MERGE_SLICES_EVENTS ? slices_events : MERGE_SLICES_EVENTS,
                    error);
}

static void add_rings(struct merge *merge, struct merge_feed *feed, uint64_t bound)
{
    for (uint32_t i = 0; i < feed->source->ring_count; i++)
    {
        struct merge_entrant *entrant = &merge->entrants[merge->entrant_count];
        if (drain_is_empty(&feed->source->rings[i]))
            continue;
        *entrant = (struct merge_entrant){.feed = feed,
                                          .ring = &feed->source->rings[i],
                                          .slice = merge->slices + merge->slice_count * merge->slice_events};
        if (!refill(merge, entrant, bound))
            continue;
        merge->entrant_count++;
        merge->slice_count++;
    }
}

static void add_feed(struct merge *merge, struct merge_feed *feed, uint64_t bound)
{
    if (feed->has_begun)
        add_rings(merge, feed, bound);
    else if (feed->begin_time < bound)
        merge->entrants[merge->entrant_count++] = (struct merge_entrant){.feed = feed};
}

// The entrants' keys from what they have now.
static void begin_tournament(struct merge *merge)
{
    for (size_t i = 0; i < merge->entrant_count; i++)
    {
        struct merge_entrant *entrant = &merge->entrants[i];
        tournament_key *key = &merge->nodes[merge->entrant_count + i];
        *key = tournament_no_key((uint32_t)i);
        if (entrant->ring == NULL && !entrant->feed->has_begun)
            *key = tournament_key_make(entrant->feed->begin_time, MERGE_RANK_BEGIN, (uint32_t)i);
        if (entrant->next == entrant->end)
            continue;
        *key = key_of(entrant->next, i);
        look_ahead(entrant, i);
    }
    tournament_begin(merge->nodes, merge->entrant_count);
}

static int begin_feed(struct merge *merge, struct merge_feed *feed, uint64_t bound, const struct merge_sink *sink,
                      struct reel_error *error)
{
    feed->has_begun = true;
    int status = sink->begin(sink->context, feed->owner, error);
    add_rings(merge, feed, bound);
    begin_tournament(merge);
    return status;
}

// How many events of the winner come before all others; at least 1.
static size_t run_length(const struct merge *merge)
{
    uint32_t number = tournament_entrant(merge->nodes[0]);
    const struct merge_entrant *entrant = &merge->entrants[number];
    tournament_key limit = tournament_runner_up(merge->nodes, merge->entrant_count);
    if (key_of(entrant->end - 1, number) < limit)
        return (size_t)(entrant->end - entrant->next);
    size_t length = 1;
    while (key_of(entrant->next + length, number) < limit)
        length++;
    return length;
}

static void add_run(struct merge *merge, const struct merge_entrant *entrant, size_t length)
{
    merge->runs[merge->run_count++] = (struct merge_run){
        .owner = entrant->feed->owner, .ring = entrant->ring, .events = entrant->next, .count = length};
    merge->event_count += length;
}

// Plays until the runs are full, or the winner has nothing left that was taken out of its ring, or is a beginning.
static void play(struct merge *merge)
{
    tournament_key winner = merge->nodes[0];
    uint32_t last = UINT32_MAX;
    uint32_t streak = 0;
    while (merge->run_count < MERGE_RUNS_MAX && tournament_is_key(winner))
    {
        uint32_t number = tournament_entrant(winner);
        struct merge_entrant *entrant = &merge->entrants[number];
        if (entrant->ring == NULL)
            return;
        streak = number == last ? streak + 1 : 0;
        last = number;
        size_t length = streak < MERGE_STREAK ? 1 : run_length(merge);
        add_run(merge, entrant, length);
        entrant->next += length;
        if (entrant->next == entrant->end)
            return;
        tournament_key key = length == 1 ? entrant->following : key_of(entrant->next, number);
        look_ahead(entrant, number);
        winner = tournament_replace(merge->nodes, merge->entrant_count, key);
    }
}

// Gives the winner what it needs to play on, or takes it out.
static void supply(struct merge *merge, uint32_t number, uint64_t bound)
{
    struct merge_entrant *entrant = &merge->entrants[number];
    if (entrant->next != entrant->end)
        return;
    bool has_more = refill(merge, entrant, bound);
    tournament_replace(merge->nodes, merge->entrant_count,
                       has_more ? key_of(entrant->next, number) : tournament_no_key(number));
    if (has_more)
        look_ahead(entrant, number);
}

static int play_all(struct merge *merge, uint64_t bound, const struct merge_sink *sink, struct reel_error *error)
{
    int status = REEL_OK;
    begin_tournament(merge);
    while (status == REEL_OK && tournament_is_key(merge->nodes[0]))
    {
        play(merge);
        status = deliver(merge, sink, error); // before the slice is filled again
        uint32_t number = tournament_entrant(merge->nodes[0]);
        if (status == REEL_OK && merge->entrants[number].ring == NULL)
            status = begin_feed(merge, merge->entrants[number].feed, bound, sink, error);
        else if (status == REEL_OK)
            supply(merge, number, bound);
    }
    return status;
}

int merge_until(struct merge *merge, struct merge_feed *const *feeds, size_t feed_count, uint64_t bound,
                const struct merge_sink *sink, size_t *merged, struct reel_error *error)
{
    size_t ring_count = 0;
    size_t beginning_count = 0;
    for (size_t i = 0; i < feed_count; i++)
    {
        ring_count += count_pending(feeds[i]->source);
        beginning_count += !feeds[i]->has_begun;
    }
    merge->entrant_count = merge->slice_count = merge->run_count = merge->event_count = 0;
    int status = make_room(merge, ring_count, beginning_count, error);
    for (size_t i = 0; status == REEL_OK && i < feed_count; i++)
        add_feed(merge, feeds[i], bound);
    if (status == REEL_OK && merge->entrant_count != 0)
        status = play_all(merge, bound, sink, error);
    if (merged != NULL)
        *merged = merge->event_count;
    return status;
}

void merge_clean_up(struct merge *merge)
{
    release(merge);
}
