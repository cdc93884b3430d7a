// SPDX-License-Identifier: MIT
// Which pages of a process's private anonymous memory the kernel backs. Asks the kernel alone: the process notices
// nothing and goes on meanwhile.
#ifndef HEAPREEL_TRACER_RESIDENT_PAGES_H
#define HEAPREEL_TRACER_RESIDENT_PAGES_H

#include "reel/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// A zeroed struct is empty. Reading again uses its memory again.
struct resident_pages
{
    struct reel_resident_mapping *mappings; // those with a backed page, by address
    size_t mapping_count, mapping_max;
    struct reel_resident_run *runs; // by address
    size_t run_count, run_max;
    bool is_cut;      // there were more than are held here, or than are looked at at a time
    bool has_no_scan; // the kernel cannot list backed pages (before Linux 6.7): each page is looked at, which takes
                      // longer and takes the zero page for a backed one
};

// False: the process is gone, or may not be looked at, or there is no memory; then nothing that is held is of use.
bool resident_pages_read(pid_t pid, struct resident_pages *pages);
void resident_pages_fini(struct resident_pages *pages);

#endif
