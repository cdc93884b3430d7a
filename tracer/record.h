// SPDX-License-Identifier: MIT
// Recording: runs a program under the preload library and writes its reel.
#ifndef HEAPREEL_TRACER_RECORD_H
#define HEAPREEL_TRACER_RECORD_H

#include "reel/status.h"
#include "wire/session.h"

#include <stdbool.h>
#include <stdint.h>

struct tracer_options
{
    char *const *argv;        // program and arguments, NULL-terminated
    const char *output;       // path of the reel; NULL: NAME.PID.reel in the working directory
    const char *allocator;    // as HEAPREEL_ALLOCATOR takes it; NULL: the program's own
    const char *preload_path; // the preload library
    const char *shared_dir;   // where the session's directory is made; NULL: /dev/shm
    enum wire_stacks stacks;
    enum wire_when_full when_full;
    uint32_t ring_records; // 0: default
    uint32_t depth_max;    // 0: WIRE_DEPTH_LIMIT
    bool force;            // replace an existing reel
    bool quiet;            // no progress, no closing line
    // Shows the reel on the terminal while it is recorded, run as `viewer_path view --follow REEL`; NULL: nobody does.
    // What the program would write to the terminal goes to the reel's path with .log for .reel, and the terminal is no
    // input of its. The recording returns when the viewer has been quit.
    const char *viewer_path;
    // Serves the reel while it is recorded; NULL: nobody does. Called before the program is run, in a child process
    // with a session of its own, an empty input and no descriptor above 2. Writes one line to stdout, its address, once
    // it serves; from then on stdout and stderr must not be held. Returns only if it cannot serve: its exit status,
    // after a line on stderr. The recording returns when the server has been interrupted after the program's end, or
    // has ended; without a terminal, or after a SIGTERM, with the program. A stdin or stdout that is a pipe is let go
    // of when the program has ended.
    int (*serve)(void *context, const char *reel_path);
    void *serve_context;
};

struct tracer_result
{
    bool is_started;      // the program ran
    int wait_status;      // of the program, as waitpid gives it; valid when is_started, and with REEL_E_CANCELLED
    int server_status;    // of a server that could not start and has said why; 0: none
    bool is_written;      // the reel is complete
    char reel_path[4096]; // where it is
};

// REEL_OK if the preload library takes the text as an allocator with its options; else REEL_E_ARGUMENT, or what is
// wrong with the library, and a line in *error. Not re-entrant: the environment changes and is put back.
int tracer_check_allocator(const char *preload_path, const char *allocator, struct reel_error *error);

// Records until the program and its recorded children have ended, or until one SIGINT/SIGTERM that the program
// survives, and finishes the reel. Returns REEL_OK, or a negative enum reel_status with a line in *error; *result is
// filled in either way. Not re-entrant: changes signal dispositions of the process. Call it from the main thread.
int tracer_record(const struct tracer_options *options, struct tracer_result *result, struct reel_error *error);

// One line for each thing that recording needs (kernel, shared memory, clock, libunwind, limits): name, verdict,
// advice. Calls report for each; returns the number of those that are missing.
int tracer_doctor(const char *preload_path, const char *shared_dir,
                  void (*report)(void *context, const char *name, bool is_good, const char *text), void *context);

#endif
