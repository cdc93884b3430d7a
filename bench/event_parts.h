// SPDX-License-Identifier: MIT
// The parts of an event, each as something that can be repeated: the physical floor, the steps of the event path, whole
// events, and what libunwind does instead. They call the recorder's own code, in a session without a tracer. Measures
// nothing.
#ifndef HEAPREEL_BENCH_EVENT_PARTS_H
#define HEAPREEL_BENCH_EVENT_PARTS_H

#include "wire/ring.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    EVENT_PARTS_RING_RECORDS = 65536, // as a tracer makes them
};

struct event_part
{
    const char *name;
    const char *text;
    bool has_depth;                       // is repeated on a stack of a chosen depth
    uint32_t depth_min;                   // of these
    struct wire_ring *(*ring_used)(void); // that it writes; NULL: none
    void (*repeat)(uint32_t depth, uint64_t count);
};

extern const struct event_part event_parts[];
extern const uint32_t event_part_count;

// Makes the session and begins to record this process. Ends the process with a message if that fails, or if a walk on
// a stack of some depth does not find that depth and what unw_backtrace finds.
void event_parts_open(void);
// Ends the process with a message if an event was dropped.
void event_parts_close(void);

#endif
