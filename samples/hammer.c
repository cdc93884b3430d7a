// SPDX-License-Identifier: MIT
// S2 with threads: a thread that finds the stack empty carves although another is about to push, so T threads may carve
// at most T-1 slots more than the peak; what is carved stays on the stack, so it cannot repeat. Four threads replace
// random ones of 256 blocks of one class, whoever allocated them, 1 600 000 times in all.
// Watch: overshoot, addresses seen beyond 256.
// Expect: bump:lifo at most 3; bump:none nearly all; allocators with caches per thread as much as these hold.
#include "sample.h"

#include <pthread.h>

enum
{
    THREADS = 4,
    LIVE = 256,
    REPLACEMENTS = 400000,
    BYTES = 56,
};

static void *blocks[LIVE];
static struct sample_set addresses;
static pthread_barrier_t start;

static void *allocate(void)
{
    void *block = sample_touch(malloc(BYTES), BYTES);
    sample_set_add(&addresses, (uintptr_t)block);
    return block;
}

static void *hammer(void *seed)
{
    uint64_t state = (uintptr_t)seed;
    pthread_barrier_wait(&start);
    for (size_t i = 0; i < REPLACEMENTS; i++)
    {
        state = state * 6364136223846793005u + 1442695040888963407u;
        void **place = &blocks[state >> 56];
        void *block = __atomic_exchange_n(place, NULL, __ATOMIC_ACQ_REL);
        if (block == NULL)
            continue; // another thread is replacing it
        free(block);
        __atomic_store_n(place, allocate(), __ATOMIC_RELEASE);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    sample_begin();
    addresses = sample_set_create(1 << 22);
    pthread_barrier_init(&start, NULL, THREADS);
    for (size_t i = 0; i < LIVE; i++)
        blocks[i] = allocate();
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, hammer, (void *)(i + 1));
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    sample_figure("threads", THREADS);
    sample_figure("overshoot", (double)addresses.count - LIVE);
}
