// SPDX-License-Identifier: MIT
// thousand_threads N: N short threads, some joined, some detached, at most 32 at a time; each frees its sister's block.
#include "counted.h"

#include <pthread.h>
#include <semaphore.h>

static sem_t room;
static _Atomic(void *) left_over;

static void *live_briefly(void *argument)
{
    for (int i = 0; i < 10; i++)
        counted_free(counted_malloc((size_t)(20 + i)));
    counted_free(atomic_exchange(&left_over, counted_malloc(64)));
    sem_post(&room);
    return argument;
}

static void wait_for_all(int places)
{
    for (int i = 0; i < places; i++)
        sem_wait(&room);
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 1000;
    sem_init(&room, 0, 32);
    for (int i = 0; i < count; i++)
    {
        pthread_t thread;
        sem_wait(&room);
        if (pthread_create(&thread, NULL, live_briefly, NULL) != 0)
            return 1;
        if (i % 2 == 0)
            pthread_join(thread, NULL);
        else
            pthread_detach(thread);
    }
    wait_for_all(32);
    counted_free(atomic_load(&left_over));
    counted_report();
    return 0;
}
