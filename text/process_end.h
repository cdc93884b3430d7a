// SPDX-License-Identifier: MIT
// How a process ended, in a word or two.
#ifndef HEAPREEL_TEXT_PROCESS_END_H
#define HEAPREEL_TEXT_PROCESS_END_H

#include "reel/summary.h"

#define PROCESS_END_BYTES 32

// "exit 0", "SIGKILL", "signal 40", "exec", "stopped", "unknown", "running". Returns text.
char *process_end(char text[PROCESS_END_BYTES], const struct reel_process_summary *process);

#endif
