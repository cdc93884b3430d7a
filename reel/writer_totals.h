// SPDX-License-Identifier: MIT
// What the live blocks of each class of a process come to, kept while events are taken in and written with each chunk.
// Private to the writer.
#ifndef HEAPREEL_REEL_WRITER_TOTALS_H
#define HEAPREEL_REEL_WRITER_TOTALS_H

#include "reel/size_ranges.h"
#include "reel/writer_internal.h"

struct writer_total
{
    uint64_t live_blocks;
    uint64_t requested_bytes;
    uint64_t usable_bytes;
};

// Inherited blocks are in it.
struct writer_totals
{
    struct writer_total classes[REEL_RANGE_LAST + 1]; // [number of the class], or, while none is told, of the range
};

// The process's totals, made when there are none: REEL_OK or REEL_E_NO_MEMORY.
int writer_totals_of(struct writer_process *process, struct writer_totals **totals);
// *copy may be NULL, as the totals. REEL_OK or REEL_E_NO_MEMORY.
int writer_totals_copy(struct writer_totals **copy, const struct writer_totals *totals);
// The first class is told: what was counted by ranges is of no class.
void writer_totals_fold(struct reel_writer *writer);
// Writes those of the chunk that is being filled, whose events the file has.
int writer_totals_store(struct reel_writer *writer, struct reel_error *error);

static inline uint64_t writer_usable_bytes(const struct reel_block *block)
{
    return block->requested_bytes + (block->slack != REEL_BLOCK_SLACK_UNKNOWN ? block->slack : 0);
}

static inline void writer_totals_join(struct writer_totals *totals, bool has_classes, const struct reel_block *block)
{
    uint64_t usable_bytes = writer_usable_bytes(block);
    struct writer_total *total = &totals->classes[has_classes ? block->size_class : reel_range_of_size(usable_bytes)];
    total->live_blocks++;
    total->requested_bytes += block->requested_bytes;
    total->usable_bytes += usable_bytes;
}

static inline void writer_totals_leave(struct writer_totals *totals, bool has_classes, const struct reel_block *block)
{
    uint64_t usable_bytes = writer_usable_bytes(block);
    struct writer_total *total = &totals->classes[has_classes ? block->size_class : reel_range_of_size(usable_bytes)];
    total->live_blocks--;
    total->requested_bytes -= block->requested_bytes;
    total->usable_bytes -= usable_bytes;
}

#endif
