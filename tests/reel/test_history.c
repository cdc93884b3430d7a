// SPDX-License-Identifier: MIT
// Lifetimes, crossings and growth of a range of events, on random reels against a naive reading, and by hand.
#include "naive_heap.h"

#include <stdlib.h>
#include <string.h>

#include "opened.h"
#include "reel/history.h"
#include "reel/measure.h"

#define SEEDS 6

static void roll_range(struct opened *opened, uint64_t *begin, uint64_t *end)
{
    *end = stream_random(&opened->dice, opened->reel.event_count + 1);
    *begin = stream_random(&opened->dice, 3) == 0 ? 0 : stream_random(&opened->dice, *end + 1);
}

// ---- lifetimes and crossings

static size_t bits_of(uint64_t amount)
{
    size_t bits = 0;
    for (; amount != 0; amount >>= 1)
        bits++;
    return bits;
}

struct naive_range
{
    uint64_t begin;
    uint64_t end;
    struct reel_lifetimes lifetimes;
    uint64_t freed_by_stack[RANDOM_STACKS + 1][REEL_LIFETIME_TIMES];
    struct reel_stack_lifetimes stacks[RANDOM_STACKS + 1];
    uint64_t blocks[64][64]; // [allocating thread][freeing thread]
    uint64_t bytes[64][64];
};

static void watch_range(void *context, const struct naive *naive, const struct random_step *step,
                        const struct naive_block *block)
{
    struct naive_range *range = context;
    bool is_free = step->kind == RANDOM_EVENT && step->event.kind == REEL_EVENT_FREE;
    if (!is_free || block == NULL || block->is_inherited || naive->events < range->begin)
        return;
    size_t size = bits_of(block->requested_bytes);
    size_t time = bits_of(step->event.t_ns - block->birth_ns);
    range->lifetimes.blocks[size][time]++;
    range->lifetimes.bytes[size][time] += block->requested_bytes;
    range->freed_by_stack[block->stack][time]++;
    range->stacks[block->stack].freed_blocks++;
    range->stacks[block->stack].freed_bytes += block->requested_bytes;
    assert_true(block->alloc_thread < 64 && step->event.thread < 64);
    range->blocks[block->alloc_thread][step->event.thread]++;
    range->bytes[block->alloc_thread][step->event.thread] += block->requested_bytes;
}

static void read_naively(struct opened *opened, struct naive_range *range)
{
    struct naive naive;
    naive_init(&naive, &opened->reel);
    naive.watch = watch_range;
    naive.context = range;
    naive_move(&naive, range->end);
    for (uint32_t i = 1; i <= RANDOM_PROCESSES_MAX; i++)
        for (size_t place = 0; naive_is_running(&naive, i) && place < RANDOM_PLACES; place++)
        {
            const struct naive_block *block = &naive.processes[i - 1]->blocks[place];
            if (!block->is_live || block->is_inherited || block->birth_event < range->begin)
                continue;
            range->lifetimes.alive_blocks[bits_of(block->requested_bytes)]++;
            range->lifetimes.alive_bytes[bits_of(block->requested_bytes)] += block->requested_bytes;
            range->stacks[block->stack].alive_blocks++;
            range->stacks[block->stack].alive_bytes += block->requested_bytes;
        }
    naive_fini(&naive);
}

static void lifetimes_are_those_of_a_naive_reading(void **state)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++)
    {
        struct opened opened;
        opened_make_small(&opened, *state, seed);
        for (int i = 0; i < 6; i++)
        {
            struct naive_range *range = calloc(1, sizeof *range);
            struct reel_lifetimes *lifetimes = NULL;
            roll_range(&opened, &range->begin, &range->end);
            read_naively(&opened, range);
            assert_ok(reel_history_lifetimes(opened.replay, range->begin, range->end, NULL, &lifetimes,
                                             &opened.recording->error),
                      opened.recording->error);
            assert_memory_equal(lifetimes, &range->lifetimes, sizeof *lifetimes);
            free(lifetimes);
            free(range);
        }
        opened_close(&opened);
    }
}

// How many of the stack's freed blocks lived at most that long.
static uint64_t freed_within(const struct naive_range *range, uint32_t stack, uint64_t most_ns)
{
    uint64_t count = 0;
    for (size_t time = 0; time < REEL_LIFETIME_TIMES && reel_lifetime_least(time) <= most_ns; time++)
        count += range->freed_by_stack[stack][time];
    return count;
}

static void assert_stack(const struct naive_range *range, const struct reel_stack_lifetimes *row)
{
    const struct reel_stack_lifetimes *naive = &range->stacks[row->stack];
    assert_int_equal(row->freed_blocks, naive->freed_blocks);
    assert_int_equal(row->freed_bytes, naive->freed_bytes);
    assert_int_equal(row->alive_blocks, naive->alive_blocks);
    assert_int_equal(row->alive_bytes, naive->alive_bytes);
    if (row->freed_blocks == 0)
    {
        assert_int_equal(row->median_least_ns, UINT64_MAX);
        return;
    }
    uint64_t shorter = row->median_least_ns == 0 ? 0 : freed_within(range, row->stack, row->median_least_ns - 1);
    assert_true(2 * freed_within(range, row->stack, row->median_most_ns) >= row->freed_blocks);
    assert_true(2 * shorter < row->freed_blocks);
}

static void lifetimes_by_stack_are_those_of_a_naive_reading(void **state)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++)
    {
        struct opened opened;
        opened_make_small(&opened, *state, seed);
        for (int i = 0; i < 6; i++)
        {
            struct naive_range *range = calloc(1, sizeof *range);
            struct reel_stack_lifetimes *rows = NULL;
            size_t count = 0;
            size_t stacks = 0;
            roll_range(&opened, &range->begin, &range->end);
            read_naively(&opened, range);
            assert_ok(reel_history_lifetimes_by_stack(opened.replay, range->begin, range->end, NULL, &rows, &count,
                                                      &opened.recording->error),
                      opened.recording->error);
            for (size_t k = 0; k < count; k++)
            {
                assert_true(k == 0 || rows[k].freed_blocks <= rows[k - 1].freed_blocks);
                assert_stack(range, &rows[k]);
            }
            for (size_t stack = 0; stack <= RANDOM_STACKS; stack++)
                stacks += range->stacks[stack].freed_blocks + range->stacks[stack].alive_blocks != 0;
            assert_int_equal(count, stacks);
            free(rows);
            free(range);
        }
        opened_close(&opened);
    }
}

static void crossings_are_those_of_a_naive_reading(void **state)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++)
    {
        struct opened opened;
        opened_make_small(&opened, *state, seed);
        for (int i = 0; i < 6; i++)
        {
            struct naive_range *range = calloc(1, sizeof *range);
            struct reel_crossing *rows = NULL;
            size_t count = 0;
            size_t pairs = 0;
            roll_range(&opened, &range->begin, &range->end);
            read_naively(&opened, range);
            assert_ok(reel_history_crossings(opened.replay, range->begin, range->end, NULL, &rows, &count,
                                             &opened.recording->error),
                      opened.recording->error);
            for (size_t k = 0; k < count; k++)
            {
                assert_true(k == 0 || rows[k].blocks <= rows[k - 1].blocks);
                assert_int_equal(rows[k].blocks, range->blocks[rows[k].alloc_thread][rows[k].free_thread]);
                assert_int_equal(rows[k].bytes, range->bytes[rows[k].alloc_thread][rows[k].free_thread]);
            }
            for (size_t k = 0; k < 64 * 64; k++)
                pairs += k / 64 != k % 64 && range->blocks[k / 64][k % 64] != 0;
            assert_int_equal(count, pairs);
            free(rows);
            free(range);
        }
        opened_close(&opened);
    }
}

static void a_range_that_ends_before_it_begins_is_refused(void **state)
{
    struct opened opened;
    struct reel_lifetimes *lifetimes = NULL;
    struct reel_growth *rows = NULL;
    size_t count = 0;
    opened_make_small(&opened, *state, 1);
    assert_int_equal(reel_history_lifetimes(opened.replay, 9, 8, NULL, &lifetimes, &opened.recording->error),
                     REEL_E_ARGUMENT);
    assert_non_null(strstr(opened.recording->error.text, "event 9"));
    assert_int_equal(reel_history_growth(opened.replay, 9, 8, NULL, &rows, &count, &opened.recording->error),
                     REEL_E_ARGUMENT);
    opened_close(&opened);
}

// ---- growth

// Stack 1 only grows, 2 grows with two pauses, 3 with three, 4 falls once, 5 stays. Each step of the range is 5 events.
static void stacks_that_only_grow_are_found(void **state)
{
    static const int changes[5][8] = {{1, 1, 1, 1, 1, 1, 1, 1},
                                      {1, 0, 2, 1, 0, 1, 1, 1},
                                      {1, 0, 1, 0, 1, 0, 1, 1},
                                      {9, 9, 9, -1, 9, 9, 9, 9},
                                      {0, 0, 0, 0, 0, 0, 0, 0}};
    struct recording *recording = *state;
    struct reel_event events[40];
    struct reel_growth *rows = NULL;
    struct reel_reader *reader;
    struct reel_replay *replay;
    size_t count = 0;
    struct reel_writer *writer = recording_begin(recording, 1);
    for (uint32_t i = 1; i <= 5; i++)
    {
        uint32_t id;
        assert_ok(reel_writer_intern_frame(writer, 0, i, &id, &recording->error), recording->error);
        assert_ok(reel_writer_intern_stack(writer, 0, id, &id, &recording->error), recording->error);
    }
    for (uint64_t i = 0; i < 40; i++)
    {
        int change = changes[i % 5][i / 5];
        events[i] = change > 0   ? recording_alloc(i, 0x1000 + i * 64, (uint64_t)change)
                    : change < 0 ? recording_free(i, 0x1000 + (i - 5) * 64)
                                 : recording_free(i, 16);
        events[i].stack = (uint32_t)(i % 5 + 1);
    }
    assert_ok(reel_writer_append(writer, events, 40, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, 40, &recording->error), recording->error);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_ok(reel_replay_open(&replay, reader, &recording->error), recording->error);
    assert_ok(reel_history_growth(replay, 0, 40, NULL, &rows, &count, &recording->error), recording->error);
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].stack, 1);
    assert_int_equal(rows[0].last_bytes, 8);
    assert_int_equal(rows[0].last_blocks, 8);
    assert_int_equal(rows[1].stack, 2);
    assert_int_equal(rows[1].first_bytes, 0);
    assert_int_equal(rows[1].last_bytes, 7);
    free(rows);
    reel_replay_close(replay);
    reel_reader_close(reader);
}

// ---- what goes wrong

static int refuse(void *context, double fraction)
{
    assert_true(fraction >= 0 && fraction <= 1);
    (*(int *)context)++;
    return 1;
}

static void each_question_can_be_cancelled(void **state)
{
    struct opened opened;
    struct reel_tenant *tenants = NULL;
    struct reel_lifetimes *lifetimes = NULL;
    struct reel_stack_lifetimes *stacks = NULL;
    struct reel_crossing *crossings = NULL;
    size_t count = 0;
    int asked = 0;
    const struct reel_progress progress = {.tick = refuse, .context = &asked};
    struct reel_error error;
    opened_make_small(&opened, *state, 2);
    assert_int_equal(reel_history_of_address(opened.reader, 0, 4096, UINT64_MAX, &progress, &tenants, &count, &error),
                     REEL_E_CANCELLED);
    assert_int_equal(reel_history_lifetimes(opened.replay, 0, UINT64_MAX, &progress, &lifetimes, &error),
                     REEL_E_CANCELLED);
    assert_int_equal(reel_history_lifetimes_by_stack(opened.replay, 0, UINT64_MAX, &progress, &stacks, &count, &error),
                     REEL_E_CANCELLED);
    assert_int_equal(reel_history_crossings(opened.replay, 0, UINT64_MAX, &progress, &crossings, &count, &error),
                     REEL_E_CANCELLED);
    assert_int_equal(asked, 4);
    opened_close(&opened);
}

// The middle one of three chunks cannot be read: what was born in it has no life, what was born before has one.
static void damaged_chunks_are_passed_over(void **state)
{
    struct recording *recording = *state;
    struct reel_error *error = &recording->error;
    struct reel_writer *writer = recording_begin(recording, 1);
    struct reel_reader *reader;
    struct reel_replay *replay;
    struct reel_lifetimes *lifetimes;
    struct reel_tenant *tenants;
    size_t count;
    for (uint64_t i = 0; i < 3 * 65536; i++)
    {
        uint64_t address = i < 65536 || i >= 2 * 65536 ? 16 + 64 * (i % 65536) : 0x10000000 + 64 * (i % 65536);
        struct reel_event event = i < 2 * 65536 ? recording_alloc(i, address, 10) : recording_free(i, address);
        assert_ok(reel_writer_append(writer, &event, 1, error), *error);
    }
    assert_ok(reel_writer_finish(writer, 3 * 65536, error), *error);
    recording_change(recording->path, "UPDATE chunk_data SET data = zeroblob(99) WHERE first_event = 65536");
    assert_ok(reel_reader_open(&reader, recording->path, error), *error);
    assert_ok(reel_replay_open(&replay, reader, error), *error);
    assert_ok(reel_history_lifetimes(replay, 1, UINT64_MAX, NULL, &lifetimes, error), *error);
    assert_int_equal(lifetimes->blocks[4][18], 65536); // of 10 bytes, 131,072 ns
    assert_int_equal(lifetimes->alive_blocks[4], 0);
    assert_int_equal(reel_history_damaged_events(reader), 65536);
    free(lifetimes);
    assert_ok(reel_history_lifetimes(replay, 1, 65537, NULL, &lifetimes, error), *error);
    assert_int_equal(reel_history_damaged_events(reader), 1);
    free(lifetimes);
    assert_ok(reel_history_of_address(reader, 1, 20, UINT64_MAX, NULL, &tenants, &count, error), *error);
    assert_int_equal(count, 1);
    assert_int_equal(tenants[0].free_event, 2 * 65536);
    assert_int_equal(reel_history_damaged_events(reader), 65536);
    free(tenants);
    assert_ok(reel_history_of_address(reader, 1, 20, 65536, NULL, &tenants, &count, error), *error);
    assert_int_equal(reel_history_damaged_events(reader), 0);
    free(tenants);
    reel_replay_close(replay);
    reel_reader_close(reader);
}

static int count_birth(void *context, const struct reel_live_block *block)
{
    uint64_t *count = context;
    *count += !block->is_inherited && block->birth_event >= 65536 && block->birth_event < 2 * 65536;
    return REEL_OK;
}

// From a keyframe after the damage the blocks are known, but not when those were born whose births were damaged.
static void births_that_cannot_be_read_are_counted(void **state)
{
    const struct random_shape shape = {
        .seed = 13, .event_count = 200000, .live_blocks = 2500, .process_max = 1, .has_classes = true};
    struct opened opened;
    struct reel_lifetimes *lifetimes = NULL;
    uint64_t births = 0;
    opened_make(&opened, *state, &shape);
    struct reel_error *error = &opened.recording->error;
    recording_change(opened.recording->path, "UPDATE chunk_data SET data = zeroblob(50) WHERE first_event = 65536");
    opened_again(&opened);
    uint64_t begin = opened.reel.event_count - 1000;
    assert_ok(reel_history_lifetimes(opened.replay, begin, UINT64_MAX, NULL, &lifetimes, error), *error);
    assert_int_equal(reel_replay_events(opened.replay), begin);
    assert_int_equal(reel_replay_each_block(opened.replay, 0, count_birth, &births), REEL_OK);
    uint64_t passed = reel_replay_damaged_events(opened.replay);
    assert_int_equal(reel_history_damaged_events(opened.reader), passed + births);
    assert_true(passed + births > 0);
    free(lifetimes);
    opened_close(&opened);
}

static void what_a_measure_leaves_out_is_counted(void **state)
{
    const struct random_shape shape = {.seed = 14, .event_count = 150000, .live_blocks = 500, .process_max = 3};
    struct opened opened;
    opened_make(&opened, *state, &shape);
    struct reel_error *error = &opened.recording->error;
    recording_change(opened.recording->path, "UPDATE chunk_data SET data = zeroblob(50) WHERE first_event = 65536");
    recording_change(opened.recording->path, "DELETE FROM keyframe");
    opened_again(&opened);
    for (int measure = REEL_MEASURE_LIVE; measure < REEL_MEASURE_COUNT; measure++)
        for (int is_after = 0; is_after <= 1; is_after++)
        {
            struct reel_measured *rows = NULL;
            struct reel_measured total;
            size_t count;
            assert_ok(reel_measure_at(opened.replay, 0, (enum reel_measure)measure, is_after != 0 ? 140000 : 65536,
                                      NULL, &rows, &count, &total, error),
                      *error);
            bool is_of_ends = measure == REEL_MEASURE_LEAKED || measure == REEL_MEASURE_PEAK; // may be before it
            if (is_after == 0 || !is_of_ends)
                assert_int_equal(reel_history_damaged_events(opened.reader), is_after != 0 ? 65536 : 0);
            free(rows);
        }
    opened_close(&opened);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(lifetimes_are_those_of_a_naive_reading),
        IN_DIRECTORY(lifetimes_by_stack_are_those_of_a_naive_reading),
        IN_DIRECTORY(crossings_are_those_of_a_naive_reading),
        IN_DIRECTORY(a_range_that_ends_before_it_begins_is_refused),
        IN_DIRECTORY(stacks_that_only_grow_are_found),
        IN_DIRECTORY(each_question_can_be_cancelled),
        IN_DIRECTORY(damaged_chunks_are_passed_over),
        IN_DIRECTORY(births_that_cannot_be_read_are_counted),
        IN_DIRECTORY(what_a_measure_leaves_out_is_counted),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
