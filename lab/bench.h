// SPDX-License-Identifier: MIT
// The allocators compared: each workload runs under all of them in turn, for some rounds, so that what disturbs the
// machine disturbs all. Ratios are taken within a round, and their median over the rounds is the answer.
#ifndef HEAPREEL_LAB_BENCH_H
#define HEAPREEL_LAB_BENCH_H

#include "lab/allocator.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    LAB_BENCH_ALLOCATORS_MAX = 16,
    LAB_BENCH_WORKLOADS_MAX = 64,
    LAB_BENCH_RUNS_MAX = 99,
};

struct lab_bench
{
    const char *program;                                       // heapreel-workload
    struct lab_allocator allocators[LAB_BENCH_ALLOCATORS_MAX]; // the first is what the others are compared with
    size_t allocator_count;
    uint32_t runs;
    uint32_t divisor; // of operations and live sets; 1: normal size
    // Before each run of the program; false: stop. The context is the caller's.
    bool (*tell)(void *context, const char *workload, uint32_t run, const char *allocator);
    void *context;
};

struct lab_bench_workload
{
    char name[32];
    char purpose[96];
    uint64_t allocated_bytes_max; // if nothing were used again; 0: it does not allocate
};

// Medians over the rounds. A figure of 0 was not measured.
struct lab_bench_row
{
    uint32_t runs;         // that went well
    bool is_failed;        // the program did not do its work: `why` tells
    char why[128];         // also why there was nothing to run; else empty
    double ns;             // an operation: CPU time where one thread works, wall time where several do
    double time_ratio;     // to the first allocator
    double alone_ns;       // the operations of two threads, one thread after the other
    double scaling;        // of two threads to one
    double resident_bytes; // anonymous memory while the live set was held
    double resident_ratio;
    double live_bytes; // requested
};

// What the program can do, in its order. False: it cannot be run; *complaint is one line.
bool lab_bench_list(const struct lab_bench *bench, struct lab_bench_workload workloads[LAB_BENCH_WORKLOADS_MAX],
                    size_t *count, char *complaint, size_t complaint_bytes);

// Runs one workload; rows[i] is of allocators[i]. False: it was told to stop, and the rows hold what there is.
bool lab_bench_run(const struct lab_bench *bench, const struct lab_bench_workload *workload,
                   struct lab_bench_row rows[LAB_BENCH_ALLOCATORS_MAX]);

#endif
