// SPDX-License-Identifier: MIT
// exec_chain N: replaces itself N times by each of the exec functions in turn. A failing exec comes first each time.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

static void exec_by(int way, char *path, char *next)
{
    char *arguments[] = {path, next, NULL};
    switch (way)
    {
    case 0:
        execl(path, path, next, (char *)NULL);
        return;
    case 1:
        execlp(path, path, next, (char *)NULL);
        return;
    case 2:
        execle(path, path, next, (char *)NULL, environ);
        return;
    case 3:
        execv(path, arguments);
        return;
    case 4:
        execvp(path, arguments);
        return;
    case 5:
        execvpe(path, arguments, environ);
        return;
    case 6:
        execve(path, arguments, environ);
        return;
    default:
        fexecve(open(path, O_RDONLY | O_CLOEXEC), arguments, environ);
    }
}

int main(int argc, char **argv)
{
    int left = argc > 1 ? atoi(argv[1]) : 8;
    char *kept = malloc(1000);
    if (kept == NULL)
        return 1;
    printf("%d left\n", left);
    fflush(stdout);
    if (left == 0)
        return 6;
    char next[16], missing[] = "/nonexistent/program";
    snprintf(next, sizeof next, "%d", left - 1);
    exec_by(left % 8, missing, next);
    free(malloc(77)); // still alive and still recorded
    exec_by(left % 8, argv[0], next);
    return 1;
}
