// SPDX-License-Identifier: MIT
// The ring: one per thread, one producer, one consumer (the tracer), events of fixed size.
//
//   +-----------------+ line 0  producer: state = head << 1 | busy
//   +-----------------+ line 1  consumer: tail, wakes
//   +-----------------+ line 2  who owns the ring
//   +-----------------+ line 3  counters of the producer
//   +-----------------+ records[ring_records]
//
// head and tail count events since the ring was made and never wrap in practice (63 bits); event n lies in slot
// n & (ring_records - 1). A recycled ring keeps counting.
//
// Guarantees:
// - All events below head are completely written when head is read with acquire; they survive the producer's death.
// - The producer sets busy before it reads the clock and clears it together with the commit. So, when the consumer
// first
//   reads the clock (W), then makes all stores of all producers visible (membarrier), then reads state: an idle ring
//   will never commit an event older than W, and a ring that is busy now but had another state at the last look
//   will never commit one older than the last look's W.
// - A full ring never makes the producer wait once the tracer is gone.
// - Each side treats the other's words as hostile: copy, check, use.
#ifndef HEAPREEL_WIRE_RING_H
#define HEAPREEL_WIRE_RING_H

#include "wire/event.h"

#define WIRE_CACHE_LINE 64
#define WIRE_THREAD_NAME_BYTES 16

enum wire_ring_owner
{
    WIRE_RING_FREE = 0,    // any thread may claim it (compare and swap to claimed)
    WIRE_RING_LIVE = 1,    // a thread writes
    WIRE_RING_RETIRED = 2, // its thread has ended; the tracer drains it, then makes it free
    WIRE_RING_CLAIMED = 3, // a thread fills in who it is, live comes next
};

struct wire_ring
{
    // Producer writes (release), consumer reads (acquire).
    _Alignas(WIRE_CACHE_LINE) uint64_t state;

    // Consumer writes tail (release) after it has copied the events; producer reads (acquire) when its limit is
    // reached.
    _Alignas(WIRE_CACHE_LINE) uint64_t tail;
    // Futex word: the consumer adds 1 and wakes when it moved the tail of a ring whose is_waiting is set.
    uint32_t wakes;

    // Claiming thread writes; owner by compare and swap (FREE to LIVE by a thread, LIVE to RETIRED by that thread or,
    // if the thread is dead, by the tracer; RETIRED to FREE by the tracer alone).
    _Alignas(WIRE_CACHE_LINE) uint32_t owner; // enum wire_ring_owner
    uint32_t incarnation;                     // counts claims, written before owner becomes live
    int32_t tid;
    uint32_t is_waiting; // producer writes 1 before it waits on wakes, 0 after
    uint64_t begin_time;
    uint64_t end_time; // written before owner becomes retired
    char thread_name[WIRE_THREAD_NAME_BYTES];

    // Producer writes (relaxed), over all incarnations.
    _Alignas(WIRE_CACHE_LINE) uint64_t waits; // times that the ring was full and the thread waited
    uint64_t wait_time;                       // clock units spent waiting
    uint64_t dropped;                         // events lost because the ring was full

    _Alignas(WIRE_CACHE_LINE) struct wire_event records[];
};

static_assert(sizeof(struct wire_ring) == 4 * WIRE_CACHE_LINE, "ring header is four cache lines");

#endif
