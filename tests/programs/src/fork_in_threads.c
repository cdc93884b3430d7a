// SPDX-License-Identifier: MIT
// Forks while other threads allocate. Each child frees a block of its parent, allocates, and ends in its own way.
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define CHILDREN 40

static atomic_bool is_over;

static void *allocate(void *argument)
{
    unsigned long count = 0;
    while (!atomic_load(&is_over))
    {
        void *block = malloc(16 + count % 500);
        memset(block, 1, 16);
        free(block);
        count++;
    }
    return argument;
}

static void be_child(int number, char *inherited)
{
    free(inherited);
    for (int i = 0; i < 200; i++)
        free(malloc((size_t)(i * 7 + 1)));
    if (number % 2 == 0)
        _exit(number % 7);
    exit(number % 7);
}

int main(void)
{
    pthread_t threads[THREADS];
    int sum = 0;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, allocate, NULL);
    for (int i = 0; i < CHILDREN; i++)
    {
        char *block = malloc(1000);
        strcpy(block, "inherited");
        pid_t child = fork();
        if (child == 0)
            be_child(i, block);
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != i % 7)
            return 1;
        sum += WEXITSTATUS(status);
        free(block);
    }
    atomic_store(&is_over, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("children ended with %d in all\n", sum);
    return 0;
}
