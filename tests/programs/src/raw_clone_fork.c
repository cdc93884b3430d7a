// SPDX-License-Identifier: MIT
// Makes children that no fork handler hears of: by the system call clone and by _Fork. They allocate and free.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void allocate(void)
{
    for (size_t i = 1; i <= 1000; i++)
        free(malloc(i));
}

static int status_of(pid_t child)
{
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(void)
{
    void *inherited = malloc(100);
    allocate();
    pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0)
    {
        free(inherited);
        allocate();
        _exit(3);
    }
    int by_clone = status_of(child);
    allocate();
    child = _Fork();
    if (child == 0)
    {
        free(inherited);
        allocate();
        _exit(4);
    }
    int by_fork = status_of(child);
    allocate();
    free(inherited);
    printf("clone %d _Fork %d\n", by_clone, by_fork);
    return 0;
}
