// SPDX-License-Identifier: MIT
// Stacks that are left or changed without a return: longjmp, handlers on a stack of their own, coroutines.
#define _GNU_SOURCE
#include "frames.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

enum
{
    STACK_BYTES = 1 << 20,
    COROUTINES = 3,
    TURNS = 3,
};

static NOT_INLINED void jump_from(jmp_buf *target, unsigned depth, unsigned levels)
{
    descend(levels == 1 ? depth : 0);
    if (levels > 0)
        jump_from(target, depth, levels - 1);
    if (levels == 0)
        longjmp(*target, 1);
    KEEPS_ITS_FRAME();
}

static NOT_INLINED void left_by_longjmp(unsigned depth)
{
    jmp_buf target;
    if (setjmp(target) == 0)
        jump_from(&target, depth, 1 + choose(5));
    descend(depth);
    KEEPS_ITS_FRAME();
}

// --- signals ---

static unsigned handler_depth;
static sigjmp_buf *handler_target; // NULL: the handler returns
static unsigned handlers_running;  // a coroutine may stand above a handler: the handlers' stack is used by one

static void on_signal(int number)
{
    sigjmp_buf *target = handler_target;
    (void)number;
    handler_target = NULL;
    handlers_running++;
    descend(handler_depth);
    handlers_running--;
    if (target)
        siglongjmp(*target, 1);
}

static void *new_stack(void)
{
    int protection = PROT_READ | PROT_WRITE | PROT_EXEC; // for trampolines
    void *stack = mmap(NULL, STACK_BYTES, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED)
        abort();
    return stack;
}

static void prepare_handler(void)
{
    static bool is_prepared;
    struct sigaction on_own_stack = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_NODEFER};
    struct sigaction on_any_stack = {.sa_handler = on_signal, .sa_flags = SA_NODEFER};
    if (is_prepared)
        return;
    is_prepared = true;
    sigaltstack(&(stack_t){.ss_sp = new_stack(), .ss_size = STACK_BYTES}, NULL);
    sigaction(SIGUSR1, &on_own_stack, NULL);
    sigaction(SIGUSR2, &on_any_stack, NULL);
}

static int next_signal(void)
{
    return handlers_running == 0 ? SIGUSR1 : SIGUSR2;
}

static NOT_INLINED void in_a_handler(unsigned depth)
{
    prepare_handler();
    handler_depth = depth;
    raise(next_signal());
    descend(depth);
    KEEPS_ITS_FRAME();
}

static NOT_INLINED void out_of_a_handler(unsigned depth)
{
    sigjmp_buf target;
    prepare_handler();
    handler_depth = 0;
    handler_target = &target;
    if (sigsetjmp(target, 1) == 0)
        raise(next_signal());
    descend(depth);
    KEEPS_ITS_FRAME();
}

// --- coroutines ---

struct coroutine
{
    ucontext_t here;
    ucontext_t back;
    void *stack;
    unsigned depth;
    bool is_done;
};

static NOT_INLINED void take_a_turn(struct coroutine *self, unsigned turn)
{
    descend(turn == 1 ? self->depth : 0);
    if (turn < TURNS)
    {
        swapcontext(&self->here, &self->back);
        take_a_turn(self, turn + 1);
    }
    descend(0);
}

static void run_coroutine(unsigned high, unsigned low)
{
    struct coroutine *self = (void *)(uintptr_t)((uint64_t)high << 32 | low); // NOLINT(performance-no-int-to-ptr)
    take_a_turn(self, 0);
    self->is_done = true;
}

static void begin(struct coroutine *coroutine, unsigned depth)
{
    uint64_t address = (uintptr_t)coroutine;
    *coroutine = (struct coroutine){.stack = new_stack(), .depth = depth};
    getcontext(&coroutine->here);
    coroutine->here.uc_stack.ss_sp = coroutine->stack;
    coroutine->here.uc_stack.ss_size = STACK_BYTES;
    coroutine->here.uc_link = &coroutine->back;
    makecontext(&coroutine->here, (void (*)(void))run_coroutine, 2, (unsigned)(address >> 32), (unsigned)address);
}

static NOT_INLINED void resume(struct coroutine *coroutine)
{
    swapcontext(&coroutine->back, &coroutine->here);
    KEEPS_ITS_FRAME();
}

static NOT_INLINED void interleaved_coroutines(unsigned depth)
{
    struct coroutine coroutines[COROUTINES];
    for (int i = 0; i < COROUTINES; i++)
        begin(&coroutines[i], i == 1 ? depth : 0);
    for (int i = 0, done = 0; done < COROUTINES; i = (i + 1) % COROUTINES)
        if (!coroutines[i].is_done)
        {
            resume(&coroutines[i]);
            descend(0);
            done += coroutines[i].is_done;
        }
    for (int i = 0; i < COROUTINES; i++)
        munmap(coroutines[i].stack, STACK_BYTES);
    KEEPS_ITS_FRAME();
}

static void *resume_in_thread(void *coroutine)
{
    descend(0);
    resume(coroutine);
    descend(0);
    return NULL;
}

// Each turn in a thread of its own: the same frames at the same places, seen by another thread.
static NOT_INLINED void coroutine_moved_between_threads(unsigned depth)
{
    struct coroutine coroutine;
    begin(&coroutine, depth);
    resume(&coroutine);
    while (!coroutine.is_done)
    {
        pthread_t thread;
        if (pthread_create(&thread, NULL, resume_in_thread, &coroutine) != 0)
            abort();
        pthread_join(thread, NULL);
    }
    munmap(coroutine.stack, STACK_BYTES);
    descend(0);
    KEEPS_ITS_FRAME();
}

const struct frames_shape shapes_of_jumps[] = {
    {"left_by_longjmp", left_by_longjmp},
    {"in_a_handler", in_a_handler},
    {"out_of_a_handler", out_of_a_handler},
    {"interleaved_coroutines", interleaved_coroutines},
    {"coroutine_moved_between_threads", coroutine_moved_between_threads},
    {NULL, NULL},
};
