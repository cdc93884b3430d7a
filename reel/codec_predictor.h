// SPDX-License-Identifier: MIT
// What was seen so far in a chunk, and what it lets expect. Encoder and decoder move the same tables in step, so a
// change here is a new version of the format. Internal to the codec.
//
// Every table is a hash without tags: a collision is only a wrong guess, the same on both sides. Stacks and sizes are
// dense numbers, so that their lower bits are the hash, and what is used together lies together.
#ifndef HEAPREEL_REEL_CODEC_PREDICTOR_H
#define HEAPREEL_REEL_CODEC_PREDICTOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "reel/codec.h"

#define STACK_BITS 13
#define SIZE_BITS 12
#define THREAD_SLOTS 256

struct predictor
{
    uint32_t stack_after[1u << STACK_BITS]; // by situation
    uint32_t stack_before[THREAD_SLOTS];    // by thread
    uint64_t address_before[THREAD_SLOTS];  // by thread: of its last block that was not guessed
    uint64_t requested_of[1u << SIZE_BITS]; // by stack
    uint64_t slack_of[1u << SIZE_BITS];     // by requested bytes
};

static inline void predictor_reset(struct predictor *predictor)
{
    memset(predictor, 0, sizeof *predictor);
}

static inline uint32_t predictor_slot(uint64_t value, unsigned bits)
{
    return (uint32_t)value & ((1u << bits) - 1);
}

// The stack of the thread's event before and the kind of this one: what tells most of what is next.
static inline uint32_t predictor_situation(uint32_t stack_before, uint32_t kind)
{
    return predictor_slot((uint64_t)stack_before << 2 | kind, STACK_BITS);
}

static inline uint64_t *predictor_requested(struct predictor *predictor, uint32_t stack)
{
    return &predictor->requested_of[predictor_slot(stack, SIZE_BITS)];
}

static inline uint64_t *predictor_slack(struct predictor *predictor, uint64_t requested_bytes)
{
    return &predictor->slack_of[predictor_slot(requested_bytes, SIZE_BITS)];
}

#endif
