// SPDX-License-Identifier: MIT
// Columns to chunk bytes: each column raw or as one zstd frame. What is worth its time is seen from time to time by
// trying all ways on one chunk; the chunks after it do the same as long as that is not tried again.
#include "reel/codec_scratch.h"

#define STORED_RAW_MAX 128 // bytes of a column that is not worth a zstd frame
#define CHUNKS_UNTIL_TRIAL 64
#define SPLIT_WORDS 32

// Bytes in out, 0 if it does not shrink. room is enough for any frame.
static size_t pack(ZSTD_CCtx *context, const uint8_t *raw, size_t raw_bytes, uint8_t *out, size_t room)
{
    size_t stored = ZSTD_compress2(context, out, room, raw, raw_bytes);
    return ZSTD_isError(stored) || stored >= raw_bytes ? 0 : stored;
}

// Entropy coding takes about 1 ns a byte, a search for matches several times that unless there are long ones.
static bool is_worth(enum packing packing, size_t raw_bytes, size_t packed_bytes)
{
    size_t bytes_max = packing == PACKING_MATCHES ? raw_bytes / 4 : raw_bytes - raw_bytes / 4;
    return packed_bytes != 0 && packed_bytes < bytes_max;
}

static enum packing judge_packing(size_t raw_bytes, size_t entropy_bytes, size_t matches_bytes)
{
    bool is_entropy_worth = is_worth(PACKING_ENTROPY, raw_bytes, entropy_bytes);
    if (is_worth(PACKING_MATCHES, raw_bytes, matches_bytes) && (!is_entropy_worth || matches_bytes < entropy_bytes / 2))
        return PACKING_MATCHES;
    return is_entropy_worth ? PACKING_ENTROPY : PACKING_RAW;
}

// Tries all; gives the bytes in out.
static size_t try_packings(struct reel_codec *codec, int column, size_t raw_bytes, uint8_t *out, size_t room)
{
    const uint8_t *raw = codec->columns[column];
    size_t entropy_bytes = pack(codec->packer, raw, raw_bytes, out, room);
    size_t matches_bytes = pack(codec->matcher, raw, raw_bytes, out, room);
    codec->packings[column] =
        (struct column_packing){.packing = judge_packing(raw_bytes, entropy_bytes, matches_bytes),
                                .chunks_left = CHUNKS_UNTIL_TRIAL + (uint32_t)column, // not all columns in one chunk
                                .tried_bytes = raw_bytes};
    return matches_bytes;
}

// A trial on a column that was short, as in a chunk that is stored before it is full, says little about long ones.
static bool is_trial_due(struct column_packing *packing, size_t raw_bytes)
{
    if (packing->chunks_left == 0 || raw_bytes / 4 > packing->tried_bytes)
        return true;
    packing->chunks_left--;
    return false;
}

static size_t pack_column(struct reel_codec *codec, int column, size_t raw_bytes, uint8_t *out, size_t room)
{
    struct column_packing *packing = &codec->packings[column];
    if (raw_bytes <= STORED_RAW_MAX)
        return 0;
    if (is_trial_due(packing, raw_bytes))
        return try_packings(codec, column, raw_bytes, out, room);
    if (packing->packing == PACKING_RAW)
        return 0;
    ZSTD_CCtx *context = packing->packing == PACKING_ENTROPY ? codec->packer : codec->matcher;
    size_t packed_bytes = pack(context, codec->columns[column], raw_bytes, out, room);
    if (!is_worth(packing->packing, raw_bytes, packed_bytes))
        packing->chunks_left /= 8; // the program does something else now
    return packed_bytes;
}

// A column that does not shrink is stored as it is.
static size_t store_column(struct reel_codec *codec, int column, size_t raw_bytes, uint8_t *out, size_t room)
{
    size_t stored = pack_column(codec, column, raw_bytes, out, room);
    if (stored != 0)
        return stored;
    memcpy(out, codec->columns[column], raw_bytes);
    return raw_bytes;
}

// SPLIT_WORDS at a time, which a compiler turns into a few wide operations; all that takes part has room for what is
// beyond the end.
static void split_some(const uint16_t *restrict words, uint8_t *restrict lower, uint8_t *restrict upper)
{
    for (size_t i = 0; i < SPLIT_WORDS; i++)
    {
        lower[i] = (uint8_t)words[i];
        upper[i] = (uint8_t)(words[i] >> 8);
    }
}

static uint16_t bits_of_some(const uint16_t *words)
{
    uint16_t bits = 0;
    for (size_t i = 0; i < SPLIT_WORDS; i++)
        bits |= words[i];
    return bits;
}

// Words to their two columns. False if all are below 256, and the upper column has nothing to say.
static bool split_words(uint16_t *words, size_t count, uint8_t *lower, uint8_t *upper)
{
    uint16_t bits = 0;
    memset(words + count, 0, SPLIT_WORDS * sizeof *words);
    for (size_t i = 0; i < count; i += SPLIT_WORDS)
    {
        split_some(words + i, lower + i, upper + i);
        bits |= bits_of_some(words + i);
    }
    return bits > UINT8_MAX;
}

static void gather_some(const struct size_words *restrict sizes, uint16_t *restrict requested, uint16_t *restrict slack)
{
    for (size_t i = 0; i < SPLIT_WORDS; i++)
    {
        requested[i] = sizes[i].requested;
        slack[i] = sizes[i].slack;
    }
}

// The encoder has the two words of a size together.
static void gather_sizes(struct reel_codec *codec)
{
    size_t count = (size_t)(codec->encoder.size_at - codec->sizes);
    for (size_t i = 0; i < count; i += SPLIT_WORDS)
        gather_some(codec->sizes + i, codec->words[WORD_REQUESTED] + i, codec->words[WORD_SLACK] + i);
    codec->encoder.word_at[WORD_REQUESTED] = codec->words[WORD_REQUESTED] + count;
    codec->encoder.word_at[WORD_SLACK] = codec->words[WORD_SLACK] + count;
}

static void measure_columns(struct reel_codec *codec, size_t *raw_bytes)
{
    struct encoder *encoder = &codec->encoder;
    for (int i = 0; i < COLUMN_COUNT; i++)
        raw_bytes[i] = (size_t)(encoder->at[i] - codec->columns[i]);
    gather_sizes(codec);
    for (int i = 0; i < WORD_COUNT; i++)
    {
        int column = word_column(i);
        size_t count = (size_t)(encoder->word_at[i] - codec->words[i]);
        bool has_upper = split_words(codec->words[i], count, codec->columns[column], codec->columns[column + 1]);
        raw_bytes[column] = count;
        raw_bytes[column + 1] = has_upper ? count : 0;
    }
}

size_t codec_store_columns(struct reel_codec *codec, struct chunk_head *head)
{
    struct chunk_column directory[COLUMN_COUNT];
    size_t raw_bytes[COLUMN_COUNT];
    size_t stored_count = 0;
    measure_columns(codec, raw_bytes);
    for (int i = 0; i < COLUMN_COUNT; i++)
    {
        head->columns |= (uint64_t)(raw_bytes[i] != 0) << i;
        stored_count += raw_bytes[i] != 0;
    }
    size_t directory_bytes = stored_count * sizeof *directory;
    size_t used = sizeof *head + directory_bytes;
    stored_count = 0;
    for (int i = 0; i < COLUMN_COUNT; i++)
    {
        if (raw_bytes[i] == 0)
            continue;
        size_t stored = store_column(codec, i, raw_bytes[i], codec->chunk + used, codec->arena_bytes);
        directory[stored_count++] =
            (struct chunk_column){.raw_bytes = (uint32_t)raw_bytes[i], .stored_bytes = (uint32_t)stored};
        used += stored;
    }
    memcpy(codec->chunk + sizeof *head, directory, directory_bytes);
    return used;
}
