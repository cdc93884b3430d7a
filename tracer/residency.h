// SPDX-License-Identifier: MIT
// How much memory the kernel backs for a process, asked at a rate that stays cheap.
#ifndef HEAPREEL_TRACER_RESIDENCY_H
#define HEAPREEL_TRACER_RESIDENCY_H

#include "reel/writer.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct residency_pace
{
    uint64_t next_ns;     // CLOCK_MONOTONIC of the next sample, 0 = at once
    uint64_t interval_ns; // until then
};

struct residency_facts
{
    uint64_t resident_bytes;
    uint64_t anonymous_bytes;
    uint64_t swapped_bytes;
    uint64_t shared_bytes;        // resident pages of shared memory, the channel's among them
    uint64_t peak_resident_bytes; // of this program image
    bool has_seccomp;
};

// Reads /proc/PID; false when the process is gone or may not be read. Of a thread group that has ended nothing is left.
bool residency_read(pid_t pid, struct residency_facts *facts);
// Takes the channel's own pages out of the figures.
void residency_without_channel(const struct residency_facts *facts, uint64_t channel_bytes,
                               struct reel_residency *sample);
// Only whether a seccomp filter is on.
bool residency_has_seccomp(pid_t pid);
static inline bool residency_is_due(const struct residency_pace *pace, uint64_t now_ns)
{
    return now_ns >= pace->next_ns;
}
// After a sample that cost cost_ns: the next comes so late that samples take at most 2 % of the time; young processes
// are asked more often, 100 ms at the longest when it is cheap.
void residency_pace_next(struct residency_pace *pace, uint64_t now_ns, uint64_t cost_ns);

#endif
