// SPDX-License-Identifier: MIT
// Chunk bytes to columns. Nothing in the bytes is believed.
#include "reel/codec_decoder.h"

#include <assert.h>

#define JOINED_WORDS 32

static_assert(COLUMN_WORDS >= REEL_CHUNK_EVENTS_MAX + JOINED_WORDS, "room beyond the end");

bool codec_load_column(struct reel_codec *codec, const struct chunk_column *sizes, const uint8_t *stored, uint8_t *raw,
                       size_t room)
{
    if (sizes->raw_bytes > room - COLUMN_PADDING || sizes->stored_bytes > sizes->raw_bytes)
        return false;
    if (sizes->stored_bytes == sizes->raw_bytes)
        memcpy(raw, stored, sizes->raw_bytes);
    else if (ZSTD_decompressDCtx(codec->decompressor, raw, sizes->raw_bytes, stored, sizes->stored_bytes) !=
             sizes->raw_bytes)
        return false;
    memset(raw + sizes->raw_bytes, 0, COLUMN_PADDING);
    return true;
}

static struct source *column_source(struct decoder *decoder, int column)
{
    return column < COLUMN_LONG ? &decoder->column[column] : &decoder->longs[column - COLUMN_LONG];
}

// JOINED_WORDS at a time, which a compiler turns into a few wide operations; all that takes part has room for what is
// beyond the end.
static void widen_some(const uint8_t *restrict lower, uint16_t *restrict words)
{
    for (size_t i = 0; i < JOINED_WORDS; i++)
        words[i] = lower[i];
}

static void join_some(const uint8_t *restrict lower, const uint8_t *restrict upper, uint16_t *restrict words)
{
    for (size_t i = 0; i < JOINED_WORDS; i++)
        words[i] = (uint16_t)(lower[i] | upper[i] << 8);
}

// Two columns to the words that the encoder had.
static bool join_words(struct reel_codec *codec, struct decoder *decoder, int word)
{
    struct source *lower = &decoder->column[word_column(word)];
    struct source *upper = lower + 1;
    size_t count = (size_t)(lower->end - lower->at);
    size_t upper_count = (size_t)(upper->end - upper->at);
    uint16_t *words = codec->words[word];
    if (count > REEL_CHUNK_EVENTS_MAX || (upper_count != count && upper_count != 0))
        return false;
    for (size_t i = 0; i < count; i += JOINED_WORDS)
        if (upper_count == 0)
            widen_some(lower->at + i, words + i);
        else
            join_some(lower->at + i, upper->at + i, words + i);
    lower->at = lower->end;
    upper->at = upper->end;
    decoder->words[word] = (struct word_source){.at = words, .end = words + count};
    return true;
}

bool codec_load_columns(struct reel_codec *codec, const struct chunk_head *head, const uint8_t *data, size_t bytes,
                        struct decoder *decoder)
{
    const uint8_t *directory = data + sizeof *head;
    size_t directory_bytes = (size_t)__builtin_popcountll(head->columns) * sizeof(struct chunk_column);
    if (head->columns >> head->column_count != 0 || directory_bytes > bytes - sizeof *head)
        return false;
    size_t used = sizeof *head + directory_bytes;
    for (int i = 0; i < head->column_count; i++)
    {
        struct chunk_column sizes = {0};
        uint8_t *raw = codec->columns[i];
        if ((head->columns >> i & 1) != 0)
        {
            memcpy(&sizes, directory, sizeof sizes);
            directory += sizeof sizes;
        }
        if (sizes.stored_bytes > bytes - used ||
            !codec_load_column(codec, &sizes, data + used, raw, codec_column_room(i)))
            return false;
        used += sizes.stored_bytes;
        *column_source(decoder, i) = (struct source){.at = raw, .end = raw + sizes.raw_bytes};
    }
    for (int i = 0; i < WORD_COUNT; i++)
        if (!join_words(codec, decoder, i))
            return false;
    return used == bytes;
}
