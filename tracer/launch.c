// SPDX-License-Identifier: MIT
// Forks and execs the program with the preload library in its environment. Refuses to follow it.
#include "tracer/launch.h"

#include "tracer/failure.h"
#include "wire/session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAUNCH_PRELOAD_VARIABLE "LD_PRELOAD"

static int set_environment(const struct launch_plan *plan)
{
    const char *inherited = getenv(LAUNCH_PRELOAD_VARIABLE);
    char *preload = NULL;
    bool is_prepended = inherited != NULL && inherited[0] != '\0';
    if (asprintf(&preload, "%s%s%s", plan->preload_path, is_prepended ? ":" : "", is_prepended ? inherited : "") < 0)
        return -1;
    int failed = setenv(LAUNCH_PRELOAD_VARIABLE, preload, 1) != 0 ||
                 setenv(WIRE_SESSION_VARIABLE, plan->session_directory, 1) != 0 ||
                 setenv(LAUNCH_ALLOCATOR_VARIABLE, plan->allocator, 1) != 0;
    free(preload);
    return failed ? -1 : 0;
}

static void exec_by_shell(const struct launch_plan *plan)
{
    size_t count = 0;
    while (plan->argv[count] != NULL)
        count++;
    const char **argv = calloc(count + 2, sizeof *argv);
    if (argv == NULL)
        return;
    argv[0] = "/bin/sh";
    argv[1] = plan->program->path;
    for (size_t i = 1; i < count; i++)
        argv[i + 1] = plan->argv[i];
    execv(argv[0], (char *const *)(uintptr_t)argv);
}

static _Noreturn void become_program(const struct launch_plan *plan, int go_fd, int result_fd)
{
    // End of file instead of a word: the tracer was killed meanwhile. What was asked for is run all the same.
    char go;
    while (read(go_fd, &go, 1) < 0 && errno == EINTR)
        continue;
    if ((plan->enter == NULL || plan->enter(plan->context)) && set_environment(plan) == 0)
    {
        if (plan->program->needs_shell)
            exec_by_shell(plan);
        else
            execv(plan->program->path, plan->argv);
    }
    int failure = errno;
    ssize_t written = write(result_fd, &failure, sizeof failure);
    (void)written; // nobody is left to be told
    _exit(127);
}

int launch_check_preload(const char *preload_path, struct reel_error *error)
{
    struct stat about;
    if (preload_path[0] != '/')
        return failure_set(error, REEL_E_OPEN, "%s: the preload library needs an absolute path", preload_path);
    if (stat(preload_path, &about) != 0 || !S_ISREG(about.st_mode) || access(preload_path, R_OK) != 0)
        return failure_set(error, REEL_E_OPEN, "%s: the preload library cannot be read; install heapreel again",
                           preload_path);
    if (strpbrk(preload_path, " :") != NULL)
        return failure_set(error, REEL_E_OPEN,
                           "%s: LD_PRELOAD cannot name a path with a space or colon; move the installation",
                           preload_path);
    return REEL_OK;
}

int launch_fork(struct launch *launch, const struct launch_plan *plan, struct reel_error *error)
{
    int go[2];
    int result[2];
    *launch = (struct launch){.pid = -1, .go_fd = -1, .result_fd = -1};
    if (pipe2(go, O_CLOEXEC) != 0)
        return failure_set(error, REEL_E_IO, "cannot make a pipe: %s", strerror(errno));
    if (pipe2(result, O_CLOEXEC) != 0)
    {
        close(go[0]);
        close(go[1]);
        return failure_set(error, REEL_E_IO, "cannot make a pipe: %s", strerror(errno));
    }
    pid_t pid = fork();
    if (pid == 0)
    {
        close(go[1]);
        close(result[0]);
        become_program(plan, go[0], result[1]);
    }
    int fork_errno = errno;
    close(go[0]);
    close(result[1]);
    *launch = (struct launch){.pid = pid, .go_fd = go[1], .result_fd = result[0]};
    if (pid > 0)
        return REEL_OK;
    launch_cancel(launch);
    return failure_set(error, REEL_E_IO, "cannot make a process: %s", strerror(fork_errno));
}

int launch_go(struct launch *launch, const char *name, struct reel_error *error)
{
    const char go = 1;
    int failure = 0;
    ssize_t bytes = write(launch->go_fd, &go, 1);
    if (bytes == 1)
        do
            bytes = read(launch->result_fd, &failure, sizeof failure);
        while (bytes < 0 && errno == EINTR);
    if (bytes == 0) // end of file: exec has closed it
    {
        close(launch->go_fd);
        close(launch->result_fd);
        launch->go_fd = launch->result_fd = -1;
        return REEL_OK;
    }
    launch_cancel(launch);
    return failure_set(error, REEL_E_ARGUMENT, "%s: cannot be run: %s", name, strerror(failure));
}

void launch_cancel(struct launch *launch)
{
    // Before its pipe closes, which would let it go.
    if (launch->pid > 0)
        kill(launch->pid, SIGKILL);
    if (launch->go_fd >= 0)
        close(launch->go_fd);
    if (launch->result_fd >= 0)
        close(launch->result_fd);
    if (launch->pid > 0)
        while (waitpid(launch->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    *launch = (struct launch){.pid = -1, .go_fd = -1, .result_fd = -1};
}
