// SPDX-License-Identifier: MIT
// Frames of libc between ours: callbacks, allocations of its own, the code of the vDSO.
#define _GNU_SOURCE
#include "frames.h"

#include <search.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

enum
{
    INTERRUPTIONS = 20,
    INTERVAL_US = 200,
};

static unsigned callback_depth;

static int compare_and_descend(const void *left, const void *right)
{
    unsigned depth = callback_depth;
    descend(depth);
    callback_depth = depth;
    return *(const int *)left - *(const int *)right;
}

static NOT_INLINED void sorted_by_libc(unsigned depth)
{
    int numbers[4] = {3, 1, 4, 2};
    callback_depth = depth;
    qsort(numbers, 4, sizeof *numbers, compare_and_descend);
    callback_depth = depth;
    int wanted = 4;
    bsearch(&wanted, numbers, 4, sizeof *numbers, compare_and_descend);
    KEEPS_ITS_FRAME();
}

static NOT_INLINED void libc_allocates(unsigned depth)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, &(size_t){0});
    if (stream)
    {
        fprintf(stream, "%f %s %d", 1.5, "text", 7);
        fclose(stream);
    }
    free(text);
    descend(depth);
    KEEPS_ITS_FRAME();
}

static volatile sig_atomic_t interruptions;
static volatile sig_atomic_t may_allocate; // nothing that is running holds a lock of libc

static void on_timer(int number)
{
    (void)number;
    if (!may_allocate)
        return;
    descend(0);
    interruptions++;
}

static NOT_INLINED long leaf_with_frame(long number)
{
    volatile long words[8] = {number};
    return words[0] + 1;
}

// Signals come between any two instructions of prologues and epilogues, and in the vDSO.
static NOT_INLINED void interrupted_anywhere(unsigned depth)
{
    struct sigaction act = {.sa_handler = on_timer, .sa_flags = SA_RESTART};
    struct itimerval interval = {.it_interval.tv_usec = INTERVAL_US, .it_value.tv_usec = INTERVAL_US};
    struct timespec now;
    static int has_run;
    if (!has_run)
    {
        has_run = 1;
        sigaction(SIGALRM, &act, NULL);
        setitimer(ITIMER_REAL, &interval, NULL);
        may_allocate = 1;
        for (long sum = 0; interruptions < INTERRUPTIONS; sum += leaf_with_frame(sum))
            clock_gettime(CLOCK_MONOTONIC, &now);
        may_allocate = 0;
        setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    }
    descend(depth);
    KEEPS_ITS_FRAME();
}

const struct frames_shape shapes_of_libraries[] = {
    {"sorted_by_libc", sorted_by_libc},
    {"libc_allocates", libc_allocates},
    {"interrupted_anywhere", interrupted_anywhere},
    {NULL, NULL},
};
