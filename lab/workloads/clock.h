// SPDX-License-Identifier: MIT
// The two clocks of the workloads.
#ifndef HEAPREEL_LAB_WORKLOADS_CLOCK_H
#define HEAPREEL_LAB_WORKLOADS_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_read(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

// Of this thread: other load on the machine disturbs it little.
static inline uint64_t clock_cpu_ns(void)
{
    return clock_read(CLOCK_THREAD_CPUTIME_ID);
}

// Where several threads work, waiting is part of the cost.
static inline uint64_t clock_wall_ns(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

#endif
