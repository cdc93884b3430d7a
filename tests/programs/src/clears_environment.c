// SPDX-License-Identifier: MIT
// Clears its own environment, goes on allocating, forks, and runs a shell.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void allocate(int count)
{
    for (int i = 1; i <= count; i++)
        free(malloc((size_t)i));
}

int main(void)
{
    allocate(100);
    clearenv();
    allocate(100);
    pid_t child = fork();
    if (child == 0)
    {
        allocate(100);
        _exit(3);
    }
    int status = 0;
    waitpid(child, &status, 0);
    fflush(stdout);
    int shell = system("echo from the shell");
    printf("child %d shell %d\n", WEXITSTATUS(status), WEXITSTATUS(shell));
    return 0;
}
