// SPDX-License-Identifier: MIT
// The session's clock, read inside the program.
//
// A stamp must not move across the allocation that it dates. A free is stamped by plain rdtsc: it retires before the
// store that lets the block go becomes visible. An alloc is stamped by rdtscp, which waits until the loads that won the
// block are done; plain rdtsc could run ahead of them, and the block's new life would seem to begin before its old one
// ended.
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

// Before a block is let go.
static inline uint64_t clock_stamp_before(uint32_t clock)
{
    return __builtin_expect(clock == WIRE_CLOCK_TSC, 1) ? __rdtsc() : clock_monotonic_ns();
}

// After a block became ours.
static inline uint64_t clock_stamp_after(uint32_t clock)
{
    unsigned int processor;
    return __builtin_expect(clock == WIRE_CLOCK_TSC, 1) ? __rdtscp(&processor) : clock_monotonic_ns();
}

#endif
