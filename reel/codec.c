// SPDX-License-Identifier: MIT
// Life of the codec's scratch memory. Encoding and decoding have a file each.
#include "reel/codec.h"

#include <stdlib.h>

#include "reel/codec_scratch.h"
#include "reel/status.h"

static bool allocate_scratch(struct reel_codec *codec)
{
    codec->compressor = ZSTD_createCCtx();
    codec->decompressor = ZSTD_createDCtx();
    codec->chunk = malloc(CHUNK_BYTES_MAX);
    bool is_complete = codec->compressor != NULL && codec->decompressor != NULL && codec->chunk != NULL;
    for (int i = 0; i < COLUMN_COUNT; i++)
    {
        codec->columns[i] = malloc(COLUMN_ROOM);
        is_complete = is_complete && codec->columns[i] != NULL;
    }
    return is_complete;
}

int reel_codec_create(struct reel_codec **out)
{
    struct reel_codec *codec = calloc(1, sizeof *codec);
    if (codec == NULL)
        return REEL_E_NO_MEMORY;
    if (!allocate_scratch(codec))
    {
        reel_codec_destroy(codec);
        return REEL_E_NO_MEMORY;
    }
    *out = codec;
    return REEL_OK;
}

void reel_codec_destroy(struct reel_codec *codec)
{
    if (codec == NULL)
        return;
    ZSTD_freeCCtx(codec->compressor);
    ZSTD_freeDCtx(codec->decompressor);
    for (int i = 0; i < COLUMN_COUNT; i++)
        free(codec->columns[i]);
    free(codec->chunk);
    free(codec);
}
