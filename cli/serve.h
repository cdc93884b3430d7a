// SPDX-License-Identifier: MIT
// Serving reels to a browser: what `web` and `record --web` tell the server.
#ifndef HEAPREEL_CLI_SERVE_H
#define HEAPREEL_CLI_SERVE_H

#include <stdbool.h>

#include "cli/command.h"

// Keys of options that a command may offer, clear of letters and of its own.
enum serve_key
{
    SERVE_PORT = 512,
    SERVE_HOST,
    SERVE_NO_BROWSER,
    SERVE_LIMIT_SECONDS,
};

struct serve_settings
{
    const char *host;
    const char *port;
    const char *limit_seconds;
    bool has_no_browser;
    bool is_beside_recording; // silent once it has told its address
};

// For a command's take(): ARGP_ERR_UNKNOWN for keys that are none of these.
error_t serve_take(int key, char *argument, struct argp_state *state, struct serve_settings *settings);
// Becomes the server of these reels, which are not looked at before. Returns only on failure: the exit status, after a
// complaint.
int serve_become(const struct serve_settings *settings, const char *const *reels, size_t reel_count);

#endif
