// SPDX-License-Identifier: MIT
// S6, use after free: a block is freed, k others are allocated, then a byte is written through the stale pointer. Does
// it hit a live block? 50 tries for each k, with 1000 freed blocks in the pool. The byte is put back, so that nobody is
// hurt; where the page is gone, the write faults and is caught.
// Watch: clobbered_K, per cent of the tries that hit; faults.
// Expect: a stack 100 % from k = 1 on; a queue 0 % until k reaches its length; a random quarantine rises slowly.
#include "sample.h"

#include <setjmp.h>

enum
{
    POOL = 1000,
    TRIES = 50,
    BYTES = 56,
    AT = 40, // not where allocators keep their links
    K_MAX = 800,
    MARK = 0xa5,
};

static sigjmp_buf after_fault;

static void on_fault(int signal)
{
    siglongjmp(after_fault, signal);
}

// 1: a live block was hit; 0: none; -1: the page is gone.
static int try_once(size_t k)
{
    static unsigned char *volatile live[K_MAX];
    unsigned char *volatile stale = malloc(BYTES);
    volatile int result = 0;
    free(stale);
    for (size_t i = 0; i < k; i++)
        live[i] = memset(malloc(BYTES), 0, BYTES);
    if (sigsetjmp(after_fault, 1) == 0)
    {
        unsigned char before = stale[AT];
        stale[AT] = MARK;
        for (size_t i = 0; i < k; i++)
            result |= live[i][AT] == MARK;
        stale[AT] = before;
    }
    else
        result = -1;
    for (size_t i = 0; i < k; i++)
        free(live[i]);
    return result;
}

int main(void)
{
    static const size_t steps[] = {1, 2, 10, 100, K_MAX};
    static void *pool[POOL];
    char name[32];
    size_t faults = 0;
    signal(SIGSEGV, on_fault);
    sample_begin();
    for (size_t i = 0; i < POOL; i++)
        pool[i] = malloc(BYTES);
    for (size_t i = 0; i < POOL; i++)
        free(pool[i]);
    for (size_t step = 0; step < sizeof steps / sizeof steps[0]; step++)
    {
        size_t hits = 0;
        for (size_t i = 0; i < TRIES; i++)
        {
            int result = try_once(steps[step]);
            hits += result == 1;
            faults += result < 0;
        }
        snprintf(name, sizeof name, "clobbered_%zu", steps[step]);
        sample_figure(name, (double)hits * 100 / TRIES);
    }
    sample_figure("faults", (double)faults);
}
