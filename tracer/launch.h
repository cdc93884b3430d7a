// SPDX-License-Identifier: MIT
// Starting the program: a child that waits until the reel is ready, then becomes the program.
#ifndef HEAPREEL_TRACER_LAUNCH_H
#define HEAPREEL_TRACER_LAUNCH_H

#include "tracer/program.h"

#include <sys/types.h>

#define LAUNCH_ALLOCATOR_VARIABLE "HEAPREEL_ALLOCATOR"

struct launch_plan
{
    const struct program *program;
    char *const *argv;
    const char *preload_path;
    const char *session_directory;
    const char *allocator; // with its options, as the preload library takes it

    // Called in the child once it may go on, before it becomes the program; false: errno says why it cannot. NULL:
    // none.
    bool (*enter)(void *context);
    void *context;
};

struct launch
{
    pid_t pid;
    int go_fd;     // a byte lets the child go on, end of file ends it
    int result_fd; // its errno when exec fails
};

// The preload library: readable, and nameable in LD_PRELOAD.
int launch_check_preload(const char *preload_path, struct reel_error *error);
// Makes the child, in our process group, with signal dispositions and mask as they are now: call it before changing
// them.
int launch_fork(struct launch *launch, const struct launch_plan *plan, struct reel_error *error);
// Lets the child become the program; fails when exec fails, the child then has ended and been reaped.
int launch_go(struct launch *launch, const char *name, struct reel_error *error);
// Ends and reaps a child that was not let go.
void launch_cancel(struct launch *launch);

#endif
