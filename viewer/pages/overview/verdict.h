// SPDX-License-Identifier: MIT
// The state of a heap in one sentence: how much is wasted, of which kind, since when and by whom.
#ifndef HEAPREEL_VIEWER_VERDICT_H
#define HEAPREEL_VIEWER_VERDICT_H

#include "reel/replay.h"

#define VERDICT_BYTES 512
#define VERDICT_LITTLE_BYTES (64u * 1024) // less waste than that, or than a tenth, is little

// The stack with the most of an amount; name NULL: not known, or nobody.
struct verdict_culprit
{
    const char *name;
    uint64_t bytes;
    bool has_since;
    uint64_t since_ns; // half of its blocks are older
};

struct verdict_facts
{
    struct reel_identity identity;
    uint64_t live_blocks;
    uint64_t peak_bytes; // of the run
    uint64_t peak_ns;
    uint64_t t_ns; // of the moment
    bool is_lossy; // what is missing may be the most
    struct verdict_culprit pinned;
    struct verdict_culprit rounding;
};

enum verdict_kind
{
    VERDICT_NOTHING, // lives
    VERDICT_LITTLE,
    VERDICT_ROUNDING,
    VERDICT_PINNED,
    VERDICT_RETAINED,
    VERDICT_METADATA,
};

// What is resident and was not asked for.
uint64_t verdict_waste_bytes(const struct reel_identity *identity);
enum verdict_kind verdict_kind(const struct verdict_facts *facts);
// Cut at the size of the buffer; returns it.
char *verdict_print(char text[VERDICT_BYTES], const struct verdict_facts *facts);
// What the kind means and what to do: a constant. is_worst: the moment is that of most waste.
const char *verdict_remark(enum verdict_kind kind, bool is_worst);

#endif
