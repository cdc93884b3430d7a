// SPDX-License-Identifier: MIT
// Stacks on which the walk and libunwind do not agree: from the channel into the reel.
#ifndef HEAPREEL_TRACER_DIFFERENCES_H
#define HEAPREEL_TRACER_DIFFERENCES_H

#include "tracer/emit.h"

// Adds those that are complete and whose thread the reel has; is_last: nothing more will come, so that what is missing
// is left out.
int differences_emit(struct emit *emit, struct process *process, bool is_last, struct reel_error *error);

#endif
