// SPDX-License-Identifier: MIT
// One line on the terminal that tells how far things are.
#ifndef HEAPREEL_TRACER_PROGRESS_H
#define HEAPREEL_TRACER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress
{
    bool is_possible;   // stderr is a terminal and nobody asked for quiet
    bool is_during_run; // also while the program runs: its output does not go to a terminal
    bool is_shown;      // a line is on the screen
    bool is_hidden;     // a viewer has the terminal
    uint64_t next_ns;   // CLOCK_MONOTONIC of the next redraw
};

void progress_begin(struct progress *progress, bool is_quiet);
// True at most ten times a second, when the terminal is ours to draw on: we are in its foreground and no program has
// switched it to raw mode.
bool progress_is_due(struct progress *progress, bool is_running, uint64_t now_ns);
void progress_draw(struct progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));
void progress_clear(struct progress *progress);

#endif
