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

#define SIGNALS 2000

static volatile sig_atomic_t is_in_malloc, signal_count, skipped_count;
static bool is_anywhere;

static void handle(int number)
{
    (void)number;
    signal_count++;
    if (is_in_malloc && !is_anywhere)
    {
        skipped_count++;
        return;
    }
    void *block = malloc(40);
    block = realloc(block, 80);
    free(block);
}

static void set_timer(long microseconds)
{
    struct itimerval timer = {{0, microseconds}, {0, microseconds}};
    setitimer(ITIMER_REAL, &timer, NULL);
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
    while (signal_count < SIGNALS)
    {
        is_in_malloc = 1;
        void *block = malloc(100);
        free(block);
        is_in_malloc = 0;
    }
    set_timer(0);
    puts(signal_count - skipped_count > 0 ? "handlers allocated" : "no handler allocated");
    return 0;
}
