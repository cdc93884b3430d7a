// SPDX-License-Identifier: MIT
// The functions in the symbol tables of one file, sorted by address.
#ifndef HEAPREEL_TRACER_SYMBOLS_H
#define HEAPREEL_TRACER_SYMBOLS_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stddef.h>

struct symbols_entry
{
    GElf_Addr begin;
    GElf_Addr end;   // begin: the size is not known
    GElf_Addr limit; // end of the section
    const char *name;
    int binding;
};

struct symbols_table
{
    struct symbols_entry *entries;
    size_t count;
    bool is_built;
};

// The name of the function at an address, or NULL; lives as long as the module. The table is built at the first call.
const char *symbols_find(struct symbols_table *table, Dwfl_Module *module, GElf_Addr address);
void symbols_clean_up(struct symbols_table *table);

#endif
