// SPDX-License-Identifier: MIT
// S8a, malloc in a signal handler that interrupts malloc: a timer fires ten thousand times a second, its handler
// allocates and frees as the program does, both check what they have written. Three runs of 1000 interrupts.
// Watch: failed_runs: hung, killed, or a block's contents damaged.
// Expect: bump 0, as no lock is ever held. With locks the handler waits for the one that it has interrupted.
#include "sample.h"

#include <sys/time.h>

enum
{
    RUNS = 3,
    INTERRUPTS = 1000,
    LIVE = 32,
    BYTES_MAX = 2000,
};

struct blocks
{
    unsigned char *blocks[LIVE];
    size_t bytes[LIVE];
    unsigned char mark;
};

static volatile sig_atomic_t interrupts;
static struct blocks of_handler = {.mark = 0x5a};
static struct blocks of_program = {.mark = 0xa5};

static void replace(struct blocks *held, size_t at, size_t bytes)
{
    for (size_t i = 0; held->blocks[at] != NULL && i < held->bytes[at]; i++)
        if (held->blocks[at][i] != held->mark)
            _exit(1);
    free(held->blocks[at]);
    held->blocks[at] = malloc(bytes);
    held->bytes[at] = bytes;
    memset(held->blocks[at], held->mark, bytes);
}

static void on_alarm(int signal)
{
    (void)signal;
    size_t turn = (size_t)interrupts++;
    sample_step();
    // Blocks of all sizes: the lock of one class alone is seldom the one that was interrupted.
    for (size_t at = 0; at < LIVE; at++)
        replace(&of_handler, at, 16 + (turn + at) * 64 % BYTES_MAX);
}

static void run(void)
{
    const struct itimerval often = {{0, 100}, {0, 100}};
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &often, NULL);
    while (interrupts < INTERRUPTS)
        replace(&of_program, sample_below(LIVE), 16 + sample_below(BYTES_MAX));
}

int main(int argc, char **argv)
{
    sample_begin();
    sample_repeat(run, 2, sample_argument(argc, argv, 1, RUNS));
}
