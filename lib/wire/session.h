// SPDX-License-Identifier: MIT
// The session page: what one `heapreel record` tells every process that it follows, and whether it still lives.
//
// A session is a private directory (mode 0700) on a tmpfs. It holds the file `session`, which is this struct, one
// channel file for each process image, and the FIFO `news`: into it a process writes the name of its channel and a
// newline, in one piece, once the channel is valid. The tracer creates the page before it starts the program; processes
// map it shared and read-only. A process finds the directory by the environment variable WIRE_SESSION_VARIABLE.
#ifndef HEAPREEL_WIRE_SESSION_H
#define HEAPREEL_WIRE_SESSION_H

#include <assert.h>
#include <pthread.h>
#include <stdint.h>

#define WIRE_SESSION_VARIABLE "HEAPREEL_SESSION"
#define WIRE_SESSION_FILE "session"
#define WIRE_CHANNEL_SUFFIX ".channel"
#define WIRE_NEWS_FILE "news"
#define WIRE_SESSION_MAGIC 0x4e4f495353455348ull // "HSESSION"
#define WIRE_VERSION 4u

enum wire_clock
{
    WIRE_CLOCK_TSC = 1,       // ticks of the time-stamp counter
    WIRE_CLOCK_MONOTONIC = 2, // nanoseconds of CLOCK_MONOTONIC
};

enum wire_stacks
{
    WIRE_STACKS_OFF = 0,
    WIRE_STACKS_ALLOC = 1,  // alloc and resize only
    WIRE_STACKS_ON = 2,     // alloc, resize and free
    WIRE_STACKS_VERIFY = 3, // like on, each stack captured both ways and compared
};

enum wire_when_full
{
    WIRE_WHEN_FULL_WAIT = 0, // the thread waits for the tracer; ends when the tracer is gone
    WIRE_WHEN_FULL_DROP = 1, // the event is dropped and counted
};

// Written by the tracer. The first part is constant once the file has its name; the state changes while recording.
struct wire_session
{
    uint64_t magic;
    uint32_t version;
    uint32_t session_bytes; // sizeof(struct wire_session)

    uint32_t clock;          // enum wire_clock
    uint32_t stacks;         // enum wire_stacks
    uint32_t when_full;      // enum wire_when_full
    uint32_t depth_max;      // frames kept of a stack, at most WIRE_DEPTH_LIMIT
    uint32_t ring_count_max; // rings in a channel; a process with a small RLIMIT_AS makes fewer
    uint32_t ring_records;   // events in the longest rings of a channel, a power of two
    uint32_t node_count_max; // stack nodes in a channel
    uint32_t module_log_bytes;

    // Locked by the tracer's main thread for its whole life, robust and shared: when the tracer ends in any way, the
    // kernel sets FUTEX_OWNER_DIED in its lock word. A process decides by that word alone, without a system call.
    pthread_mutex_t tracer_life;

    // Tracer writes (relaxed), processes read: 1 = recording has ended, stop as if the tracer were gone.
    uint32_t is_stopped;
    // Tracer writes (relaxed): 1 = a seccomp filter was seen in some process; waits spin and make no system call.
    uint32_t waits_spin;
};

#define WIRE_DEPTH_LIMIT 256u

static_assert(sizeof(pthread_mutex_t) == 40, "the lock word of a pthread mutex is its first int on this ABI");
static_assert(sizeof(struct wire_session) == 16 + 32 + 40 + 8, "session page layout");

#endif
