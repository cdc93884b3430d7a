// SPDX-License-Identifier: MIT
// heapreel web: the heap in the browser. Its options; the server is Python's.
#include "cli/answer.h"
#include "cli/command.h"
#include "cli/parse.h"
#include "cli/serve.h"

struct settings
{
    char *const *reels;
    size_t reel_count;
    struct serve_settings serve;
};

static const struct argp_option options[] = {
    {"port", SERVE_PORT, "N", 0, "Listen on this port; 0: any that is free", 0},
    {"host", SERVE_HOST, "ADDRESS", 0,
     "Listen on this address, 127.0.0.1 by default. Who reaches another one can read the reels", 0},
    {"no-browser", SERVE_NO_BROWSER, NULL, 0, "Print the address and open no browser", 0},
    {"limit-seconds", SERVE_LIMIT_SECONDS, "S", 0, "Give up a question that takes longer", 0},
    {0},
};

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key)
    {
    case ARGP_KEY_ARGS:
        settings->reels = state->argv + state->next;
        settings->reel_count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS:
        return cli_usage_error(state, "no reel is named");
    default:
        return serve_take(key, argument, state, &settings->serve);
    }
}

static int run(void *context)
{
    const struct settings *settings = context;
    const char *const *reels = (const char *const *)settings->reels;
    int status = answer_check(reels, settings->reel_count);
    return status == CLI_OK ? serve_become(&settings->serve, reels, settings->reel_count) : status;
}

const struct cli_command cli_web = {
    .name = "web",
    .arguments = "F...",
    .purpose = "Show the heap in the browser: the pages of the viewer, for one reel or several",
    .details = "Serves on this machine alone unless --host says otherwise, until Ctrl-C. Reels are read and never "
               "changed; one that is being recorded is followed.",
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
