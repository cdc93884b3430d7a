// SPDX-License-Identifier: MIT
// Who pins memory at a moment. Computed when asked, in one pass over the live blocks and one over the pages that they
// end on; docs/blame.md tells how to read it.
//
// The pinned bytes of an occupied page (those of no live block and no header) are shared equally among the live blocks
// that touch it; a block's share is added to the stack that allocated it. Rounding is blamed on the stack that asked.
// Shares are kept in 1/4096 of a byte and rounded down per stack, so that the sum over the stacks is within one byte a
// stack of the pinned bytes. Pages are taken as resident, as reel_heap_state does. For process 0 each running process
// is blamed for its own pages, and the figures are sums. Blocks that came with a fork pin pages of the child: unlike in
// other sums they are in all figures here, with the stack that allocated them.
#ifndef HEAPREEL_REEL_BLAME_H
#define HEAPREEL_REEL_BLAME_H

#include "reel/replay.h"

struct reel_blame_share
{
    uint64_t pinned_bytes;
    uint64_t rounding_bytes;
    uint64_t live_blocks;
    uint64_t live_bytes;   // requested
    uint64_t pinned_pages; // that a block of it touches; one with several such blocks counts once for each
    uint64_t alone_pages;  // that blocks of it alone keep
};

// Pages of which live blocks take less than a quarter.
struct reel_blame_sparse
{
    uint64_t pages;
    uint64_t held_bytes;  // pinned on them
    uint64_t blocks;      // that touch them
    uint64_t block_bytes; // usable bytes of live blocks on them: to free these would release the pages
};

struct reel_blame; // independent of the replay once made

int reel_blame_make(struct reel_blame **out, struct reel_replay *replay, uint32_t process,
                    const struct reel_progress *progress, struct reel_error *error);
void reel_blame_destroy(struct reel_blame *blame);                                                // NULL is allowed
const struct reel_blame_share *reel_blame_stacks(const struct reel_blame *blame, size_t *count);  // [stack]
const struct reel_blame_share *reel_blame_classes(const struct reel_blame *blame, size_t *count); // [class number]
struct reel_blame_share reel_blame_total(const struct reel_blame *blame);
struct reel_blame_sparse reel_blame_sparse(const struct reel_blame *blame);

// A stack whose blocks pin more than they hold, or are alone on at least 256 pages of which a quarter is pinned; with
// what proves it.
struct reel_advice
{
    uint32_t stack;
    uint32_t class_number; // of most of its live blocks
    uint64_t pinned_bytes; // on pages that its blocks touch, its share
    uint64_t live_bytes;
    uint64_t live_blocks;
    uint64_t alone_pages;
    uint64_t median_age_ns;         // of its live blocks at the moment
    uint32_t neighbour_stack;       // of most blocks freed on its pages; 0 = not known
    uint64_t neighbour_lifetime_ns; // median of those, or of 256 of them at most
    uint64_t neighbour_blocks;      // so many of it were born and freed in those events
};
#define REEL_ADVICE_MOST 64
#define REEL_ADVICE_EVENTS (UINT64_C(1) << 20)
// By pinned bytes, at most limit, 0 = as many as there are, and never more than REEL_ADVICE_MOST. The neighbours are
// found in the last REEL_ADVICE_EVENTS events before the moment. The blame must be the replay's, of the same moment and
// process, else REEL_E_ARGUMENT. The array is the caller's, to be freed with free().
int reel_blame_advice(const struct reel_blame *blame, struct reel_replay *replay, uint32_t process, size_t limit,
                      const struct reel_progress *progress, struct reel_advice **advice, size_t *count,
                      struct reel_error *error);

#endif
