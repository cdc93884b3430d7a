// SPDX-License-Identifier: MIT
// The layout of a chunk's bytes. Internal to the codec; told in docs/chunk.md.
//
//   offset size  field
//        0    8  checksum: XXH64 with seed 0 of all bytes from offset 8 on
//        8    4  magic "HRCK"
//       12    1  version
//       13    1  address_shift: most addresses are multiples of 1 << address_shift
//       14    2  column count
//       16    4  event count
//       20    4  zero
//       24    8  first_event: number of the first event
//       32    8  begin_ns: time of the first event
//       40    8  step_q32: what the clock advances by, ns * 2^32
//       48    8  columns: bit i says that column i has bytes; versions 1 and 2 have neither of these two
//       56   8n  directory: for each column that has bytes its raw bytes (4) and its stored bytes (4)
//                then these columns as stored: raw where both sizes are equal, else a zstd frame
#ifndef HEAPREEL_REEL_CODEC_FORMAT_H
#define HEAPREEL_REEL_CODEC_FORMAT_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reel/codec.h"
#include "reel/codec_predictor.h"

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
    uint64_t step_q32;
    uint64_t columns;
};

struct chunk_column
{
    uint32_t raw_bytes;
    uint32_t stored_bytes;
};

#define CHUNK_HEAD_BYTES_V2 offsetof(struct chunk_head, step_q32)

static_assert(sizeof(struct chunk_head) == 56 && CHUNK_HEAD_BYTES_V2 == 40, "chunk header layout");
static_assert(sizeof(struct chunk_column) == 8, "chunk directory layout");

#define TIME_BITS 5

// A varint's first byte is in its column, the others in the column after it: each has a distribution of its own.
#define COLUMN_PAIR(name) COLUMN_##name, COLUMN_##name##_REST

enum column
{
    COLUMN_CONTROL,         // one byte an event: kind, flags, what was predicted
    COLUMN_PAIR(THREAD),    // pairs: thread, length of its run
    COLUMN_PAIR(ADDRESS),   // allocs whose address was not predicted: difference to the expected one
    COLUMN_PAIR(CELL),      // frees and resizes of blocks of this chunk: difference of the cell to the top one
    COLUMN_PAIR(ELSEWHERE), // of other blocks: difference of the address to the last one coded here
    COLUMN_PAIR(REQUESTED),
    COLUMN_PAIR(SLACK),      // usable minus requested minus the predicted one
    COLUMN_PAIR(STACK),      // where it was not predicted
    COLUMN_PAIR(CORRECTION), // times that are not where the steps of the clock lead
    COLUMN_TIME_REST,        // of all that follow
    COLUMN_TIME,             // steps of the clock since the event before, a column for each sort of situation
    COLUMN_COUNT = COLUMN_TIME + (1 << TIME_BITS)
};

static_assert(COLUMN_COUNT < 64, "a bit for each");

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

#define ADDRESS_SHIFT_MIN 1u
#define ADDRESS_SHIFT_MAX 12u

#define STEP_ONE_NS (UINT64_C(1) << 32)
#define PHASE_BEGIN (UINT32_C(1) << 31)
#define TIME_CORRECTED 255 // before the first byte of a time that has a correction

#define VARINT_REST_MAX 8
#define COLUMN_PADDING 16 // a varint's rest is read with one load of 8 bytes

static inline uint32_t time_column(uint32_t situation)
{
    return situation >> (STACK_BITS - TIME_BITS);
}

static inline uint64_t zigzag(uint64_t difference)
{
    return difference << 1 ^ (0 - (difference >> 63));
}

static inline uint64_t unzigzag(uint64_t value)
{
    return value >> 1 ^ (0 - (value & 1));
}

// A difference of addresses as a small number: in units of 1 << shift, with what is no multiple on top.
static inline uint64_t address_pack(uint64_t difference, unsigned shift)
{
    uint64_t low = difference & ((UINT64_C(1) << shift) - 1);
    uint64_t high = (uint64_t)((int64_t)difference >> shift);
    return zigzag(high) | low << (64 - shift);
}

static inline uint64_t address_unpack(uint64_t value, unsigned shift)
{
    uint64_t low = value >> (64 - shift);
    uint64_t high = unzigzag(value & (UINT64_MAX >> shift));
    return high << shift | low;
}

#endif
