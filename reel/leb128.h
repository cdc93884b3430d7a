// SPDX-License-Identifier: MIT
// Numbers as unsigned LEB128: seven bits a byte, lowest first; the highest bit says that more follow. Blobs of tables
// have them; the varints of chunks (docs/chunk.md) are others. Private to reel/.
#ifndef HEAPREEL_REEL_LEB128_H
#define HEAPREEL_REEL_LEB128_H

#include <stdbool.h>
#include <stdint.h>

#define LEB128_BYTES_MAX 10 // of a number

// Where the next number is to be put.
static inline uint8_t *leb128_put(uint8_t *at, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        *at++ = (uint8_t)(number | 0x80);
    *at++ = (uint8_t)number;
    return at;
}

struct leb128_source
{
    const uint8_t *at; // the next number
    const uint8_t *end;
};

// False: the bytes end too early, or the number has more than 64 bits.
static inline bool leb128_get(struct leb128_source *source, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0; shift < 64 && source->at < source->end; shift += 7)
    {
        uint8_t byte = *source->at++;
        if (shift == 63 && byte > 1)
            return false;
        *number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

#endif
