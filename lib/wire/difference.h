// SPDX-License-Identifier: MIT
// What verify mode keeps of stacks on which the walk and libunwind do not agree: the first of a process.
//
// An array in the channel. The number of a difference is what the channel's verify_differences was before it: the
// capturing thread takes it by an atomic add, and writes the record with that number if there is one. A record never
// changes once it is complete; one that stays incomplete belongs to a thread that died at it.
#ifndef HEAPREEL_WIRE_DIFFERENCE_H
#define HEAPREEL_WIRE_DIFFERENCE_H

#include <assert.h>
#include <stdint.h>

#define WIRE_DIFFERENCES_MAX 100

struct wire_difference
{
    uint64_t time;        // clock units, when they were compared: before the event is committed that the stack is of
    uint32_t walked;      // node of the stack tree: what the walk found, and what the event has; 0: the tree was full
    uint32_t unwound;     // the same of libunwind
    int32_t tid;          // of the thread
    uint32_t is_complete; // written last (release)
};

static_assert(sizeof(struct wire_difference) * WIRE_DIFFERENCES_MAX <= 4096, "they lie on one page");

#endif
