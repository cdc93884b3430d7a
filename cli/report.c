// SPDX-License-Identifier: MIT
// heapreel report: a reel as one file for any browser. Its options; the file is made by Python.
#include <inttypes.h>
#include <stdio.h>

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/parse.h"
#include "cli/python.h"

#define BYTES_IN_MB 1000000u
#define SIZE_MAX_MB 1000000u
#define POINTS_MAX 100000
#define OPTIONS_MAX 8
#define NUMBER_BYTES 24

enum key
{
    KEY_OUTPUT = 'o',
    KEY_FORCE = 256,
    KEY_MAX_SIZE,
    KEY_POINTS,
};

struct settings
{
    const char *reel;
    const char *output;
    const char *points;
    uint64_t size_mb; // 0: not said
    bool is_forced;
};

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "X.html", 0, "Write the report to this file", 0},
    {"force", KEY_FORCE, NULL, 0, "Replace the file if it exists", 0},
    {"max-size", KEY_MAX_SIZE, "MB", 0, "Leave out detail until the file has at most so many million bytes", 0},
    {"points", KEY_POINTS, "N", 0, "Moments of the run that can be chosen in the report", 0},
    {0},
};

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    uint64_t points;
    switch (key)
    {
    case KEY_OUTPUT:
        settings->output = argument;
        return argument[0] != '\0' ? 0 : cli_usage_error(state, "--output needs a name");
    case KEY_FORCE:
        settings->is_forced = true;
        return 0;
    case KEY_MAX_SIZE:
        return cli_take_number(state, "--max-size", argument, 1, SIZE_MAX_MB, &settings->size_mb);
    case KEY_POINTS:
        settings->points = argument;
        return cli_take_number(state, "--points", argument, 2, POINTS_MAX, &points);
    case ARGP_KEY_END:
        if (settings->reel != NULL && settings->output == NULL)
            return cli_usage_error(state, "no file is named for the report: -o X.html");
        return cli_take_reel(state, key, argument, &settings->reel);
    default:
        return cli_take_reel(state, key, argument, &settings->reel);
    }
}

static int run(void *context)
{
    const struct settings *settings = context;
    char bytes[NUMBER_BYTES];
    const char *words[OPTIONS_MAX] = {"--output", settings->output};
    size_t count = 2;
    if (settings->is_forced)
        words[count++] = "--force";
    if (settings->size_mb != 0)
    {
        snprintf(bytes, sizeof bytes, "%" PRIu64, settings->size_mb * BYTES_IN_MB);
        words[count++] = "--max-bytes";
        words[count++] = bytes;
    }
    if (settings->points != NULL)
    {
        words[count++] = "--points";
        words[count++] = settings->points;
    }
    int status = answer_check(&settings->reel, 1);
    if (status != CLI_OK)
        return status;
    return python_become(&(struct python_call){.verb = "report",
                                               .page = PYTHON_REPORT,
                                               .options = words,
                                               .option_count = count,
                                               .reels = &settings->reel,
                                               .reel_count = 1});
}

const struct cli_command cli_report = {
    .name = "report",
    .arguments = "F",
    .purpose = "Write a reel as one HTML file that any browser shows, without a server and without the reel",
    .details = "The file holds the pages with what they need of the run at moments that are chosen evenly, and nothing "
               "that it would have to load.",
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
