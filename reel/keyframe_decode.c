// SPDX-License-Identifier: MIT
// The bytes of a keyframe to blocks. Nothing in them is believed: sizes are checked before they are used, columns are
// unpacked before their blocks get memory, and every byte must be used up exactly.
#include "reel/keyframe.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include "reel/classes.h"
#include "reel/keyframe_format.h"
#include "reel/table_memory.h"

// What a heap points to.
struct owned
{
    struct reel_keyframe_class *classes;
    struct reel_block *blocks;
    size_t block_count;
};

struct reel_keyframe_copy
{
    struct reel_keyframe keyframe;
    struct reel_keyframe_heap *heaps;
    struct owned *owned; // of each heap
};

struct decoder
{
    const uint8_t *at;
    const uint8_t *end;
    uint64_t events;
    ZSTD_DCtx *unpacker;
    struct keyframe_size *sizes; // KEYFRAME_SIZES

    // Of one heap: columns as they were before they were stored; those without bytes are all zero.
    uint8_t *arena;
    size_t arena_max;
    const uint8_t *columns[KEYFRAME_COLUMN_COUNT];
    size_t long_count[KEYFRAME_NUMBER_COUNT];
};

static bool take(struct decoder *decoder, void *bytes, size_t count)
{
    if (count > (size_t)(decoder->end - decoder->at))
        return false;
    memcpy(bytes, decoder->at, count);
    decoder->at += count;
    return true;
}

// Only a column of long numbers says itself how many it has, and all of a number as many.
static bool check_column(struct decoder *decoder, int column, const struct keyframe_column *sizes, size_t count)
{
    if (sizes->raw_bytes == 0 || sizes->raw_bytes > count || sizes->stored_bytes > sizes->raw_bytes ||
        sizes->raw_bytes / KEYFRAME_EXPANSION_MAX > sizes->stored_bytes)
        return false;
    if (column <= KEYFRAME_MARK_COLUMN)
        return sizes->raw_bytes == count;
    size_t *long_count = &decoder->long_count[(column - KEYFRAME_MARK_COLUMN - 1) / KEYFRAME_LONG_BYTES];
    if (*long_count == 0)
        *long_count = sizes->raw_bytes;
    return *long_count == sizes->raw_bytes;
}

// The directory: what the columns of a heap need, with one of zeros, and whether their bytes are there.
static bool check_directory(struct decoder *decoder, const struct keyframe_heap_head *head, const uint8_t *directory,
                            size_t *arena_bytes)
{
    size_t rest = (size_t)(decoder->end - decoder->at);
    *arena_bytes = head->block_count;
    for (int i = 0; i < KEYFRAME_COLUMN_COUNT; i++)
    {
        struct keyframe_column sizes;
        if ((head->columns >> i & 1) == 0)
            continue;
        memcpy(&sizes, directory, sizeof sizes);
        directory += sizeof sizes;
        if (!check_column(decoder, i, &sizes, head->block_count) || sizes.stored_bytes > rest)
            return false;
        rest -= sizes.stored_bytes;
        *arena_bytes += sizes.raw_bytes;
    }
    return true;
}

static int reserve_arena(struct decoder *decoder, size_t bytes)
{
    if (bytes <= decoder->arena_max)
        return REEL_OK;
    table_memory_free(decoder->arena, decoder->arena_max);
    decoder->arena_max = 0;
    decoder->arena = table_memory_allocate(bytes);
    if (decoder->arena == NULL)
        return REEL_E_NO_MEMORY;
    decoder->arena_max = bytes;
    return REEL_OK;
}

static bool unpack(struct decoder *decoder, const struct keyframe_column *sizes, uint8_t *raw)
{
    const uint8_t *stored = decoder->at;
    decoder->at += sizes->stored_bytes;
    if (sizes->stored_bytes != sizes->raw_bytes)
        return ZSTD_decompressDCtx(decoder->unpacker, raw, sizes->raw_bytes, stored, sizes->stored_bytes) ==
               sizes->raw_bytes;
    memcpy(raw, stored, sizes->raw_bytes);
    return true;
}

static int load_columns(struct decoder *decoder, const struct keyframe_heap_head *head)
{
    size_t arena_bytes;
    const uint8_t *directory = decoder->at;
    size_t directory_bytes = (size_t)__builtin_popcountll(head->columns) * sizeof(struct keyframe_column);
    memset(decoder->long_count, 0, sizeof decoder->long_count);
    if (head->columns >> KEYFRAME_COLUMN_COUNT != 0 || directory_bytes > (size_t)(decoder->end - decoder->at))
        return REEL_E_DAMAGED;
    decoder->at += directory_bytes;
    if (!check_directory(decoder, head, directory, &arena_bytes))
        return REEL_E_DAMAGED;
    if (reserve_arena(decoder, arena_bytes) != REEL_OK)
        return REEL_E_NO_MEMORY;
    uint8_t *raw = decoder->arena + head->block_count;
    for (int i = 0; i < KEYFRAME_COLUMN_COUNT; i++)
    {
        struct keyframe_column sizes;
        decoder->columns[i] = decoder->arena;
        if ((head->columns >> i & 1) == 0)
            continue;
        memcpy(&sizes, directory, sizeof sizes);
        directory += sizeof sizes;
        if (!unpack(decoder, &sizes, raw))
            return REEL_E_DAMAGED;
        decoder->columns[i] = raw;
        raw += sizes.raw_bytes;
    }
    memset(decoder->arena, 0, head->block_count);
    return REEL_OK;
}

// The long numbers of a heap, and how many of each were taken.
struct longs
{
    const struct decoder *decoder;
    size_t taken[KEYFRAME_NUMBER_COUNT];
    bool is_over; // there was none left
};

static __attribute__((noinline)) uint64_t get_long(struct longs *longs, int number)
{
    uint64_t value = 0;
    size_t index = longs->taken[number]++;
    if (index >= longs->decoder->long_count[number])
    {
        longs->is_over = true;
        return 0;
    }
    for (int byte = 0; byte < KEYFRAME_LONG_BYTES; byte++)
        value |= (uint64_t)longs->decoder->columns[keyframe_long_column(number, byte)][index] << (8 * byte);
    return value;
}

static inline __attribute__((always_inline)) uint64_t get_number(const uint8_t *const *columns, struct longs *longs,
                                                                 int number, size_t index)
{
    int column = keyframe_word_column(number);
    uint32_t word = (uint32_t)columns[column][index] | (uint32_t)columns[column + 1][index] << 8;
    return __builtin_expect(word == KEYFRAME_WORD_LONG, 0) ? get_long(longs, number) : word;
}

// By mark: whether the heap has such a class.
static void allow_marks(bool *is_allowed, const struct reel_keyframe_heap *heap)
{
    memset(is_allowed, false, UINT8_MAX + 1);
    is_allowed[0] = is_allowed[KEYFRAME_MARK_INHERITED] = true;
    for (size_t i = 0; i < heap->class_count; i++)
    {
        uint32_t mark = (1 + heap->classes[i].class_id) << KEYFRAME_MARK_CLASS_SHIFT;
        is_allowed[mark] = is_allowed[mark | KEYFRAME_MARK_INHERITED] = true;
    }
}

static bool get_blocks(struct decoder *decoder, const struct reel_keyframe_heap *heap, unsigned shift,
                       struct reel_block *blocks)
{
    bool is_allowed[UINT8_MAX + 1];
    struct longs longs = {.decoder = decoder};
    const uint8_t *columns[KEYFRAME_MARK_COLUMN + 1];
    uint64_t address = 0, expected_address = 0, birth = 0;
    bool is_sound = true;
    allow_marks(is_allowed, heap);
    memcpy(columns, decoder->columns, sizeof columns);
    memset(decoder->sizes, 0, KEYFRAME_SIZES * sizeof *decoder->sizes);
    for (size_t i = 0; i < heap->block_count; i++)
    {
        uint64_t address_before = address;
        address = expected_address + keyframe_turn_back(get_number(columns, &longs, KEYFRAME_GAP, i), shift);
        birth += keyframe_zigzag_back(get_number(columns, &longs, KEYFRAME_BIRTH, i));
        uint64_t stack = get_number(columns, &longs, KEYFRAME_STACK, i);
        uint64_t requested_bytes = get_number(columns, &longs, KEYFRAME_REQUESTED, i);
        struct keyframe_size *size = &decoder->sizes[keyframe_size_index(requested_bytes)];
        uint64_t slack = size->slack ^ get_number(columns, &longs, KEYFRAME_SLACK, i);
        uint32_t mark = size->mark ^ columns[KEYFRAME_MARK_COLUMN][i];
        is_sound &= (address > address_before) | (i == 0);
        is_sound &= (birth < decoder->events) & (((stack | slack) >> 32) == 0) & is_allowed[mark];
        *size = (struct keyframe_size){.slack = (uint32_t)slack, .mark = mark};
        expected_address = keyframe_end(address, requested_bytes, (uint32_t)slack, shift);
        blocks[i] = (struct reel_block){.address = address,
                                        .requested_bytes = requested_bytes,
                                        .birth_event = birth & REEL_BLOCK_EVENT_MASK,
                                        .size_class = (uint8_t)(mark >> KEYFRAME_MARK_CLASS_SHIFT),
                                        .is_inherited = (mark & KEYFRAME_MARK_INHERITED) != 0,
                                        .stack = (uint32_t)stack,
                                        .slack = (uint32_t)slack};
    }
    return is_sound && !longs.is_over && memcmp(longs.taken, decoder->long_count, sizeof longs.taken) == 0;
}

static int take_blocks(struct decoder *decoder, const struct keyframe_heap_head *head, struct reel_keyframe_heap *heap,
                       struct owned *owned)
{
    if (head->block_count == 0)
        return head->columns == 0 ? REEL_OK : REEL_E_DAMAGED;
    int status = load_columns(decoder, head);
    if (status != REEL_OK)
        return status;
    struct reel_block *blocks = table_memory_allocate(head->block_count * sizeof *blocks);
    if (blocks == NULL)
        return REEL_E_NO_MEMORY;
    *owned = (struct owned){.classes = owned->classes, .blocks = blocks, .block_count = head->block_count};
    heap->blocks = blocks;
    heap->block_count = head->block_count;
    return get_blocks(decoder, heap, head->address_shift, blocks) ? REEL_OK : REEL_E_DAMAGED;
}

static int take_classes(struct decoder *decoder, size_t count, struct reel_keyframe_heap *heap, struct owned *owned)
{
    struct keyframe_class stored;
    if (count > REEL_CLASSES_MAX)
        return REEL_E_DAMAGED;
    struct reel_keyframe_class *classes = calloc(count + 1, sizeof *classes);
    if (classes == NULL)
        return REEL_E_NO_MEMORY;
    heap->classes = owned->classes = classes;
    for (; heap->class_count < count; heap->class_count++)
    {
        if (!take(decoder, &stored, sizeof stored) || stored.class_id >= REEL_CLASSES_MAX)
            return REEL_E_DAMAGED;
        classes[heap->class_count] = (struct reel_keyframe_class){.class_id = stored.class_id,
                                                                  .carved_slots = stored.carved_slots,
                                                                  .peak_live_slots = stored.peak_live_slots};
    }
    return REEL_OK;
}

static int take_heap(struct decoder *decoder, struct reel_keyframe_heap *heap, struct owned *owned)
{
    struct keyframe_heap_head head;
    if (!take(decoder, &head, sizeof head) || (head.flags & ~KEYFRAME_BLIND) != 0 ||
        head.address_shift > KEYFRAME_SHIFT_MAX || head.block_count > decoder->events)
        return REEL_E_DAMAGED;
    heap->process = head.process;
    heap->fork_serial = head.fork_serial;
    heap->is_blind = (head.flags & KEYFRAME_BLIND) != 0;
    heap->peak_slot_bytes = head.peak_slot_bytes;
    int status = take_classes(decoder, head.class_count, heap, owned);
    return status == REEL_OK ? take_blocks(decoder, &head, heap, owned) : status;
}

static int take_head(struct decoder *decoder, size_t bytes, struct keyframe_head *head)
{
    const uint8_t *data = decoder->at;
    if (!take(decoder, head, sizeof *head) || head->magic != KEYFRAME_MAGIC ||
        head->checksum != XXH64(data + sizeof head->checksum, bytes - sizeof head->checksum, 0))
        return REEL_E_DAMAGED;
    if (head->version > REEL_KEYFRAME_VERSION)
        return REEL_E_NEWER;
    bool is_sound = head->version != 0 && head->events <= REEL_BLOCK_EVENT_MASK &&
                    head->heap_count <= (bytes - sizeof *head) / sizeof(struct keyframe_heap_head);
    return is_sound ? REEL_OK : REEL_E_DAMAGED;
}

static int decode(struct decoder *decoder, size_t heap_count, struct reel_keyframe_copy *copy)
{
    int status = REEL_OK;
    copy->heaps = calloc(heap_count + 1, sizeof *copy->heaps);
    copy->owned = calloc(heap_count + 1, sizeof *copy->owned);
    decoder->unpacker = ZSTD_createDCtx();
    decoder->sizes = malloc(KEYFRAME_SIZES * sizeof *decoder->sizes);
    if (copy->heaps == NULL || copy->owned == NULL || decoder->unpacker == NULL || decoder->sizes == NULL)
        return REEL_E_NO_MEMORY;
    copy->keyframe = (struct reel_keyframe){.events = decoder->events, .heaps = copy->heaps};
    while (copy->keyframe.heap_count < heap_count && status == REEL_OK)
    {
        size_t heap = copy->keyframe.heap_count++;
        status = take_heap(decoder, &copy->heaps[heap], &copy->owned[heap]);
    }
    return status == REEL_OK && decoder->at != decoder->end ? REEL_E_DAMAGED : status;
}

int reel_keyframe_decode(const void *data, size_t bytes, struct reel_keyframe_copy **out)
{
    struct keyframe_head head;
    struct decoder decoder = {.at = data, .end = (const uint8_t *)data + bytes};
    int status = take_head(&decoder, bytes, &head);
    if (status != REEL_OK)
        return status;
    struct reel_keyframe_copy *copy = calloc(1, sizeof *copy);
    if (copy == NULL)
        return REEL_E_NO_MEMORY;
    decoder.events = head.events;
    status = decode(&decoder, head.heap_count, copy);
    ZSTD_freeDCtx(decoder.unpacker);
    free(decoder.sizes);
    table_memory_free(decoder.arena, decoder.arena_max);
    if (status != REEL_OK)
        reel_keyframe_free(copy);
    else
        *out = copy;
    return status;
}

const struct reel_keyframe *reel_keyframe_get(const struct reel_keyframe_copy *copy)
{
    return &copy->keyframe;
}

void reel_keyframe_free(struct reel_keyframe_copy *copy)
{
    if (copy == NULL)
        return;
    for (size_t i = 0; i < copy->keyframe.heap_count; i++)
    {
        const struct owned *owned = &copy->owned[i];
        table_memory_free(owned->blocks, owned->block_count * sizeof *owned->blocks);
        free(owned->classes);
    }
    free(copy->heaps);
    free(copy->owned);
    free(copy);
}
