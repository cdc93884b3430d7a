// SPDX-License-Identifier: MIT
// --fail-if EXPR: a bound on figures of a reel, so that a build can fail by it.
//
//     EXPR := COMPARISON { and | or COMPARISON }    `and` binds closer
//     COMPARISON := TERM < | <= | > | >= | == | != NUMBER [ B | KiB | MiB | GiB | TiB | % ]
//
// Terms are figures of the run, or of the heap at the moment that the command answers about. A name of bytes may be
// written without its _bytes.
#ifndef HEAPREEL_CLI_FAIL_IF_H
#define HEAPREEL_CLI_FAIL_IF_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reel/replay.h"

#define FAIL_IF_COMPARISONS_MAX 32

struct fail_if_term;

enum fail_if_operator
{
    FAIL_IF_LESS,
    FAIL_IF_LESS_OR_EQUAL,
    FAIL_IF_GREATER,
    FAIL_IF_GREATER_OR_EQUAL,
    FAIL_IF_EQUAL,
    FAIL_IF_NOT_EQUAL,
};

struct fail_if_comparison
{
    const struct fail_if_term *term;
    enum fail_if_operator operation;
    bool is_share;            // of the term's whole, in percent
    bool begins_alternative;  // the first, and those after an `or`
    long double limit;        // exact for whole numbers of 64 bits
    size_t begin, text_bytes; // where it stands in the text
};

// All zero: never fails.
struct fail_if
{
    const char *text;
    size_t count;
    struct fail_if_comparison comparisons[FAIL_IF_COMPARISONS_MAX];
};

// For a command's take(): a text that is none is a usage error that names the character.
error_t fail_if_take(struct argp_state *state, const char *text, struct fail_if *fail_if);

bool fail_if_asks_heap(const struct fail_if *fail_if);

// status, where that is no success or the expression is not true; else CLI_FINDING after a line that tells the figures
// that make it true. replay: stands at the moment; NULL where the heap is not asked about. process 0: the whole run.
int fail_if_judge(const struct fail_if *fail_if, struct reel_reader *reader, struct reel_replay *replay,
                  uint32_t process, int status);

// For the details of a command's help.
#define FAIL_IF_HELP                                                                                                   \
    "EXPR compares figures with numbers: TERM, one of < <= > >= == !=, and a number, which may end in B, KiB, MiB, "   \
    "GiB, TiB or %; comparisons are joined by `and` and `or`. Terms of the heap at the moment: live_bytes, "           \
    "live_blocks, occupied_pages, untouched_bytes, resident_bytes and its parts, in % of it: requested_bytes, "        \
    "rounding_bytes, pinned_bytes, retained_bytes, metadata_bytes. Of the run: leaked_bytes, leaked_blocks, "          \
    "peak_live_bytes, peak_resident_bytes, total_requested_bytes, allocations, frees, resizes, events, "               \
    "temporary_allocations, lost_events, unknown_frees, findings. _bytes may be left out. Example: 'pinned>20% or "    \
    "leaked_bytes>0'."

#endif
