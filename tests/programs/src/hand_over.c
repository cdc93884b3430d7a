// SPDX-License-Identifier: MIT
// hand_over EVENTS: eight threads hand blocks to each other through shared slots, free what others allocated and
// realloc it. Ends when about EVENTS calls were made; says exactly how many it made.
#include "counted.h"

#include <pthread.h>
#include <string.h>

#define THREADS 8
#define SLOTS 512

static _Atomic(void *) slots[SLOTS];
static pthread_barrier_t all_are_here;
static unsigned long steps_per_thread;

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t bytes_of(uint64_t random)
{
    return (random & 63) == 0 ? 1 + random % 20000 : 1 + random % 300;
}

static void step(uint64_t *state)
{
    uint64_t random = next_random(state);
    void *block;
    if ((random >> 60) < 5)
    {
        void *old = atomic_exchange(&slots[(random >> 20) % SLOTS], NULL);
        block = counted_realloc(old, bytes_of(random));
    }
    else
    {
        block = counted_malloc(bytes_of(random));
    }
    if (block == NULL)
        _exit(98);
    *(char *)block = 1;
    counted_free(atomic_exchange(&slots[(random >> 32) % SLOTS], block));
}

static void *run(void *argument)
{
    uint64_t state = 88172645463325252u + (uintptr_t)argument * 7919;
    pthread_barrier_wait(&all_are_here); // no thread ends before the last has begun: each has a stack of its own
    for (unsigned long i = 0; i < steps_per_thread; i++)
        step(&state);
    pthread_barrier_wait(&all_are_here);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    unsigned long events = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
    steps_per_thread = events / THREADS / 2;
    pthread_barrier_init(&all_are_here, NULL, THREADS);
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, run, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < SLOTS; i++)
        counted_free(atomic_load(&slots[i]));
    counted_report();
    return 0;
}
