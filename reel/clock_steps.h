// SPDX-License-Identifier: MIT
// What a clock advances by. A time-stamp counter may move in steps of many ticks (26 on some machines, which are 10.015
// ns); then the times of events, in whole ns, lie on a grid, and the count of steps between two events says more in
// fewer values than the ns do.
#ifndef HEAPREEL_REEL_CLOCK_STEPS_H
#define HEAPREEL_REEL_CLOCK_STEPS_H

#include "reel/event.h"

#include <stddef.h>

// A zeroed struct knows nothing yet.
struct clock_steps
{
    uint64_t step_q32; // ns * 2^32; 0 = not known, 1 << 32 = no step above a ns
    uint64_t ns;       // how long the clock was watched ...
    uint64_t steps;    // ... and how often it advanced
};

// Guesses from the times of these events. Finds nothing, and leaves the struct as it is, with fewer than about a
// hundred; an even spread of times gives steps of 1 ns.
void clock_steps_guess(struct clock_steps *clock, const struct reel_event *events, size_t count);

// Makes the guess exact by what was seen.
void clock_steps_watch(struct clock_steps *clock, uint64_t ns, uint64_t steps);

#endif
