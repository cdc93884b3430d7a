// SPDX-License-Identifier: MIT
// Puts the new events of a ring in order of time, where they lie.
#ifndef HEAPREEL_TRACER_ORDER_H
#define HEAPREEL_TRACER_ORDER_H

#include "wire/event.h"

#include <stdint.h>

// Sorts the events number from..to-1 by time, equal times keeping their order, and cuts off times after latest. Event n
// lies in records[n & mask], memory that a hostile process shares and may change all the while: nothing may rely on the
// result. Gives up when it is far from sorted, as calls nested by signal handlers never leave it.
void order_ring(struct wire_event *records, uint64_t mask, uint64_t from, uint64_t to, uint64_t latest);

#endif
