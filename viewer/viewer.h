// SPDX-License-Identifier: MIT
// The terminal viewer: replays a reel on the screen, or follows one that is being recorded.
#ifndef HEAPREEL_VIEWER_VIEWER_H
#define HEAPREEL_VIEWER_VIEWER_H

#include "reel/status.h"

#include <stdbool.h>

struct viewer_options
{
    const char *path;
    const char *state; // what to begin with, as state_parse takes it; NULL: the default
    const char *keys;  // typed before anything else, as keys_type takes them; NULL: none
    const char *dump;  // name of a page: print it as text and end; NULL: on the terminal
    int dump_width;    // of what is printed
    int dump_height;
    bool is_following;  // begin at the newest moment and stay there
    bool is_ascii;      // no other characters, whatever the locale
    bool is_monochrome; // no colours, whatever the terminal
    bool has_no_mouse;
};

// Runs until the user quits. The terminal is as it was before, whatever happens. REEL_OK, or a negative reel_status and
// a line in *error: the reel cannot be read, options that make no sense (REEL_E_ARGUMENT), no terminal.
int viewer_run(const struct viewer_options *options, struct reel_error *error);

#endif
