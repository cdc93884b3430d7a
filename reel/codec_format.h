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
//       40    8  zero
//       48    8  columns: bit i says that column i has bytes; version 1 has neither of these two
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
    uint64_t more_zero;
    uint64_t columns;
};

struct chunk_column
{
    uint32_t raw_bytes;
    uint32_t stored_bytes;
};

#define CHUNK_HEAD_BYTES_V1 offsetof(struct chunk_head, more_zero)

static_assert(sizeof(struct chunk_head) == 56 && CHUNK_HEAD_BYTES_V1 == 40, "chunk header layout");
static_assert(sizeof(struct chunk_column) == 8, "chunk directory layout");

// A word's lower byte is in its column, the upper one in the column after it; a varint's first byte in its column, the
// others in the one after it. Each has a distribution of its own.
#define COLUMN_PAIR(name) COLUMN_##name, COLUMN_##name##_REST

enum column
{
    COLUMN_CONTROL,         // one byte an event: kind, flags, what was predicted
    COLUMN_PAIR(THREAD),    // pairs of varints: thread, length of its run
    COLUMN_PAIR(ADDRESS),   // allocs whose address was not predicted: difference to the expected one
    COLUMN_PAIR(CELL),      // frees and resizes of blocks of this chunk: difference of the cell to the last one
    COLUMN_PAIR(ELSEWHERE), // of other blocks: difference of the address to the last one coded here
    COLUMN_PAIR(REQUESTED),
    COLUMN_PAIR(SLACK), // usable minus requested xor the predicted one
    COLUMN_PAIR(STACK), // where it was not predicted
    COLUMN_PAIR(TIME),  // varints: ns since the event before
    COLUMN_LONG,        // of each sort of words those that are too long for one
    COLUMN_COUNT = COLUMN_LONG + 6
};

// The columns of words.
enum word
{
    WORD_ADDRESS,
    WORD_CELL,
    WORD_ELSEWHERE,
    WORD_REQUESTED,
    WORD_SLACK,
    WORD_STACK,
    WORD_COUNT
};

#define WORD_LONG 0xffff    // the number is the next 8 bytes of this word's column of long ones
#define WORD_MIDDLE 0x8000u // a difference of 0

static_assert(COLUMN_COUNT < 64, "a bit for each");
static_assert(COLUMN_ADDRESS + 2 * WORD_STACK == COLUMN_STACK, "words lie as they are numbered");
static_assert(COLUMN_LONG + WORD_COUNT == COLUMN_COUNT, "a column of long ones for each");

static inline int word_column(int word)
{
    return COLUMN_ADDRESS + 2 * word;
}

enum control
{
    CONTROL_KIND = 0x03,  // enum reel_event_kind; but in version 1, 0 is an alloc with REEL_EVENT_CARVED
    CONTROL_FLAGS = 0x1c, // enum reel_event_flag but that one, << CONTROL_FLAGS_SHIFT
    CONTROL_FLAGS_SHIFT = 2,
    CONTROL_CARVED_SHIFT = 3, // from REEL_EVENT_CARVED to what it takes from the kind
    CONTROL_BLOCK = 0x20,     // alloc: the address was predicted; free, resize: the block was allocated in this chunk
    CONTROL_SIZE = 0x40,      // alloc, resize: requested and usable bytes were predicted
    CONTROL_STACK = 0x80,     // the stack was predicted
    CONTROL_PREDICTED = CONTROL_BLOCK | CONTROL_SIZE | CONTROL_STACK,
};

#define ADDRESS_SHIFT_MIN 1u
#define ADDRESS_SHIFT_MAX 12u

#define VARINT_REST_MAX 8
#define COLUMN_PADDING 16 // a varint's rest is read with one load of 8 bytes

// The difference of cells, which are as many as words.
static inline uint16_t cell_pack(uint32_t difference)
{
    return (uint16_t)(difference + WORD_MIDDLE);
}

static inline uint32_t cell_unpack(uint64_t word)
{
    return (uint32_t)word - WORD_MIDDLE;
}

// The difference of addresses that is the word in the middle.
static inline uint64_t address_middle(unsigned shift)
{
    return (uint64_t)WORD_MIDDLE << shift;
}

// A difference of addresses as a word, if it is a small multiple of 1 << shift; without loss in any case.
static inline uint64_t address_pack(uint64_t difference, uint64_t middle, unsigned shift)
{
    uint64_t above = difference + middle;
    return above >> shift | above << (64 - shift);
}

static inline uint64_t address_unpack(uint64_t value, unsigned shift)
{
    return (value << shift | value >> (64 - shift)) - address_middle(shift);
}

#endif
