// SPDX-License-Identifier: MIT
// The figures that --fail-if can compare. Private to its two halves.
#ifndef HEAPREEL_CLI_FAIL_IF_TERMS_H
#define HEAPREEL_CLI_FAIL_IF_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reel/replay.h"
#include "reel/summary.h"

struct fail_if_figures
{
    struct reel_figures run; // or of one process
    uint64_t findings;       // of the run
    struct reel_heap_state heap;
    struct reel_identity identity;
};

struct fail_if_term
{
    const char *name;
    bool is_of_heap;
    bool is_bytes;
    size_t offset;          // of a uint64_t in struct fail_if_figures
    size_t whole_offset;    // of what 100 % is
    const char *whole_name; // NULL: it has no whole
};

// NULL: there is none of that name.
const struct fail_if_term *fail_if_find_term(const char *name, size_t name_bytes);

#endif
