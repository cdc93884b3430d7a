// SPDX-License-Identifier: MIT
// Builds the tables of canonical codes: shorter codes come first, and among codes of one length those of smaller
// symbols.
#include "tracer/inflate_table.h"

#include <string.h>

static uint32_t literal_entry(unsigned symbol)
{
    static const uint16_t bases[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                     31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t bits[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                   2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    if (symbol < 256)
        return ENTRY_LITERAL | symbol << 16;
    if (symbol == 256)
        return ENTRY_END;
    symbol -= 257;
    return symbol < sizeof bits ? ENTRY_BASE | (uint32_t)bases[symbol] << 16 | (uint32_t)bits[symbol] << 8
                                : ENTRY_INVALID;
}

static uint32_t distance_entry(unsigned symbol)
{
    if (symbol < 4)
        return ENTRY_BASE | (symbol + 1) << 16;
    unsigned bits = symbol / 2 - 1;
    return symbol < 30 ? ENTRY_BASE | (((2 + symbol % 2) << bits) + 1) << 16 | bits << 8 : ENTRY_INVALID;
}

static uint32_t length_entry(unsigned symbol)
{
    return ENTRY_LITERAL | symbol << 16;
}

struct table
{
    uint32_t *entries;
    size_t entry_max;
    unsigned index_bits;
    uint32_t (*make)(unsigned symbol);
    unsigned left[INFLATE_CODE_BITS_MAX + 1]; // codes of each length that are not yet in it
    size_t second;                            // where the second table being filled begins
    unsigned second_bits;
    size_t used;
    uint32_t prefix; // of its codes
};

static uint32_t reversed(uint32_t code, unsigned bits)
{
    uint32_t result = 0;
    for (; bits > 0; bits--, code >>= 1)
        result = result << 1 | (code & 1);
    return result;
}

// Codes come by length: the second table must have room for those that follow with the same prefix.
static bool begin_second(struct table *table, uint32_t prefix, unsigned bits)
{
    unsigned second_bits = bits - table->index_bits;
    unsigned room = 1u << second_bits;
    while (table->index_bits + second_bits < INFLATE_CODE_BITS_MAX &&
           room > table->left[table->index_bits + second_bits])
    {
        room = (room - table->left[table->index_bits + second_bits]) * 2;
        second_bits++;
    }
    if (table->used + (1u << second_bits) > table->entry_max)
        return false;
    table->second = table->used;
    table->second_bits = second_bits;
    table->used += 1u << second_bits;
    table->prefix = prefix;
    table->entries[prefix] = ENTRY_TABLE | (uint32_t)table->second << 16 | second_bits << 8;
    return true;
}

static bool add_code(struct table *table, unsigned symbol, uint32_t code, unsigned bits)
{
    uint32_t index = reversed(code, bits);
    uint32_t prefix = (uint32_t)low_bits(index, table->index_bits);
    uint32_t *entries = table->entries;
    size_t count = 1u << table->index_bits;
    size_t step = 1u << bits;
    if (bits > table->index_bits)
    {
        if (prefix != table->prefix && !begin_second(table, prefix, bits))
            return false;
        entries += table->second;
        count = 1u << table->second_bits;
        step = 1u << (bits - table->index_bits);
        index >>= table->index_bits;
    }
    uint32_t made = table->make(symbol);
    for (size_t at = index; at < count; at += step)
        entries[at] = made == ENTRY_INVALID ? made : made | bits;
    table->left[bits]--;
    return true;
}

static bool build(struct table *table, uint32_t *entries, const uint8_t *lengths, unsigned symbols)
{
    uint16_t by_length[INFLATE_LITERALS];
    unsigned places[INFLATE_CODE_BITS_MAX + 1] = {0};
    uint32_t code = 0;
    table->entries = memset(entries, 0, table->entry_max * sizeof *entries);
    table->used = (size_t)1 << table->index_bits;
    table->prefix = UINT32_MAX;
    for (unsigned symbol = 0; symbol < symbols; symbol++)
        table->left[lengths[symbol]]++;
    for (unsigned bits = 1; bits <= INFLATE_CODE_BITS_MAX; bits++)
        places[bits] = places[bits - 1] + table->left[bits - 1];
    for (unsigned symbol = 0; symbol < symbols; symbol++)
        by_length[places[lengths[symbol]]++] = (uint16_t)symbol;
    for (unsigned bits = 1; bits <= INFLATE_CODE_BITS_MAX; bits++)
    {
        code <<= 1;
        if (code + table->left[bits] > 1u << bits)
            return false;
        for (unsigned at = places[bits - 1]; at < places[bits]; at++)
            if (!add_code(table, by_length[at], code++, bits))
                return false;
    }
    return true;
}

bool inflate_table_of_literals(uint32_t *entries, const uint8_t *lengths, unsigned symbols)
{
    struct table table = {
        .entry_max = INFLATE_LITERAL_ENTRIES, .index_bits = INFLATE_LITERAL_BITS, .make = literal_entry};
    return build(&table, entries, lengths, symbols);
}

bool inflate_table_of_distances(uint32_t *entries, const uint8_t *lengths, unsigned symbols)
{
    struct table table = {
        .entry_max = INFLATE_DISTANCE_ENTRIES, .index_bits = INFLATE_DISTANCE_BITS, .make = distance_entry};
    return build(&table, entries, lengths, symbols);
}

bool inflate_table_of_lengths(uint32_t *entries, const uint8_t *lengths)
{
    struct table table = {.entry_max = INFLATE_LENGTH_ENTRIES, .index_bits = INFLATE_LENGTH_BITS, .make = length_entry};
    return build(&table, entries, lengths, INFLATE_LENGTHS);
}
