// SPDX-License-Identifier: MIT
// The heap of one process at a moment: its live blocks, and all sums that follow from them. Knows no events.
//
// A heap is counted (blocks, classes, pages), or bare: then its blocks and classes alone are right, which is enough on
// the way to a moment, and replay_heap_count makes up for it in one pass.
#ifndef HEAPREEL_REEL_REPLAY_HEAP_H
#define HEAPREEL_REEL_REPLAY_HEAP_H

#include "reel/blocks_groups.h"
#include "reel/replay.h"
#include "reel/replay/pages.h"

#define REPLAY_HEADER_BYTES 8u // glibc's word before each block that is its own

// With headers on pages of their own, or blocks that overlap, less is left than nothing.
static inline uint64_t replay_minus(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

struct replay_sums
{
    uint64_t blocks;
    uint64_t requested_bytes;
    uint64_t usable_bytes;
};

struct replay_class
{
    struct replay_sums live; // inherited blocks included
    uint64_t carved_slots;
    uint64_t peak_live_slots;
};

struct replay_heap
{
    struct reel_blocks blocks;
    struct replay_pages pages;
    struct replay_sums own;
    struct replay_sums inherited;
    uint64_t headed_blocks;   // with a header before them
    uint64_t live_slot_bytes; // of classes with a known slot size, as the next
    uint64_t peak_slot_bytes;
    struct replay_class classes[REEL_CLASS_NUMBERS];
};

// NULL: no memory.
struct replay_heap *replay_heap_create(void);
void replay_heap_destroy(struct replay_heap *heap); // NULL is allowed
void replay_heap_clear(struct replay_heap *heap);   // as new, but for its memory
// The same blocks, all inherited; peaks and carved slots go on from the parent's. NULL: no memory.
struct replay_heap *replay_heap_fork(const struct replay_heap *parent);

// What a block adds to the sums of its process, or takes from them, but for its pages.
static inline uint64_t replay_usable_bytes(const struct reel_block *block)
{
    return block->requested_bytes + (block->slack != REEL_BLOCK_SLACK_UNKNOWN ? block->slack : 0);
}

// glibc gives 8 bytes less than a multiple of 16 and never less than 24, and has a word before each block. Others
// give 8.
static inline bool replay_has_header(uint64_t usable_bytes)
{
    return usable_bytes % 16 == 8 && usable_bytes != 8;
}

static inline void replay_sums_add(struct replay_sums *sums, const struct reel_block *block, uint64_t usable_bytes)
{
    sums->blocks++;
    sums->requested_bytes += block->requested_bytes;
    sums->usable_bytes += usable_bytes;
}

static inline void replay_sums_remove(struct replay_sums *sums, const struct reel_block *block, uint64_t usable_bytes)
{
    sums->blocks--;
    sums->requested_bytes -= block->requested_bytes;
    sums->usable_bytes -= usable_bytes;
}

// A block comes to all sums of its heap, or goes from them. slot_bytes: of its class. REEL_OK, or REEL_E_NO_MEMORY:
// nothing is changed.
static inline __attribute__((always_inline)) int
replay_heap_add(struct replay_heap *heap, const struct reel_block *block, uint64_t usable_bytes, uint64_t slot_bytes)
{
    int status = replay_pages_add(&heap->pages, block->address, usable_bytes, block->size_class);
    if (__builtin_expect(status != REEL_OK, 0))
        return status;
    replay_sums_add(block->is_inherited ? &heap->inherited : &heap->own, block, usable_bytes);
    replay_sums_add(&heap->classes[block->size_class].live, block, usable_bytes);
    heap->headed_blocks += replay_has_header(usable_bytes);
    heap->live_slot_bytes += slot_bytes;
    return REEL_OK;
}

static inline __attribute__((always_inline)) void
replay_heap_remove(struct replay_heap *heap, const struct reel_block *block, uint64_t usable_bytes, uint64_t slot_bytes)
{
    replay_pages_remove(&heap->pages, block->address, usable_bytes);
    replay_sums_remove(block->is_inherited ? &heap->inherited : &heap->own, block, usable_bytes);
    replay_sums_remove(&heap->classes[block->size_class].live, block, usable_bytes);
    heap->headed_blocks -= replay_has_header(usable_bytes);
    heap->live_slot_bytes -= slot_bytes;
}

// Adds up all blocks anew: sums, live slots and pages, and to the stacks what the own ones hold. Carved and peak
// figures stay. slot_bytes: of each class number, 0 = not known. REEL_OK or REEL_E_NO_MEMORY.
int replay_heap_count(struct replay_heap *heap, const uint64_t *slot_bytes, struct reel_stack_state *stacks,
                      size_t stack_count);

static inline void replay_stack_add(struct reel_stack_state *stacks, size_t stack_count, const struct reel_block *block,
                                    uint64_t usable_bytes)
{
    struct reel_stack_state *stack = &stacks[block->stack < stack_count ? block->stack : 0];
    stack->live_blocks++;
    stack->requested_bytes += block->requested_bytes;
    stack->rounding_bytes += usable_bytes - block->requested_bytes;
}

static inline void replay_stack_remove(struct reel_stack_state *stacks, size_t stack_count,
                                       const struct reel_block *block, uint64_t usable_bytes)
{
    struct reel_stack_state *stack = &stacks[block->stack < stack_count ? block->stack : 0];
    stack->live_blocks--;
    stack->requested_bytes -= block->requested_bytes;
    stack->rounding_bytes -= usable_bytes - block->requested_bytes;
}

#endif
