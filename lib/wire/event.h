// SPDX-License-Identifier: MIT
// The event record: what a thread writes into its ring for each allocation call.
//
//   offset size  field
//        0    8  time     ticks of the session's clock
//        8    8  where    bits 0..47 address, 48..55 kind, 56..63 flags
//       16    8  size     alloc, resize: requested bytes; fork: serial of the fork in this process; free: 0
//       24    4  slack    usable minus requested bytes; with WIRE_EVENT_USABLE_PAGES: usable size in pages of 4096
//       28    4  stack    node id in the channel's stack tree, 0 = none
//
// Order (the judge is `heapreel check`): an alloc is stamped after the block is ours; a free before the block is let
// go; a moving realloc is a free stamped before the call and an alloc stamped after it, both with WIRE_EVENT_REALLOC.
// Within one committed batch of a ring the times may be out of order (calls nested by signal handlers): the reader
// sorts a batch stably by time. No event of a later batch is older than one of an earlier batch of the same ring.
#ifndef HEAPREEL_WIRE_EVENT_H
#define HEAPREEL_WIRE_EVENT_H

#include <assert.h>
#include <stdint.h>

enum wire_event_kind
{
    WIRE_EVENT_ALLOC = 1,
    WIRE_EVENT_FREE = 2,
    WIRE_EVENT_RESIZE = 3, // in place: same address, new size
    WIRE_EVENT_FORK = 4,   // stamped just before fork; the child's channel names the same serial
};

enum wire_event_flag
{
    WIRE_EVENT_REALLOC = 1,      // one half of a realloc that moved the block
    WIRE_EVENT_ZEROED = 2,       // calloc
    WIRE_EVENT_ALIGNED = 4,      // an alignment was asked for
    WIRE_EVENT_USABLE_PAGES = 8, // slack did not fit: it holds the usable size in pages
};

struct wire_event
{
    uint64_t time;
    uint64_t where;
    uint64_t size;
    uint32_t slack;
    uint32_t stack;
};

static_assert(sizeof(struct wire_event) == 32, "two events fill a cache line");

#define WIRE_ADDRESS_BITS 48
#define WIRE_ADDRESS_MASK ((UINT64_C(1) << WIRE_ADDRESS_BITS) - 1)

static inline uint64_t wire_where(uint64_t address, uint32_t kind, uint32_t flags)
{
    return (address & WIRE_ADDRESS_MASK) | (uint64_t)kind << 48 | (uint64_t)flags << 56;
}

static inline uint64_t wire_where_address(uint64_t where)
{
    return where & WIRE_ADDRESS_MASK;
}

static inline uint32_t wire_where_kind(uint64_t where)
{
    return (uint32_t)(where >> 48) & 0xff;
}

static inline uint32_t wire_where_flags(uint64_t where)
{
    return (uint32_t)(where >> 56);
}

#endif
