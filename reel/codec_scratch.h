// SPDX-License-Identifier: MIT
// The state and the scratch memory of the codec. Internal to the codec.
#ifndef HEAPREEL_REEL_CODEC_SCRATCH_H
#define HEAPREEL_REEL_CODEC_SCRATCH_H

#include <stddef.h>

#define XXH_INLINE_ALL
#include <xxhash.h>
#define ZSTD_STATIC_LINKING_ONLY // for how literals are compressed
#include <zstd.h>

#include "reel/clock_steps.h"
#include "reel/codec_format.h"

// A thread takes two numbers where the other columns take one, a time may take two bytes, and a varint of the older
// versions lies in one column. Not a multiple of a page, so that columns of one length do not share cache sets.
#define COLUMN_FIRST_ROOM (2 * (size_t)REEL_CHUNK_EVENTS_MAX + 192)
#define COLUMN_REST_ROOM (2 * (size_t)REEL_CHUNK_EVENTS_MAX * VARINT_REST_MAX + 192)
#define COLUMN_ROOM_V2 (2 * (size_t)REEL_CHUNK_EVENTS_MAX * (1 + VARINT_REST_MAX) + COLUMN_PADDING)
#define COLUMN_COUNT_V2 9
#define CHUNK_OVERHEAD_MAX (sizeof(struct chunk_head) + COLUMN_COUNT * (sizeof(struct chunk_column) + 512))

// Where the encoder is. It lives in a copy while events are encoded: never pass it to a function that is not inlined.
struct encoder
{
    uint8_t *at[COLUMN_TIME]; // where the next byte of each column goes
    uint8_t *time_at[COLUMN_COUNT - COLUMN_TIME];
    struct cells cells;
    uint64_t t_ns;
    uint64_t elsewhere; // last address coded in COLUMN_ELSEWHERE
    uint64_t step_q32;
    uint64_t steps_per_ns_q64;
    uint64_t watched_ns; // sum of the times that were short enough for a sure count of steps ...
    uint64_t watched_steps;
    uint32_t phase; // what the clock is beyond t_ns, ns * 2^32
    uint32_t count;
    unsigned address_shift;
    uint32_t thread;     // whose run is not in its column yet
    uint32_t thread_run; // its events so far
};

// The allocs of the chunk by their number in it. Beside each other, not one struct: most events need one of the three.
struct encoder_births
{
    uint64_t address[REEL_CHUNK_EVENTS_MAX];
    uint64_t usable_bytes[REEL_CHUNK_EVENTS_MAX];
    uint16_t cell[REEL_CHUNK_EVENTS_MAX]; // CELL_NONE: freed, or the event is no alloc
};

struct reel_codec
{
    ZSTD_CCtx *matcher; // for columns that repeat themselves
    ZSTD_CCtx *packer;  // for columns of noise with a distribution: no search
    ZSTD_DCtx *decompressor;
    uint8_t *columns[COLUMN_COUNT]; // inside arena
    uint8_t *arena;
    size_t arena_bytes;
    uint8_t *chunk; // arena_bytes + CHUNK_OVERHEAD_MAX bytes

    struct encoder encoder;
    struct clock_steps clock; // of the chunks so far
    uint64_t address_bits;    // of all addresses of the chunk, or-ed
    uint64_t first_event;
    uint64_t begin_ns;

    struct predictor predictor;
    uint16_t vacant_cells[REEL_CHUNK_EVENTS_MAX + 1]; // the first is below the stack
    uint16_t birth_of_cell[REEL_CHUNK_EVENTS_MAX];    // decoding; CELL_NONE = vacant
    struct encoder_births births;
};

static inline size_t codec_column_room(int column)
{
    bool is_rest = column == COLUMN_TIME_REST || (column < COLUMN_TIME_REST && column > 0 && column % 2 == 0);
    return is_rest ? COLUMN_REST_ROOM : COLUMN_FIRST_ROOM;
}

static_assert(COLUMN_THREAD_REST == 2, "rests have even numbers");

// Scratch for a chunk of version 1 or 2.
static inline uint8_t *codec_column_v2(struct reel_codec *codec, int column)
{
    return codec->arena + (size_t)column * COLUMN_ROOM_V2;
}

// Decodes one column into raw, which has room bytes, padding included. False if it does not fit or is damaged.
bool codec_load_column(struct reel_codec *codec, const struct chunk_column *sizes, const uint8_t *stored, uint8_t *raw,
                       size_t room);

// The columns of a chunk of version 1 or 2 to events; data holds the whole chunk. REEL_OK or REEL_E_DAMAGED.
int codec_decode_v2(struct reel_codec *codec, const struct chunk_head *head, const uint8_t *data, size_t bytes,
                    const struct reel_thread_map *threads, struct reel_event *events);

#endif
