// SPDX-License-Identifier: MIT
// heapreel doctor: what recording needs from this machine, and whether it is there; whether the web viewer can run.
// Changes nothing.
#include <stdio.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/installed.h"
#include "cli/parse.h"
#include "cli/python.h"
#include "tracer/record.h"

#define PATH_BYTES 4096

static const struct argp_option options[] = {{0}};

static error_t take(int key, char *argument, struct argp_state *state)
{
    if (key == ARGP_KEY_ARG)
        return cli_usage_error(state, "%s is one word too many", argument);
    return ARGP_ERR_UNKNOWN;
}

static void report(void *context, const char *name, bool is_good, const char *text)
{
    (void)context;
    printf("%-8s %-16s %s\n", is_good ? "ok" : "MISSING", name, text);
}

// Recording and all else does without it: no reason for another status.
static void report_web(void)
{
    char lack[PATH_BYTES + 512];
    bool is_ready = python_is_ready(PYTHON_APPLICATION, lack, sizeof lack);
    printf("%-8s %-16s %s\n", is_ready ? "ok" : "absent", "web viewer", is_ready ? "can be shown" : lack);
}

static int run(void *settings)
{
    (void)settings;
    char preload[PATH_BYTES];
    if (!installed_library(INSTALLED_PRELOAD, preload, sizeof preload))
        return cli_complain(CLI_CANNOT, "cannot tell where this program lies: /proc is needed");
    int missing = tracer_doctor(preload, NULL, report, NULL);
    report_web();
    return cli_flush_answer(missing == 0 ? CLI_OK : CLI_FINDING);
}

const struct cli_command cli_doctor = {
    .name = "doctor",
    .arguments = "",
    .purpose = "Tell what this machine lacks for recording",
    .details = "One line for each thing that is needed. Exit status 1 if one is missing; the web viewer is not needed.",
    .options = options,
    .take = take,
    .run = run,
};
