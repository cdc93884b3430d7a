// SPDX-License-Identifier: MIT
// Two coroutines and a scheduler, which is the test. Knows nothing of what they do.
#include "interleave.h"

#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

enum
{
    TURNS_MAX = 4096,
    STACK_BYTES = 1 << 18,
    NOBODY = -1,
};

static struct
{
    const struct interleave_program *programs;
    ucontext_t test;
    ucontext_t coroutines[2];
    bool is_done[2];
    int running;          // program, or NOBODY: the test
    bool is_free_running; // the running one is not interrupted any more
    size_t now;
} interleave = {.running = NOBODY};

static unsigned char stacks[2][STACK_BYTES];

void interleave_step(void)
{
    if (interleave.running != NOBODY && !interleave.is_free_running)
        swapcontext(&interleave.coroutines[interleave.running], &interleave.test);
}

// Returns to the test by the context's link.
static void run(int number)
{
    interleave.programs[number].run(interleave.programs[number].context);
    interleave.is_done[number] = true;
}

static void prepare(int number)
{
    ucontext_t *coroutine = &interleave.coroutines[number];
    if (getcontext(coroutine) != 0)
        abort();
    coroutine->uc_stack.ss_sp = stacks[number];
    coroutine->uc_stack.ss_size = STACK_BYTES;
    coroutine->uc_link = &interleave.test;
    makecontext(coroutine, (void (*)(void))run, 1, number);
    interleave.is_done[number] = false;
}

static void give_turn(int number)
{
    interleave.running = number;
    swapcontext(&interleave.test, &interleave.coroutines[number]);
    interleave.running = NOBODY;
    interleave.now++;
}

size_t interleave_now(void)
{
    return interleave.now;
}

static void begin(const struct interleave_program programs[2])
{
    interleave.programs = programs;
    interleave.is_free_running = false;
    interleave.now = 0;
    prepare(0);
    prepare(1);
}

static void finish(int number)
{
    while (!interleave.is_done[number])
        give_turn(number);
}

struct order
{
    unsigned char chosen[TURNS_MAX];
    size_t forced; // choices of the beginning that are given; then always the first program
    size_t turns;  // choices made
};

static void follow(struct order *order)
{
    for (order->turns = 0; !interleave.is_done[0] && !interleave.is_done[1]; order->turns++)
    {
        if (order->turns == TURNS_MAX)
        {
            fputs("interleave: programs too long\n", stderr);
            abort();
        }
        if (order->turns >= order->forced)
            order->chosen[order->turns] = 0;
        give_turn(order->chosen[order->turns]);
    }
    finish(0);
    finish(1);
}

// The next order in the sense of the dictionary. False: this was the last one.
static bool advance(struct order *order)
{
    size_t end = order->turns;
    while (end > 0 && order->chosen[end - 1] == 1)
        end--;
    if (end == 0)
        return false;
    order->chosen[end - 1] = 1;
    order->forced = end;
    return true;
}

size_t interleave_every_order(const struct interleave_program programs[2], void (*reset)(void *), void (*judge)(void *),
                              void *context)
{
    static struct order order;
    size_t count = 0;
    order.forced = 0;
    do
    {
        reset(context);
        begin(programs);
        follow(&order);
        judge(context);
        count++;
    } while (advance(&order));
    return count;
}

bool interleave_stopped_at(const struct interleave_program programs[2], size_t n)
{
    begin(programs);
    for (size_t turn = 0; turn < n && !interleave.is_done[0]; turn++)
        give_turn(0);
    bool is_stopped = !interleave.is_done[0];
    interleave.is_free_running = true;
    finish(1);
    finish(0);
    return is_stopped;
}
