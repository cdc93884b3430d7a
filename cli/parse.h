// SPDX-License-Identifier: MIT
// The words after a command, read into its settings by its table of options.
#ifndef HEAPREEL_CLI_PARSE_H
#define HEAPREEL_CLI_PARSE_H

#include "cli/command.h"

#include <stdint.h>

#define CLI_GO (-1)

// Returns CLI_GO, or the exit status when all is said already: after --help, or after a complaint.
int cli_parse(const struct cli_command *command, int argc, char **argv, void *settings);

// For a command's take(). One line that names the command and its --help; returns EINVAL.
error_t cli_usage_error(struct argp_state *state, const char *format, ...) __attribute__((format(printf, 2, 3)));
// A whole number from min to max, or a complaint about the option.
error_t cli_take_number(struct argp_state *state, const char *option, const char *text, uint64_t min, uint64_t max,
                        uint64_t *number);
// The one reel of a command: at ARGP_KEY_ARG takes it, at ARGP_KEY_END complains if there was none.
error_t cli_take_reel(struct argp_state *state, int key, char *argument, const char **reel);

#endif
