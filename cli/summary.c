// SPDX-License-Identifier: MIT
// heapreel summary: the figures of a reel. Asks the engine; the text and the JSON are printed elsewhere.
#include "reel/summary.h"

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/parse.h"
#include "cli/summary_print.h"

#define KEY_JSON 256

struct settings
{
    const char *reel;
    bool is_json;
};

static const struct argp_option options[] = {
    {"json", KEY_JSON, NULL, 0, "Answer in JSON", 0},
    {0},
};

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    if (key != KEY_JSON)
        return cli_take_reel(state, key, argument, &settings->reel);
    settings->is_json = true;
    return 0;
}

static int run(void *context)
{
    const struct settings *settings = context;
    struct reel_reader *reader = NULL;
    struct reel_summary *summary = NULL;
    struct reel_error error = {0};
    int status = answer_open(&reader, settings->reel);
    if (status != CLI_OK)
        return status;
    if (reel_summary_read(&summary, reader, &error) != REEL_OK)
        status = cli_complain_error(&error);
    else
        status = settings->is_json ? summary_print_json(summary, reader) : summary_print_text(summary, reader);
    reel_summary_destroy(summary);
    reel_reader_close(reader);
    return status;
}

const struct cli_command cli_summary = {
    .name = "summary",
    .arguments = "F",
    .purpose = "Print the figures of a reel: peak, leaks, counts, processes, and what is missing from it",
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
