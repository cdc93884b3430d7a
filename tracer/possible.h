// SPDX-License-Identifier: MIT
// Which records a process can have written: what it says of itself is a claim.
#ifndef HEAPREEL_TRACER_POSSIBLE_H
#define HEAPREEL_TRACER_POSSIBLE_H

#include "wire/event.h"

#include <stdbool.h>

// False for kinds that do not exist and values that their kind cannot have.
bool possible_event(const struct wire_event *event);

#endif
