// SPDX-License-Identifier: MIT
// chroots DIRECTORY: locks itself into an empty directory, allocates and forks there. Needs root.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void allocate(int count)
{
    for (int i = 1; i <= count; i++)
        free(malloc((size_t)i));
}

int main(int argc, char **argv)
{
    if (argc < 2 || chroot(argv[1]) != 0 || chdir("/") != 0)
    {
        perror("chroot");
        return 1;
    }
    allocate(50000);
    pid_t child = fork();
    if (child == 0)
    {
        allocate(100);
        _exit(4);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("child %d\n", WEXITSTATUS(status));
    return 0;
}
