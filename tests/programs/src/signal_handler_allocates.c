// SPDX-License-Identifier: MIT
// signal_handler_allocates [alternate] [anywhere]: a timer's handler allocates while the main loop does.
// Without `anywhere` the handler keeps out of an interrupted malloc, which glibc could not bear; with it, the program
// needs an allocator that can be interrupted anywhere, and the handler nests inside the recorder.
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define SIGNALS 1000

static volatile sig_atomic_t is_in_malloc, allocation_count;
static bool is_anywhere;

// One signal at a time: a handler slower than a steady timer would never let the main loop run again.
static void set_timer(long microseconds)
{
    struct itimerval timer = {.it_value = {0, microseconds}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void handle(int number)
{
    (void)number;
    if (!is_in_malloc || is_anywhere)
    {
        void *block = malloc(40);
        block = realloc(block, 80);
        free(block);
        allocation_count++;
    }
    set_timer(20 + allocation_count % 50);
}

static void pass_time(void)
{
    for (volatile int i = 0; i < 1000; i++)
        continue;
}

static void install(bool is_alternate)
{
    static char stack[65536];
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    if (is_alternate)
    {
        stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
        sigaltstack(&alternate, NULL);
        action.sa_flags |= SA_ONSTACK;
    }
    sigaction(SIGALRM, &action, NULL);
}

int main(int argc, char **argv)
{
    bool is_alternate = false;
    for (int i = 1; i < argc; i++)
    {
        is_alternate = is_alternate || strcmp(argv[i], "alternate") == 0;
        is_anywhere = is_anywhere || strcmp(argv[i], "anywhere") == 0;
    }
    install(is_alternate);
    set_timer(50);
    while (allocation_count < SIGNALS)
    {
        is_in_malloc = 1;
        void *block = malloc(100);
        free(block);
        is_in_malloc = 0;
        if (!is_anywhere)
            pass_time();
    }
    set_timer(0);
    puts("handlers allocated");
    return 0;
}
