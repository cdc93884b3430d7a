// SPDX-License-Identifier: MIT
// Reads numbers as DWARF writes them, and never beyond an end: from the first that does not fit on, all are 0.
#ifndef HEAPREEL_RECORD_BYTE_READER_H
#define HEAPREEL_RECORD_BYTE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reader
{
    const uint8_t *at;
    const uint8_t *end;
    bool is_bad;
};

static inline uint64_t read_fixed(struct reader *reader, size_t bytes)
{
    uint64_t value = 0;
    if (reader->is_bad || (size_t)(reader->end - reader->at) < bytes)
    {
        reader->is_bad = true;
        return 0;
    }
    memcpy(&value, reader->at, bytes);
    reader->at += bytes;
    return value;
}

static inline uint64_t read_uleb(struct reader *reader)
{
    uint64_t value = 0;
    for (unsigned int shift = 0; shift < 64; shift += 7)
    {
        uint64_t byte = read_fixed(reader, 1);
        value |= (byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    reader->is_bad = true;
    return 0;
}

static inline int64_t read_sleb(struct reader *reader)
{
    uint64_t value = 0;
    for (unsigned int shift = 0; shift < 64; shift += 7)
    {
        uint64_t byte = read_fixed(reader, 1);
        value |= (byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return (int64_t)(shift < 57 && (byte & 0x40) ? value | UINT64_MAX << (shift + 7) : value);
    }
    reader->is_bad = true;
    return 0;
}

static inline void skip(struct reader *reader, uint64_t bytes)
{
    if (reader->is_bad || (uint64_t)(reader->end - reader->at) < bytes)
        reader->is_bad = true;
    else
        reader->at += bytes;
}

static inline int64_t read_pc_relative(struct reader *reader)
{
    const uint8_t *here = reader->at;
    return (int64_t)(uintptr_t)here + (int32_t)read_fixed(reader, 4);
}

#endif
