// SPDX-License-Identifier: MIT
// churn_until_killed MICROSECONDS THREADS: asks the kernel to SIGKILL it after that time and churns until then.
// MICROSECONDS 0: says so and churns a fixed amount instead, and ends with status 7.
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BLOCKS 256
#define FIXED_ROUNDS 300000

static long rounds_max = -1; // without end

static void *churn(void *argument)
{
    void *blocks[BLOCKS] = {NULL};
    uint64_t state = 88172645463325252u + (uintptr_t)argument;
    for (long round = 0; round != rounds_max; round++)
    {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        void **slot = &blocks[(state >> 20) % BLOCKS];
        if (state % 5 == 0)
        {
            *slot = realloc(*slot, 1 + state % 900);
            continue;
        }
        free(*slot);
        *slot = malloc(1 + state % 700);
    }
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    return NULL;
}

static void die_after(long microseconds)
{
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    struct itimerspec when = {.it_value = {microseconds / 1000000, microseconds % 1000000 * 1000}};
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &when, NULL) != 0)
        exit(2);
}

int main(int argc, char **argv)
{
    long microseconds = argc > 1 ? atol(argv[1]) : 0;
    uintptr_t threads = argc > 2 ? (uintptr_t)atoi(argv[2]) : 1;
    pthread_t others[16];
    if (microseconds > 0)
        die_after(microseconds);
    else
    {
        puts("churning");
        fflush(stdout);
        rounds_max = FIXED_ROUNDS;
    }
    for (uintptr_t i = 1; i < threads && i < 16; i++)
        pthread_create(&others[i], NULL, churn, (void *)(i * 7919));
    churn(NULL);
    for (uintptr_t i = 1; i < threads && i < 16; i++)
        pthread_join(others[i], NULL);
    puts("all churned");
    return 7;
}
