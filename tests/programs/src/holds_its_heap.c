// SPDX-License-Identifier: MIT
// holds_its_heap: four threads churn, so that each has an arena where the C library gives one; the first one holds
// blocks that are large enough for mappings of their own, some hardly touched. Says "ready", and holds all that until
// its input ends.
#include "expect.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS 4
#define PLACES 20000
#define STEPS 100000
#define LARGE_BLOCKS 12
#define LARGE_BYTES 300000
#define UNTOUCHED_BYTES ((size_t)5 << 20)

static pthread_barrier_t all_have_churned;
static pthread_barrier_t may_end;

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

// At the end three of four are freed again: what is left pins pages.
static void *churn(void *argument)
{
    uint64_t state = 88172645463325252u + (uintptr_t)argument * 7919;
    char **places = calloc(PLACES, sizeof *places);
    if (places == NULL)
        exit(98);
    for (int i = 0; i < STEPS; i++)
    {
        uint64_t random = next_random(&state);
        char **place = &places[random % PLACES];
        size_t bytes = 1 + (random >> 32) % ((random >> 20) % 16 == 0 ? 4000 : 200);
        free(*place);
        *place = malloc(bytes);
        if (*place == NULL)
            exit(98);
        memset(*place, 1, bytes);
    }
    for (int i = 0; i < PLACES; i++)
        if (i % 4 != 0)
        {
            free(places[i]);
            places[i] = NULL;
        }
    pthread_barrier_wait(&all_have_churned);
    pthread_barrier_wait(&may_end);
    return places;
}

int main(void)
{
    pthread_t threads[THREADS];
    char *large[LARGE_BLOCKS];
    char byte;
    pthread_barrier_init(&all_have_churned, NULL, THREADS + 1);
    pthread_barrier_init(&may_end, NULL, THREADS + 1);
    for (size_t i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, churn, (void *)i) == 0);
    for (size_t i = 0; i < LARGE_BLOCKS; i++)
    {
        large[i] = malloc(LARGE_BYTES * (i + 1));
        if (large[i] == NULL)
            return 98;
        memset(large[i], 1, LARGE_BYTES * (i + 1) / (1 + i % 3));
    }
    for (size_t i = 0; i < LARGE_BLOCKS; i += 4)
        free(large[i]);
    EXPECT(calloc(UNTOUCHED_BYTES, 1) != NULL);
    pthread_barrier_wait(&all_have_churned);
    puts("ready");
    fflush(stdout);
    EXPECT(read(STDIN_FILENO, &byte, 1) == 0);
    pthread_barrier_wait(&may_end);
    return failures != 0;
}
