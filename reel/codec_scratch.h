// SPDX-License-Identifier: MIT
// The state and the scratch memory of the codec. Internal to the codec.
#ifndef HEAPREEL_REEL_CODEC_SCRATCH_H
#define HEAPREEL_REEL_CODEC_SCRATCH_H

#include <stddef.h>

#define XXH_INLINE_ALL
#include <xxhash.h>
#define ZSTD_STATIC_LINKING_ONLY // for how literals are compressed
#include <zstd.h>

#include "reel/codec_cells.h"
#include "reel/codec_format.h"
#include "reel/codec_piles_v1.h"

// A thread takes two numbers where the other columns take one, a time may take two bytes, and a varint of version 1
// lies in one column. Not a multiple of a page, so that columns of one length do not share cache sets.
#define COLUMN_ROOM (2 * (size_t)REEL_CHUNK_EVENTS_MAX * VARINT_REST_MAX + 192)
#define COLUMN_SHORT_ROOM (2 * (size_t)REEL_CHUNK_EVENTS_MAX + 192)
#define COLUMN_WORDS (REEL_CHUNK_EVENTS_MAX + 96)
#define COLUMN_ROOM_V1 (2 * (size_t)REEL_CHUNK_EVENTS_MAX * (1 + VARINT_REST_MAX) + COLUMN_PADDING)
#define COLUMN_COUNT_V1 9
#define CHUNK_OVERHEAD_MAX (sizeof(struct chunk_head) + COLUMN_COUNT * (sizeof(struct chunk_column) + 512))

// Requested bytes and slack of an event, as words.
struct size_words
{
    uint16_t requested;
    uint16_t slack;
};

// Where the encoder is.
struct encoder
{
    uint8_t *at[COLUMN_COUNT];     // where the next byte of each column goes, but of words
    uint16_t *word_at[WORD_COUNT]; // where the next word goes, but of sizes
    struct size_words *size_at;
    uint64_t t_ns;         // of the last event
    uint64_t elsewhere;    // last address coded in COLUMN_ELSEWHERE
    uint64_t address_bits; // of all addresses of the chunk, or-ed
    uint32_t count;
    unsigned address_shift;
    uint32_t thread;    // whose run is not in its column yet
    uint32_t run_begin; // its first event
};

// How a column is stored.
enum packing
{
    PACKING_RAW,
    PACKING_ENTROPY, // noise with a distribution: zstd without a search
    PACKING_MATCHES, // it repeats itself
};

struct column_packing
{
    enum packing packing;
    uint32_t chunks_left; // until all are tried again
    size_t tried_bytes;   // of the column when all were tried
};

struct reel_codec
{
    ZSTD_CCtx *matcher; // for PACKING_MATCHES
    ZSTD_CCtx *packer;  // for PACKING_ENTROPY
    ZSTD_DCtx *decompressor;
    uint8_t *columns[COLUMN_COUNT]; // inside arena
    uint16_t *words[WORD_COUNT];    // inside word_arena, COLUMN_WORDS each
    uint16_t *word_arena;
    struct size_words *sizes; // COLUMN_WORDS
    uint8_t *arena;
    size_t arena_bytes;
    uint8_t *chunk; // arena_bytes + CHUNK_OVERHEAD_MAX bytes

    struct encoder encoder;
    struct column_packing packings[COLUMN_COUNT];
    uint64_t first_event;
    uint64_t begin_ns;

    struct predictor predictor;
    struct cells cells;
    uint16_t cell_of_birth[REEL_CHUNK_EVENTS_MAX]; // encoding; CELL_NONE: freed, or the event is no alloc
    struct piles_v1 piles;                         // decoding of version 1
};

static inline size_t codec_column_room(int column)
{
    return column == COLUMN_CONTROL ? COLUMN_SHORT_ROOM : COLUMN_ROOM;
}

// Scratch for a chunk of version 1.
static inline uint8_t *codec_column_v1(struct reel_codec *codec, int column)
{
    return codec->arena + (size_t)column * COLUMN_ROOM_V1;
}

// The columns of the chunk that is open, each packed in the way that its last chunks advise, after head and directory.
// Fills in head->columns; gives the end.
size_t codec_store_columns(struct reel_codec *codec, struct chunk_head *head);

// Decodes one column into raw, which has room bytes, padding included. False if it does not fit or is damaged.
bool codec_load_column(struct reel_codec *codec, const struct chunk_column *sizes, const uint8_t *stored, uint8_t *raw,
                       size_t room);

// The columns of a chunk of version 1 to events, and to births unless they are NULL; data holds the whole chunk.
// REEL_OK or REEL_E_DAMAGED.
int codec_decode_v1(struct reel_codec *codec, const struct chunk_head *head, const uint8_t *data, size_t bytes,
                    const struct reel_thread_map *threads, struct reel_event *events, uint32_t *births);

#endif
