// SPDX-License-Identifier: MIT
// The face of a run of the lab. Chooses nothing and measures nothing.
#include "cli/trial.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/installed.h"
#include "cli/terminal.h"

static volatile sig_atomic_t is_interrupted;

static void note_interrupt(int signal)
{
    (void)signal;
    is_interrupted = 1;
}

int trial_find_allocator(struct lab_allocator *allocator, const char *command, const char *name)
{
    char own_library[4096];
    char complaint[1024];
    if (!installed_library(INSTALLED_PRELOAD, own_library, sizeof own_library))
        return cli_complain(CLI_CANNOT, "cannot tell where this program lies: /proc is needed");
    if (!lab_allocator_find(allocator, name, own_library, complaint, sizeof complaint))
        return cli_complain(CLI_USAGE, "%s: %s", command, complaint);
    return CLI_OK;
}

void trial_tell(const char *format, ...)
{
    va_list arguments;
    if (terminal_width(stderr) == 0)
        return;
    fputs("\r\033[Kheapreel: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
}

void trial_tell_no_more(void)
{
    if (terminal_width(stderr) != 0)
        fputs("\r\033[K", stderr);
}

void trial_watch_interrupts(void)
{
    const struct sigaction interrupt = {.sa_handler = note_interrupt};
    sigaction(SIGINT, &interrupt, NULL);
}

bool trial_is_interrupted(void)
{
    return is_interrupted != 0;
}
