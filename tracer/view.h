// SPDX-License-Identifier: MIT
// A viewer on the terminal while the program is recorded: a child of the recorder, which looks at the reel that is
// being written. It has the terminal; the program, which would write over its screen, has a file and no input.
#ifndef HEAPREEL_TRACER_VIEW_H
#define HEAPREEL_TRACER_VIEW_H

#include "reel/status.h"

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

struct view
{
    pid_t pid; // of the viewer; 0: there is none, or it has ended
    bool has_mode;
    struct termios mode;     // of the terminal before the viewer
    char log_path[PATH_MAX]; // what the program writes to the terminal otherwise; empty: it writes elsewhere
};

// The reel's path with .log for .reel. False: it is too long.
bool view_name_log(const char *reel_path, char log_path[PATH_MAX]);
// Makes that file, where the program's output would go to a terminal. force: replaces what is there.
int view_make_log(struct view *view, const char *reel_path, bool force, struct reel_error *error);
void view_remove_log(struct view *view);
// In the process that becomes the program: gives it the file for an output that is a terminal, and no input for a
// terminal. False: errno says why not.
bool view_redirect(const char *log_path);

// Runs `viewer_path view --follow REEL` with the signals that the recorder found: prepare_signals puts them back in the
// child. A viewer that cannot be run has ended; the recording goes on.
void view_start(struct view *view, const char *viewer_path, const char *reel_path, void (*prepare_signals)(void *),
                void *context);
// The viewer has ended, as waitpid says it: the terminal becomes what it was.
void view_end(struct view *view, int wait_status);

#endif
