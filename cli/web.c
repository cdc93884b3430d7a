// SPDX-License-Identifier: MIT
// heapreel web: the heap in the browser. Its options; the server is Python's.
#include <stdio.h>

#include "cli/command.h"
#include "cli/parse.h"
#include "cli/python.h"

#define PORT_MAX 65535
#define SECONDS_MAX 86400
#define OPTIONS_MAX 8

enum key
{
    KEY_PORT = 256,
    KEY_HOST,
    KEY_NO_BROWSER,
    KEY_LIMIT_SECONDS,
};

struct settings
{
    char *const *reels;
    size_t reel_count;
    const char *host;
    const char *port;
    const char *limit_seconds;
    bool has_no_browser;
};

static const struct argp_option options[] = {
    {"port", KEY_PORT, "N", 0, "Listen on this port; 0: any that is free", 0},
    {"host", KEY_HOST, "ADDRESS", 0,
     "Listen on this address, 127.0.0.1 by default. Who reaches another one can read the reels", 0},
    {"no-browser", KEY_NO_BROWSER, NULL, 0, "Print the address and open no browser", 0},
    {"limit-seconds", KEY_LIMIT_SECONDS, "S", 0, "Give up a question that takes longer", 0},
    {0},
};

// A number that is handed on as it was written.
static error_t take_number(struct argp_state *state, const char *option, const char *text, uint64_t min, uint64_t max,
                           const char **kept)
{
    uint64_t number;
    *kept = text;
    return cli_take_number(state, option, text, min, max, &number);
}

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    switch (key)
    {
    case KEY_PORT:
        return take_number(state, "--port", argument, 0, PORT_MAX, &settings->port);
    case KEY_HOST:
        settings->host = argument;
        return argument[0] != '\0' ? 0 : cli_usage_error(state, "--host needs an address");
    case KEY_NO_BROWSER:
        settings->has_no_browser = true;
        return 0;
    case KEY_LIMIT_SECONDS:
        return take_number(state, "--limit-seconds", argument, 1, SECONDS_MAX, &settings->limit_seconds);
    case ARGP_KEY_ARGS:
        settings->reels = state->argv + state->next;
        settings->reel_count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS:
        return cli_usage_error(state, "no reel is named");
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static size_t add_option(const char *words[], size_t count, const char *option, const char *value)
{
    if (value == NULL)
        return count;
    words[count] = option;
    words[count + 1] = value;
    return count + 2;
}

static int run(void *context)
{
    const struct settings *settings = context;
    const char *words[OPTIONS_MAX];
    size_t count = add_option(words, 0, "--host", settings->host);
    count = add_option(words, count, "--port", settings->port);
    count = add_option(words, count, "--limit-seconds", settings->limit_seconds);
    if (settings->has_no_browser)
        words[count++] = "--no-browser";
    return python_become(&(struct python_call){.verb = "serve",
                                               .page = PYTHON_APPLICATION,
                                               .options = words,
                                               .option_count = count,
                                               .reels = (const char *const *)settings->reels,
                                               .reel_count = settings->reel_count});
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
