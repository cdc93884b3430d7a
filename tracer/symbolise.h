// SPDX-License-Identifier: MIT
// Names for addresses: function, file, line and inlined calls of a place in an ELF file.
#ifndef HEAPREEL_TRACER_SYMBOLISE_H
#define HEAPREEL_TRACER_SYMBOLISE_H

#include "reel/writer.h"

#include <stdbool.h>

struct symbolise_module; // one opened file with its debug information

// Opens a file. NULL when it cannot be read or is not the recorded one (its build id differs).
struct symbolise_module *symbolise_open(const char *path, const uint8_t *build_id, size_t build_id_bytes);
void symbolise_close(struct symbolise_module *module); // NULL is allowed
// The functions at a return address (offset: address in the ELF file), innermost first; 0 when nothing is known.
// Strings live until the next call or the close.
size_t symbolise_address(struct symbolise_module *module, uint64_t return_offset, struct reel_symbol *symbols,
                         size_t capacity);

#endif
