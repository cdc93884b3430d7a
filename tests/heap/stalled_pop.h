// SPDX-License-Identifier: MIT
// A pop that is stopped after it has read the link of the top, while others take, take and put back. Included by tests
// of stacks with tags of different widths.
#ifndef HEAPREEL_TESTS_HEAP_STALLED_POP_H
#define HEAPREEL_TESTS_HEAP_STALLED_POP_H

#include "heap/index_stack.h"
#include "interleave.h"

struct stalled_pop
{
    struct index_stack stack;
    uint32_t popped; // by the one that was stopped
    uint64_t pairs;  // of pop and push while it was
    uint32_t held;   // by the others, taken meanwhile and not put back
    uint32_t last;   // popped after all that
};

static uint32_t stalled_pop_links[4];

static uint32_t *stalled_pop_link(uint32_t index)
{
    return &stalled_pop_links[index];
}

static const struct index_links stalled_pop_of = {.at = stalled_pop_link};

static void stalled_pop_first(void *context)
{
    struct stalled_pop *stalled = context;
    stalled->popped = index_stack_pop(&stalled->stack, &stalled_pop_of, NULL);
}

// The top is 1 again at the end, but 2, which lay below it, is held.
static void stalled_pop_others(void *context)
{
    struct stalled_pop *stalled = context;
    for (uint64_t pops = 2; pops < stalled->pairs; pops++)
        index_stack_push(&stalled->stack, &stalled_pop_of, index_stack_pop(&stalled->stack, &stalled_pop_of, NULL));
    uint32_t top = index_stack_pop(&stalled->stack, &stalled_pop_of, NULL);
    stalled->held = index_stack_pop(&stalled->stack, &stalled_pop_of, NULL);
    index_stack_push(&stalled->stack, &stalled_pop_of, top);
}

// With this many pops meanwhile: whether an index ended up with two owners.
static bool stalled_pop_gives_two_owners(uint64_t pops)
{
    struct stalled_pop stalled = {.pairs = pops};
    for (uint32_t index = 3; index > 0; index--)
        index_stack_push(&stalled.stack, &stalled_pop_of, index);
    const struct interleave_program programs[2] = {{stalled_pop_first, &stalled}, {stalled_pop_others, &stalled}};
    interleave_stopped_at(programs, 2); // after the loads of top and link, before the exchange
    stalled.last = index_stack_pop(&stalled.stack, &stalled_pop_of, NULL);
    return stalled.popped == stalled.held || stalled.last == stalled.held || stalled.last == stalled.popped;
}

#endif
