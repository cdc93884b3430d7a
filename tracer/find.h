// SPDX-License-Identifier: MIT
// Finding the reel of a process that is being recorded.
#ifndef HEAPREEL_TRACER_FIND_H
#define HEAPREEL_TRACER_FIND_H

#include "reel/status.h"

#include <stddef.h>

// The absolute path of the reel that is being written of a process: the recorded program, one of its recorded children,
// or the recorder itself. REEL_OK, or REEL_E_OPEN with a line in *error: there is no such process, it belongs to
// somebody else, it is not being recorded, or not any more. Asks /proc and the session's directory; does not open the
// reel.
int tracer_find_reel(int pid, char *path, size_t path_bytes, struct reel_error *error);

#endif
