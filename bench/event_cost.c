// SPDX-License-Identifier: MIT
// What an event costs, part by part, in nanoseconds: every part is repeated in short batches, all parts in turn for
// many rounds, so that what else the machine does meets all alike. Prints the median and the least of the batches. In a
// second pass a thread on another core reads the rings meanwhile. With --part, one part runs as often as it is told,
// for tools that count instructions.
#include "bench/event_parts.h"
#include "bench/ring_reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
};

static const uint32_t depths[] = {1, 8, 22, 64};
#define DEPTH_COUNT (sizeof depths / sizeof *depths)

struct figure
{
    double median_ns;
    double least_ns; // below 0: not measured
};

// One part on one depth (0: it has none).
struct measured
{
    const struct event_part *part;
    uint32_t depth;
    uint64_t batch; // repetitions in one
    struct figure alone;
    struct figure beside_reader;
    double *samples; // of the pass under way, ticks for one repetition
};

static struct
{
    struct measured measured[MEASURED_MAX];
    uint32_t count;
    uint32_t rounds;
    bool has_reader;
    double ns_per_tick;
} bench;

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// --- measuring ---

static double run_batch(const struct measured *measured)
{
    unsigned int processor;
    uint64_t begin = __rdtscp(&processor);
    measured->part->repeat(measured->depth, measured->batch);
    return (double)(__rdtscp(&processor) - begin) / (double)measured->batch;
}

// What the batch has written is taken, and nothing of that is timed.
static void empty(struct wire_ring *ring, bool is_read)
{
    if (!ring)
        return;
    if (is_read)
        ring_reader_catch_up(ring);
    else
        __atomic_store_n(&ring->tail, ring->state >> 1, __ATOMIC_RELEASE);
}

static void measure_in_turn(struct measured *measured, uint32_t round, bool is_read)
{
    struct wire_ring *ring = measured->part->ring_used ? measured->part->ring_used() : NULL;
    if (is_read && !ring)
        return;
    if (is_read)
        ring_reader_watch(ring);
    for (uint32_t i = 0; i <= BATCHES_IN_TURN; i++)
    {
        double ticks = run_batch(measured);
        if (i > 0)
            measured->samples[round * BATCHES_IN_TURN + i - 1] = ticks;
        empty(ring, is_read);
    }
    if (is_read)
        ring_reader_watch(NULL);
}

static int compare(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static struct figure figure_of(double *samples, uint32_t count)
{
    qsort(samples, count, sizeof *samples, compare);
    return (struct figure){.median_ns = samples[count / 2] * bench.ns_per_tick,
                           .least_ns = samples[0] * bench.ns_per_tick};
}

// As many repetitions as fill a batch's time, by a try.
static void choose_batch(struct measured *measured, double ticks_per_ns)
{
    measured->batch = PROBE_COUNT;
    double ticks = run_batch(measured);
    if (measured->part->ring_used)
        empty(measured->part->ring_used(), false);
    double batch = BATCH_NS * ticks_per_ns / ticks;
    measured->batch = batch > PROBE_COUNT ? (uint64_t)batch & ~UINT64_C(1) : PROBE_COUNT;
}

static void measure_all(bool is_read)
{
    double begin_s = seconds_now();
    uint64_t begin = __rdtsc();
    for (uint32_t round = 0; round < bench.rounds; round++)
        for (uint32_t i = 0; i < bench.count; i++)
            measure_in_turn(&bench.measured[i], round, is_read);
    bench.ns_per_tick = (seconds_now() - begin_s) * 1e9 / (double)(__rdtsc() - begin);
    for (uint32_t i = 0; i < bench.count; i++)
    {
        struct measured *measured = &bench.measured[i];
        struct figure *figure = is_read ? &measured->beside_reader : &measured->alone;
        if (!is_read || measured->part->ring_used)
            *figure = figure_of(measured->samples, bench.rounds * BATCHES_IN_TURN);
    }
}

static double ticks_per_ns(void)
{
    double begin_s = seconds_now();
    uint64_t begin = __rdtsc();
    while (seconds_now() - begin_s < 0.01)
        continue;
    return (double)(__rdtsc() - begin) / (seconds_now() - begin_s) * 1e-9;
}

static void add(const struct event_part *part, uint32_t depth)
{
    struct measured *measured = &bench.measured[bench.count++];
    *measured = (struct measured){.part = part, .depth = depth, .alone.least_ns = -1, .beside_reader.least_ns = -1};
    measured->samples = calloc((size_t)bench.rounds * BATCHES_IN_TURN, sizeof *measured->samples);
    if (!measured->samples)
        abort();
    choose_batch(measured, 1 / bench.ns_per_tick);
}

static void add_all(void)
{
    for (uint32_t i = 0; i < event_part_count; i++)
        if (!event_parts[i].has_depth)
            add(&event_parts[i], 0);
        else
            for (uint32_t d = 0; d < DEPTH_COUNT; d++)
                if (depths[d] >= event_parts[i].depth_min)
                    add(&event_parts[i], depths[d]);
}

// --- printing ---

static void print_figure(struct figure figure)
{
    if (figure.least_ns < 0)
        printf(" –               |");
    else
        printf(" %6.1f (%6.1f) |", figure.median_ns, figure.least_ns);
}

static const struct measured *find(const char *name, uint32_t depth)
{
    for (uint32_t i = 0; i < bench.count; i++)
        if (bench.measured[i].depth == depth && strcmp(bench.measured[i].part->name, name) == 0)
            return &bench.measured[i];
    return NULL;
}

static void print_without_depth(void)
{
    printf("| part                                     | ns, alone       | ns, ring read   |\n"
           "| ---------------------------------------- | --------------- | --------------- |\n");
    for (uint32_t i = 0; i < bench.count; i++)
    {
        const struct measured *measured = &bench.measured[i];
        if (measured->depth > 0)
            continue;
        printf("| %-40s |", measured->part->text);
        print_figure(measured->alone);
        print_figure(measured->beside_reader);
        printf("\n");
    }
}

static void print_row(const struct event_part *part, bool is_read)
{
    const struct figure none = {.least_ns = -1};
    printf("| %-40s |", part->text);
    for (uint32_t d = 0; d < DEPTH_COUNT; d++)
    {
        const struct measured *measured = find(part->name, depths[d]);
        print_figure(!measured ? none : is_read ? measured->beside_reader : measured->alone);
    }
    printf("\n");
}

static void print_by_depth(bool is_read)
{
    printf("\n| %-40s |", is_read ? "ns, on frames, ring read" : "ns, on frames");
    for (uint32_t d = 0; d < DEPTH_COUNT; d++)
        printf(" %-15" PRIu32 " |", depths[d]);
    printf("\n| ---------------------------------------- |");
    for (uint32_t d = 0; d < DEPTH_COUNT; d++)
        printf(" --------------- |");
    printf("\n");
    for (uint32_t i = 0; i < event_part_count; i++)
        if (event_parts[i].has_depth && (!is_read || event_parts[i].ring_used))
            print_row(&event_parts[i], is_read);
}

static void print_ratio(void)
{
    static const char *const names[] = {"alloc_same", "alloc_one_new", "alloc_two_new"};
    const struct measured *peer = find("libunwind", 22);
    printf("\nwhole alloc over unw_backtrace, 22 frames:");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    {
        const struct measured *ours = find(names[i], 22);
        printf(" %s %.2f (%.2f)", names[i], ours->alone.median_ns / peer->alone.median_ns,
               ours->alone.least_ns / peer->alone.least_ns);
    }
    printf("\n");
}

static void print_table(void)
{
    print_without_depth();
    print_by_depth(false);
    if (bench.has_reader)
        print_by_depth(true);
    print_ratio();
}

static void print_json_figure(const char *name, struct figure figure)
{
    if (figure.least_ns >= 0)
        printf(", \"%s_median_ns\": %.2f, \"%s_least_ns\": %.2f", name, figure.median_ns, name, figure.least_ns);
}

static void print_json(void)
{
    printf("[");
    for (uint32_t i = 0; i < bench.count; i++)
    {
        const struct measured *measured = &bench.measured[i];
        printf("%s\n  {\"part\": \"%s\", \"depth\": %" PRIu32, i > 0 ? "," : "", measured->part->name, measured->depth);
        print_json_figure("alone", measured->alone);
        print_json_figure("read", measured->beside_reader);
        printf("}");
    }
    printf("\n]\n");
}

// --- the command ---

static void measure(bool is_quick)
{
    bench.rounds = is_quick ? ROUNDS_QUICK : ROUNDS;
    bench.ns_per_tick = 1 / ticks_per_ns();
    add_all();
    measure_all(false);
    bench.has_reader = ring_reader_start(EVENT_PARTS_RING_RECORDS);
    if (!bench.has_reader)
        return;
    measure_all(true);
    ring_reader_stop();
}

static int run_part(const char *name, uint32_t depth, uint64_t count)
{
    for (uint32_t i = 0; i < event_part_count; i++)
        if (strcmp(event_parts[i].name, name) == 0 && event_parts[i].has_depth == (depth > 0) &&
            depth >= event_parts[i].depth_min && count < EVENT_PARTS_RING_RECORDS / 2)
        {
            event_parts[i].repeat(depth, count);
            return 0;
        }
    fprintf(stderr, "event_cost: no part %s on %" PRIu32 " frames, or too often\n", name, depth);
    return 2;
}

static void list(void)
{
    for (uint32_t i = 0; i < event_part_count; i++)
        if (!event_parts[i].has_depth)
            printf("%s 0\n", event_parts[i].name);
        else
            for (uint32_t d = 0; d < DEPTH_COUNT; d++)
                if (depths[d] >= event_parts[i].depth_min)
                    printf("%s %" PRIu32 "\n", event_parts[i].name, depths[d]);
}

int main(int argc, char **argv)
{
    int status = 0;
    bool is_json = argc > 1 && strcmp(argv[argc - 1], "--json") == 0;
    bool is_table = argc > 1 && strcmp(argv[argc - 1], "--table") == 0;
    bool is_quick = argc == 3 && strcmp(argv[1], "--quick") == 0;
    if (argc == 2 && strcmp(argv[1], "--list") == 0)
    {
        list();
        return 0;
    }
    bool is_one = argc == 5 && strcmp(argv[1], "--part") == 0;
    if (!is_one && !((is_json || is_table) && argc == 2 + is_quick))
    {
        fprintf(stderr, "usage: event_cost [--quick] --table|--json | --list | --part NAME FRAMES COUNT\n");
        return 2;
    }
    event_parts_open();
    if (is_one)
        status = run_part(argv[2], (uint32_t)strtoul(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
    else
        measure(is_quick);
    event_parts_close();
    if (is_json)
        print_json();
    else if (is_table)
        print_table();
    return status;
}
