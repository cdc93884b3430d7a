// SPDX-License-Identifier: MIT
// Indexes of the functions of compilation units, so that an address finds its function without a walk of the unit.
#ifndef HEAPREEL_TRACER_FUNCTIONS_H
#define HEAPREEL_TRACER_FUNCTIONS_H

#include "tracer/scopes.h"

#include <elfutils/libdw.h>
#include <stddef.h>

#define FUNCTIONS_INLINE_DEPTH_MAX 64

struct functions_range
{
    Dwarf_Addr begin;
    Dwarf_Addr end;
    Dwarf_Off die;
};

struct functions_unit
{
    const void *die; // of the unit, where libdw has it: offsets are of one file, and there may be several
    struct functions_range *ranges; // by address
    size_t count;
    size_t capacity;
};

// The units of a file that have been looked at.
struct functions_index
{
    struct functions_unit *units; // by die
    size_t count;
    size_t capacity;
    struct scopes scopes; // of the function that the last address was in
};

// Writes the scopes of code at an address, innermost first: inlined calls, then the function itself. Returns how many.
size_t functions_at(struct functions_index *index, Dwarf_Die *unit, Dwarf_Addr address, Dwarf_Die *scopes,
                    size_t capacity);
void functions_clean_up(struct functions_index *index);

#endif
