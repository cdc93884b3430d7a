// SPDX-License-Identifier: MIT
// Made-up event streams from a seed, and what a naive reading of them gives. The naive reading shares no code with the
// library: blocks are found by the place that an address has in a small array.
#ifndef HEAPREEL_TESTS_REEL_STREAM_H
#define HEAPREEL_TESTS_REEL_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reel/event.h"
#include "reel/summary.h"

#define STREAM_PLACES 3000 // addresses that a process uses
#define STREAM_PROCESSES_MAX 4
#define STREAM_THREADS_PER_PROCESS 3

struct stream_place
{
    bool is_live;
    uint64_t requested_bytes;
};

struct stream_process
{
    struct stream_place places[STREAM_PLACES];
    struct reel_figures figures;
    uint64_t live_blocks;
    uint64_t live_bytes;
    uint64_t last_alloc[STREAM_THREADS_PER_PROCESS]; // address, 0 = the thread's last event was none
};

struct stream
{
    uint64_t state; // of the random numbers
    uint64_t t_ns;
    uint64_t event_count;
    uint32_t process_count;
    struct stream_process processes[STREAM_PROCESSES_MAX];
    struct stream_process run;
};

void stream_init(struct stream *stream, uint64_t seed, uint32_t process_count);
uint64_t stream_random(struct stream *stream, uint64_t below);
// Thread n of process p has the id that a writer gives when processes add their threads one after the other.
uint32_t stream_thread(uint32_t process, uint32_t index);

// The next events. Most are what programs do; some are odd: unknown frees, blocks over blocks, huge sizes.
void stream_next(struct stream *stream, struct reel_event *events, size_t count);

// Which of its process's places an event of these is about.
size_t stream_place_of(const struct reel_event *event);

// Events with any bits that the codec must carry, sensible or not; times do not decrease.
void stream_noise(struct stream *stream, struct reel_event *events, size_t count);

#endif
