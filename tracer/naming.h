// SPDX-License-Identifier: MIT
// Names frames while the recording runs, in a thread of its own, so that little is left to do at the end. The names are
// the same whoever looks them up, and are written in the same order.
//
// One batch of frames goes to and fro: the recording's thread fills it and writes what comes back, the other looks the
// frames up. Who has it is one word; nothing else is shared.
#ifndef HEAPREEL_TRACER_NAMING_H
#define HEAPREEL_TRACER_NAMING_H

#include "reel/writer.h"

#include <stdbool.h>
#include <stdint.h>

struct naming;

// NULL: no memory, and nothing will be named; all calls allow that. Signals must be blocked that the thread should not
// get; it begins with the first frames.
struct naming *naming_create(void);
// Writes the names that are ready and hands over the frames that are new. Never waits.
int naming_step(struct naming *naming, struct reel_writer *writer, struct reel_error *error);
// Ends the thread and names the rest here. tick (may be NULL) is told how many frames are done; when it returns false
// the rest stays unnamed.
int naming_finish(struct naming *naming, struct reel_writer *writer, bool (*tick)(void *context, uint64_t done),
                  void *context, struct reel_error *error);
// Ends the thread, if it runs.
void naming_destroy(struct naming *naming);

#endif
