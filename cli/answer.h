// SPDX-License-Identifier: MIT
// What the commands that answer from a reel have in common: opening it, and a line that tells how far the work is.
#ifndef HEAPREEL_CLI_ANSWER_H
#define HEAPREEL_CLI_ANSWER_H

#include "reel/reader.h"

// CLI_OK, or the exit status after a complaint.
int answer_open(struct reel_reader **reader, const char *path);

// CLI_OK if all can be opened.
int answer_check(const char *const *paths, size_t count);

// "heapreel: WHAT 45 %" on stderr while the work takes its time, if that is a terminal.
struct answer_progress
{
    struct reel_progress progress; // for the engine
    const char *what;
    int shown_percent;
};

void answer_progress_begin(struct answer_progress *progress, const char *what);
void answer_progress_end(struct answer_progress *progress); // takes the line away

#endif
