// SPDX-License-Identifier: MIT
// Copies differing stacks into the reel, in the order of their numbers. Refuses to believe a record: its nodes must be
// stacks, and its time cannot be later than now.
#include "tracer/differences.h"

static uint64_t time_of(const struct emit *emit, const struct wire_difference *difference)
{
    uint64_t now = clock_now(emit->clock);
    return clock_to_ns(emit->clock, difference->time < now ? difference->time : now);
}

// False: one of its nodes cannot be.
static bool find_stacks(struct emit *emit, struct process *process, const struct wire_difference *difference,
                        struct reel_difference_info *info, int *status, struct reel_error *error)
{
    *status = emit_stack(emit, process, difference->walked, &info->walked_stack, error);
    if (*status == REEL_OK)
        *status = emit_stack(emit, process, difference->unwound, &info->unwound_stack, error);
    return *status != REEL_OK || (info->walked_stack != STACKS_INVALID && info->unwound_stack != STACKS_INVALID);
}

int differences_emit(struct emit *emit, struct process *process, bool is_last, struct reel_error *error)
{
    struct channel_counters counters;
    struct wire_difference difference;
    int status = REEL_OK;
    channel_counters(&process->channel, &counters);
    uint32_t count = counters.verify_differences < WIRE_DIFFERENCES_MAX ? (uint32_t)counters.verify_differences
                                                                        : WIRE_DIFFERENCES_MAX;
    for (; status == REEL_OK && process->differences_told < count; process->differences_told++)
    {
        struct reel_difference_info info = {.process = process->row, .number = process->differences_told + 1};
        bool is_complete = channel_difference(&process->channel, process->differences_told, &difference);
        if (is_complete)
        {
            info.t_ns = time_of(emit, &difference);
            status =
                reel_writer_find_thread(emit->writer, process->row, difference.tid, info.t_ns, &info.thread, error);
        }
        if (status == REEL_OK && !is_last && info.thread == 0)
            break;
        if (status != REEL_OK || !is_complete)
            continue;
        if (!find_stacks(emit, process, &difference, &info, &status, error))
            process->bad_differences++;
        else if (status == REEL_OK)
            status = reel_writer_add_difference(emit->writer, &info, error);
    }
    return status;
}
