// SPDX-License-Identifier: MIT
// The events of the golden chunks: one of each case that the format's version knows.
#ifndef HEAPREEL_TESTS_REEL_GOLDEN_EVENTS_H
#define HEAPREEL_TESTS_REEL_GOLDEN_EVENTS_H

#include "reel/codec.h"

#define GOLDEN_FIRST_EVENT 65536
#define GOLDEN_EVENT_COUNT 412

// The first twelve events by hand; then pairs of alloc and free, enough for columns that are worth compressing. From
// version 2 on some allocs are of carved slots.
void golden_make(unsigned version, struct reel_event *events, uint32_t *births);

extern const struct reel_thread_map golden_threads;

#endif
