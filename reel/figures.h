// SPDX-License-Identifier: MIT
// The figures that `run` and `process` have in common: one list, which the writer's and the reader's SQL are made from.
#ifndef HEAPREEL_REEL_FIGURES_H
#define HEAPREEL_REEL_FIGURES_H

#include "reel/summary.h"

// Each is a column and a member of struct reel_figures. peak_event is apart: it can be NULL.
#define REEL_FIGURE_LIST(X)                                                                                            \
    X(events)                                                                                                          \
    X(allocations)                                                                                                     \
    X(frees)                                                                                                           \
    X(resizes)                                                                                                         \
    X(temporary_allocations)                                                                                           \
    X(total_requested_bytes)                                                                                           \
    X(peak_live_bytes)                                                                                                 \
    X(peak_t_ns)                                                                                                       \
    X(leaked_blocks)                                                                                                   \
    X(leaked_bytes)                                                                                                    \
    X(unknown_frees)                                                                                                   \
    X(inherited_frees)                                                                                                 \
    X(lost_events)                                                                                                     \
    X(late_events)                                                                                                     \
    X(waits)                                                                                                           \
    X(wait_ns)                                                                                                         \
    X(committed_events)                                                                                                \
    X(verify_count)                                                                                                    \
    X(verify_differences)                                                                                              \
    X(peak_resident_bytes)                                                                                             \
    X(threads)                                                                                                         \
    X(duration_ns)

#endif
