// SPDX-License-Identifier: MIT
// A thread that reads rings as a tracer does under load, ten thousand times a second: the other core to which the lines
// that are written go.
#ifndef HEAPREEL_BENCH_RING_READER_H
#define HEAPREEL_BENCH_RING_READER_H

#include "wire/ring.h"

#include <stdbool.h>

// Keeps the calling thread on the first core that it may use, and starts the reader on the last. False: there is one
// core. ring_records: of every ring that is watched.
bool ring_reader_start(uint64_t ring_records);
// From now on that ring is read; NULL: none, and the last one is not touched any more when this returns.
void ring_reader_watch(struct wire_ring *ring);
// Returns when all that is committed has been read.
void ring_reader_catch_up(const struct wire_ring *ring);
void ring_reader_stop(void);

#endif
