// SPDX-License-Identifier: MIT
// S7, double free: free(p), free(p), then 1000 allocations of that size. Sins in a child, so that it may be killed for
// it. Once at once, and once with another free between the two, which a check of the head of a list does not see.
// Watch: duplicates, blocks that were handed out while they were live; told, sins of the two that were told on stderr
// or by an abort.
// Expect: a stack without a state of each slot hands the block out twice; ours tell both, and nobody gets it twice.
#include "sample.h"

enum
{
    BYTES = 56,
    AFTER = 1000,
};

static bool is_between;
static double *duplicates; // shared with the child
static int errors[2];

static void sin(void)
{
    struct sample_set seen = sample_set_create(4096);
    void *other = malloc(BYTES);
    void *volatile block = malloc(BYTES);
    dup2(errors[1], STDERR_FILENO);
    free(block);
    if (is_between)
        free(other);
    free(block);
    for (size_t i = 0; i < AFTER; i++)
        *duplicates += sample_set_add(&seen, (uintptr_t)malloc(BYTES)) ? 0 : 1;
}

// True: somebody said something.
static bool has_told(int status)
{
    char text[4096];
    ssize_t length = read(errors[0], text, sizeof text);
    return status == SIGABRT || length > 0;
}

int main(void)
{
    double told = 0;
    double killed = 0;
    sample_begin();
    duplicates = sample_memory(sizeof *duplicates);
    if (pipe2(errors, O_NONBLOCK | O_CLOEXEC) != 0)
        return 3;
    for (int i = 0; i < 2; i++)
    {
        is_between = i == 1;
        int status = sample_bounded(sin, 5);
        told += has_told(status);
        killed += status != 0;
    }
    sample_figure("duplicates", *duplicates);
    sample_figure("told", told);
    sample_figure("killed", killed);
}
