// SPDX-License-Identifier: MIT
// The one way in which the tracer's functions report what went wrong: a status and a line of text.
#ifndef HEAPREEL_TRACER_FAILURE_H
#define HEAPREEL_TRACER_FAILURE_H

#include "reel/status.h"

// Writes the line to *error (NULL is allowed) and returns status.
int failure_set(struct reel_error *error, enum reel_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
