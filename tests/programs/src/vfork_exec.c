// SPDX-License-Identifier: MIT
// vfork_exec [child]: runs itself twenty times by vfork, twenty times by posix_spawn; one exec of each kind fails.
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int status_of(pid_t child)
{
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static int run_by_vfork(const char *path)
{
    pid_t child = vfork();
    if (child == 0)
    {
        execl(path, path, "child", (char *)NULL);
        _exit(127);
    }
    return status_of(child);
}
#pragma GCC diagnostic pop

static int run_by_spawn(const char *path)
{
    char name[] = "spawned", child_word[] = "child";
    char *arguments[] = {name, child_word, NULL};
    pid_t child;
    if (posix_spawn(&child, path, NULL, NULL, arguments, environ) != 0)
        return 127;
    return status_of(child);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "child") == 0)
    {
        free(malloc(4321));
        return 5;
    }
    int sum = 0;
    for (int i = 0; i < 20; i++)
    {
        free(malloc(100));
        sum += run_by_vfork("/proc/self/exe") + run_by_spawn("/proc/self/exe");
    }
    printf("sum %d, missing %d %d\n", sum, run_by_vfork("/nonexistent/program"), run_by_spawn("/nonexistent/program"));
    return 0;
}
