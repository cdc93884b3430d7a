// SPDX-License-Identifier: MIT
// A workload: a bounded number of operations on the process's malloc, the same in every run. What it needs for its own
// books does not come from malloc.
#ifndef HEAPREEL_LAB_WORKLOADS_WORKLOAD_H
#define HEAPREEL_LAB_WORKLOADS_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

struct workload_sizes
{
    size_t min;
    size_t max;
};

struct workload_result
{
    uint64_t operations;
    uint64_t ns;             // CPU time where one thread works, wall time where several do
    uint64_t alone_ns;       // of the same operations, one thread after the other; 0: was not measured
    uint64_t live_bytes;     // requested, of the blocks held at the end
    uint64_t resident_bytes; // measured while they were held, without what the workload keeps for itself
};

struct workload
{
    const char *name;
    const char *purpose; // one line
    void (*run)(const struct workload *workload, struct workload_result *result);
    struct workload_sizes sizes;
    struct workload_sizes second_sizes; // of the second thread, where it differs
    size_t live;                        // blocks held by a thread
    uint64_t operations;                // of a thread
};

// One thread (churn.c, growth.c).
void workload_pairs(const struct workload *workload, struct workload_result *result);
void workload_churn(const struct workload *workload, struct workload_result *result);
void workload_aligned(const struct workload *workload, struct workload_result *result);
void workload_growth(const struct workload *workload, struct workload_result *result);

// Two threads (threads.c, parallel.c).
void workload_start_threads(const struct workload *workload, struct workload_result *result);
void workload_queue(const struct workload *workload, struct workload_result *result);
void workload_hand_over(const struct workload *workload, struct workload_result *result);
void workload_parallel_churn(const struct workload *workload, struct workload_result *result);
void workload_compare_and_swap(const struct workload *workload, struct workload_result *result);

#endif
