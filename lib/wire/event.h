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
//
// What an allocator of ours tells besides (stack 0 but for a misuse; a process that begins to be recorded, also a
// forked one, describes all of its heap anew):
//
//   kind     address          size                        slack
//   class    class id         slot bytes                  usable bytes; flag ALIGNED: slots at multiples of their size
//   zone     first byte       bytes                       class id | enum wire_role << 16
//   commit   first byte       bytes                       0         stamped after the pages became usable
//   return   first byte       bytes                       0         stamped before the pages go back
//   census   class id         carved << 32 | used slots   quarantined slots
//   misuse   as given         as enum wire_misuse says    enum wire_misuse | true size << 8, cut at 24 bits
//
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
    WIRE_EVENT_CLASS = 5,
    WIRE_EVENT_ZONE = 6,
    WIRE_EVENT_COMMIT = 7,
    WIRE_EVENT_RETURN = 8,
    WIRE_EVENT_CENSUS = 9,
    WIRE_EVENT_MISUSE = 10, // of a free: comes right after that free's own event in the same ring, without REALLOC
};

enum wire_event_flag
{
    WIRE_EVENT_REALLOC = 1, // one half of a realloc that moved the block; misuse: by a realloc, which frees nothing
    WIRE_EVENT_ZEROED = 2,  // calloc
    WIRE_EVENT_ALIGNED = 4, // an alignment above 16 was asked for
    WIRE_EVENT_USABLE_PAGES = 8, // slack did not fit: it holds the usable size in pages
    WIRE_EVENT_CARVED = 16,      // alloc: its slot has never been handed out before
};

// What a zone is for.
enum wire_role
{
    WIRE_ROLE_SLOTS = 1,    // slots of one class
    WIRE_ROLE_BUMP = 2,     // slots of all classes in the order of carving
    WIRE_ROLE_CHUNKS = 3,   // chunks that are split and merged
    WIRE_ROLE_METADATA = 4, // the allocator's own tables
};

#define WIRE_NO_CLASS 0xffffu
#define WIRE_CLASS_BITS 16 // of a zone's slack; its role lies above them

// What a program did wrong, in the low WIRE_MISUSE_BITS of slack; the meaning of size beside it.
#define WIRE_MISUSE_BITS 8
enum wire_misuse
{
    WIRE_MISUSE_DOUBLE_FREE = 1,
    WIRE_MISUSE_INVALID_FREE = 2,
    WIRE_MISUSE_MISALIGNED_FREE = 3,
    WIRE_MISUSE_WRONG_SIZE = 4,       // the claimed size
    WIRE_MISUSE_WRITE_AFTER_FREE = 5, // offset of the first wrong byte
    WIRE_MISUSE_OVERFLOW = 6,         // offset of the first wrong byte
    WIRE_MISUSE_ABSURD_SIZE = 7,      // the wanted size
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
