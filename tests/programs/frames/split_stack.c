// SPDX-License-Identifier: MIT
// Compiled with -fsplit-stack: a stack in pieces that lie anywhere in memory, in the main thread and in another.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum
{
    LEVELS = 40,
    ROUNDS = 40,
    FRAME_BYTES = 3000,
};

static void *volatile latest;

static __attribute__((noinline)) void recurse(int levels)
{
    char local[FRAME_BYTES];
    memset(local, levels, sizeof local);
    void *block = malloc((size_t)(100 + levels));
    latest = block;
    __asm__ volatile("" ::"r"(local) : "memory");
    if (levels > 0)
        recurse(levels - 1);
    free(block);
}

static void *run(void *argument)
{
    for (int round = 0; round < ROUNDS; round++)
        recurse(round % LEVELS);
    return argument;
}

int main(void)
{
    pthread_t thread;
    run(NULL);
    if (pthread_create(&thread, NULL, run, NULL) != 0)
        return 1;
    pthread_join(thread, NULL);
    return 0;
}
