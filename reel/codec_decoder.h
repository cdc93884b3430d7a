// SPDX-License-Identifier: MIT
// What is left of the columns of a chunk, and how the next number is got from one. Internal to the
// codec.
#ifndef HEAPREEL_REEL_CODEC_DECODER_H
#define HEAPREEL_REEL_CODEC_DECODER_H

#include "reel/codec_scratch.h"

#define DECODER_INLINE static inline __attribute__((always_inline))

// What is left of a column. A read may pass the end by COLUMN_PADDING bytes of scratch; that it did is seen when the
// next value is read, or at the end.
struct source
{
    const uint8_t *at;
    const uint8_t *end;
};

struct word_source
{
    const uint16_t *at;
    const uint16_t *end;
};

struct decoder
{
    struct source column[COLUMN_LONG];
    struct word_source words[WORD_COUNT];
    struct source longs[WORD_COUNT];
    uint64_t t_ns;
    uint64_t elsewhere;
    unsigned address_shift;
    bool is_damaged;
};

// Events of one thread in a row.
struct codec_run
{
    struct reel_event *events; // the first of them; those before it in the chunk lie before it
    uint32_t *births;          // the same
    uint32_t first;            // its number in the chunk
    uint32_t count;
    uint32_t thread;
    uint32_t process;
};

// Decodes them, and moves the decoder behind them.
void codec_get_run(struct decoder *decoder, struct reel_codec *codec, const struct codec_run *run);
void codec_get_run_with_births(struct decoder *decoder, struct reel_codec *codec, const struct codec_run *run);

static inline size_t source_bytes(const struct source *source)
{
    return (size_t)(source->end - source->at);
}

// Fills in the columns of the decoder from those in data, which holds the whole chunk. False if they are damaged.
bool codec_load_columns(struct reel_codec *codec, const struct chunk_head *head, const uint8_t *data, size_t bytes,
                        struct decoder *decoder);

DECODER_INLINE uint64_t get_first(struct decoder *decoder, struct source *column)
{
    const uint8_t *at = column->at;
    if (__builtin_expect(at >= column->end, 0))
    {
        decoder->is_damaged = true;
        return 0;
    }
    column->at = at + 1;
    return at[0];
}

// The value of a varint whose first byte is above 240.
DECODER_INLINE uint64_t get_rest(struct decoder *decoder, struct source *rest, uint64_t first)
{
    const uint8_t *at = rest->at;
    if (at >= rest->end)
    {
        decoder->is_damaged = true;
        return 0;
    }
    uint64_t value;
    memcpy(&value, at, sizeof value);
    if (first <= 248)
    {
        rest->at = at + 1;
        return 240 + ((first - 241) << 8) + (value & 0xff);
    }
    if (first == 249)
    {
        rest->at = at + 2;
        return 2288 + (value & 0xffff);
    }
    unsigned rest_bytes = (unsigned)first - 247;
    rest->at = at + rest_bytes;
    return value & (UINT64_MAX >> (64 - 8 * rest_bytes));
}

DECODER_INLINE uint64_t get_varint(struct decoder *decoder, struct source *column, struct source *rest)
{
    uint64_t first = get_first(decoder, column);
    return __builtin_expect(first <= 240, 1) ? first : get_rest(decoder, rest, first);
}

#define GET_VARINT(decoder, name) get_varint(decoder, &(decoder)->column[name], &(decoder)->column[(name) + 1])

#endif
