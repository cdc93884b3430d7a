// SPDX-License-Identifier: MIT
// Signals, terminal modes and stderr while the screen is taken. Handlers call only what is safe in one.
#include "viewer/screen/terminal_rescue.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#define SEQUENCE_BYTES 512
#define COPY_BYTES 4096

static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
static const int ends[] = {SIGTERM, SIGHUP, SIGINT};
#define CRASHES (sizeof crashes / sizeof *crashes)
#define ENDS (sizeof ends / sizeof *ends)

static struct
{
    char sequence[SEQUENCE_BYTES];
    size_t sequence_bytes;
    struct termios modes;
    bool has_modes;
    bool is_armed;
    struct sigaction before_crashes[CRASHES];
    struct sigaction before_ends[ENDS];
    sigset_t mask;
    int kept_errors; // a file in memory; -1: stderr is not redirected
    int errors;      // stderr as it was
    volatile sig_atomic_t is_asked_to_end;
} rescue = {.kept_errors = -1, .errors = -1};

static void write_all(int descriptor, const char *bytes, size_t count)
{
    while (count > 0)
    {
        ssize_t written = write(descriptor, bytes, count);
        if (written <= 0)
            return;
        bytes += written;
        count -= (size_t)written;
    }
}

static void show_kept_errors(void)
{
    char bytes[COPY_BYTES];
    ssize_t count = 0;
    if (rescue.kept_errors < 0)
        return;
    dup2(rescue.errors, STDERR_FILENO);
    for (off_t at = 0; (count = pread(rescue.kept_errors, bytes, sizeof bytes, at)) > 0; at += count)
        write_all(STDERR_FILENO, bytes, (size_t)count);
    close(rescue.kept_errors);
    close(rescue.errors);
    rescue.kept_errors = rescue.errors = -1;
}

static void restore_terminal(void)
{
    write_all(STDOUT_FILENO, rescue.sequence, rescue.sequence_bytes);
    if (rescue.has_modes)
        tcsetattr(STDIN_FILENO, TCSANOW, &rescue.modes);
    show_kept_errors();
}

// A fault happens again on return, and finds the action that was there before; a signal that was sent is sent again.
static void take_crash(int number, siginfo_t *info, void *context)
{
    (void)context;
    restore_terminal();
    for (size_t i = 0; i < CRASHES; i++)
        sigaction(crashes[i], &rescue.before_crashes[i], NULL);
    if (info->si_code <= 0)
        raise(number);
}

static void take_end(int number)
{
    (void)number;
    rescue.is_asked_to_end = 1;
}

void rescue_remember(void)
{
    rescue.has_modes = tcgetattr(STDIN_FILENO, &rescue.modes) == 0;
}

static void keep_errors(void)
{
    if (!isatty(STDERR_FILENO))
        return;
    rescue.kept_errors = memfd_create("stderr", MFD_CLOEXEC);
    rescue.errors = dup(STDERR_FILENO);
    if (rescue.kept_errors >= 0 && rescue.errors >= 0)
    {
        dup2(rescue.kept_errors, STDERR_FILENO);
        return;
    }
    close(rescue.kept_errors);
    close(rescue.errors);
    rescue.kept_errors = rescue.errors = -1;
}

static void take_signals(void)
{
    struct sigaction crash = {.sa_sigaction = take_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    struct sigaction end = {.sa_handler = take_end};
    sigset_t held;
    sigemptyset(&crash.sa_mask);
    sigemptyset(&end.sa_mask);
    sigemptyset(&held);
    sigaddset(&held, SIGWINCH);
    for (size_t i = 0; i < CRASHES; i++)
        sigaction(crashes[i], &crash, &rescue.before_crashes[i]);
    for (size_t i = 0; i < ENDS; i++)
    {
        sigaction(ends[i], &end, &rescue.before_ends[i]);
        sigaddset(&held, ends[i]);
    }
    sigprocmask(SIG_BLOCK, &held, &rescue.mask);
}

void rescue_arm(const char *sequence)
{
    size_t bytes = strlen(sequence);
    rescue.sequence_bytes = bytes < sizeof rescue.sequence ? bytes : sizeof rescue.sequence;
    memcpy(rescue.sequence, sequence, rescue.sequence_bytes);
    rescue.is_asked_to_end = 0;
    rescue.is_armed = true;
    take_signals();
    keep_errors();
}

const sigset_t *rescue_waiting_mask(void)
{
    return &rescue.mask;
}

bool rescue_is_asked_to_end(void)
{
    return rescue.is_asked_to_end != 0;
}

void rescue_disarm(void)
{
    if (!rescue.is_armed)
        return;
    rescue.is_armed = false;
    for (size_t i = 0; i < CRASHES; i++)
        sigaction(crashes[i], &rescue.before_crashes[i], NULL);
    sigprocmask(SIG_SETMASK, &rescue.mask, NULL); // what is pending is taken by the handlers that note it
    for (size_t i = 0; i < ENDS; i++)
        sigaction(ends[i], &rescue.before_ends[i], NULL);
    show_kept_errors();
}
