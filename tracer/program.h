// SPDX-License-Identifier: MIT
// The program to be recorded: where it is, and whether the preload library can enter it.
#ifndef HEAPREEL_TRACER_PROGRAM_H
#define HEAPREEL_TRACER_PROGRAM_H

#include "reel/status.h"

#include <limits.h>
#include <stdbool.h>

struct program
{
    char path[PATH_MAX];
    bool needs_shell; // neither ELF nor "#!": run by /bin/sh, as execvp does
};

// Finds the program like execvp and checks all that would make recording impossible: missing, a directory, not
// executable, static, set-uid or set-gid, privileged by capabilities, of another architecture, of another C library, a
// script whose interpreter is one of these. One line for each.
int program_find(struct program *program, const char *name, struct reel_error *error);

#endif
