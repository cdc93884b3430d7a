// SPDX-License-Identifier: MIT
// One process image that is being recorded: its channel and everything that the tracer derives from it.
#ifndef HEAPREEL_TRACER_PROCESS_H
#define HEAPREEL_TRACER_PROCESS_H

#include "tracer/drain.h"
#include "tracer/follow.h"
#include "tracer/merge.h"
#include "tracer/modules.h"
#include "tracer/residency.h"
#include "tracer/stacks.h"

struct process
{
    struct channel channel;
    struct drain_source source; // source.is_dead: nothing will be committed any more
    struct merge_feed feed;
    struct module_table modules;
    struct stack_table stacks;
    struct follow follow; // pid 0: it has gone, or lives in an inner pid namespace; which of both is not yet known
    struct residency_pace pace;
    uint64_t cut_samples;     // of residency: with fewer pages than there were
    struct process *replaced; // the image before exec, until this one begins in the merged stream
    bool is_replaced;         // another image follows: ended when that one begins
    bool is_ended;            // its end is in the reel

    uint32_t row;         // in the reel, 0 = not begun
    size_t modules_added; // entries of modules that the reel has
    uint64_t late_events; // moved forward in time
    uint64_t bad_stacks;  // records refused for a stack id that cannot be
    uint64_t bad_heap;    // what an allocator told and the reel cannot take
    uint64_t lost_told;   // lost events, as last told to the reel
    uint64_t discarded;   // queued when the recording was stopped, after its end

    uint32_t differences_told; // differing stacks that the reel has, or that are not told because they cannot be
    uint64_t bad_differences;  // the latter
};

// Identity of an image, kept when it has ended: children name their parents by it.
struct process_record
{
    int32_t pid;
    uint64_t begin_time;
    uint32_t row;
};

// Maps the channel and prepares its tables; the pool serves all processes. On failure *out is NULL.
int process_open(struct process **out, int directory_fd, const char *file_name, const struct wire_session *session,
                 struct queue_pool *pool, struct reel_error *error);
void process_close(struct process *process); // NULL is allowed

// All queues are empty and all that was committed is drained.
bool process_is_drained(const struct process *process);
// The arguments, separated by spaces; at most WIRE_COMMAND_BYTES with the terminator.
void process_command(const struct process *process, char *text, size_t bytes);

#endif
