// SPDX-License-Identifier: MIT
// heapreel-workload DIVISOR [NAME]: does the work, then prints its figures, a line "NAME VALUE" each. The divisor makes
// operations and live sets smaller. Without a name it prints what there is: name, bytes that it allocates at most,
// purpose. Knows nothing of allocators: it has the one that it was started with.
#include "lab/workloads/workload.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIVE_MIN 8
#define OPERATIONS_MIN 16
#define PASSES_MAX 4 // two threads, each once alone and once beside the other

#define MIXED                                                                                                          \
    {                                                                                                                  \
        16, 1024                                                                                                       \
    }

static const struct workload workloads[] = {
    {"pairs-64", "64 bytes freed at once, 100 live", workload_pairs, {64, 64}, {0}, 100, 20000000},
    {"churn-16-100", "16 bytes, 100 live", workload_churn, {16, 16}, {0}, 100, 20000000},
    {"churn-16-10k", "16 bytes, 10,000 live", workload_churn, {16, 16}, {0}, 10000, 20000000},
    {"churn-16-1m", "16 bytes, 1,000,000 live", workload_churn, {16, 16}, {0}, 1000000, 3000000},
    {"churn-64-100", "64 bytes, 100 live", workload_churn, {64, 64}, {0}, 100, 20000000},
    {"churn-64-10k", "64 bytes, 10,000 live", workload_churn, {64, 64}, {0}, 10000, 20000000},
    {"churn-64-1m", "64 bytes, 1,000,000 live", workload_churn, {64, 64}, {0}, 1000000, 3000000},
    {"churn-mixed-100", "16 to 1024 bytes, 100 live", workload_churn, MIXED, {0}, 100, 20000000},
    {"churn-mixed-10k", "16 to 1024 bytes, 10,000 live", workload_churn, MIXED, {0}, 10000, 10000000},
    {"churn-mixed-1m", "16 to 1024 bytes, 1,000,000 live", workload_churn, MIXED, {0}, 1000000, 2000000},
    {"churn-4k-100", "4 KiB, 100 live", workload_churn, {4096, 4096}, {0}, 100, 6000000},
    {"churn-4k-10k", "4 KiB, 10,000 live", workload_churn, {4096, 4096}, {0}, 10000, 4000000},
    {"churn-64k-100", "64 KiB, 100 live", workload_churn, {65536, 65536}, {0}, 100, 1000000},
    {"churn-64k-1k", "64 KiB, 1,000 live", workload_churn, {65536, 65536}, {0}, 1000, 1000000},
    {"churn-large", "128 KiB to 4 MiB, 16 live", workload_churn, {128 << 10, 4 << 20}, {0}, 16, 5000},
    {"aligned", "16 to 1024 bytes at 16 to 4096, 1,000 live", workload_aligned, MIXED, {0}, 1000, 2000000},
    {"growth", "1,000 vectors grow to 64 KiB", workload_growth, {16, 64 << 10}, {0}, 1000, 2000000},
    {"growth-large", "4 vectors grow from 64 KiB to 64 MiB", workload_growth, {64 << 10, 64 << 20}, {0}, 4, 300},
    {"threads", "threads begin, allocate 100 blocks, free them, end", workload_start_threads, MIXED, {0}, 100, 5000},
    {"queue-2", "one thread allocates, the other frees", workload_queue, MIXED, {0}, 1, 3000000},
    {"hand-over-2", "two threads exchange 1,000 blocks each, in rounds", workload_hand_over, MIXED, {0}, 1000, 4000000},
    {"mixed-2", "two threads, 16 to 1024 bytes", workload_parallel_churn, MIXED, {0}, 1000, 4000000},
    {"distinct-2", "two threads, 64 and 192 bytes", workload_parallel_churn, {64, 64}, {192, 192}, 1000, 8000000},
    {"same-2", "two threads, both 64 bytes", workload_parallel_churn, {64, 64}, {0}, 1000, 8000000},
    {"cas-2", "two threads swap one word, no malloc", workload_compare_and_swap, {0}, {0}, 1, 20000000},
};

enum
{
    WORKLOAD_COUNT = sizeof workloads / sizeof workloads[0],
};

static uint64_t divided(uint64_t number, uint64_t divisor, uint64_t min)
{
    uint64_t quotient = number / divisor;
    return quotient >= min || divisor == 1 ? quotient : min;
}

static struct workload scaled_down(const struct workload *workload, uint64_t divisor)
{
    struct workload scaled = *workload;
    scaled.live = divided(workload->live, divisor, LIVE_MIN);
    scaled.operations = divided(workload->operations, divisor, OPERATIONS_MIN);
    return scaled;
}

// 0: it does not allocate.
static uint64_t allocated_bytes_max(const struct workload *workload)
{
    size_t first = workload->sizes.max;
    size_t second = workload->second_sizes.max;
    uint64_t blocks = workload->operations * PASSES_MAX;
    if (workload->run == workload_start_threads)
        blocks *= workload->live;
    return blocks * (first > second ? first : second);
}

static int print_list(uint64_t divisor)
{
    for (size_t i = 0; i < WORKLOAD_COUNT; i++)
    {
        struct workload workload = scaled_down(&workloads[i], divisor);
        printf("%s %" PRIu64 " %s\n", workload.name, allocated_bytes_max(&workload), workload.purpose);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

static int print_result(const struct workload_result *result)
{
    double operations = (double)result->operations;
    printf("operations %" PRIu64 "\n", result->operations);
    printf("ns_per_operation %.3f\n", (double)result->ns / operations);
    if (result->alone_ns != 0)
    {
        printf("alone_ns_per_operation %.3f\n", (double)result->alone_ns / operations);
        printf("scaling %.4f\n", (double)result->alone_ns / (double)result->ns);
    }
    printf("live_bytes %" PRIu64 "\n", result->live_bytes);
    printf("resident_bytes %" PRIu64 "\n", result->resident_bytes);
    return fflush(stdout) == 0 ? 0 : 1;
}

static int run(const struct workload *named, uint64_t divisor)
{
    struct workload workload = scaled_down(named, divisor);
    struct workload_result result = {0};
    workload.run(&workload, &result);
    return print_result(&result);
}

int main(int argc, char **argv)
{
    uint64_t divisor = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    if (divisor != 0 && argc == 2)
        return print_list(divisor);
    for (size_t i = 0; divisor != 0 && argc == 3 && i < WORKLOAD_COUNT; i++)
        if (strcmp(workloads[i].name, argv[2]) == 0)
            return run(&workloads[i], divisor);
    fprintf(stderr, "heapreel-workload DIVISOR [NAME]\n");
    return 2;
}
