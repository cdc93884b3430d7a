// SPDX-License-Identifier: MIT
// The session's clock, read inside the program.
//
// A stamp must not move across the call that it dates, nor a free run ahead of the load by which the thread learned of
// a block that another thread has just allocated and stamped. rdtscp waits until all earlier loads are done; plain
// rdtsc does not, and was seen to order a free before its alloc. In a process with a single thread nothing is learned
// from others: there plain rdtsc does, at half the cost, if no stamp goes below the thread's last one.
#ifndef HEAPREEL_RECORD_CLOCK_H
#define HEAPREEL_RECORD_CLOCK_H

#include "wire/session.h"

#include <stdint.h>
#include <time.h>
#include <x86intrin.h>

static inline uint64_t clock_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static inline uint64_t clock_stamp(uint32_t clock)
{
    unsigned int processor;
    return __builtin_expect(clock == WIRE_CLOCK_TSC, 1) ? __rdtscp(&processor) : clock_monotonic_ns();
}

// Of a process with a single thread and WIRE_CLOCK_TSC. Two of them may be out of order.
static inline uint64_t clock_stamp_alone(void)
{
    return __rdtsc();
}

#endif
