// SPDX-License-Identifier: MIT
// The layout of a chunk's bytes and the predictors that encoder and decoder move in step. Internal to the codec.
//
//   offset size  field
//        0    8  checksum: XXH64 with seed 0 of all bytes from offset 8 on
//        8    4  magic "HRCK"
//       12    1  version
//       13    1  address_shift: all addresses coded as such are multiples of 1 << address_shift
//       14    2  column count
//       16    4  event count
//       20    4  zero
//       24    8  first_event: number of the first event
//       32    8  begin_ns: time of the first event
//       40    8n directory: for each column its raw bytes (4) and its stored bytes (4)
//                then the columns as stored: raw where both sizes are equal, else a zstd frame
#ifndef HEAPREEL_REEL_CODEC_FORMAT_H
#define HEAPREEL_REEL_CODEC_FORMAT_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "reel/codec.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the format is little-endian and is copied as it is");

#define CHUNK_MAGIC 0x4b435248u // "HRCK"

struct chunk_head
{
    uint64_t checksum;
    uint32_t magic;
    uint8_t version;
    uint8_t address_shift;
    uint16_t column_count;
    uint32_t event_count;
    uint32_t zero;
    uint64_t first_event;
    uint64_t begin_ns;
};

struct chunk_column
{
    uint32_t raw_bytes;
    uint32_t stored_bytes;
};

static_assert(sizeof(struct chunk_head) == 40, "chunk header layout");
static_assert(sizeof(struct chunk_column) == 8, "chunk directory layout");

enum column
{
    COLUMN_CONTROL,   // one byte an event: kind, flags, what was predicted
    COLUMN_THREAD,    // pairs: thread, length of its run
    COLUMN_TIME,      // difference to the event before
    COLUMN_ADDRESS,   // allocs whose address was not predicted: difference to the last one coded here
    COLUMN_BIRTH,     // frees and resizes of blocks of this chunk: how many events ago the block was allocated
    COLUMN_ELSEWHERE, // frees and resizes of other blocks: difference of the address to the last one coded here
    COLUMN_REQUESTED,
    COLUMN_SLACK, // usable minus requested
    COLUMN_STACK, // difference to the predicted one
    COLUMN_COUNT
};

enum control
{
    CONTROL_KIND = 0x03,  // enum reel_event_kind; from version 2 on, 0 is an alloc with REEL_EVENT_CARVED
    CONTROL_FLAGS = 0x1c, // enum reel_event_flag but that one, << CONTROL_FLAGS_SHIFT
    CONTROL_FLAGS_SHIFT = 2,
    CONTROL_CARVED_SHIFT = 3, // from REEL_EVENT_CARVED to what it takes from the kind
    CONTROL_BLOCK = 0x20,     // alloc: the address was predicted; free, resize: the block was allocated in this chunk
    CONTROL_SIZE = 0x40,      // alloc, resize: requested and usable bytes were predicted
    CONTROL_STACK = 0x80,     // the stack was predicted
};

#define VARINT_BYTES_MAX 9
#define COLUMN_BYTES_MAX ((size_t)REEL_CHUNK_EVENTS_MAX * VARINT_BYTES_MAX)
#define COLUMN_PADDING 16 // a varint is read with one load of 8 bytes after its first

#define STACK_BITS 13
#define SIZE_BITS 12
#define VACANT_BITS 12
#define THREAD_SLOTS 256

// What was seen so far in the chunk, and what it lets expect. Every table is a hash without tags: a collision is only a
// wrong guess, the same on both sides.
struct predictor
{
    uint32_t stack_after[1u << STACK_BITS];      // by the thread's stack before
    uint32_t stack_before[THREAD_SLOTS];         // by thread
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

static inline uint32_t *predictor_stack(struct predictor *predictor, uint32_t thread, uint32_t kind)
{
    uint32_t before = predictor->stack_before[thread % THREAD_SLOTS];
    return &predictor->stack_after[predictor_hash((uint64_t)before << 2 | kind, STACK_BITS)];
}

static inline void predictor_saw_stack(struct predictor *predictor, uint32_t *guess, uint32_t thread, uint32_t stack)
{
    *guess = stack;
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

static inline uint64_t zigzag(uint64_t difference)
{
    return difference << 1 ^ (0 - (difference >> 63));
}

static inline uint64_t unzigzag(uint64_t value)
{
    return value >> 1 ^ (0 - (value & 1));
}

#endif
