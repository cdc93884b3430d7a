// SPDX-License-Identifier: MIT
// The stack tree: interned call stacks, an append-only array of nodes in the channel.
//
// A stack is the id of its innermost node; the way to the root gives the frames from innermost to outermost. Node 0
// does not exist: stack 0 means that no stack was captured. A node whose parent is 0 is a root: its address field is
// the number of a code generation, not code. Generations change when code may have been unmapped (dlclose), so that one
// return address in one generation means one place in one module; the module log tells which.
//
// A node is written before the event that names it is committed, and never changes. Ids that no event names may be
// garbage (lost races).
#ifndef HEAPREEL_WIRE_STACK_H
#define HEAPREEL_WIRE_STACK_H

#include <assert.h>
#include <stdint.h>

struct wire_stack_node
{
    uint64_t address; // return address, as pushed by the call; of a root: code generation
    uint32_t parent;  // id of the caller's node; 0: this is a root
    uint32_t depth;   // root 0, outermost frame 1, ...; bit 31 set: the stack was cut here (deeper than depth_max)
};

#define WIRE_STACK_CUT 0x80000000u

static_assert(sizeof(struct wire_stack_node) == 16, "four nodes fill a cache line");

#endif
