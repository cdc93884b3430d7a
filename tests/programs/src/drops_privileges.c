// SPDX-License-Identifier: MIT
// Becomes the user nobody, then allocates, starts threads and forks. Needs root.
#define _GNU_SOURCE
#include <grp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static void *allocate(void *argument)
{
    for (size_t i = 1; i <= 5000; i++)
        free(malloc(i));
    return argument;
}

int main(void)
{
    allocate(NULL);
    if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0)
    {
        perror("becoming nobody");
        return 1;
    }
    pthread_t thread;
    pthread_create(&thread, NULL, allocate, NULL);
    allocate(NULL);
    pthread_join(thread, NULL);
    pid_t child = fork();
    if (child == 0)
    {
        allocate(NULL);
        _exit(4);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("user %d child %d\n", (int)getuid(), WEXITSTATUS(status));
    return 0;
}
