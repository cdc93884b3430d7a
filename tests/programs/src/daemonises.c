// SPDX-License-Identifier: MIT
// daemonises FILE: forks twice, leaves its session, and writes FILE as a daemon after its first process has ended.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void work_as_daemon(const char *path, int parent_lives)
{
    char byte;
    while (read(parent_lives, &byte, 1) > 0)
        continue; // ends when the first process, which holds the other side, is gone
    for (size_t i = 1; i <= 10000; i++)
        free(malloc(i % 500));
    char *text = malloc(100);
    strcpy(text, "written by the daemon\n");
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    _exit(write(file, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : 1);
}

int main(int argc, char **argv)
{
    int alive[2];
    if (argc < 2 || pipe(alive) != 0)
        return 2;
    free(malloc(10));
    puts("the first process ends");
    fflush(stdout);
    if (fork() == 0)
    {
        close(alive[1]);
        setsid();
        if (fork() != 0)
            _exit(0);
        for (int descriptor = 0; descriptor < 3; descriptor++)
            close(descriptor);
        work_as_daemon(argv[1], alive[0]);
    }
    return 0;
}
