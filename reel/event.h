// SPDX-License-Identifier: MIT
// One event as readers see it and as the tracer gives it to the writer.
#ifndef HEAPREEL_REEL_EVENT_H
#define HEAPREEL_REEL_EVENT_H

#include <stdint.h>

enum reel_event_kind
{
    REEL_EVENT_ALLOC = 1,
    REEL_EVENT_FREE = 2,
    REEL_EVENT_RESIZE = 3, // in place: same address, new size
};

enum reel_event_flag
{
    REEL_EVENT_REALLOC = 1, // one half of a realloc that moved the block
    REEL_EVENT_ZEROED = 2,  // calloc
    REEL_EVENT_ALIGNED = 4, // an alignment above 16 was asked for
    REEL_EVENT_CARVED = 8,  // alloc: the allocator had never handed out its slot before
};

// In place of the stack that an outermost frame was called from: there were more frames than the recording keeps.
#define REEL_STACK_CUT UINT32_MAX

// In place of the event of the same chunk or run that allocated or freed a block: it is not there, or not known.
#define REEL_BIRTH_ELSEWHERE UINT32_MAX

// Events have numbers 0, 1, 2, ... in the order of the reel, which is the order of their times.
struct reel_event
{
    uint64_t t_ns;            // since the recording began
    uint64_t address;         // of the block
    uint64_t requested_bytes; // alloc, resize: what the program asked for; free: 0
    uint64_t usable_bytes;    // alloc, resize: what the allocator gives; free: 0
    uint32_t stack;           // row of table `stack`, 0 = none
    uint32_t thread;          // row of table `thread`
    uint32_t process;         // row of table `process`
    uint8_t kind;             // enum reel_event_kind
    uint8_t flags;            // enum reel_event_flag, or-ed
};

#endif
