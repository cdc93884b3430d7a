// SPDX-License-Identifier: MIT
// exec_cleared_environment [empty|clearenv|unset|child]: runs itself after losing the environment in three ways.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void become(char *path, const char *way)
{
    char name[] = "again", word[] = "child";
    char *arguments[] = {name, word, NULL}, *nothing[] = {NULL};
    if (strcmp(way, "empty") == 0)
        execve(path, arguments, nothing);
    if (strcmp(way, "clearenv") == 0)
        clearenv();
    if (strcmp(way, "unset") == 0)
        unsetenv("LD_PRELOAD");
    execv(path, arguments);
    _exit(127);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "child") == 0)
    {
        free(malloc(4321));
        return 5;
    }
    static const char *const ways[] = {"empty", "clearenv", "unset"};
    for (int i = 0; i < 3; i++)
    {
        pid_t child = fork();
        if (child == 0)
            become(argv[0], ways[i]);
        int status = 0;
        waitpid(child, &status, 0);
        printf("%s: %d\n", ways[i], WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    }
    return 0;
}
