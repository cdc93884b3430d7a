// SPDX-License-Identifier: MIT
// The session's clock: which counter the processes read, and how its ticks become nanoseconds of the reel.
#ifndef HEAPREEL_TRACER_CLOCK_H
#define HEAPREEL_TRACER_CLOCK_H

#include "wire/session.h"

#include <stdbool.h>
#include <stdint.h>

// One pair of simultaneous readings.
struct clock_pair
{
    uint64_t ticks;
    uint64_t ns; // CLOCK_MONOTONIC
};

struct clock_scale
{
    enum wire_clock kind;
    struct clock_pair first;  // for calibration
    uint64_t origin;          // ticks at t_ns = 0
    uint64_t ns_per_tick_q32; // 32.32 fixed point, constant once settled: the scale is linear and monotone
    uint64_t ticks_per_second;
};

// True when the time-stamp counter is constant, never stops, and the kernel itself trusts it.
bool clock_tsc_is_trusted(void);
// Chooses the counter and takes the first pair of readings.
void clock_begin(struct clock_scale *clock, enum wire_clock kind);
// Waits until 2 ms have passed since clock_begin, then fixes the scale. Must come before clock_to_ns.
void clock_settle(struct clock_scale *clock);
// Makes now the moment t_ns = 0.
void clock_set_origin(struct clock_scale *clock);
uint64_t clock_now(const struct clock_scale *clock);
uint64_t clock_monotonic_ns(void);

// Ticks before the origin are 0.
static inline uint64_t clock_to_ns(const struct clock_scale *clock, uint64_t ticks)
{
    if (ticks <= clock->origin)
        return 0;
    __extension__ typedef unsigned __int128 clock_product;
    return (uint64_t)((clock_product)(ticks - clock->origin) * clock->ns_per_tick_q32 >> 32);
}

// A span of ticks, no moment.
static inline uint64_t clock_span_to_ns(const struct clock_scale *clock, uint64_t ticks)
{
    return clock_to_ns(clock, ticks > UINT64_MAX - clock->origin ? UINT64_MAX : clock->origin + ticks);
}

#endif
