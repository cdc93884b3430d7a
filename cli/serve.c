// SPDX-License-Identifier: MIT
// The server's options, and handing them on. The server itself is Python's.
#include "cli/serve.h"

#include "cli/parse.h"
#include "cli/python.h"

#define PORT_MAX 65535
#define SECONDS_MAX 86400
#define OPTIONS_MAX 8

// A number that is handed on as it was written.
static error_t take_number(struct argp_state *state, const char *option, const char *text, uint64_t min, uint64_t max,
                           const char **kept)
{
    uint64_t number;
    *kept = text;
    return cli_take_number(state, option, text, min, max, &number);
}

error_t serve_take(int key, char *argument, struct argp_state *state, struct serve_settings *settings)
{
    switch (key)
    {
    case SERVE_PORT:
        return take_number(state, "--port", argument, 0, PORT_MAX, &settings->port);
    case SERVE_HOST:
        settings->host = argument;
        return argument[0] != '\0' ? 0 : cli_usage_error(state, "--host needs an address");
    case SERVE_NO_BROWSER:
        settings->has_no_browser = true;
        return 0;
    case SERVE_LIMIT_SECONDS:
        return take_number(state, "--limit-seconds", argument, 1, SECONDS_MAX, &settings->limit_seconds);
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

int serve_become(const struct serve_settings *settings, const char *const *reels, size_t reel_count)
{
    const char *words[OPTIONS_MAX];
    size_t count = add_option(words, 0, "--host", settings->host);
    count = add_option(words, count, "--port", settings->port);
    count = add_option(words, count, "--limit-seconds", settings->limit_seconds);
    if (settings->has_no_browser)
        words[count++] = "--no-browser";
    if (settings->is_beside_recording)
        words[count++] = "--beside-recording";
    return python_become(&(struct python_call){.verb = "serve",
                                               .page = PYTHON_APPLICATION,
                                               .options = words,
                                               .option_count = count,
                                               .reels = reels,
                                               .reel_count = reel_count});
}
