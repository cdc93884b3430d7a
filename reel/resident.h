// SPDX-License-Identifier: MIT
// Which pages of a process's anonymous memory the kernel backed when it was asked. Private to reel/ but for the
// writer's input; the blob's format is told in docs/reel.md.
#ifndef HEAPREEL_REEL_RESIDENT_H
#define HEAPREEL_REEL_RESIDENT_H

#include "reel/reader.h"
#include "reel/status.h"
#include "reel/writer.h"

// Decoded; the arrays belong to it.
struct reel_resident
{
    uint64_t t_ns;
    struct reel_resident_mapping *mappings; // by address
    size_t mapping_count;
    struct reel_resident_run *runs; // by address; each lies in one mapping
    size_t run_count;
};

// *data is the caller's, to be freed with free(). REEL_OK, REEL_E_NO_MEMORY, or REEL_E_ARGUMENT: something is no range
// of whole pages, or not in order, or a run in no mapping.
int reel_resident_encode(const struct reel_resident_mapping *mappings, size_t mapping_count,
                         const struct reel_resident_run *runs, size_t run_count, void **data, size_t *bytes);
// REEL_OK, REEL_E_DAMAGED, REEL_E_NEWER or REEL_E_NO_MEMORY. t_ns of the result is 0.
int reel_resident_decode(const void *data, size_t bytes, struct reel_resident **out);
// The last sample of the process not later than t_ns. *out = NULL: there is none.
int reel_resident_read(struct reel_reader *reader, uint32_t process, uint64_t t_ns, struct reel_resident **out,
                       struct reel_error *error);
void reel_resident_free(struct reel_resident *resident); // NULL is allowed

#endif
