// SPDX-License-Identifier: MIT
// The k-way merge against a naive sort, its ties, its bound and its beginnings.
#include "tracer/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FEEDS 3
#define RINGS 5
#define EVENTS_MAX 512 // a ring's records

struct seen
{
    struct wire_event events[FEEDS * RINGS * EVENTS_MAX];
    size_t count;
    int begun[FEEDS];
};

struct stage
{
    struct drain_source sources[FEEDS];
    struct merge_feed feeds[FEEDS];
    struct merge_feed *pointers[FEEDS];
    struct merge merge;
    struct seen seen;
};

static int on_begin(void *context, void *owner, struct reel_error *error)
{
    (void)error;
    ((struct seen *)context)->begun[*(int *)owner]++;
    return REEL_OK;
}

static int on_take(void *context, const struct merge_run *runs, size_t count, struct reel_error *error)
{
    struct seen *seen = context;
    (void)error;
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++)
    {
        assert_int_equal(seen->begun[*(int *)runs[i].owner], 1);
        assert_non_null(runs[i].ring);
        assert_true(runs[i].count > 0);
        memcpy(seen->events + seen->count, runs[i].events, runs[i].count * sizeof *seen->events);
        seen->count += runs[i].count;
    }
    return REEL_OK;
}

static int set_up(void **state)
{
    static int numbers[FEEDS] = {0, 1, 2};
    struct stage *stage = calloc(1, sizeof *stage);
    for (int i = 0; i < FEEDS; i++)
    {
        stage->sources[i].rings = calloc(RINGS, sizeof(struct drain_ring));
        stage->sources[i].ring_count = RINGS;
        stage->sources[i].latest = UINT64_MAX - 1;
        for (int k = 0; k < RINGS; k++)
        {
            stage->sources[i].rings[k].records = EVENTS_MAX;
            stage->sources[i].rings[k].shared = aligned_alloc(WIRE_CACHE_LINE, wire_ring_bytes(EVENTS_MAX));
            memset(stage->sources[i].rings[k].shared, 0, wire_ring_bytes(EVENTS_MAX));
        }
        stage->feeds[i] = (struct merge_feed){.source = &stage->sources[i], .owner = &numbers[i]};
        stage->pointers[i] = &stage->feeds[i];
    }
    *state = stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    for (int i = 0; i < FEEDS; i++)
    {
        for (int k = 0; k < RINGS; k++)
            free(stage->sources[i].rings[k].shared);
        free(stage->sources[i].rings);
    }
    merge_clean_up(&stage->merge);
    free(stage);
    return 0;
}

static void add(struct stage *stage, int feed, int ring, uint64_t time, uint32_t kind, uint64_t number)
{
    struct drain_ring *mine = &stage->sources[feed].rings[ring];
    struct wire_event event = {.time = time, .where = wire_where(kind, kind, 0), .size = number};
    assert_true(mine->head - mine->tail < EVENTS_MAX);
    mine->shared->records[mine->head++ % EVENTS_MAX] = event;
}

static size_t merge_to(struct stage *stage, uint64_t bound)
{
    const struct merge_sink sink = {.begin = on_begin, .take = on_take, .context = &stage->seen};
    size_t merged = 0;
    assert_int_equal(merge_until(&stage->merge, stage->pointers, FEEDS, bound, &sink, &merged, NULL), REEL_OK);
    return merged;
}

static int compare(const void *left, const void *right)
{
    const struct wire_event *a = left;
    const struct wire_event *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return (a->size > b->size) - (a->size < b->size);
}

// Times are distinct, so the order has only one right answer.
static void merge_gives_what_a_sort_gives(void **state)
{
    struct stage *stage = *state;
    static struct wire_event all[FEEDS * RINGS * EVENTS_MAX];
    size_t count = 0;
    size_t merged = 0;
    uint64_t time = 0;
    srandom(3);
    while (count < 5000)
    {
        int feed = (int)(random() % FEEDS);
        int ring = (int)(random() % RINGS);
        for (long burst = 1 + random() % 8; burst > 0 && stage->sources[feed].rings[ring].head < EVENTS_MAX; burst--)
        {
            time++;
            add(stage, feed, ring, time, WIRE_EVENT_ALLOC, time);
            all[count++] = (struct wire_event){
                .time = time, .where = wire_where(WIRE_EVENT_ALLOC, WIRE_EVENT_ALLOC, 0), .size = time};
        }
    }
    for (uint64_t bound = 0; bound < time + 2; bound += 1 + (uint64_t)random() % 500)
        merged += merge_to(stage, bound);
    merged += merge_to(stage, DRAIN_NO_BOUND);
    qsort(all, count, sizeof *all, compare);
    assert_int_equal(merged, count);
    assert_memory_equal(stage->seen.events, all, count * sizeof *all);
}

static void bound_itself_is_not_merged(void **state)
{
    struct stage *stage = *state;
    add(stage, 0, 0, 10, WIRE_EVENT_ALLOC, 1);
    add(stage, 0, 0, 11, WIRE_EVENT_ALLOC, 2);
    add(stage, 1, 0, 11, WIRE_EVENT_ALLOC, 3);
    assert_int_equal(merge_to(stage, 11), 1);
    assert_int_equal(merge_to(stage, 12), 2);
}

static void frees_come_first_at_equal_times(void **state)
{
    struct stage *stage = *state;
    add(stage, 0, 0, 9, WIRE_EVENT_ALLOC, 1);
    add(stage, 0, 0, 10, WIRE_EVENT_ALLOC, 2);
    add(stage, 0, 1, 10, WIRE_EVENT_FREE, 3);
    add(stage, 0, 1, 10, WIRE_EVENT_ALLOC, 4);
    merge_to(stage, 100);
    static const uint64_t order[] = {1, 3, 2, 4};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(stage->seen.events[i].size, order[i]);
}

static void room_comes_before_its_blocks_at_equal_times(void **state)
{
    struct stage *stage = *state;
    add(stage, 0, 0, 10, WIRE_EVENT_ALLOC, 3);
    add(stage, 0, 1, 10, WIRE_EVENT_FREE, 2);
    add(stage, 0, 2, 10, WIRE_EVENT_COMMIT, 1);
    add(stage, 0, 3, 10, WIRE_EVENT_RETURN, 4);
    merge_to(stage, 100);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(stage->seen.events[i].size, i + 1);
}

static void events_of_one_ring_keep_their_order_at_equal_times(void **state)
{
    struct stage *stage = *state;
    for (uint64_t i = 0; i < 50; i++)
    {
        add(stage, 0, 0, 10, i % 3 == 0 ? WIRE_EVENT_FREE : WIRE_EVENT_ALLOC, i);
        add(stage, 0, 1, 10, i % 2 == 0 ? WIRE_EVENT_FREE : WIRE_EVENT_ALLOC, 1000 + i);
    }
    merge_to(stage, 100);
    uint64_t next[2] = {0, 1000};
    for (size_t i = 0; i < 100; i++)
    {
        uint64_t *expected = &next[stage->seen.events[i].size >= 1000];
        assert_int_equal(stage->seen.events[i].size, (*expected)++);
    }
}

static void feed_begins_at_its_place_and_once(void **state)
{
    struct stage *stage = *state;
    stage->feeds[1].begin_time = 50;
    add(stage, 0, 0, 10, WIRE_EVENT_ALLOC, 1);
    add(stage, 1, 0, 50, WIRE_EVENT_ALLOC, 3);
    add(stage, 0, 0, 49, WIRE_EVENT_ALLOC, 2);
    merge_to(stage, 50);
    assert_int_equal(stage->seen.begun[1], 0);
    assert_int_equal(stage->seen.count, 2);
    merge_to(stage, 60);
    merge_to(stage, 70);
    assert_int_equal(stage->seen.begun[1], 1);
    assert_int_equal(stage->seen.events[2].size, 3);
}

// One ring far ahead of the others and long runs of one: the merge must look for whole runs, and find their ends.
static void long_runs_end_where_another_ring_goes_on(void **state)
{
    struct stage *stage = *state;
    uint64_t time = 1;
    for (int round = 0; round < 4; round++)
        for (int ring = 0; ring < RINGS; ring++)
            for (int i = 0; i < 100; i++, time++)
                add(stage, ring % FEEDS, ring, time, WIRE_EVENT_ALLOC, time);
    assert_int_equal(merge_to(stage, DRAIN_NO_BOUND), time - 1);
    for (size_t i = 0; i < stage->seen.count; i++)
        assert_int_equal(stage->seen.events[i].size, i + 1);
}

static int refuse(void *context, const struct merge_run *runs, size_t count, struct reel_error *error)
{
    (void)context, (void)runs, (void)count, (void)error;
    return REEL_E_FULL;
}

static void refusal_of_the_sink_ends_the_merge(void **state)
{
    struct stage *stage = *state;
    const struct merge_sink sink = {.begin = on_begin, .take = refuse, .context = &stage->seen};
    add(stage, 0, 0, 10, WIRE_EVENT_ALLOC, 1);
    add(stage, 0, 1, 11, WIRE_EVENT_ALLOC, 2);
    size_t merged;
    assert_int_equal(merge_until(&stage->merge, stage->pointers, FEEDS, 100, &sink, &merged, NULL), REEL_E_FULL);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(merge_gives_what_a_sort_gives),
        CASE(bound_itself_is_not_merged),
        CASE(room_comes_before_its_blocks_at_equal_times),
        CASE(frees_come_first_at_equal_times),
        CASE(events_of_one_ring_keep_their_order_at_equal_times),
        CASE(feed_begins_at_its_place_and_once),
        CASE(long_runs_end_where_another_ring_goes_on),
        CASE(refusal_of_the_sink_ends_the_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
