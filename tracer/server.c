// SPDX-License-Identifier: MIT
// Starts the server, keeps it apart from the program and its terminal, and ends it. Refuses to know what is served.
#include "tracer/server.h"

#include "tracer/failure.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SERVER_ADDRESS_BYTES 512

// A server that cannot end in time, or will not, must not stay: there is nothing that it would have to put right.
static _Noreturn void become_server(const struct tracer_options *options, const char *reel_path, pid_t recorder,
                                    int address_fd)
{
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != recorder)
        _exit(0); // it was killed before we asked to be told
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(address_fd, STDOUT_FILENO) < 0)
        _exit(1);
    closefrom(STDERR_FILENO + 1);
    _exit(options->serve(options->serve_context, reel_path));
}

static bool is_end(int signal_number)
{
    return signal_number == SIGINT || signal_number == SIGQUIT || signal_number == SIGTERM || signal_number == SIGHUP;
}

// The signal that ends the wait, 0: something has come, or its end.
static int wait_for_word(int word_fd, int signals_fd)
{
    struct pollfd polls[] = {{.fd = signals_fd, .events = POLLIN}, {.fd = word_fd, .events = POLLIN}};
    struct signalfd_siginfo info;
    for (;;)
    {
        poll(polls, 2, -1);
        while (read(signals_fd, &info, sizeof info) == (ssize_t)sizeof info)
            if (is_end((int)info.ssi_signo))
                return (int)info.ssi_signo;
        if (polls[1].revents != 0)
            return 0;
    }
}

// The one line that it says, empty if it ended without. Returns as wait_for_word.
static int read_address(int word_fd, int signals_fd, char line[SERVER_ADDRESS_BYTES])
{
    size_t length = 0;
    ssize_t bytes = 1;
    int signal_number = 0;
    while (bytes > 0 && memchr(line, '\n', length) == NULL && signal_number == 0)
    {
        signal_number = wait_for_word(word_fd, signals_fd);
        bytes = signal_number == 0 ? read(word_fd, line + length, SERVER_ADDRESS_BYTES - 1 - length) : 0;
        length += bytes > 0 ? (size_t)bytes : 0;
    }
    line[memchr(line, '\n', length) != NULL ? length : 0] = '\0';
    return signal_number;
}

static int fail_to_start(struct tracer_result *result, int wait_status, struct reel_error *error)
{
    if (WIFEXITED(wait_status))
        result->server_status = WEXITSTATUS(wait_status);
    return failure_set(error, REEL_E_IO, "the server has ended with %s %d before it served; the program was not run",
                       WIFEXITED(wait_status) ? "status" : "signal",
                       WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : WTERMSIG(wait_status));
}

static int reap(struct server *server)
{
    int wait_status = 0;
    while (waitpid(server->pid, &wait_status, 0) < 0 && errno == EINTR)
        continue;
    server->pid = 0;
    return wait_status;
}

static int await_server(struct server *server, const struct tracer_options *options, struct tracer_result *result,
                        int word_fd, int signals_fd, struct reel_error *error)
{
    char address[SERVER_ADDRESS_BYTES];
    int signal_number = read_address(word_fd, signals_fd, address);
    if (signal_number != 0)
    {
        server_end(server);
        result->wait_status = signal_number; // as if it had killed the program
        return failure_set(error, REEL_E_CANCELLED, "interrupted before %s was run", options->argv[0]);
    }
    if (address[0] == '\0')
        return fail_to_start(result, reap(server), error);
    fputs(address, stderr);
    return REEL_OK;
}

static int open_terminal(void)
{
    return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static void note_terminal(struct server *server)
{
    int terminal = open_terminal();
    server->has_terminal = terminal >= 0 && tcgetattr(terminal, &server->mode) == 0;
    if (terminal >= 0)
        close(terminal);
}

int server_start(struct server *server, const struct tracer_options *options, struct tracer_result *result,
                 int signals_fd, void (*prepare_signals)(void *), void *context, struct reel_error *error)
{
    int word[2];
    pid_t recorder = getpid();
    server->reel_path = result->reel_path;
    note_terminal(server);
    if (pipe2(word, O_CLOEXEC) != 0)
        return failure_set(error, REEL_E_IO, "cannot make a pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
    {
        prepare_signals(context);
        become_server(options, result->reel_path, recorder, word[1]);
    }
    int reason = errno;
    close(word[1]);
    server->pid = pid > 0 ? pid : 0;
    int status = pid > 0 ? await_server(server, options, result, word[0], signals_fd, error)
                         : failure_set(error, REEL_E_IO, "cannot make a process: %s", strerror(reason));
    close(word[0]);
    return status;
}

// A program that was killed may have left a terminal that makes no signal of ^C.
static void make_interruptible(const struct server *server)
{
    struct termios mode;
    int terminal = open_terminal();
    if (terminal < 0)
        return;
    if (tcgetpgrp(terminal) == getpgrp() && tcgetattr(terminal, &mode) == 0 && (mode.c_lflag & ISIG) == 0)
        tcsetattr(terminal, TCSADRAIN, &server->mode);
    close(terminal);
}

// Where somebody waits at the other end. One that was closed when we began is by now something else of ours.
static void let_go_of_pipes(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    struct stat about;
    for (int fd = STDIN_FILENO; null >= 0 && fd <= STDOUT_FILENO; fd++)
        if (fstat(fd, &about) == 0 && (S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode)))
            dup2(null, fd);
    if (null >= 0)
        close(null);
}

bool server_stay(struct server *server, const char *name, int wait_status)
{
    if (server->pid == 0 || server->is_dismissed || !server->has_terminal)
        return false;
    make_interruptible(server);
    let_go_of_pipes();
    server->is_alone = true;
    if (WIFSIGNALED(wait_status))
        fprintf(stderr, "heapreel: %s was killed by signal %d (%s); ^C ends the server\n", name, WTERMSIG(wait_status),
                strsignal(WTERMSIG(wait_status)));
    else
        fprintf(stderr, "heapreel: %s has ended with status %d; ^C ends the server\n", name, WEXITSTATUS(wait_status));
    return true;
}

void server_has_ended(struct server *server, int wait_status)
{
    server->pid = 0;
    fprintf(stderr, "heapreel: the server has ended with %s %d; to look on: heapreel web %s\n",
            WIFSIGNALED(wait_status) ? "signal" : "status",
            WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status), server->reel_path);
}

void server_end(struct server *server)
{
    if (server->pid == 0)
        return;
    kill(server->pid, SIGKILL);
    reap(server);
}
