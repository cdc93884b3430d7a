// SPDX-License-Identifier: MIT
// The laws of a keyframe's bytes: what was encoded is decoded; bytes that changed are refused; no bytes do harm.
#include "recording.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "reel/classes.h"
#include "reel/keyframe.h"

#define CHECKSUM_BYTES 8
#define VERSION_AT 12
#define HEAD_BYTES 32
#define BLOCK_COUNT_AT (HEAD_BYTES + 12)
#define BLOCKS_MAX 20000
#define HEAPS_MAX 4
#define EVENTS UINT64_C(100000000)

// A keyframe in the making; blocks of a heap have different addresses.
struct drawn
{
    struct stream random;
    struct reel_keyframe keyframe;
    struct reel_keyframe_heap heaps[HEAPS_MAX];
    struct reel_keyframe_class classes[3];
    struct reel_block blocks[HEAPS_MAX][BLOCKS_MAX];
};

static int set_up(void **state)
{
    struct drawn *drawn = calloc(1, sizeof *drawn);
    assert_non_null(drawn);
    *state = drawn;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

#define ON_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

// Ways in which heaps are filled.
enum texture
{
    TEXTURE_DENSE,
    TEXTURE_SPARSE,
    TEXTURE_WILD,
    TEXTURE_COUNT
};

static uint64_t draw_bits(struct stream *random)
{
    uint64_t bits = stream_random(random, UINT64_C(1) << 32) << 32 | stream_random(random, UINT64_C(1) << 32);
    return bits >> stream_random(random, 64);
}

static void draw_ordinary(struct stream *random, enum texture texture, struct reel_block *block, uint64_t *address)
{
    uint64_t room = 16 * (1 + stream_random(random, 30));
    *block = (struct reel_block){.address = *address,
                                 .requested_bytes = room - stream_random(random, 16),
                                 .birth_event = stream_random(random, EVENTS) & REEL_BLOCK_EVENT_MASK,
                                 .stack = (uint32_t)stream_random(random, 300)};
    block->slack = (uint32_t)(room + 8 - block->requested_bytes);
    *address += room + 16 + (texture == TEXTURE_SPARSE ? 16 * stream_random(random, 100000) : 0);
}

static void draw_wild(struct stream *random, struct reel_block *block, uint64_t *address)
{
    uint64_t rest = UINT64_MAX - *address;
    *block = (struct reel_block){.address = *address,
                                 .requested_bytes = draw_bits(random),
                                 .birth_event = draw_bits(random) % EVENTS & REEL_BLOCK_EVENT_MASK,
                                 .stack = (uint32_t)draw_bits(random),
                                 .slack = stream_random(random, 5) == 0 ? REEL_BLOCK_SLACK_UNKNOWN
                                                                        : (uint32_t)draw_bits(random)};
    *address += 1 + (draw_bits(random) >> 16) % (rest / 8);
}

static void shuffle(struct stream *random, struct reel_block *blocks, size_t count)
{
    for (size_t i = count; i > 1; i--)
    {
        size_t other = (size_t)stream_random(random, i);
        struct reel_block block = blocks[i - 1];
        blocks[i - 1] = blocks[other];
        blocks[other] = block;
    }
}

static void draw_heap(struct drawn *drawn, size_t index, size_t block_count)
{
    struct stream *random = &drawn->random;
    enum texture texture = (enum texture)stream_random(random, TEXTURE_COUNT);
    struct reel_block *blocks = drawn->blocks[index];
    uint64_t address = texture == TEXTURE_WILD ? 0 : UINT64_C(0x555555550000);
    size_t class_count = (size_t)stream_random(random, 4);
    for (size_t i = 0; i < block_count; i++)
    {
        if (texture == TEXTURE_WILD)
            draw_wild(random, &blocks[i], &address);
        else
            draw_ordinary(random, texture, &blocks[i], &address);
        uint64_t drawn_class = stream_random(random, class_count + 1);
        blocks[i].size_class = drawn_class == 0 ? 0 : (uint8_t)(1 + drawn->classes[drawn_class - 1].class_id);
        blocks[i].is_inherited = stream_random(random, 3) == 0;
    }
    shuffle(random, blocks, block_count);
    drawn->heaps[index] = (struct reel_keyframe_heap){.process = (uint32_t)index + 1,
                                                      .fork_serial = (uint32_t)stream_random(random, 3),
                                                      .is_blind = stream_random(random, 2) == 0,
                                                      .peak_slot_bytes = draw_bits(random),
                                                      .classes = drawn->classes,
                                                      .class_count = class_count,
                                                      .blocks = blocks,
                                                      .block_count = block_count};
}

static void draw(struct drawn *drawn, uint64_t seed, size_t blocks_max)
{
    stream_init(&drawn->random, seed, 1);
    for (size_t i = 0; i < 3; i++)
        drawn->classes[i] = (struct reel_keyframe_class){.class_id = (uint32_t)(i * 63),
                                                         .carved_slots = draw_bits(&drawn->random),
                                                         .peak_live_slots = draw_bits(&drawn->random)};
    size_t heap_count = (size_t)stream_random(&drawn->random, HEAPS_MAX + 1);
    for (size_t i = 0; i < heap_count; i++)
        draw_heap(drawn, i, (size_t)stream_random(&drawn->random, blocks_max + 1));
    drawn->keyframe = (struct reel_keyframe){.events = EVENTS, .heaps = drawn->heaps, .heap_count = heap_count};
}

static int compare_addresses(const void *one, const void *other)
{
    uint64_t first = ((const struct reel_block *)one)->address;
    uint64_t second = ((const struct reel_block *)other)->address;
    return first < second ? -1 : first > second;
}

static void assert_same_block(const struct reel_block *one, const struct reel_block *other)
{
    assert_int_equal(one->address, other->address);
    assert_int_equal(one->requested_bytes, other->requested_bytes);
    assert_int_equal(one->birth_event, other->birth_event);
    assert_int_equal(one->size_class, other->size_class);
    assert_int_equal(one->is_inherited, other->is_inherited);
    assert_int_equal(one->stack, other->stack);
    assert_int_equal(one->slack, other->slack);
}

// The drawn blocks are sorted on the way.
static void assert_same_heap(const struct reel_keyframe_heap *decoded, const struct reel_keyframe_heap *drawn,
                             struct reel_block *blocks)
{
    assert_int_equal(decoded->process, drawn->process);
    assert_int_equal(decoded->fork_serial, drawn->fork_serial);
    assert_int_equal(decoded->is_blind, drawn->is_blind);
    assert_int_equal(decoded->peak_slot_bytes, drawn->peak_slot_bytes);
    assert_int_equal(decoded->class_count, drawn->class_count);
    for (size_t i = 0; i < drawn->class_count; i++)
    {
        assert_int_equal(decoded->classes[i].class_id, drawn->classes[i].class_id);
        assert_int_equal(decoded->classes[i].carved_slots, drawn->classes[i].carved_slots);
        assert_int_equal(decoded->classes[i].peak_live_slots, drawn->classes[i].peak_live_slots);
    }
    assert_int_equal(decoded->block_count, drawn->block_count);
    qsort(blocks, drawn->block_count, sizeof *blocks, compare_addresses);
    for (size_t i = 0; i < drawn->block_count; i++)
        assert_same_block(&decoded->blocks[i], &blocks[i]);
}

static void what_was_encoded_is_decoded(void **state)
{
    struct drawn *drawn = *state;
    for (uint64_t seed = 1; seed <= 60; seed++)
    {
        struct reel_keyframe_copy *copy;
        void *data;
        size_t bytes;
        draw(drawn, seed, seed % 3 == 0 ? BLOCKS_MAX : 40);
        assert_int_equal(reel_keyframe_encode(&drawn->keyframe, &data, &bytes), REEL_OK);
        assert_int_equal(reel_keyframe_decode(data, bytes, &copy), REEL_OK);
        const struct reel_keyframe *decoded = reel_keyframe_get(copy);
        assert_int_equal(decoded->events, EVENTS);
        assert_int_equal(decoded->heap_count, drawn->keyframe.heap_count);
        for (size_t i = 0; i < decoded->heap_count; i++)
            assert_same_heap(&decoded->heaps[i], &drawn->heaps[i], drawn->blocks[i]);
        reel_keyframe_free(copy);
        free(data);
    }
}

// The last block ends where the address space does; the next would be at 0 again.
static void the_ends_of_the_address_space_are_kept(void **state)
{
    (void)state;
    const struct reel_block blocks[] = {{.address = UINT64_MAX, .requested_bytes = UINT64_MAX, .slack = 1}, {0}};
    const struct reel_keyframe_heap heap = {.process = 1, .blocks = blocks, .block_count = 2};
    const struct reel_keyframe keyframe = {.events = 2, .heaps = &heap, .heap_count = 1};
    struct reel_keyframe_copy *copy;
    void *data;
    size_t bytes;
    assert_int_equal(reel_keyframe_encode(&keyframe, &data, &bytes), REEL_OK);
    assert_int_equal(reel_keyframe_decode(data, bytes, &copy), REEL_OK);
    const struct reel_keyframe_heap *decoded = &reel_keyframe_get(copy)->heaps[0];
    assert_same_block(&decoded->blocks[0], &blocks[1]);
    assert_same_block(&decoded->blocks[1], &blocks[0]);
    reel_keyframe_free(copy);
    free(data);
}

// Copied to its exact size, so that a read behind its end is seen.
static int decode_exactly(const uint8_t *data, size_t bytes)
{
    struct reel_keyframe_copy *copy;
    uint8_t *exact = malloc(bytes + (bytes == 0));
    assert_non_null(exact);
    memcpy(exact, data, bytes);
    int status = reel_keyframe_decode(exact, bytes, &copy);
    if (status == REEL_OK)
        reel_keyframe_free(copy);
    free(exact);
    return status;
}

static void a_flipped_bit_is_damage(void **state)
{
    struct drawn *drawn = *state;
    void *data;
    size_t bytes;
    draw(drawn, 5, 300);
    assert_true(drawn->keyframe.heap_count > 0);
    assert_int_equal(reel_keyframe_encode(&drawn->keyframe, &data, &bytes), REEL_OK);
    uint8_t *flipped = data;
    for (size_t bit = 0; bit < bytes * 8; bit += 1 + bit % 7)
    {
        flipped[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(decode_exactly(flipped, bytes), REEL_E_DAMAGED);
        flipped[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(decode_exactly(flipped, bytes), REEL_OK);
    free(data);
}

static void set_checksum(uint8_t *data, size_t bytes)
{
    uint64_t checksum = XXH64(data + CHECKSUM_BYTES, bytes - CHECKSUM_BYTES, 0);
    memcpy(data, &checksum, sizeof checksum);
}

static void cut_bytes_are_damage(void **state)
{
    struct drawn *drawn = *state;
    void *data;
    size_t bytes;
    draw(drawn, 5, 300);
    assert_int_equal(reel_keyframe_encode(&drawn->keyframe, &data, &bytes), REEL_OK);
    for (size_t kept = 0; kept < bytes; kept++)
    {
        if (kept >= CHECKSUM_BYTES)
            set_checksum(data, kept);
        assert_int_equal(decode_exactly(data, kept), REEL_E_DAMAGED);
    }
    free(data);
}

// Sound or not, it must be a keyframe: addresses rise, births are before the moment, classes are those of the heap.
static void assert_keeps_promises(const struct reel_keyframe *keyframe)
{
    for (size_t i = 0; i < keyframe->heap_count; i++)
    {
        const struct reel_keyframe_heap *heap = &keyframe->heaps[i];
        bool has_class[UINT8_MAX + 1] = {true};
        assert_true(heap->block_count <= keyframe->events);
        for (size_t k = 0; k < heap->class_count; k++)
        {
            assert_true(heap->classes[k].class_id < REEL_CLASSES_MAX);
            has_class[1 + heap->classes[k].class_id] = true;
        }
        for (size_t k = 0; k < heap->block_count; k++)
        {
            assert_true(k == 0 || heap->blocks[k].address > heap->blocks[k - 1].address);
            assert_true(heap->blocks[k].birth_event < keyframe->events);
            assert_true(has_class[heap->blocks[k].size_class]);
        }
    }
}

static void bytes_that_lie_do_no_harm(void **state)
{
    struct drawn *drawn = *state;
    size_t refused = 0;
    for (uint64_t seed = 1; seed <= 4000; seed++)
    {
        struct reel_keyframe_copy *copy;
        void *data;
        size_t bytes;
        draw(drawn, 1 + seed % 8, 200);
        assert_int_equal(reel_keyframe_encode(&drawn->keyframe, &data, &bytes), REEL_OK);
        stream_init(&drawn->random, seed, 1);
        uint8_t *lying = data;
        for (uint64_t lies = 1 + stream_random(&drawn->random, 4); lies > 0; lies--)
        {
            // The heads are few and say most.
            size_t end = stream_random(&drawn->random, 2) == 0 && bytes > 200 ? 200 : bytes;
            size_t at = CHECKSUM_BYTES + (size_t)stream_random(&drawn->random, end - CHECKSUM_BYTES);
            lying[at] = (uint8_t)stream_random(&drawn->random, 256);
        }
        set_checksum(lying, bytes);
        int status = reel_keyframe_decode(lying, bytes, &copy);
        refused += status != REEL_OK;
        if (status == REEL_OK)
        {
            assert_keeps_promises(reel_keyframe_get(copy));
            reel_keyframe_free(copy);
        }
        free(data);
    }
    assert_in_range(refused, 1000, 3999);
}

static void a_claim_of_many_blocks_is_damage(void **state)
{
    struct drawn *drawn = *state;
    void *data;
    size_t bytes;
    const uint32_t claims[] = {0, 101, 1000000, 99999999, UINT32_MAX};
    draw(drawn, 1, 0);
    draw_heap(drawn, 0, 100);
    drawn->heaps[0].class_count = 0;
    drawn->keyframe.heap_count = 1;
    for (size_t i = 0; i < 100; i++)
        drawn->blocks[0][i].size_class = 0;
    assert_int_equal(reel_keyframe_encode(&drawn->keyframe, &data, &bytes), REEL_OK);
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
    {
        memcpy((uint8_t *)data + BLOCK_COUNT_AT, &claims[i], sizeof claims[i]);
        set_checksum(data, bytes);
        assert_int_equal(decode_exactly(data, bytes), REEL_E_DAMAGED);
    }
    free(data);
}

// What encodes may be wrong about its blocks; what decodes believes nothing.
static int decode_of(const struct reel_keyframe_heap *heap, uint64_t events)
{
    const struct reel_keyframe keyframe = {.events = events, .heaps = heap, .heap_count = 1};
    void *data;
    size_t bytes;
    assert_int_equal(reel_keyframe_encode(&keyframe, &data, &bytes), REEL_OK);
    int status = decode_exactly(data, bytes);
    free(data);
    return status;
}

static void blocks_that_cannot_be_are_damage(void **state)
{
    (void)state;
    const struct reel_keyframe_class class = {.class_id = 4};
    struct reel_block blocks[] = {{.address = 16, .birth_event = 30}, {.address = 32, .size_class = 5}};
    struct reel_keyframe_heap heap = {
        .process = 1, .classes = &class, .class_count = 1, .blocks = blocks, .block_count = 2};
    assert_int_equal(decode_of(&heap, 31), REEL_OK);
    assert_int_equal(decode_of(&heap, 30), REEL_E_DAMAGED); // born after the moment
    blocks[1].address = 16;
    assert_int_equal(decode_of(&heap, 31), REEL_E_DAMAGED); // one over the other
    blocks[1].address = 32;
    blocks[1].size_class = 4;
    assert_int_equal(decode_of(&heap, 31), REEL_E_DAMAGED); // of a class that the heap does not have
    heap.class_count = 0;
    blocks[1].size_class = 5;
    assert_int_equal(decode_of(&heap, 31), REEL_E_DAMAGED);
}

static void a_newer_version_is_told_apart(void **state)
{
    (void)state;
    const struct reel_keyframe keyframe = {.events = 7};
    void *data;
    size_t bytes;
    assert_int_equal(reel_keyframe_encode(&keyframe, &data, &bytes), REEL_OK);
    assert_int_equal(decode_exactly(data, bytes), REEL_OK);
    ((uint8_t *)data)[VERSION_AT] = REEL_KEYFRAME_VERSION + 1;
    assert_int_equal(decode_exactly(data, bytes), REEL_E_DAMAGED);
    set_checksum(data, bytes);
    assert_int_equal(decode_exactly(data, bytes), REEL_E_NEWER);
    free(data);
}

// The example of docs/keyframe.md, which must be read for ever.
static const uint8_t example[] = {
    0x36, 0x9f, 0x7a, 0x78, 0xbe, 0x43, 0x5b, 0x52, 0x48, 0x52, 0x4b, 0x46, 0x01, 0x00, 0x00, 0x00, 0x0a, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x04, 0x01, 0x00, 0x03, 0x00, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x77,
    0x05, 0x00, 0x38, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00,
    0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x00,
    0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03,
    0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
    0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x01, 0x00, 0x00, 0x06, 0x08, 0x04, 0xff, 0x09, 0x09, 0xff, 0x00,
    0x00, 0x14, 0x64, 0x64, 0x04, 0x04, 0x00, 0x0c, 0x00, 0x01, 0x70, 0x11, 0x01,
};

static void the_example_of_the_page_is_read(void **state)
{
    (void)state;
    const struct reel_block blocks[] = {
        {.address = 0x1010, .requested_bytes = 20, .birth_event = 3, .size_class = 6, .stack = 70000, .slack = 4},
        {.address = 0x1030, .requested_bytes = 100, .birth_event = 7, .stack = 9, .slack = 4},
        {.address = 0x10a0, .requested_bytes = 100, .birth_event = 9, .stack = 9, .slack = 4, .is_inherited = 1},
    };
    struct reel_keyframe_copy *copy;
    assert_int_equal(reel_keyframe_decode(example, sizeof example, &copy), REEL_OK);
    const struct reel_keyframe *keyframe = reel_keyframe_get(copy);
    assert_int_equal(keyframe->events, 10);
    assert_int_equal(keyframe->heap_count, 1);
    const struct reel_keyframe_heap *heap = &keyframe->heaps[0];
    assert_int_equal(heap->process, 1);
    assert_int_equal(heap->peak_slot_bytes, 32);
    assert_int_equal(heap->class_count, 1);
    assert_int_equal(heap->classes[0].class_id, 5);
    assert_int_equal(heap->classes[0].carved_slots, 2);
    assert_int_equal(heap->classes[0].peak_live_slots, 1);
    assert_int_equal(heap->block_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_same_block(&heap->blocks[i], &blocks[i]);
    reel_keyframe_free(copy);
}

static size_t encoded_bytes(struct drawn *drawn, size_t block_count)
{
    void *data;
    size_t bytes;
    drawn->heaps[0] = (struct reel_keyframe_heap){.process = 1, .blocks = drawn->blocks[0], .block_count = block_count};
    drawn->keyframe = (struct reel_keyframe){.events = EVENTS, .heaps = drawn->heaps, .heap_count = 1};
    assert_int_equal(reel_keyframe_encode(&drawn->keyframe, &data, &bytes), REEL_OK);
    free(data);
    return bytes;
}

static void blocks_take_few_bytes(void **state)
{
    struct drawn *drawn = *state;
    uint64_t address = 0x555555550000;
    stream_init(&drawn->random, 3, 1);
    for (size_t i = 0; i < BLOCKS_MAX; i++)
        draw_ordinary(&drawn->random, TEXTURE_DENSE, &drawn->blocks[0][i], &address);
    assert_true(encoded_bytes(drawn, BLOCKS_MAX) < 8 * BLOCKS_MAX); // births alone are 3.3, sizes 1.1, stacks 1
    for (size_t i = 0; i < BLOCKS_MAX; i++)
        drawn->blocks[0][i] = (struct reel_block){.address = 0x1000 + 48 * i,
                                                  .requested_bytes = 40,
                                                  .birth_event = 2 * i & REEL_BLOCK_EVENT_MASK,
                                                  .stack = 9};
    assert_true(encoded_bytes(drawn, BLOCKS_MAX) < BLOCKS_MAX / 50);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        ON_BENCH(what_was_encoded_is_decoded),
        cmocka_unit_test(the_ends_of_the_address_space_are_kept),
        ON_BENCH(a_flipped_bit_is_damage),
        ON_BENCH(cut_bytes_are_damage),
        ON_BENCH(bytes_that_lie_do_no_harm),
        ON_BENCH(a_claim_of_many_blocks_is_damage),
        cmocka_unit_test(blocks_that_cannot_be_are_damage),
        cmocka_unit_test(a_newer_version_is_told_apart),
        cmocka_unit_test(the_example_of_the_page_is_read),
        ON_BENCH(blocks_take_few_bytes),
    };
    return recording_run_tests(argc > 1 ? argv[1] : NULL, tests, sizeof tests / sizeof *tests);
}
