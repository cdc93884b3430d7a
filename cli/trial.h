// SPDX-License-Identifier: MIT
// What the commands that run programs under allocators have in common: finding an allocator, a line that tells what
// runs, and Ctrl-C, which ends the run and not the answer.
#ifndef HEAPREEL_CLI_TRIAL_H
#define HEAPREEL_CLI_TRIAL_H

#include <stdbool.h>

#include "lab/allocator.h"

// CLI_OK, or the exit status after a complaint that begins with the command's name.
int trial_find_allocator(struct lab_allocator *allocator, const char *command, const char *name);

// "heapreel: WHAT" on stderr while it runs, in place of what stood there, if that is a terminal.
void trial_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
void trial_tell_no_more(void); // takes the line away

void trial_watch_interrupts(void);
bool trial_is_interrupted(void);

#endif
