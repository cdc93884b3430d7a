// SPDX-License-Identifier: MIT
// Two programs that run in turns, switching only where INDEX_STEP stands and always as the test says: an order of steps
// can be forced, and all orders can be tried. They are coroutines of one thread.
#ifndef HEAPREEL_TESTS_HEAP_INTERLEAVE_H
#define HEAPREEL_TESTS_HEAP_INTERLEAVE_H

#include <stdbool.h>
#include <stddef.h>

struct interleave_program
{
    void (*run)(void *context);
    void *context;
};

// Runs both in every order, reset before and judge after each. Returns how many orders there are.
size_t interleave_every_order(const struct interleave_program programs[2], void (*reset)(void *), void (*judge)(void *),
                              void *context);

// Runs the first up to its n-th step (0: not at all), then the second to its end, then the rest of the first. False:
// the first ended before that step.
bool interleave_stopped_at(const struct interleave_program programs[2], size_t n);

// Turns given so far in this order: what ended at a lower count than something else began came before it.
size_t interleave_now(void);

// INDEX_STEP_HOOK of the code under test. Threads that take no part go on.
void interleave_step(void);

#endif
