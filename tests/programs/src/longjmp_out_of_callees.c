// SPDX-License-Identifier: MIT
// Leaves deep calls by longjmp, siglongjmp and swapcontext, allocating on both sides, so that stacks end abruptly.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

static jmp_buf home;
static sigjmp_buf signal_home;
static ucontext_t main_context, other_context;
static volatile unsigned long rounds;

__attribute__((noinline)) static void go_down(int depth)
{
    free(malloc((size_t)(depth + 1)));
    if (depth > 0)
        go_down(depth - 1);
    else if (rounds != ~0ul)
        longjmp(home, 1);
    free(malloc(5)); // keeps the call above from being a jump
}

static void leave_handler(int number)
{
    siglongjmp(signal_home, number);
}

static void run_beside(void)
{
    for (;;)
    {
        free(malloc(99));
        swapcontext(&other_context, &main_context);
    }
}

int main(void)
{
    static char stack[65536];
    getcontext(&other_context);
    other_context.uc_stack.ss_sp = stack;
    other_context.uc_stack.ss_size = sizeof stack;
    makecontext(&other_context, run_beside, 0);
    signal(SIGUSR1, leave_handler);
    for (rounds = 0; rounds < 2000; rounds++)
    {
        if (setjmp(home) == 0)
            go_down((int)(rounds % 50));
        free(malloc(33));
        if (sigsetjmp(signal_home, 1) == 0)
            raise(SIGUSR1);
        swapcontext(&main_context, &other_context);
    }
    printf("%lu rounds\n", rounds);
    return 0;
}
