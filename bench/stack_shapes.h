// SPDX-License-Identifier: MIT
// Call stacks of an exact depth to run something on, and how they change from one run to the next. Measures nothing.
#ifndef HEAPREEL_BENCH_STACK_SHAPES_H
#define HEAPREEL_BENCH_STACK_SHAPES_H

#include <stdint.h>

enum stack_change
{
    STACK_SAME,        // every call comes from the same place
    STACK_ONE_NEW,     // the innermost frame is at another place than in the call before
    STACK_TWO_NEW,     // so are the two innermost ones
    STACK_ALL_ENTERED, // all frames but the outermost have been left and entered again, to the same places
};

enum
{
    STACK_FRAMES_MIN_TWO_NEW = 3,
    STACK_FRAMES_MIN_ALL_ENTERED = 3,
};

// Calls operation(0), operation(1), ... operation(count - 1). Outwards from the operation's own frame stand exactly
// `frames` ones, the outermost marked as the end for unwinders. frames is at least 1 and what the change needs.
void stack_shape_repeat(enum stack_change change, uint32_t frames, void (*operation)(uint64_t number), uint64_t count);

#endif
