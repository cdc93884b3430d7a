// SPDX-License-Identifier: MIT
// The layout of a keyframe's bytes. Internal to its encoder and decoder; told in docs/keyframe.md.
//
//   head, then for each heap: its head, its classes, a directory, its columns
//
// Blocks lie by address. Each has five numbers and a mark. A number below 65535 is a word: its lower byte is in one
// column, its upper one in the next. Others are 65535 there, and their eight bytes are in eight columns of their own.
// So each column has one distribution, and one that is all zero has no bytes.
#ifndef HEAPREEL_REEL_KEYFRAME_FORMAT_H
#define HEAPREEL_REEL_KEYFRAME_FORMAT_H

#include <assert.h>
#include <stdint.h>

#include "reel/blocks.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the format is little-endian and is copied as it is");

#define KEYFRAME_MAGIC 0x464b5248u // "HRKF"
#define KEYFRAME_BLIND 1           // a flag of a heap
#define KEYFRAME_SHIFT_MAX 12u

struct keyframe_head
{
    uint64_t checksum; // XXH64 with seed 0 of all bytes from offset 8 on
    uint32_t magic;
    uint32_t version;
    uint64_t events;
    uint32_t heap_count;
    uint32_t zero;
};

struct keyframe_heap_head
{
    uint32_t process;
    uint32_t fork_serial;
    uint8_t flags;
    uint8_t address_shift; // all addresses are multiples of 1 << address_shift
    uint16_t class_count;
    uint32_t block_count;
    uint64_t peak_slot_bytes;
    uint64_t columns; // bit i says that column i has bytes
};

struct keyframe_class
{
    uint32_t class_id;
    uint32_t zero;
    uint64_t carved_slots;
    uint64_t peak_live_slots;
};

// In the directory, for each column that has bytes. Raw where both are equal, else a zstd frame.
struct keyframe_column
{
    uint32_t raw_bytes;
    uint32_t stored_bytes;
};

static_assert(sizeof(struct keyframe_head) == 32, "layout");
static_assert(sizeof(struct keyframe_heap_head) == 32, "layout");
static_assert(sizeof(struct keyframe_class) == 24, "layout");
static_assert(sizeof(struct keyframe_column) == 8, "layout");

enum keyframe_number
{
    KEYFRAME_GAP,       // from where the block before it should end to the address, turned as keyframe_turn does
    KEYFRAME_BIRTH,     // less that of the block before it, as keyframe_zigzag
    KEYFRAME_STACK,     // as it is
    KEYFRAME_REQUESTED, // as it is
    KEYFRAME_SLACK,     // xor that of the block before it with the same requested bytes
    KEYFRAME_NUMBER_COUNT
};

#define KEYFRAME_LONG_BYTES 8
#define KEYFRAME_WORD_LONG 0xffffu // the number is in the columns of long ones

// Column of the lower bytes of a number's words; the upper ones are in the next.
static inline int keyframe_word_column(int number)
{
    return 2 * number;
}

#define KEYFRAME_MARK_COLUMN (2 * KEYFRAME_NUMBER_COUNT) // a byte: xor of the mark with the last one of that size

// Column of a byte of a number's long ones.
static inline int keyframe_long_column(int number, int byte)
{
    return KEYFRAME_MARK_COLUMN + 1 + KEYFRAME_LONG_BYTES * number + byte;
}

#define KEYFRAME_COLUMN_COUNT (KEYFRAME_MARK_COLUMN + 1 + KEYFRAME_LONG_BYTES * KEYFRAME_NUMBER_COUNT)

static_assert(KEYFRAME_COLUMN_COUNT <= 64, "a bit for each");

// What blocks of the same size had last, at the lower bits of their requested bytes; zero at the beginning of a heap.
#define KEYFRAME_SIZES 4096u

struct keyframe_size
{
    uint32_t slack;
    uint32_t mark;
};

static inline size_t keyframe_size_index(uint64_t requested_bytes)
{
    return requested_bytes % KEYFRAME_SIZES;
}

// Whether the block is inherited, and above it 1 + its class, or 0.
#define KEYFRAME_MARK_INHERITED 1u
#define KEYFRAME_MARK_CLASS_SHIFT 1

// A difference that is a multiple of 1 << shift becomes a small number; without loss in any case.
static inline uint64_t keyframe_turn(uint64_t difference, unsigned shift)
{
    return difference >> shift | difference << (-shift & 63);
}

static inline uint64_t keyframe_turn_back(uint64_t turned, unsigned shift)
{
    return turned << shift | turned >> (-shift & 63);
}

static inline uint64_t keyframe_zigzag(uint64_t difference)
{
    return difference << 1 ^ (0 - (difference >> 63));
}

static inline uint64_t keyframe_zigzag_back(uint64_t number)
{
    return number >> 1 ^ (0 - (number & 1));
}

// Where the next block begins if there is none between: a header of the allocator's fits into the rounding.
static inline uint64_t keyframe_end(uint64_t address, uint64_t requested_bytes, uint32_t slack, unsigned shift)
{
    uint64_t unit = UINT64_C(1) << shift;
    uint64_t usable_bytes = requested_bytes + (slack != REEL_BLOCK_SLACK_UNKNOWN ? slack : 0);
    return (address + usable_bytes + unit - 1) & ~(unit - 1);
}

// zstd cannot make more of a byte: what claims to have more raw bytes is damaged, and gets no memory.
#define KEYFRAME_EXPANSION_MAX 65536u

#endif
