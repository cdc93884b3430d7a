// SPDX-License-Identifier: MIT
// Batches of parts, and what they say. Prints nothing.
#include "bench/event_measure.h"

#include "bench/ring_reader.h"

#include <stdlib.h>
#include <time.h>
#include <x86intrin.h>

enum
{
    BATCH_NS = 20000,
    BATCHES_IN_TURN = 4, // of one part, after one that is not counted
    ROUNDS = 100,
    ROUNDS_QUICK = 2,
    MEASURED_MAX = 160,
    PROBE_COUNT = 64,
    WARMING_COUNT = 64, // repetitions before a batch: what came between has taken the caches
};

const uint32_t event_depths[] = {1, 8, 22, 64};
const uint32_t event_depth_count = sizeof event_depths / sizeof *event_depths;

struct event_measured event_measured[MEASURED_MAX];
uint32_t event_measured_count;

static struct
{
    uint32_t rounds;
    double ns_per_tick;
} bench;

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double run_batch(const struct event_measured *measured)
{
    unsigned int processor;
    measured->part->repeat(measured->depth, WARMING_COUNT);
    uint64_t begin = __rdtscp(&processor);
    measured->part->repeat(measured->depth, measured->batch);
    return (double)(__rdtscp(&processor) - begin) / (double)measured->batch;
}

// What the batch has written is taken, and nothing of that is timed.
static void empty(struct wire_ring *ring, enum event_setting setting)
{
    if (!ring)
        return;
    if (setting == EVENT_READ)
        ring_reader_catch_up(ring);
    else
        __atomic_store_n(&ring->tail, ring->state >> 1, __ATOMIC_RELEASE);
}

static bool is_measured_in(const struct event_measured *measured, enum event_setting setting)
{
    return setting == EVENT_ALONE || measured->part->ring_used;
}

static void measure_in_turn(struct event_measured *measured, uint32_t round, enum event_setting setting)
{
    struct wire_ring *ring = measured->part->ring_used ? measured->part->ring_used() : NULL;
    if (setting == EVENT_READ)
        ring_reader_watch(ring);
    for (uint32_t i = 0; i <= BATCHES_IN_TURN; i++)
    {
        double ticks = run_batch(measured);
        if (i > 0)
            measured->samples[round * BATCHES_IN_TURN + i - 1] = ticks;
        empty(ring, setting);
    }
    if (setting == EVENT_READ)
        ring_reader_watch(NULL);
}

static int compare(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static struct event_figure figure_of(double *samples, uint32_t count)
{
    qsort(samples, count, sizeof *samples, compare);
    return (struct event_figure){.median_ns = samples[count / 2] * bench.ns_per_tick,
                                 .least_ns = samples[0] * bench.ns_per_tick};
}

// As many repetitions as fill a batch's time, by a try; an even number, for what changes from one to the next.
static void choose_batch(struct event_measured *measured)
{
    measured->batch = PROBE_COUNT;
    double ns = run_batch(measured) * bench.ns_per_tick;
    if (measured->part->ring_used)
        empty(measured->part->ring_used(), EVENT_ALONE);
    double batch = BATCH_NS / ns;
    measured->batch = batch > PROBE_COUNT ? (uint64_t)batch & ~UINT64_C(1) : PROBE_COUNT;
}

static void measure_all(enum event_setting setting)
{
    double begin_s = seconds_now();
    uint64_t begin = __rdtsc();
    for (uint32_t round = 0; round < bench.rounds; round++)
        for (uint32_t i = 0; i < event_measured_count; i++)
            if (is_measured_in(&event_measured[i], setting))
                measure_in_turn(&event_measured[i], round, setting);
    bench.ns_per_tick = (seconds_now() - begin_s) * 1e9 / (double)(__rdtsc() - begin);
    for (uint32_t i = 0; i < event_measured_count; i++)
        if (is_measured_in(&event_measured[i], setting))
            event_measured[i].figures[setting] = figure_of(event_measured[i].samples, bench.rounds * BATCHES_IN_TURN);
}

// Roughly: for the size of batches.
static double ns_per_tick(void)
{
    double begin_s = seconds_now();
    uint64_t begin = __rdtsc();
    while (seconds_now() - begin_s < 0.01)
        continue;
    return (seconds_now() - begin_s) * 1e9 / (double)(__rdtsc() - begin);
}

static void add(const struct event_part *part, uint32_t depth)
{
    struct event_measured *measured = &event_measured[event_measured_count++];
    *measured = (struct event_measured){.part = part, .depth = depth};
    for (uint32_t i = 0; i < EVENT_SETTING_COUNT; i++)
        measured->figures[i].least_ns = -1;
    measured->samples = calloc((size_t)bench.rounds * BATCHES_IN_TURN, sizeof *measured->samples);
    if (event_measured_count == MEASURED_MAX || !measured->samples)
        abort();
    choose_batch(measured);
}

void event_measure_visit(void (*visit)(const struct event_part *part, uint32_t depth))
{
    for (uint32_t i = 0; i < event_part_count; i++)
        if (!event_parts[i].has_depth)
            visit(&event_parts[i], 0);
        else
            for (uint32_t d = 0; d < event_depth_count; d++)
                if (event_depths[d] >= event_parts[i].depth_min)
                    visit(&event_parts[i], event_depths[d]);
}

void event_measure(bool is_quick)
{
    bench.rounds = is_quick ? ROUNDS_QUICK : ROUNDS;
    bench.ns_per_tick = ns_per_tick();
    event_measure_visit(add);
    measure_all(EVENT_ALONE);
    if (!ring_reader_start(EVENT_PARTS_RING_RECORDS))
        return;
    measure_all(EVENT_THREADS);
    measure_all(EVENT_READ);
    ring_reader_stop();
}
