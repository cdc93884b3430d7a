// SPDX-License-Identifier: MIT
// heapreel view: the heap on the screen of a terminal, finished or while it is recorded.
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/parse.h"
#include "tracer/find.h"
#include "viewer/viewer.h"

#define KEY_STATE 256
#define KEY_DUMP 257
#define KEY_SIZE 258
#define KEY_KEYS 259
#define KEY_FOLLOW 260
#define KEY_ASCII 261
#define KEY_NO_COLOUR 262
#define KEY_NO_MOUSE 263
#define WIDTH_DEFAULT 120
#define HEIGHT_DEFAULT 36
#define SIDE_MAX 1000
#define PATH_BYTES 4096

struct settings
{
    const char *reel;
    struct viewer_options options;
};

static const struct argp_option options[] = {
    {"state", KEY_STATE, "STATE", 0, "Begin as the state says, which the key o shows", 0},
    {"follow", KEY_FOLLOW, NULL, 0, "Begin at the newest moment and stay there", 0},
    {"keys", KEY_KEYS, "KEYS", 0, "Type these first: P4<Enter>", 0},
    {"dump", KEY_DUMP, "PAGE", 0,
     "Print a page as text, without a terminal: overview, classes, map, stacks, sites, lifetimes, blocks, findings or "
     "processes",
     0},
    {"size", KEY_SIZE, "WxH", 0, "Columns and rows of what --dump prints, 120x36 by default", 0},
    {"ascii", KEY_ASCII, NULL, 0, "No other characters than ASCII", 0},
    {"no-color", KEY_NO_COLOUR, NULL, 0, "No colours, as with NO_COLOR in the environment", 0},
    {"no-mouse", KEY_NO_MOUSE, NULL, 0, "Leave the mouse to the terminal", 0},
    {0},
};

// A side from 1 to SIDE_MAX, and what follows it; 0: it is none.
static int read_side(const char *text, const char **rest)
{
    char *end;
    long side = strtol(text, &end, 10);
    *rest = end;
    return *text >= '1' && *text <= '9' && side <= SIDE_MAX ? (int)side : 0;
}

static error_t take_size(struct argp_state *state, const char *text, struct viewer_options *viewer)
{
    const char *rest;
    viewer->dump_width = read_side(text, &rest);
    bool is_good = viewer->dump_width != 0 && *rest == 'x';
    viewer->dump_height = is_good ? read_side(rest + 1, &rest) : 0;
    if (viewer->dump_height != 0 && *rest == '\0')
        return 0;
    return cli_usage_error(state, "--size %s: it is written as 80x24, each from 1 to %d", text, SIDE_MAX);
}

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    struct viewer_options *viewer = &settings->options;
    switch (key)
    {
    case ARGP_KEY_INIT:
        viewer->dump_width = WIDTH_DEFAULT;
        viewer->dump_height = HEIGHT_DEFAULT;
        return 0;
    case KEY_STATE:
        viewer->state = argument;
        return 0;
    case KEY_FOLLOW:
        viewer->is_following = true;
        return 0;
    case KEY_KEYS:
        viewer->keys = argument;
        return 0;
    case KEY_DUMP:
        viewer->dump = argument;
        return 0;
    case KEY_SIZE:
        return take_size(state, argument, viewer);
    case KEY_ASCII:
        viewer->is_ascii = true;
        return 0;
    case KEY_NO_COLOUR:
        viewer->is_monochrome = true;
        return 0;
    case KEY_NO_MOUSE:
        viewer->has_no_mouse = true;
        return 0;
    default:
        return cli_take_reel(state, key, argument, &settings->reel);
    }
}

// The reel that a number names as a process, unless there is a file of that name.
static int find(const char *named, char path[PATH_BYTES], struct viewer_options *viewer)
{
    char *end;
    long pid = strtol(named, &end, 10);
    viewer->path = named;
    if (*named == '\0' || *end != '\0' || pid <= 0 || pid > INT_MAX || access(named, F_OK) == 0)
        return CLI_OK;
    struct reel_error error = {0};
    if (tracer_find_reel((int)pid, path, PATH_BYTES, &error) != REEL_OK)
        return cli_complain_error(&error);
    viewer->path = path;
    viewer->is_following = true;
    return CLI_OK;
}

static bool has_screen(void)
{
    const char *terminal = getenv("TERM");
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && terminal != NULL && terminal[0] != '\0' &&
           strcmp(terminal, "dumb") != 0;
}

static int run(void *context)
{
    struct settings *settings = context;
    struct viewer_options *viewer = &settings->options;
    struct reel_error error = {0};
    char path[PATH_BYTES];
    setlocale(LC_CTYPE, "");
    viewer->is_ascii |= strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    int status = find(settings->reel, path, viewer);
    if (status != CLI_OK)
        return status;
    if (viewer->dump == NULL && !has_screen())
        viewer->dump = "overview"; // once, as a page of text
    if (viewer_run(viewer, &error) != REEL_OK)
        return cli_complain_error(&error);
    return cli_flush_answer(CLI_OK);
}

const struct cli_command cli_view = {
    .name = "view",
    .arguments = "F|PID",
    .purpose = "Show the heap on the screen: replay a reel, or follow a program that is being recorded",
    .details = "The key ? explains each page and lists all keys. Where there is no terminal the Overview is printed "
               "once.",
    .options = options,
    .take = take,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
