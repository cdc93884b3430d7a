// SPDX-License-Identifier: MIT
// The channel: one sparse file for each process image, mapped shared by the process and by the tracer.
//
//   offset 0            struct wire_channel, one page
//   differences_offset  differing stacks of verify mode (difference.h), one page
//   modules_offset      module log (module.h)
//   nodes_offset        stack tree (stack.h): node_count_max nodes
//   rings_offset        ring_count rings (ring.h)
//
// The process makes the file under a temporary name in the session's directory, fills in the constant part and renames
// it to NAME + WIRE_CHANNEL_SUFFIX: from then on it is valid. No descriptor stays open. Memory is populated in steps
// before it is touched, so that a full tmpfs ends the recording and never raises SIGBUS. The tracer removes the file
// when the process is gone and everything is read.
#ifndef HEAPREEL_WIRE_CHANNEL_H
#define HEAPREEL_WIRE_CHANNEL_H

#include "wire/difference.h"
#include "wire/module.h"
#include "wire/ring.h"
#include "wire/session.h"
#include "wire/stack.h"

#define WIRE_CHANNEL_MAGIC 0x4c454e4e41484348ull // "HCHANNEL"
#define WIRE_PAGE_BYTES 4096
#define WIRE_COMMAND_BYTES 2048

enum wire_origin
{
    WIRE_ORIGIN_EXEC = 1, // a program was loaded
    WIRE_ORIGIN_FORK = 2, // a copy of a recorded process
};

enum wire_life
{
    WIRE_LIFE_RUNNING = 1,
    WIRE_LIFE_EXITED = 2, // exit status is known; events may still follow
    WIRE_LIFE_EXEC = 3,   // about to be replaced by another program; back to running if that fails
};

struct wire_channel
{
    // Constant once the file has its name.
    uint64_t magic;
    uint32_t version;
    uint32_t channel_bytes; // sizeof(struct wire_channel)
    uint64_t file_bytes;
    uint64_t differences_offset;
    uint64_t modules_offset;
    uint64_t nodes_offset;
    uint64_t rings_offset;
    uint32_t ring_count;
    uint32_t ring_records; // of the longest; a power of two, at most the session's
    uint32_t node_count_max;
    uint32_t module_log_bytes;

    uint32_t origin; // enum wire_origin
    int32_t pid;
    int32_t parent_pid;
    uint32_t fork_serial;             // origin fork: of the fork event in the parent, 0 if the fork was not announced
    uint64_t process_start;           // field 22 of /proc/self/stat: tells apart two processes with one pid
    uint64_t parent_begin_time;       // origin fork: begin_time of the parent's channel, which with parent_pid names it
    uint64_t begin_time;              // when the channel was made
    uint64_t fork_begin_time;         // origin fork: the parent was about to fork
    uint64_t fork_end_time;           // origin fork: first moment known to be after the copy
    char command[WIRE_COMMAND_BYTES]; // arguments, each ended by NUL; cut at this size
    uint32_t command_bytes;

    // Process writes (release where it publishes data), tracer reads (acquire).
    _Alignas(WIRE_CACHE_LINE) uint32_t life; // enum wire_life
    int32_t exit_status;                     // valid when life is exited
    uint32_t ring_used;                      // rings 0 .. ring_used-1 have been claimed at least once
    uint32_t node_count;                     // ids 1 .. node_count-1 have been handed out
    uint32_t module_bytes;                   // complete bytes of the module log
    uint32_t generation;                     // current code generation, from 1

    // Counters of what could not be recorded; process writes (relaxed atomic adds).
    _Alignas(WIRE_CACHE_LINE) uint64_t lost_without_ring; // events of threads that got no ring
    uint64_t stacks_refused;                              // events whose stack did not fit into the tree
    uint64_t modules_refused;                             // modules that did not fit into the log
    uint64_t children_unrecorded;                         // children that could not open a channel (other user, chroot)
    uint64_t verify_count;                                // stacks captured both ways
    uint64_t verify_differences;                          // of these, not equal; hands out numbers of difference.h
};

static_assert(sizeof(struct wire_channel) <= WIRE_PAGE_BYTES, "the channel header is one page");

static inline uint64_t wire_ring_bytes(uint32_t ring_records)
{
    return sizeof(struct wire_ring) + (uint64_t)ring_records * sizeof(struct wire_event);
}

static inline uint64_t wire_round_to_page(uint64_t bytes)
{
    return (bytes + WIRE_PAGE_BYTES - 1) & ~(uint64_t)(WIRE_PAGE_BYTES - 1);
}

// The first rings are as long as the session allows, so that a few busy threads need not wait while the tracer is away;
// those of a crowd of threads are shorter, as each keeps its memory.
#define WIRE_LONG_RINGS 8u
#define WIRE_SHORT_RING_RECORDS 65536u // 2 MiB, at most

// ring_records: of the channel.
static inline uint32_t wire_ring_records(uint32_t ring_records, uint32_t index)
{
    return index < WIRE_LONG_RINGS || ring_records < WIRE_SHORT_RING_RECORDS ? ring_records : WIRE_SHORT_RING_RECORDS;
}

// Of a ring behind rings_offset; of the ring that is not there any more: the bytes of all.
static inline uint64_t wire_ring_offset(uint32_t ring_records, uint32_t index)
{
    uint64_t long_bytes = wire_round_to_page(wire_ring_bytes(ring_records));
    uint64_t short_bytes = wire_round_to_page(wire_ring_bytes(wire_ring_records(ring_records, WIRE_LONG_RINGS)));
    uint64_t long_count = index < WIRE_LONG_RINGS ? index : WIRE_LONG_RINGS;
    return long_count * long_bytes + (index - long_count) * short_bytes;
}

#endif
