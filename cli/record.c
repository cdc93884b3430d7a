// SPDX-License-Identifier: MIT
// heapreel record: options and exit status. The recording itself is the tracer's.
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/complain.h"
#include "cli/installed.h"
#include "cli/parse.h"
#include "cli/serve.h"
#include "tracer/record.h"

#define PATH_BYTES 4096
#define ALLOCATOR_BYTES 512
#define RING_EVENTS_MIN 64
#define RING_EVENTS_MAX (1u << 24)
#define SIGNAL_BASE 128

enum key
{
    KEY_OUTPUT = 'o',
    KEY_QUIET = 'q',
    KEY_ALLOCATOR = 256,
    KEY_ON_MISUSE,
    KEY_STACKS,
    KEY_FULL,
    KEY_DEPTH,
    KEY_RING_EVENTS,
    KEY_FORCE,
    KEY_VIEW,
    KEY_WEB,
};

struct settings
{
    struct tracer_options tracer;
    const char *allocator;
    const char *on_misuse; // NULL: the allocator's own policy
    bool has_web;
    struct serve_settings serve;
};

struct choice
{
    const char *name;
    unsigned value;
};

static const struct choice stacks_choices[] = {
    {"on", WIRE_STACKS_ON},
    {"alloc", WIRE_STACKS_ALLOC},
    {"off", WIRE_STACKS_OFF},
    {"verify", WIRE_STACKS_VERIFY},
    {NULL, 0},
};

static const struct choice full_choices[] = {
    {"wait", WIRE_WHEN_FULL_WAIT},
    {"drop", WIRE_WHEN_FULL_DROP},
    {NULL, 0},
};

static const struct choice misuse_choices[] = {
    {"report", 0},
    {"abort", 0},
    {NULL, 0},
};

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "F", 0, "Write the reel to F; without it NAME.PID.reel in the working directory", 0},
    {"force", KEY_FORCE, NULL, 0, "Replace F if it exists", 0},
    {"allocator", KEY_ALLOCATOR, "A[,OPTION=VALUE...]", 0,
     "Allocator that serves the program: system (its own one, the default), bump:lifo, bump:fifo, bump:none, zoned, "
     "splitmerge",
     0},
    {"on-misuse", KEY_ON_MISUSE, "report|abort", 0,
     "When an allocator of ours finds a block misused: go on (the default), or abort the program", 0},
    {"stacks", KEY_STACKS, "on|alloc|off|verify", 0,
     "Call stacks: of every event (the default), of allocations only, none, or captured both ways and compared", 0},
    {"depth", KEY_DEPTH, "N", 0, "Keep at most N frames of a stack, 256 by default", 0},
    {"full", KEY_FULL, "wait|drop", 0,
     "When a thread is faster than the recording: wait (the default), or drop events and count them", 0},
    {"ring-events", KEY_RING_EVENTS, "N", 0,
     "Room for N events in a thread's ring, a power of two; for more than 8 "
     "threads at most 65536 in those of the others",
     0},
    {"view", KEY_VIEW, NULL, 0,
     "Follow it in the terminal viewer; what the program writes to the terminal goes to F with .log for .reel, and its "
     "input is empty. Quit the viewer, and the recording goes on",
     0},
    {"web", KEY_WEB, NULL, 0,
     "Follow it in the browser; the address is printed before the program begins, and the server stays until the first "
     "Ctrl-C after its end",
     0},
    {"port", SERVE_PORT, "N", 0, "With --web: listen on this port", 0},
    {"host", SERVE_HOST, "ADDRESS", 0, "With --web: listen on this address, 127.0.0.1 by default", 0},
    {"no-browser", SERVE_NO_BROWSER, NULL, 0, "With --web: print the address and open no browser", 0},
    {"quiet", KEY_QUIET, NULL, 0, "No progress and no closing line", 0},
    {0},
};

static error_t take_choice(struct argp_state *state, const char *option, const struct choice *choices,
                           const char *argument, unsigned *value)
{
    char names[128] = "";
    for (const struct choice *choice = choices; choice->name != NULL; choice++)
    {
        if (strcmp(choice->name, argument) == 0)
        {
            *value = choice->value;
            return 0;
        }
        strcat(strcat(names, names[0] != '\0' ? ", " : ""), choice->name);
    }
    return cli_usage_error(state, "%s %s: there is only %s", option, argument, names);
}

static error_t take_ring_events(struct argp_state *state, const char *argument, uint32_t *ring_records)
{
    uint64_t number = 0;
    error_t error = cli_take_number(state, "--ring-events", argument, RING_EVENTS_MIN, RING_EVENTS_MAX, &number);
    if (error == 0 && (number & (number - 1)) != 0)
        return cli_usage_error(state, "--ring-events %s is no power of two", argument);
    *ring_records = (uint32_t)number;
    return error;
}

static error_t take_depth(struct argp_state *state, const char *argument, uint32_t *depth_max)
{
    uint64_t number = 0;
    error_t error = cli_take_number(state, "--depth", argument, 1, WIRE_DEPTH_LIMIT, &number);
    *depth_max = (uint32_t)number;
    return error;
}

// The program and all words after it, options among them, are its own.
static void take_program(struct argp_state *state, struct tracer_options *tracer)
{
    tracer->argv = &state->argv[state->next - 1];
    state->next = state->argc;
}

static error_t check(struct argp_state *state, const struct settings *settings)
{
    const struct serve_settings *serve = &settings->serve;
    if (settings->tracer.argv == NULL)
        return cli_usage_error(state, "no program is named");
    if (settings->has_web && settings->tracer.viewer_path != NULL)
        return cli_usage_error(state, "--view and --web: choose one; what is being recorded, view and web follow too");
    if (!settings->has_web && (serve->port != NULL || serve->host != NULL || serve->has_no_browser))
        return cli_usage_error(state, "--port, --host and --no-browser are for --web");
    return 0;
}

static error_t take(int key, char *argument, struct argp_state *state)
{
    struct settings *settings = state->input;
    struct tracer_options *tracer = &settings->tracer;
    unsigned value = 0;
    error_t error = 0;
    switch (key)
    {
    case ARGP_KEY_INIT:
        settings->allocator = "system";
        tracer->stacks = WIRE_STACKS_ON;
        return 0;
    case KEY_OUTPUT:
        tracer->output = argument;
        return argument[0] != '\0' ? 0 : cli_usage_error(state, "--output needs a name");
    case KEY_FORCE:
        tracer->force = true;
        return 0;
    case KEY_VIEW:
        tracer->viewer_path = "/proc/self/exe";
        return 0;
    case KEY_WEB:
        settings->has_web = true;
        return 0;
    case KEY_QUIET:
        tracer->quiet = true;
        return 0;
    case KEY_ALLOCATOR:
        settings->allocator = argument;
        return 0;
    case KEY_ON_MISUSE:
        settings->on_misuse = argument;
        return take_choice(state, "--on-misuse", misuse_choices, argument, &value);
    case KEY_STACKS:
        error = take_choice(state, "--stacks", stacks_choices, argument, &value);
        tracer->stacks = (enum wire_stacks)value;
        return error;
    case KEY_FULL:
        error = take_choice(state, "--full", full_choices, argument, &value);
        tracer->when_full = (enum wire_when_full)value;
        return error;
    case KEY_DEPTH:
        return take_depth(state, argument, &tracer->depth_max);
    case KEY_RING_EVENTS:
        return take_ring_events(state, argument, &tracer->ring_records);
    case ARGP_KEY_ARG:
        take_program(state, tracer);
        return 0;
    case ARGP_KEY_END:
        return check(state, settings);
    default:
        return serve_take(key, argument, state, &settings->serve);
    }
}

static int status_of_file(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return errno == EACCES ? CLI_NOT_EXECUTABLE : CLI_NOT_FOUND;
    return S_ISREG(about.st_mode) && access(path, X_OK) == 0 ? CLI_CANNOT : CLI_NOT_EXECUTABLE;
}

// What a shell would exit with that cannot run the program: 127 not there, 126 not executable; 3 if a shell could.
static int status_of_refused(const char *program)
{
    const char *search = getenv("PATH");
    if (strchr(program, '/') != NULL || search == NULL)
        return status_of_file(program);
    char candidate[PATH_BYTES];
    int status = CLI_NOT_FOUND;
    for (const char *end = NULL; search != NULL; search = end != NULL ? end + 1 : NULL)
    {
        end = strchr(search, ':');
        int length = end != NULL ? (int)(end - search) : (int)strlen(search);
        snprintf(candidate, sizeof candidate, "%.*s%s%s", length, search, length != 0 ? "/" : "", program);
        int found = status_of_file(candidate);
        if (found == CLI_CANNOT)
            return found;
        if (found == CLI_NOT_EXECUTABLE && access(candidate, F_OK) == 0)
            status = found;
    }
    return status;
}

// As a shell says it.
static int status_of_program(int wait_status)
{
    return WIFSIGNALED(wait_status) ? SIGNAL_BASE + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

// False: it does not fit.
static bool name_allocator(const struct settings *settings, char *text, size_t bytes)
{
    bool has_policy = settings->on_misuse != NULL;
    int length = snprintf(text, bytes, "%s%s%s", settings->allocator, has_policy ? ",on-misuse=" : "",
                          has_policy ? settings->on_misuse : "");
    return length >= 0 && (size_t)length < bytes;
}

static int become_server(void *context, const char *reel)
{
    struct settings *settings = context;
    settings->serve.is_beside_recording = true;
    return serve_become(&settings->serve, &reel, 1);
}

static int run(void *context)
{
    struct settings *settings = context;
    char preload[PATH_BYTES];
    char allocator[ALLOCATOR_BYTES];
    struct tracer_result result = {0};
    struct reel_error error = {0};
    if (!installed_library(INSTALLED_PRELOAD, preload, sizeof preload))
        return cli_complain(CLI_CANNOT, "cannot tell where this program lies: /proc is needed");
    if (settings->tracer.viewer_path != NULL && (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1))
        return cli_complain(CLI_USAGE, "--view needs a terminal; record without it, and look from one with: heapreel "
                                       "view PID");
    settings->tracer.preload_path = preload;
    settings->tracer.allocator = allocator;
    settings->tracer.serve = settings->has_web ? become_server : NULL;
    settings->tracer.serve_context = settings;
    if (!name_allocator(settings, allocator, sizeof allocator))
        return cli_complain(CLI_USAGE, "--allocator %.40s...: is too long", settings->allocator);
    if (tracer_check_allocator(preload, allocator, &error) != REEL_OK)
        return cli_complain_error(&error);
    // One thread writes the reel, and nobody asks how much memory SQLite has.
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    int status = tracer_record(&settings->tracer, &result, &error);
    if (status == REEL_OK && result.is_written)
        return status_of_program(result.wait_status);
    if (result.server_status != 0)
        return result.server_status; // it has complained
    cli_complain(CLI_CANNOT, "%s", error.text);
    if (error.status == REEL_E_CANCELLED)
        return status_of_program(result.wait_status);
    bool is_refused = error.status == REEL_E_ARGUMENT && !result.is_started;
    return is_refused ? status_of_refused(settings->tracer.argv[0]) : CLI_CANNOT;
}

const struct cli_command cli_record = {
    .name = "record",
    .arguments = "[--] PROGRAM [ARG...]",
    .purpose = "Run a program and record every allocation of it and of its children into a reel",
    .details = "Exit status: the program's own, 128 and the signal if it was killed; 126 if it cannot be executed, 127 "
               "if it is not there; 3 if the reel could not be written to its end.",
    .options = options,
    .take = take,
    .argp_flags = ARGP_IN_ORDER,
    .settings_bytes = sizeof(struct settings),
    .run = run,
};
