// SPDX-License-Identifier: MIT
// One program at a time, from fork to the last byte that it printed. Starts no shell, judges nothing, and waits for
// nobody but the program itself: what its own children still hold open is not read.
#include "lab/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIME_LIMIT_MS_DEFAULT 60000
#define NS_PER_MS 1000000

// What is read from the program.
struct stream
{
    int fd;
    char *text;
    size_t capacity;
    size_t length;
};

enum pipe_use
{
    PIPE_OUTPUT,
    PIPE_ERRORS,
    PIPE_FAILURE, // errno of what went wrong in the child before it was the program
    PIPE_COUNT,
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 * NS_PER_MS + (uint64_t)now.tv_nsec;
}

// Neither a recording nor another allocator than the wanted one is inherited.
static void set_environment(const struct lab_allocator *allocator)
{
    unsetenv("LD_PRELOAD");
    unsetenv("HEAPREEL_SESSION");
    unsetenv("HEAPREEL_ALLOCATOR");
    if (allocator->preload[0] != '\0')
        setenv("LD_PRELOAD", allocator->preload, 1);
    if (allocator->spec[0] != '\0')
        setenv("HEAPREEL_ALLOCATOR", allocator->spec, 1);
}

// In the child: dies with the lab, leaves no core file.
static void become_program(const struct lab_launch *launch, int pipes[PIPE_COUNT][2])
{
    const struct rlimit no_core = {0};
    const struct rlimit space = {launch->address_space_bytes, launch->address_space_bytes};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &no_core);
    set_environment(launch->allocator);
    int input = open("/dev/null", O_RDONLY);
    bool is_ready = input >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(pipes[PIPE_OUTPUT][1], STDOUT_FILENO) >= 0 &&
                    dup2(pipes[PIPE_ERRORS][1], STDERR_FILENO) >= 0;
    if (is_ready && (launch->address_space_bytes == 0 || setrlimit(RLIMIT_AS, &space) == 0))
        execv(launch->argv[0], launch->argv);
    int error = errno;
    if (write(pipes[PIPE_FAILURE][1], &error, sizeof error) < 0)
        _exit(126); // nobody is there to be told
    _exit(127);
}

static void close_pipes(int pipes[PIPE_COUNT][2], int end)
{
    for (size_t i = 0; i < PIPE_COUNT; i++)
    {
        if (pipes[i][end] >= 0)
            close(pipes[i][end]);
        pipes[i][end] = -1;
    }
}

static bool open_pipes(int pipes[PIPE_COUNT][2])
{
    for (size_t i = 0; i < PIPE_COUNT; i++)
        pipes[i][0] = pipes[i][1] = -1;
    for (size_t i = 0; i < PIPE_COUNT; i++)
        if (pipe2(pipes[i], O_CLOEXEC) != 0)
            return false;
    return fcntl(pipes[PIPE_OUTPUT][0], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(pipes[PIPE_ERRORS][0], F_SETFL, O_NONBLOCK) == 0;
}

// The pid of the running program; or -1, and errno tells why there is none.
static pid_t start(const struct lab_launch *launch, int pipes[PIPE_COUNT][2])
{
    int error = 0;
    pid_t pid = fork();
    if (pid == 0)
        become_program(launch, pipes);
    if (pid < 0)
        return -1;
    close_pipes(pipes, 1);
    ssize_t length;
    do
        length = read(pipes[PIPE_FAILURE][0], &error, sizeof error);
    while (length < 0 && errno == EINTR);
    if (length != sizeof error)
        return pid;
    waitpid(pid, NULL, 0);
    errno = error;
    return -1;
}

// Reads all that is there; what has no room is read and forgotten.
static void read_stream(struct stream *stream)
{
    char scratch[4096];
    while (stream->fd >= 0)
    {
        bool is_full = stream->length + 1 >= stream->capacity;
        ssize_t length = read(stream->fd, is_full ? scratch : stream->text + stream->length,
                              is_full ? sizeof scratch : stream->capacity - 1 - stream->length);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            return; // nothing more now
        if (length == 0)
            stream->fd = -1; // its end; poll skips it
        else if (!is_full)
            stream->length += (size_t)length;
    }
}

// Until the program has ended; kills it when its time is up. True: it was killed.
static bool follow(int pidfd, struct stream *output, struct stream *errors, uint64_t deadline_ns)
{
    bool is_timed_out = false;
    bool has_ended = false;
    while (!has_ended)
    {
        struct pollfd ready[] = {{pidfd, POLLIN, 0}, {output->fd, POLLIN, 0}, {errors->fd, POLLIN, 0}};
        uint64_t now = now_ns();
        if (now >= deadline_ns && !is_timed_out)
            is_timed_out = pidfd_send_signal(pidfd, SIGKILL, NULL, 0) == 0;
        uint64_t wait_ms = now < deadline_ns ? (deadline_ns - now) / NS_PER_MS + 1 : 0;
        if (poll(ready, 3, is_timed_out ? -1 : (int)(wait_ms < INT_MAX ? wait_ms : INT_MAX)) < 0)
            continue; // a signal of ours
        has_ended = ready[0].revents != 0;
        read_stream(output);
        read_stream(errors);
    }
    return is_timed_out;
}

static uint64_t time_ns(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000 * NS_PER_MS + (uint64_t)time.tv_usec * 1000;
}

// Everything after the start.
static bool collect(const struct lab_launch *launch, struct lab_outcome *outcome, pid_t pid, uint64_t begin_ns,
                    int pipes[PIPE_COUNT][2])
{
    struct stream output = {pipes[PIPE_OUTPUT][0], outcome->output, sizeof outcome->output, 0};
    struct stream errors = {pipes[PIPE_ERRORS][0], outcome->errors, sizeof outcome->errors, 0};
    uint32_t limit_ms = launch->time_limit_ms != 0 ? launch->time_limit_ms : TIME_LIMIT_MS_DEFAULT;
    struct rusage usage;
    int pidfd = pidfd_open(pid, 0);
    if (pidfd < 0)
        kill(pid, SIGKILL);
    else
        outcome->is_timed_out = follow(pidfd, &output, &errors, begin_ns + (uint64_t)limit_ms * NS_PER_MS);
    int open_error = errno;
    while (wait4(pid, &outcome->wait_status, 0, &usage) < 0 && errno == EINTR)
        ;
    outcome->wall_ns = now_ns() - begin_ns;
    outcome->user_ns = time_ns(usage.ru_utime);
    outcome->system_ns = time_ns(usage.ru_stime);
    outcome->peak_resident_bytes = (uint64_t)usage.ru_maxrss * 1024;
    outcome->output[output.length] = '\0';
    outcome->errors[errors.length] = '\0';
    if (pidfd >= 0)
        close(pidfd);
    errno = open_error;
    return pidfd >= 0;
}

// The loader goes on without a library that it cannot load, and another allocator would be measured.
static bool is_preload_ignored(const struct lab_outcome *outcome)
{
    return strstr(outcome->errors, "LD_PRELOAD cannot be preloaded") != NULL;
}

bool lab_launch(const struct lab_launch *launch, struct lab_outcome *outcome, char *complaint, size_t complaint_bytes)
{
    int pipes[PIPE_COUNT][2];
    outcome->wait_status = 0;
    outcome->is_timed_out = false;
    outcome->output[0] = outcome->errors[0] = '\0';
    bool is_run = open_pipes(pipes);
    uint64_t begin_ns = now_ns();
    pid_t pid = is_run ? start(launch, pipes) : -1;
    is_run = pid > 0 && collect(launch, outcome, pid, begin_ns, pipes);
    if (is_run && is_preload_ignored(outcome))
    {
        is_run = false;
        snprintf(complaint, complaint_bytes, "%s cannot be preloaded", launch->allocator->preload);
    }
    else if (!is_run)
        snprintf(complaint, complaint_bytes, "cannot run %s: %s", launch->argv[0], strerror(errno));
    close_pipes(pipes, 0);
    close_pipes(pipes, 1);
    return is_run;
}

bool lab_was_interrupted(const struct lab_outcome *outcome)
{
    return WIFSIGNALED(outcome->wait_status) && WTERMSIG(outcome->wait_status) == SIGINT;
}

bool lab_figure(const struct lab_outcome *outcome, const char *name, double *value)
{
    size_t length = strlen(name);
    for (const char *line = outcome->output; line != NULL && *line != '\0';)
    {
        if (strncmp(line, name, length) == 0 && line[length] == ' ')
        {
            char *end = NULL;
            *value = strtod(line + length + 1, &end);
            return end != line + length + 1 && (*end == '\n' || *end == '\0');
        }
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return false;
}
