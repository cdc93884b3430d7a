// SPDX-License-Identifier: MIT
// A sub-command: what its file exports, and what all of them share. Each is one file with one constant.
#ifndef HEAPREEL_CLI_COMMAND_H
#define HEAPREEL_CLI_COMMAND_H

#include <argp.h>
#include <stddef.h>

enum cli_exit
{
    CLI_OK = 0,
    CLI_FINDING = 1,          // the answer is: something is wrong
    CLI_USAGE = 2,            // the question makes no sense
    CLI_CANNOT = 3,           // cannot read or run
    CLI_NOT_EXECUTABLE = 126, // record, as shells do
    CLI_NOT_FOUND = 127,
};

struct cli_command
{
    const char *name;
    const char *arguments; // as in the usage line
    const char *purpose;   // one sentence, no full stop
    const char *details;   // shown by --help after the options; NULL: none
    const struct argp_option *options;
    // Fills in the settings, which are all zero at first and reached by state->input. Wrong words end in
    // `return cli_usage_error(state, ...)`.
    error_t (*take)(int key, char *argument, struct argp_state *state);
    unsigned argp_flags;
    size_t settings_bytes;
    int (*run)(void *settings); // the exit status
};

extern const struct cli_command *const cli_commands[]; // ends with NULL

extern const struct cli_command cli_record;
extern const struct cli_command cli_summary;
extern const struct cli_command cli_top;
extern const struct cli_command cli_blame;
extern const struct cli_command cli_classes;
extern const struct cli_command cli_pages;
extern const struct cli_command cli_timeline;
extern const struct cli_command cli_address;
extern const struct cli_command cli_diff;
extern const struct cli_command cli_check;
extern const struct cli_command cli_sql;
extern const struct cli_command cli_claims;
extern const struct cli_command cli_bench;
extern const struct cli_command cli_doctor;
extern const struct cli_command cli_view;
extern const struct cli_command cli_web;
extern const struct cli_command cli_report;

// The whole program; argv as main gets it. Returns the exit status.
int cli_main(int argc, char **argv);

#endif
