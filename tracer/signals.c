// SPDX-License-Identifier: MIT
// What signals mean while recording. Refuses to install handlers: all signals come through one descriptor, and the
// program, which was forked before, sees none of this.
#include "tracer/recording.h"

#include "tracer/failure.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIGNALS_INTERRUPT_GRACE_NS (1000 * RECORDING_NS_PER_MS)
#define SIGNALS_TERMINATE_GRACE_NS (10000 * RECORDING_NS_PER_MS)

static sigset_t watched_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGQUIT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGCHLD);
    return set;
}

int signals_begin(struct recording *recording, struct reel_error *error)
{
    struct recording_signals *signals = &recording->signals;
    struct sigaction standard = {.sa_handler = SIG_DFL};
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigset_t watched = watched_signals();
    signals->fd = signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
    if (signals->fd < 0)
        return failure_set(error, REEL_E_IO, "cannot watch signals: %s", strerror(errno));
    sigprocmask(SIG_BLOCK, &watched, &signals->previous_mask);
    sigaction(SIGCHLD, &standard, &signals->previous_chld); // ignored by our parent, it would hide the exit status
    sigaction(SIGPIPE, &ignored, &signals->previous_pipe);
    sigaction(SIGTTOU, &ignored, &signals->previous_ttou);
    sigaction(SIGXFSZ, &ignored, &signals->previous_xfsz); // a file size limit is a full disk, and told as one
    return REEL_OK;
}

static void put_back(const struct recording_signals *signals)
{
    sigaction(SIGCHLD, &signals->previous_chld, NULL);
    sigaction(SIGPIPE, &signals->previous_pipe, NULL);
    sigaction(SIGTTOU, &signals->previous_ttou, NULL);
    sigaction(SIGXFSZ, &signals->previous_xfsz, NULL);
    sigprocmask(SIG_SETMASK, &signals->previous_mask, NULL);
}

void signals_put_back(void *recording)
{
    put_back(&((const struct recording *)recording)->signals);
}

void signals_end(struct recording *recording)
{
    struct recording_signals *signals = &recording->signals;
    struct signalfd_siginfo discarded;
    if (signals->fd < 0)
        return;
    while (read(signals->fd, &discarded, sizeof discarded) > 0)
        continue; // dealt with: they must not hit the caller when the mask is put back
    close(signals->fd);
    signals->fd = -1;
    put_back(signals);
}

// The shell sees only us: when the program was stopped by job control and the group was not, we stop with it.
static void stop_with_child(int stop_signal)
{
    bool is_job_control = stop_signal == SIGTSTP || stop_signal == SIGTTIN || stop_signal == SIGTTOU;
    for (int fd = STDIN_FILENO; is_job_control && fd <= STDERR_FILENO; fd++)
        if (tcgetpgrp(fd) == getpgrp())
        {
            raise(SIGSTOP);
            return;
        }
}

static void child_has_ended(struct recording *recording, int wait_status)
{
    recording->child.has_ended = true;
    recording->child.wait_status = wait_status;
    for (size_t i = 0; i < recording->process_count; i++)
        if (recording->processes[i]->follow.pid == recording->child.pid)
            recording->processes[i]->source.is_dead = true;
}

static void reap_child(struct recording *recording)
{
    int wait_status;
    while (!recording->child.has_ended && waitpid(recording->child.pid, &wait_status, WNOHANG | WUNTRACED) > 0)
    {
        if (WIFSTOPPED(wait_status))
            stop_with_child(WSTOPSIG(wait_status));
        else
            child_has_ended(recording, wait_status);
    }
}

static void reap_viewer(struct recording *recording)
{
    int wait_status;
    while (recording->view.pid != 0 && waitpid(recording->view.pid, &wait_status, WNOHANG | WUNTRACED) > 0)
    {
        if (WIFSTOPPED(wait_status))
        {
            stop_with_child(WSTOPSIG(wait_status));
            continue;
        }
        view_end(&recording->view, wait_status);
        recording->progress.is_hidden = false;
    }
}

static void reap_server(struct recording *recording)
{
    int wait_status;
    if (recording->server.pid == 0 || waitpid(recording->server.pid, &wait_status, WNOHANG) <= 0)
        return;
    progress_clear(&recording->progress);
    server_has_ended(&recording->server, wait_status);
}

static void reap_all(struct recording *recording)
{
    reap_child(recording);
    reap_viewer(recording);
    reap_server(recording);
}

static void set_stop_deadline(struct recording *recording, uint64_t grace_ns)
{
    uint64_t deadline = clock_monotonic_ns() + grace_ns;
    if (recording->stop_deadline == 0 || deadline < recording->stop_deadline)
        recording->stop_deadline = deadline;
}

// What the kernel sent, for the terminal, went to the whole group and so to the program as well.
static void pass_on(struct recording *recording, const struct signalfd_siginfo *info)
{
    if (!recording->child.has_ended && info->ssi_code != SI_KERNEL)
        kill(recording->child.pid, (int)info->ssi_signo);
    bool is_end = info->ssi_signo == SIGTERM || info->ssi_signo == SIGHUP;
    if (recording->view.pid != 0 && is_end && info->ssi_code != SI_KERNEL)
        kill(recording->view.pid, (int)info->ssi_signo);
}

// While the program runs its keys are not meant for the server.
static void note_dismissal(struct server *server, int signal_number)
{
    bool is_end = signal_number == SIGTERM || signal_number == SIGHUP;
    bool is_key = signal_number == SIGINT || signal_number == SIGQUIT;
    server->is_dismissed |= is_end || (is_key && server->is_alone);
}

// One that the program does not die of ends the recording.
static void on_interrupt(struct recording *recording)
{
    recording->is_skipping_names = true; // read only once the loop is over
    if (++recording->interrupt_count > 1 || recording->child.has_ended)
        recording->is_stopping = true;
    set_stop_deadline(recording, SIGNALS_INTERRUPT_GRACE_NS);
}

static void on_terminate(struct recording *recording)
{
    if (recording->child.has_ended)
        recording->is_stopping = true;
    else
        set_stop_deadline(recording, SIGNALS_TERMINATE_GRACE_NS);
}

void signals_handle(struct recording *recording)
{
    struct signalfd_siginfo info;
    while (read(recording->signals.fd, &info, sizeof info) == (ssize_t)sizeof info)
    {
        if (info.ssi_signo == SIGCHLD)
        {
            reap_all(recording);
            continue;
        }
        pass_on(recording, &info);
        note_dismissal(&recording->server, (int)info.ssi_signo);
        if (info.ssi_signo == SIGINT)
            on_interrupt(recording);
        else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP)
            on_terminate(recording);
    }
    reap_all(recording);
}

static void wait_for_signal(struct recording *recording)
{
    struct pollfd waiting = {.fd = recording->signals.fd, .events = POLLIN};
    poll(&waiting, 1, -1);
    signals_handle(recording);
}

void signals_wait_for_child(struct recording *recording)
{
    signals_handle(recording);
    while (!recording->child.has_ended)
        wait_for_signal(recording);
}

void signals_wait_for_viewer(struct recording *recording)
{
    while (recording->view.pid != 0)
        wait_for_signal(recording);
}

void signals_wait_for_server(struct recording *recording)
{
    while (recording->server.pid != 0 && !recording->server.is_dismissed)
        wait_for_signal(recording);
}
