// SPDX-License-Identifier: MIT
// A source on a channel made by hand, with a clock that the test moves and one slice.
#ifndef HEAPREEL_TESTS_TRACER_DRAIN_BENCH_H
#define HEAPREEL_TESTS_TRACER_DRAIN_BENCH_H

#include "fake_channel.h"
#include "tracer/drain.h"

#define RING_RECORDS 64
#define STUCK_TICKS 1000
#define POOL_BLOCKS 4

struct bench
{
    struct fake_channel fake;
    struct queue_pool pool;
    struct drain_source source;
    struct drain_look look;
    uint64_t latest; // what the clock says when positions were read
    struct wire_event slice[RING_RECORDS];
    const struct wire_event *events; // what was taken
};

int bench_set_up(void **state);
int bench_tear_down(void **state);

// Returns the source's bound.
uint64_t look_at(struct bench *bench, uint64_t now);
// Takes what the slice holds and is older than bound.
size_t take(struct bench *bench, uint32_t ring, uint64_t bound);
size_t take_all(struct bench *bench, uint32_t ring);
// count events with one time.
void fill(struct bench *bench, uint32_t ring, uint64_t time, uint64_t count);

#endif
