// SPDX-License-Identifier: MIT
// Inflates (RFC 1951) what lies in memory into memory, as far as asked, and goes on from there when asked for more. For
// any input it writes nothing but the target, and reads nothing but the source and what it has written.
//
// zlib can do this too, but is made for input and output in pieces, for which it keeps a window and looks at its bounds
// again and again: this takes half of its time.
#ifndef HEAPREEL_TRACER_INFLATE_H
#define HEAPREEL_TRACER_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inflate;

// Both pieces of memory stay the caller's and must live as long. NULL: no memory.
struct inflate *inflate_create(const uint8_t *source, size_t source_bytes, uint8_t *target, size_t target_bytes);
void inflate_destroy(struct inflate *inflate); // NULL is allowed
// Writes on until end bytes are there, and perhaps some more. False: there will never be as many, the source is damaged
// or at its end.
bool inflate_until(struct inflate *inflate, size_t end);

#endif
