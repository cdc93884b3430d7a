// SPDX-License-Identifier: MIT
// Changed bytes of a chunk under a right checksum: an attacker can compute those too.
#ifndef HEAPREEL_TESTS_REEL_CHUNK_DAMAGE_H
#define HEAPREEL_TESTS_REEL_CHUNK_DAMAGE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "stream.h"

#define CHECKSUM_BYTES 8

static inline void chunk_seal(uint8_t *data, size_t bytes)
{
    uint64_t checksum = XXH64(data + CHECKSUM_BYTES, bytes - CHECKSUM_BYTES, 0);
    memcpy(data, &checksum, sizeof checksum);
}

// One bit to four, behind the checksum, which is left as it was.
static inline void chunk_flip_bits(struct stream *stream, uint8_t *data, size_t bytes)
{
    for (uint64_t changes = 1 + stream_random(stream, 4); changes > 0; changes--)
        data[CHECKSUM_BYTES + stream_random(stream, bytes - CHECKSUM_BYTES)] ^=
            (uint8_t)(1u << stream_random(stream, 8));
}

#endif
