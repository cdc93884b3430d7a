// SPDX-License-Identifier: MIT
// Tables that decode the codes of deflate (RFC 1951, 3.2): the next bits of the source are an index, the entry there
// says what they mean. Codes longer than the index lead to a second table behind the first.
#ifndef HEAPREEL_TRACER_INFLATE_TABLE_H
#define HEAPREEL_TRACER_INFLATE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INFLATE_CODE_BITS_MAX 15
#define INFLATE_LITERALS 288 // and lengths of matches
#define INFLATE_DISTANCES 32
#define INFLATE_LENGTHS 19 // symbols in which the lengths of codes are written
#define INFLATE_LITERAL_BITS 11
#define INFLATE_DISTANCE_BITS 8
#define INFLATE_LENGTH_BITS 7
// The most entries that such codes can need, both tables together.
#define INFLATE_LITERAL_ENTRIES 2342
#define INFLATE_DISTANCE_ENTRIES 402
#define INFLATE_LENGTH_ENTRIES (1u << INFLATE_LENGTH_BITS)

// An entry. Bits 0-7: bits of the code; 8-12: bits that follow it, or index bits of the second table; 13-15: kind;
// 16-31: value.
#define ENTRY_INVALID 0u
#define ENTRY_LITERAL (1u << 13)
#define ENTRY_BASE (2u << 13) // of a length or a distance
#define ENTRY_END (3u << 13)
#define ENTRY_TABLE (4u << 13)
#define ENTRY_KIND (7u << 13)

static inline unsigned code_bits(uint32_t found)
{
    return found & 0xff;
}

static inline unsigned more_bits(uint32_t found)
{
    return (found >> 8) & 0x1f;
}

static inline bool is_kind(uint32_t found, uint32_t kind)
{
    return (found & ENTRY_KIND) == kind;
}

static inline uint64_t low_bits(uint64_t bits, unsigned count)
{
    return bits & ((UINT64_C(1) << count) - 1);
}

// Make a table of so many entries as stand above out of the lengths of the codes, at most so many as stand above; 0:
// the symbol has none. Bits that are no code lead to invalid entries. False: there are more codes than bits can tell
// apart.
bool inflate_table_of_literals(uint32_t *entries, const uint8_t *lengths, unsigned symbols);
bool inflate_table_of_distances(uint32_t *entries, const uint8_t *lengths, unsigned symbols);
bool inflate_table_of_lengths(uint32_t *entries, const uint8_t *lengths);

#endif
