// SPDX-License-Identifier: MIT
// Protects the tracer from mapped files that shrink or that a full tmpfs cannot back.
#ifndef HEAPREEL_TRACER_GUARD_H
#define HEAPREEL_TRACER_GUARD_H

#include <stdbool.h>
#include <stddef.h>

// Accesses to a registered range that would raise SIGBUS read zeros and write to nowhere. False when the table is full:
// then the range is not protected.
bool guard_add(void *begin, size_t bytes);
void guard_remove(void *begin);
// The same for whatever this thread reads between the two calls: files that others may cut short, mapped by a library.
void guard_thread_begin(void);
void guard_thread_end(void);

#endif
