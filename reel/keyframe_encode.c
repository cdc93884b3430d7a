// SPDX-License-Identifier: MIT
// Blocks to the bytes of a keyframe. A heap at a time: its blocks by address, their numbers in columns, each column raw
// or as one zstd frame.
#include "reel/keyframe.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include "reel/keyframe_format.h"
#include "reel/keyframe_order.h"
#include "reel/table_memory.h"

#define ZSTD_LEVEL 1
#define STORED_RAW_MAX 64 // bytes of a column that is not worth a frame
#define BLOCKS_AHEAD 12

// A heap's numbers in columns.
struct columns
{
    uint8_t *bytes;    // those of words and of marks, count bytes each
    uint64_t *longs;   // of each number room for count
    uint8_t *long_row; // a column of long numbers while it is stored
    size_t count;
    size_t long_count[KEYFRAME_NUMBER_COUNT];
};

struct encoder
{
    uint8_t *data;
    size_t used, max;
    ZSTD_CCtx *packer;
    struct keyframe_size *sizes; // KEYFRAME_SIZES
    struct columns columns;
};

static bool reserve(struct encoder *encoder, size_t bytes)
{
    if (bytes <= encoder->max - encoder->used)
        return true;
    size_t max = (encoder->used + bytes) * 3 / 2;
    uint8_t *data = realloc(encoder->data, max);
    if (data == NULL)
        return false;
    encoder->data = data;
    encoder->max = max;
    return true;
}

static bool put_bytes(struct encoder *encoder, const void *bytes, size_t count)
{
    if (!reserve(encoder, count))
        return false;
    memcpy(encoder->data + encoder->used, bytes, count);
    encoder->used += count;
    return true;
}

static inline void put_number(struct columns *columns, int number, size_t index, uint64_t value)
{
    uint8_t *lower = columns->bytes + (size_t)keyframe_word_column(number) * columns->count;
    uint64_t word = value;
    if (__builtin_expect(value >= KEYFRAME_WORD_LONG, 0))
    {
        columns->longs[(size_t)number * columns->count + columns->long_count[number]++] = value;
        word = KEYFRAME_WORD_LONG;
    }
    lower[index] = (uint8_t)word;
    lower[columns->count + index] = (uint8_t)(word >> 8);
}

static void fill_columns(struct encoder *encoder, const struct reel_block *blocks, const struct keyframe_order *order)
{
    const struct keyframe_key *keys = order->keys;
    size_t count = order->count;
    unsigned shift = order->shift;
    struct columns *columns = &encoder->columns;
    uint8_t *marks = columns->bytes + KEYFRAME_MARK_COLUMN * columns->count;
    uint64_t expected_address = 0;
    uint64_t birth_before = 0;
    memset(encoder->sizes, 0, KEYFRAME_SIZES * sizeof *encoder->sizes);
    for (size_t i = 0; i < count; i++)
    {
        __builtin_prefetch(&blocks[keys[i + BLOCKS_AHEAD < count ? i + BLOCKS_AHEAD : i].index]);
        const struct reel_block block = blocks[keys[i].index];
        struct keyframe_size *size = &encoder->sizes[keyframe_size_index(block.requested_bytes)];
        uint32_t mark = (uint32_t)block.is_inherited | (uint32_t)block.size_class << KEYFRAME_MARK_CLASS_SHIFT;
        put_number(columns, KEYFRAME_GAP, i, keyframe_turn(block.address - expected_address, shift));
        put_number(columns, KEYFRAME_BIRTH, i, keyframe_zigzag(block.birth_event - birth_before));
        put_number(columns, KEYFRAME_STACK, i, block.stack);
        put_number(columns, KEYFRAME_REQUESTED, i, block.requested_bytes);
        put_number(columns, KEYFRAME_SLACK, i, block.slack ^ size->slack);
        marks[i] = (uint8_t)(mark ^ size->mark);
        *size = (struct keyframe_size){.slack = block.slack, .mark = mark};
        birth_before = block.birth_event;
        expected_address = keyframe_end(block.address, block.requested_bytes, block.slack, shift);
    }
}

static bool is_all_zero(const uint8_t *bytes, size_t count)
{
    return count == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0);
}

// Stored bytes, 0: no memory.
static size_t put_column(struct encoder *encoder, const uint8_t *raw, size_t raw_bytes)
{
    size_t room = ZSTD_compressBound(raw_bytes);
    if (!reserve(encoder, room))
        return 0;
    uint8_t *out = encoder->data + encoder->used;
    size_t stored = raw_bytes > STORED_RAW_MAX ? ZSTD_compress2(encoder->packer, out, room, raw, raw_bytes) : raw_bytes;
    if (stored >= raw_bytes) // also errors, which are huge
    {
        memcpy(out, raw, raw_bytes);
        stored = raw_bytes;
    }
    encoder->used += stored;
    return stored;
}

// The bytes of a column, and how many.
static const uint8_t *column_bytes(struct columns *columns, int column, size_t *bytes)
{
    *bytes = columns->count;
    if (column <= KEYFRAME_MARK_COLUMN)
        return columns->bytes + (size_t)column * columns->count;
    int number = (column - KEYFRAME_MARK_COLUMN - 1) / KEYFRAME_LONG_BYTES;
    int byte = (column - KEYFRAME_MARK_COLUMN - 1) % KEYFRAME_LONG_BYTES;
    const uint64_t *longs = columns->longs + (size_t)number * columns->count;
    *bytes = columns->long_count[number];
    for (size_t i = 0; i < *bytes; i++)
        columns->long_row[i] = (uint8_t)(longs[i] >> (8 * byte));
    return columns->long_row;
}

// The directory goes before the columns, whose sizes are known after them.
static bool put_columns(struct encoder *encoder, uint64_t *present)
{
    struct keyframe_column directory[KEYFRAME_COLUMN_COUNT];
    size_t directory_at = encoder->used;
    size_t stored_count = 0;
    *present = 0;
    for (int i = 0; i < KEYFRAME_COLUMN_COUNT; i++)
    {
        size_t bytes;
        const uint8_t *raw = column_bytes(&encoder->columns, i, &bytes);
        *present |= (uint64_t)!is_all_zero(raw, bytes) << i;
    }
    size_t directory_bytes = (size_t)__builtin_popcountll(*present) * sizeof *directory;
    if (!reserve(encoder, directory_bytes))
        return false;
    encoder->used += directory_bytes;
    for (int i = 0; i < KEYFRAME_COLUMN_COUNT; i++)
    {
        size_t bytes;
        if ((*present >> i & 1) == 0)
            continue;
        const uint8_t *raw = column_bytes(&encoder->columns, i, &bytes);
        size_t stored = put_column(encoder, raw, bytes);
        if (stored == 0)
            return false;
        directory[stored_count++] =
            (struct keyframe_column){.raw_bytes = (uint32_t)bytes, .stored_bytes = (uint32_t)stored};
    }
    memcpy(encoder->data + directory_at, directory, directory_bytes);
    return true;
}

static size_t columns_bytes(size_t count)
{
    return (KEYFRAME_MARK_COLUMN + 1) * count + 1;
}

static bool begin_columns(struct columns *columns, size_t count)
{
    *columns = (struct columns){.count = count};
    columns->bytes = table_memory_allocate(columns_bytes(count));
    columns->longs = malloc(KEYFRAME_NUMBER_COUNT * count * sizeof *columns->longs + 1); // mostly never touched
    columns->long_row = malloc(count + 1);
    return columns->bytes != NULL && columns->longs != NULL && columns->long_row != NULL;
}

static void end_columns(struct columns *columns)
{
    table_memory_free(columns->bytes, columns_bytes(columns->count));
    free(columns->longs);
    free(columns->long_row);
}

static bool put_blocks(struct encoder *encoder, const struct reel_keyframe_heap *heap, struct keyframe_heap_head *head)
{
    struct keyframe_order order;
    if (keyframe_order_find(&order, heap->blocks, heap->block_count, KEYFRAME_SHIFT_MAX) != REEL_OK)
        return false;
    head->address_shift = (uint8_t)order.shift;
    bool is_done = begin_columns(&encoder->columns, heap->block_count);
    if (is_done)
        fill_columns(encoder, heap->blocks, &order);
    keyframe_order_free(&order);
    is_done = is_done && put_columns(encoder, &head->columns);
    end_columns(&encoder->columns);
    return is_done;
}

static bool put_classes(struct encoder *encoder, const struct reel_keyframe_heap *heap)
{
    for (size_t i = 0; i < heap->class_count; i++)
    {
        const struct reel_keyframe_class *class = &heap->classes[i];
        const struct keyframe_class stored = {.class_id = class->class_id,
                                              .carved_slots = class->carved_slots,
                                              .peak_live_slots = class->peak_live_slots};
        if (!put_bytes(encoder, &stored, sizeof stored))
            return false;
    }
    return true;
}

static bool put_heap(struct encoder *encoder, const struct reel_keyframe_heap *heap)
{
    struct keyframe_heap_head head = {.process = heap->process,
                                      .fork_serial = heap->fork_serial,
                                      .flags = heap->is_blind ? KEYFRAME_BLIND : 0,
                                      .class_count = (uint16_t)heap->class_count,
                                      .block_count = (uint32_t)heap->block_count,
                                      .peak_slot_bytes = heap->peak_slot_bytes};
    size_t head_at = encoder->used;
    if (!put_bytes(encoder, &head, sizeof head) || !put_classes(encoder, heap) || !put_blocks(encoder, heap, &head))
        return false;
    memcpy(encoder->data + head_at, &head, sizeof head);
    return true;
}

static bool encode(struct encoder *encoder, const struct reel_keyframe *keyframe)
{
    struct keyframe_head head = {.magic = KEYFRAME_MAGIC,
                                 .version = REEL_KEYFRAME_VERSION,
                                 .events = keyframe->events,
                                 .heap_count = (uint32_t)keyframe->heap_count};
    encoder->packer = ZSTD_createCCtx();
    encoder->sizes = malloc(KEYFRAME_SIZES * sizeof *encoder->sizes);
    if (encoder->packer == NULL || encoder->sizes == NULL || !put_bytes(encoder, &head, sizeof head))
        return false;
    ZSTD_CCtx_setParameter(encoder->packer, ZSTD_c_compressionLevel, ZSTD_LEVEL);
    for (size_t i = 0; i < keyframe->heap_count; i++)
        if (!put_heap(encoder, &keyframe->heaps[i]))
            return false;
    memcpy(encoder->data, &head, sizeof head);
    head.checksum = XXH64(encoder->data + sizeof head.checksum, encoder->used - sizeof head.checksum, 0);
    memcpy(encoder->data, &head, sizeof head);
    return true;
}

int reel_keyframe_encode(const struct reel_keyframe *keyframe, void **data, size_t *bytes)
{
    struct encoder encoder = {0};
    bool is_done = encode(&encoder, keyframe);
    ZSTD_freeCCtx(encoder.packer);
    free(encoder.sizes);
    if (!is_done)
    {
        free(encoder.data);
        return REEL_E_NO_MEMORY;
    }
    *data = encoder.data;
    *bytes = encoder.used;
    return REEL_OK;
}
