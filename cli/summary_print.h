// SPDX-License-Identifier: MIT
// A summary on stdout: a screen for people, a document for programs. Both return the exit status.
#ifndef HEAPREEL_CLI_SUMMARY_PRINT_H
#define HEAPREEL_CLI_SUMMARY_PRINT_H

#include "reel/summary.h"

int summary_print_text(const struct reel_summary *summary);
int summary_print_json(const struct reel_summary *summary);

#endif
