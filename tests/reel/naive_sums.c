// SPDX-License-Identifier: MIT
// Reels of random events, and sums over these that share no code with the library.
#include "naive_sums.h"

#include <stdlib.h>

#define EVENTS 120000 // of which those of processes that have ended are dropped

void summed_add_stacks(struct recording *recording, struct reel_writer *writer)
{
    for (uint32_t i = 1; i <= SUMMED_STACKS; i++)
    {
        uint32_t frame, stack;
        assert_ok(reel_writer_intern_frame(writer, 0, i, &frame, &recording->error), recording->error);
        assert_ok(reel_writer_intern_stack(writer, 0, frame, &stack, &recording->error), recording->error);
        assert_int_equal(stack, i);
    }
}

void summed_end_process(struct summed *summed, struct reel_writer *writer, uint32_t process)
{
    const struct reel_process_end_info info = {.t_ns = summed->events[summed->count - 1].t_ns, .how = REEL_END_EXITED};
    struct reel_error *error = &summed->recording->error;
    assert_ok(reel_writer_end_process(writer, process, &info, error), *error);
    summed->ends[process] = summed->count;
}

void summed_open(struct summed *summed)
{
    struct reel_error *error = &summed->recording->error;
    assert_ok(reel_reader_open(&summed->reader, summed->recording->path, error), *error);
    assert_ok(reel_replay_open(&summed->replay, summed->reader, error), *error);
}

// Of sizes that leave room between the places, so that no blocks overlap.
static void next_event(struct stream *stream, struct reel_event *event)
{
    stream_next(stream, event, 1);
    event->requested_bytes %= 25;
    event->usable_bytes = event->kind == REEL_EVENT_FREE ? 0 : (event->requested_bytes + 23) / 16 * 16 + 8;
}

struct summed summed_make(struct recording *recording, uint64_t seed)
{
    struct summed summed = {.recording = recording, .events = calloc(EVENTS, sizeof *summed.events)};
    struct stream *stream = calloc(1, sizeof *stream);
    assert_non_null(summed.events);
    assert_non_null(stream);
    stream_init(stream, seed, SUMMED_PROCESSES);
    struct reel_writer *writer = recording_begin(recording, SUMMED_PROCESSES);
    summed_add_stacks(recording, writer);
    for (size_t i = 0; i < EVENTS; i++)
    {
        struct reel_event *event = &summed.events[summed.count];
        next_event(stream, event);
        if (i == EVENTS / 2)
            summed_end_process(&summed, writer, 3);
        if (i == EVENTS - 1000)
            summed_end_process(&summed, writer, 2);
        if (summed.ends[event->process] != 0)
            continue;
        assert_ok(reel_writer_append(writer, event, 1, &recording->error), recording->error);
        summed.count++;
    }
    summed_end_process(&summed, writer, 1);
    assert_ok(reel_writer_finish(writer, stream->t_ns, &recording->error), recording->error);
    free(stream);
    summed_open(&summed);
    return summed;
}

void summed_free(struct summed *summed)
{
    reel_replay_close(summed->replay);
    reel_reader_close(summed->reader);
    free(summed->events);
}

// --- the naive reading

struct naive_block
{
    bool is_live;
    uint64_t requested_bytes;
    uint64_t usable_bytes;
    uint32_t stack;
    size_t birth;
};

struct naive
{
    struct naive_block blocks[SUMMED_PROCESSES + 1][STREAM_PLACES];
    uint64_t last_alloc[SUMMED_PROCESSES * STREAM_THREADS_PER_PROCESS + 1]; // [thread], 0 = none
    int64_t live_bytes;
    int64_t peak_bytes;
    size_t peak;
    struct naive_sums allocated;
    struct naive_sums freed;
    struct naive_sums temporary;
    struct naive_sums leaked;
};

void naive_add(struct naive_sums *sums, uint32_t stack, uint64_t bytes, int64_t blocks)
{
    sums->stacks[stack].bytes += (int64_t)bytes;
    sums->stacks[stack].blocks += blocks;
}

static void naive_alloc(struct naive *naive, struct naive_block *block, const struct reel_event *event, size_t number)
{
    naive->live_bytes -= block->is_live ? (int64_t)block->requested_bytes : 0;
    naive->live_bytes += (int64_t)event->requested_bytes;
    *block = (struct naive_block){true, event->requested_bytes, event->usable_bytes, event->stack, number};
    naive_add(&naive->allocated, event->stack, event->requested_bytes, 1);
}

static void naive_free(struct naive *naive, struct naive_block *block, const struct reel_event *event)
{
    if (!block->is_live)
        return;
    naive->live_bytes -= (int64_t)block->requested_bytes;
    naive_add(&naive->freed, block->stack, block->requested_bytes, 1);
    if (naive->last_alloc[event->thread] == event->address)
        naive_add(&naive->temporary, block->stack, block->requested_bytes, 1);
    block->is_live = false;
}

static void naive_resize(struct naive *naive, struct naive_block *block, const struct reel_event *event)
{
    if (!block->is_live)
        return;
    naive->live_bytes += (int64_t)event->requested_bytes - (int64_t)block->requested_bytes;
    if (event->requested_bytes > block->requested_bytes)
        naive_add(&naive->allocated, block->stack, event->requested_bytes - block->requested_bytes, 0);
    block->requested_bytes = event->requested_bytes;
    block->usable_bytes = event->usable_bytes;
}

static void naive_event(struct naive *naive, const struct reel_event *event, size_t number)
{
    struct naive_block *block = &naive->blocks[event->process][stream_place_of(event)];
    if (event->kind == REEL_EVENT_ALLOC)
        naive_alloc(naive, block, event, number);
    else if (event->kind == REEL_EVENT_FREE)
        naive_free(naive, block, event);
    else
        naive_resize(naive, block, event);
    naive->last_alloc[event->thread] = event->kind == REEL_EVENT_ALLOC ? event->address : 0;
    if (naive->live_bytes > naive->peak_bytes)
    {
        naive->peak_bytes = naive->live_bytes;
        naive->peak = number + 1;
    }
}

static void naive_end(struct naive *naive, uint32_t process, bool is_gone)
{
    for (size_t i = 0; i < STREAM_PLACES; i++)
    {
        struct naive_block *block = &naive->blocks[process][i];
        if (!block->is_live)
            continue;
        naive_add(&naive->leaked, block->stack, block->requested_bytes, 1);
        naive->live_bytes -= is_gone ? (int64_t)block->requested_bytes : 0;
        block->is_live = !is_gone;
    }
}

// The state after that many events, of the process alone if it is not 0. Processes that end there are still there. To
// be freed.
static struct naive *naive_at(const struct summed *summed, uint32_t process, size_t events)
{
    struct naive *naive = calloc(1, sizeof *naive);
    assert_non_null(naive);
    for (size_t i = 0; i < events; i++)
    {
        for (uint32_t k = 1; k <= SUMMED_PROCESSES; k++)
            if (summed->ends[k] == i && (process == 0 || process == k))
                naive_end(naive, k, true);
        if (process == 0 || process == summed->events[i].process)
            naive_event(naive, &summed->events[i], i);
    }
    for (uint32_t k = 1; k <= SUMMED_PROCESSES; k++)
        if (summed->ends[k] == events && events != 0 && (process == 0 || process == k))
            naive_end(naive, k, false);
    return naive;
}

static struct naive_sums naive_alive(const struct naive *naive, size_t born_from, size_t born_before, bool is_rounding)
{
    struct naive_sums sums = {0};
    for (uint32_t process = 1; process <= SUMMED_PROCESSES; process++)
        for (size_t i = 0; i < STREAM_PLACES; i++)
        {
            const struct naive_block *block = &naive->blocks[process][i];
            uint64_t rounding = block->usable_bytes - block->requested_bytes;
            if (block->is_live && block->birth >= born_from && block->birth < born_before)
                naive_add(&sums, block->stack, is_rounding ? rounding : block->requested_bytes, 1);
        }
    return sums;
}

struct naive_sums naive_measure(const struct summed *summed, uint32_t process, enum reel_measure measure, size_t events)
{
    struct naive *naive = naive_at(summed, process, events);
    struct naive *peak = naive_at(summed, process, naive->peak);
    struct naive_sums sums = measure == REEL_MEASURE_LIVE        ? naive_alive(naive, 0, SIZE_MAX, false)
                             : measure == REEL_MEASURE_ROUNDING  ? naive_alive(naive, 0, SIZE_MAX, true)
                             : measure == REEL_MEASURE_PEAK      ? naive_alive(peak, 0, SIZE_MAX, false)
                             : measure == REEL_MEASURE_LEAKED    ? naive->leaked
                             : measure == REEL_MEASURE_ALLOCATED ? naive->allocated
                                                                 : naive->temporary;
    free(naive);
    free(peak);
    return sums;
}

struct naive_sums naive_minus(struct naive_sums left, const struct naive_sums *right)
{
    for (size_t i = 0; i <= SUMMED_STACKS; i++)
    {
        left.stacks[i].bytes -= right->stacks[i].bytes;
        left.stacks[i].blocks -= right->stacks[i].blocks;
    }
    return left;
}

struct naive_sums naive_range(const struct summed *summed, uint32_t process, enum reel_range_verb verb, size_t begin,
                              size_t end)
{
    struct naive *before = naive_at(summed, process, begin);
    struct naive *after = naive_at(summed, process, end);
    struct naive_sums sums;
    if (verb == REEL_RANGE_ALIVE)
        sums = naive_alive(after, 0, begin, false);
    else if (verb == REEL_RANGE_UNFREED)
        sums = naive_alive(after, begin, end, false);
    else if (verb == REEL_RANGE_FREED)
        sums = naive_minus(after->freed, &before->freed);
    else
        sums = naive_minus(after->allocated, &before->allocated);
    free(before);
    free(after);
    return sums;
}
