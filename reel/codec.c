// SPDX-License-Identifier: MIT
// Life of the codec's state and scratch memory. Encoding and decoding have files of their own.
#include "reel/codec.h"

#include <stdlib.h>

#include "reel/codec_scratch.h"
#include "reel/status.h"

#define ZSTD_LEVEL 1

static size_t arena_bytes(void)
{
    size_t bytes = 0;
    for (int i = 0; i < COLUMN_COUNT; i++)
        bytes += codec_column_room(i);
    size_t bytes_v1 = (size_t)COLUMN_COUNT_V1 * COLUMN_ROOM_V1;
    return bytes > bytes_v1 ? bytes : bytes_v1;
}

static void lay_out_columns(struct reel_codec *codec)
{
    uint8_t *column = codec->arena;
    for (int i = 0; i < COLUMN_COUNT; i++)
    {
        codec->columns[i] = column;
        column += codec_column_room(i);
    }
    for (int i = 0; i < WORD_COUNT; i++)
        codec->words[i] = codec->word_arena + (size_t)i * COLUMN_WORDS;
}

// Times have a distribution but no repetitions that are worth a search. A library that does not know one of these
// parameters compresses less well or slower, nothing else.
static void set_up_packer(ZSTD_CCtx *packer)
{
    ZSTD_CCtx_setParameter(packer, ZSTD_c_minMatch, 7);
    ZSTD_CCtx_setParameter(packer, ZSTD_c_hashLog, 10);
    ZSTD_CCtx_setParameter(packer, ZSTD_c_targetLength, 1000);
    ZSTD_CCtx_setParameter(packer, ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
}

static bool allocate(struct reel_codec *codec)
{
    codec->matcher = ZSTD_createCCtx();
    codec->packer = ZSTD_createCCtx();
    codec->decompressor = ZSTD_createDCtx();
    codec->arena_bytes = arena_bytes();
    codec->arena = calloc(1, codec->arena_bytes); // the decoder may read beyond what it has loaded
    codec->word_arena = calloc(WORD_COUNT * COLUMN_WORDS, sizeof *codec->word_arena);
    codec->sizes = malloc(COLUMN_WORDS * sizeof *codec->sizes);
    codec->chunk = malloc(codec->arena_bytes + CHUNK_OVERHEAD_MAX);
    return codec->matcher != NULL && codec->packer != NULL && codec->decompressor != NULL && codec->arena != NULL &&
           codec->word_arena != NULL && codec->sizes != NULL && codec->chunk != NULL;
}

int reel_codec_create(struct reel_codec **out)
{
    struct reel_codec *codec = calloc(1, sizeof *codec);
    if (codec == NULL)
        return REEL_E_NO_MEMORY;
    if (!allocate(codec))
    {
        reel_codec_destroy(codec);
        return REEL_E_NO_MEMORY;
    }
    lay_out_columns(codec);
    ZSTD_CCtx_setParameter(codec->matcher, ZSTD_c_compressionLevel, ZSTD_LEVEL);
    ZSTD_CCtx_setParameter(codec->packer, ZSTD_c_compressionLevel, ZSTD_LEVEL);
    set_up_packer(codec->packer);
    *out = codec;
    return REEL_OK;
}

void reel_codec_destroy(struct reel_codec *codec)
{
    if (codec == NULL)
        return;
    ZSTD_freeCCtx(codec->matcher);
    ZSTD_freeCCtx(codec->packer);
    ZSTD_freeDCtx(codec->decompressor);
    free(codec->arena);
    free(codec->word_arena);
    free(codec->sizes);
    free(codec->chunk);
    free(codec);
}
