// SPDX-License-Identifier: MIT
// A server of the reel beside the recording: a child of the recorder in a session of its own, which no key of the
// terminal reaches, which never outlives the recorder, and which holds nothing open that the program writes to.
#ifndef HEAPREEL_TRACER_SERVER_H
#define HEAPREEL_TRACER_SERVER_H

#include "reel/status.h"
#include "tracer/record.h"

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

struct server
{
    pid_t pid; // 0: there is none, or it has ended
    const char *reel_path;
    bool has_terminal;   // somebody can press ^C
    struct termios mode; // of that terminal before the program
    bool is_alone;       // the program has ended: keys are the server's
    bool is_dismissed;   // somebody wants it to end
};

// Starts the server that the options name, with the signals that the recorder found (prepare_signals puts them back in
// the child), and waits until it has told its address, which goes to stderr. A server that could not start has said
// why: its status is in *result. REEL_E_CANCELLED: a signal came first, and is in result->wait_status. On failure
// nothing is left running.
int server_start(struct server *server, const struct tracer_options *options, struct tracer_result *result,
                 int signals_fd, void (*prepare_signals)(void *), void *context, struct reel_error *error);
// The program has ended, as waitpid says it, and the reel is written. True: the server is to be waited for, which a
// line has told; whoever reads what the program wrote sees its end.
bool server_stay(struct server *server, const char *name, int wait_status);
// It has ended by itself, as waitpid says it.
void server_has_ended(struct server *server, int wait_status);
// Ends it, if there is one.
void server_end(struct server *server);

#endif
