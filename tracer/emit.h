// SPDX-License-Identifier: MIT
// From the merged stream to the writer of the reel.
#ifndef HEAPREEL_TRACER_EMIT_H
#define HEAPREEL_TRACER_EMIT_H

#include "reel/writer.h"
#include "tracer/clock.h"
#include "tracer/process.h"

#define EMIT_BATCH_EVENTS 384 // stay in a cache until the writer has seen them

struct emit
{
    struct reel_writer *writer;
    const struct clock_scale *clock;
    struct process_record *records; // of all images that have begun
    size_t record_count;
    size_t record_capacity;
    struct process *current; // whose stacks are being interned
    uint64_t last_time;      // ticks of the newest event given out: time never goes back
    uint64_t last_ns;        // the same, and of the newest beginning
    uint64_t lost_events;    // of all processes, as last told to the reel
    uint64_t event_count;    // in the reel
    size_t batch_count;      // and these, which come next
    struct reel_event batch[EMIT_BATCH_EVENTS];
};

// The sink through which merge_until reaches the writer; owners are struct process.
struct merge_sink emit_sink(struct emit *emit);
int emit_flush(struct emit *emit, struct reel_error *error);
// What an allocator told, at the moment emit->last_ns. stack: of the reel.
int emit_heap(struct emit *emit, struct process *process, const struct drain_ring *ring, const struct wire_event *event,
              uint32_t stack, struct reel_error *error);
// The reel's stack for a node of the process's tree; STACKS_INVALID for one that cannot be.
int emit_stack(struct emit *emit, struct process *process, uint32_t node, uint32_t *stack, struct reel_error *error);
// Adds modules that the log got since, for a process that has begun.
int emit_modules(struct emit *emit, struct process *process, struct reel_error *error);
// Counters and losses of a process and its differing stacks, as they are now.
int emit_counters(struct emit *emit, struct process *process, struct reel_error *error);
int emit_end_thread(struct emit *emit, const struct drain_ring *ring, uint64_t end_time, struct reel_error *error);
// The last word on a process: threads, counters, end.
int emit_end_process(struct emit *emit, struct process *process, enum reel_process_end how, int exit_status, int signal,
                     struct reel_error *error);
void emit_clean_up(struct emit *emit);

#endif
