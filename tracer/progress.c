// SPDX-License-Identifier: MIT
// Draws the progress line. Refuses to touch a terminal that the program draws on: an own line in the middle of the
// program's would spoil both.
#include "tracer/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PROGRESS_INTERVAL_NS UINT64_C(100000000)
#define PROGRESS_LINE_BYTES 256

static void write_line(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; // a terminal that has gone is no reason to stop
}

static bool terminal_is_ours(void)
{
    struct termios mode;
    return tcgetpgrp(STDERR_FILENO) == getpgrp() && tcgetattr(STDERR_FILENO, &mode) == 0 &&
           (mode.c_lflag & ICANON) != 0;
}

void progress_begin(struct progress *progress, bool is_quiet)
{
    *progress = (struct progress){
        .is_possible = !is_quiet && isatty(STDERR_FILENO) == 1,
        .is_during_run = isatty(STDOUT_FILENO) == 0,
    };
}

bool progress_is_due(struct progress *progress, bool is_running, uint64_t now_ns)
{
    if (!progress->is_possible || progress->is_hidden || now_ns < progress->next_ns ||
        (is_running && !progress->is_during_run))
        return false;
    progress->next_ns = now_ns + PROGRESS_INTERVAL_NS;
    return terminal_is_ours();
}

void progress_draw(struct progress *progress, const char *format, ...)
{
    char line[PROGRESS_LINE_BYTES] = "\r\033[K";
    size_t used = strlen(line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + used, sizeof line - used, format, arguments);
    va_end(arguments);
    write_line(line);
    progress->is_shown = true;
}

void progress_clear(struct progress *progress)
{
    if (progress->is_shown)
        write_line("\r\033[K");
    progress->is_shown = false;
}
