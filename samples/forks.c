// SPDX-License-Identifier: MIT
// S8c, fork needs no handlers: the program forks and allocates, and the handler of a timer, which interrupts it
// anywhere, also inside fork, forks too. An allocator that takes its locks around fork waits for itself there. Eight
// runs; each hang is a failure.
// Watch: failed_runs.
// Expect: bump 0. Allocators with fork handlers hang now and then.
#include "sample.h"

#include <errno.h>
#include <sys/time.h>

enum
{
    RUNS = 8,
    FORKS = 150,
};

static const struct itimerval soon = {{0, 0}, {0, 200}};

static void use_heap(void)
{
    void *blocks[16];
    for (size_t i = 0; i < 16; i++)
        blocks[i] = sample_touch(malloc(24 + i * 70), 1);
    for (size_t i = 0; i < 16; i++)
        free(blocks[i]);
}

static void fork_child(void (*body)(void))
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
    {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (body != NULL)
            body();
        _exit(0);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (status != 0)
        _exit(1);
}

static void on_alarm(int signal)
{
    int saved_errno = errno;
    (void)signal;
    fork_child(NULL);
    setitimer(ITIMER_REAL, &soon, NULL); // one at a time, so that the program gets on
    errno = saved_errno;
}

static void run(void)
{
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &soon, NULL);
    for (size_t i = 0; i < FORKS; i++)
    {
        use_heap();
        fork_child(use_heap);
        sample_step();
    }
}

int main(int argc, char **argv)
{
    sample_begin();
    sample_repeat(run, 2, sample_argument(argc, argv, 1, RUNS));
}
