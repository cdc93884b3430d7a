// SPDX-License-Identifier: MIT
// Stable order by time of a queue whose new part is nearly sorted.
#ifndef HEAPREEL_TRACER_ORDER_H
#define HEAPREEL_TRACER_ORDER_H

#include "wire/event.h"

#include <stddef.h>

// events[0..sorted) is in order; makes events[0..count) so, equal times keeping their order. Linear when little is out
// of place; never worse than n log n.
void order_events(struct wire_event *events, size_t sorted, size_t count);

#endif
