// SPDX-License-Identifier: MIT
// Finding the separate file that holds a module's debug information.
#ifndef HEAPREEL_TRACER_DEBUG_FILE_H
#define HEAPREEL_TRACER_DEBUG_FILE_H

#include <elfutils/libdwfl.h>

// dwfl_standard_find_debuginfo, but without asking the network when nobody has named a server (DEBUGINFOD_URLS): libdw
// loads a whole HTTP client before it finds that out.
int debug_file_find(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base, const char *file,
                    const char *link, GElf_Word sum, char **found_name);

#endif
