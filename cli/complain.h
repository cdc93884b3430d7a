// SPDX-License-Identifier: MIT
// Errors for people: one line on stderr, "heapreel: what, where, what to do".
#ifndef HEAPREEL_CLI_COMPLAIN_H
#define HEAPREEL_CLI_COMPLAIN_H

#include "reel/status.h"

// Control characters in the text become "?". Returns status, so that a failure is one `return cli_complain(...)`.
int cli_complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The same for an error of the engine: exit status 2 for a bad argument, 3 for all others.
int cli_complain_error(const struct reel_error *error);

// Makes sure that the answer went out: 3 with a line if it did not, else status.
int cli_flush_answer(int status);

#endif
