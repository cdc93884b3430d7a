// SPDX-License-Identifier: MIT
// The scratch memory of the codec. Internal to the codec.
#ifndef HEAPREEL_REEL_CODEC_SCRATCH_H
#define HEAPREEL_REEL_CODEC_SCRATCH_H

#include <stddef.h>

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include "reel/codec_format.h"

#define ZSTD_LEVEL 1
#define CHUNK_BYTES_MAX                                                                                                \
    (sizeof(struct chunk_head) + COLUMN_COUNT * (sizeof(struct chunk_column) + ZSTD_COMPRESSBOUND(COLUMN_ROOM)))
// A thread takes two numbers where every other column takes one.
#define COLUMN_ROOM (2 * COLUMN_BYTES_MAX + COLUMN_PADDING)

struct reel_codec
{
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *decompressor;
    uint8_t *columns[COLUMN_COUNT]; // COLUMN_ROOM bytes each
    uint8_t *chunk;                 // CHUNK_BYTES_MAX bytes
    struct predictor predictor;
};

#endif
