// SPDX-License-Identifier: MIT
// What was seen so far in a chunk, and what it lets expect. Encoder and decoder move the same tables in step, so a
// change here is a new version of the format. Internal to the codec.
//
// Every table is a hash without tags: a collision is only a wrong guess, the same on both sides.
#ifndef HEAPREEL_REEL_CODEC_PREDICTOR_H
#define HEAPREEL_REEL_CODEC_PREDICTOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "reel/codec.h"

#define STACK_BITS 13
#define SIZE_BITS 12
#define VACANT_BITS 12
#define THREAD_SLOTS 256

struct predictor
{
    uint32_t stack_after[1u << STACK_BITS];      // by situation
    uint32_t stack_before[THREAD_SLOTS];         // by thread
    uint64_t address_after[THREAD_SLOTS];        // by thread: end of its last block that was not guessed
    uint64_t requested_of[1u << SIZE_BITS];      // by stack
    uint64_t slack_of[1u << SIZE_BITS];          // by requested bytes
    uint32_t vacant_head[1u << VACANT_BITS];     // by thread and usable bytes: birth of the block freed last, plus 1
    uint32_t vacant_next[REEL_CHUNK_EVENTS_MAX]; // by birth: the one freed before, plus 1; not cleared
};

static inline void predictor_reset(struct predictor *predictor)
{
    memset(predictor, 0, offsetof(struct predictor, vacant_next));
}

static inline uint32_t predictor_hash(uint64_t value, unsigned bits)
{
    return (uint32_t)((value * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - bits));
}

// The stack of the thread's event before and the kind of this one: what tells most of what is next.
static inline uint32_t predictor_situation(const struct predictor *predictor, uint32_t thread, uint32_t kind)
{
    uint32_t before = predictor->stack_before[thread % THREAD_SLOTS];
    return predictor_hash((uint64_t)before << 2 | kind, STACK_BITS);
}

static inline void predictor_saw_stack(struct predictor *predictor, uint32_t situation, uint32_t thread, uint32_t stack)
{
    predictor->stack_after[situation] = stack;
    predictor->stack_before[thread % THREAD_SLOTS] = stack;
}

static inline uint64_t *predictor_requested(struct predictor *predictor, uint32_t stack)
{
    return &predictor->requested_of[predictor_hash(stack, SIZE_BITS)];
}

static inline uint64_t *predictor_slack(struct predictor *predictor, uint64_t requested_bytes)
{
    return &predictor->slack_of[predictor_hash(requested_bytes, SIZE_BITS)];
}

// Allocators give a freed block to the next request of its size: a stack of freed blocks for each size and thread.
static inline uint32_t *predictor_vacant(struct predictor *predictor, uint32_t thread, uint64_t usable_bytes)
{
    return &predictor->vacant_head[predictor_hash(usable_bytes << 8 ^ thread, VACANT_BITS)];
}

static inline void predictor_vacate(struct predictor *predictor, uint32_t thread, uint64_t usable_bytes, uint32_t birth)
{
    uint32_t *head = predictor_vacant(predictor, thread, usable_bytes);
    predictor->vacant_next[birth] = *head;
    *head = birth + 1;
}

// Where an allocator that carves blocks one after the other puts the next: an end is aligned as all addresses are.
static inline uint64_t *predictor_after(struct predictor *predictor, uint32_t thread)
{
    return &predictor->address_after[thread % THREAD_SLOTS];
}

static inline uint64_t predictor_end(uint64_t address, uint64_t usable_bytes, unsigned shift)
{
    uint64_t mask = (UINT64_C(1) << shift) - 1;
    return (address + usable_bytes + mask) & ~mask;
}

// The blocks of the chunk that live, each in a cell. Cells that hold none lie on a stack, at first all of them, the
// least on top. A chunk of all allocs takes them all; no event is left then that could look at the stack.
#define CELL_NONE UINT16_MAX // no birth: that of the last event is of no use to another; no cell: it is that event's

struct cells
{
    uint16_t *top; // the vacant cell that is taken next
};

static inline void cells_reset(struct cells *cells, uint16_t *stack)
{
    for (uint32_t i = 0; i < REEL_CHUNK_EVENTS_MAX; i++)
        stack[i] = (uint16_t)(REEL_CHUNK_EVENTS_MAX - 1 - i);
    cells->top = &stack[REEL_CHUNK_EVENTS_MAX - 1];
}

static inline uint16_t cells_take(struct cells *cells)
{
    return *cells->top--;
}

static inline void cells_vacate(struct cells *cells, uint16_t cell)
{
    *++cells->top = cell;
}

#endif
