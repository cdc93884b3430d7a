// SPDX-License-Identifier: MIT
// Runs a program under an allocator, bounded in time and output, and tells what it printed and what it cost.
#ifndef HEAPREEL_LAB_LAUNCH_H
#define HEAPREEL_LAB_LAUNCH_H

#include "lab/allocator.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lab_launch
{
    const struct lab_allocator *allocator;
    char *const *argv;            // NULL-terminated, argv[0] a path
    uint64_t address_space_bytes; // RLIMIT_AS, 0 = unlimited
    uint32_t time_limit_ms;       // then it is killed; 0 = 60000
};

struct lab_outcome
{
    int wait_status; // as waitpid gives it
    bool is_timed_out;
    uint64_t wall_ns;
    uint64_t user_ns;
    uint64_t system_ns;
    uint64_t peak_resident_bytes;
    char output[65536]; // standard output, terminated, cut if longer
    char errors[4096];  // standard error, likewise
};

// False: the program could not be run; *complaint is one line. Not re-entrant. SIGINT of the terminal reaches the
// program too, and is_timed_out is false then.
bool lab_launch(const struct lab_launch *launch, struct lab_outcome *outcome, char *complaint, size_t complaint_bytes);

// Somebody at the terminal ended it.
bool lab_was_interrupted(const struct lab_outcome *outcome);

// The number on the output line "NAME VALUE"; false: there is none. Programs of the lab print one figure a line.
bool lab_figure(const struct lab_outcome *outcome, const char *name, double *value);

#endif
