// SPDX-License-Identifier: MIT
// The table of live blocks against an array that is indexed by address.
#include "recording.h"

#include <stdlib.h>

#include "reel/blocks.h"
#include "reel/blocks_scan.h"

#define PLACES 5000

struct naive_table
{
    uint64_t birth_of[PLACES]; // 0 = no block
    size_t count;
};

// Addresses far apart, close together, and 0.
static uint64_t address_of(size_t place)
{
    return place % 3 == 0 ? place << 20 : place % 3 == 1 ? place * 16 : 1 + place;
}

// Each block once, in the order in which they lie.
static void assert_walk(const struct reel_blocks *blocks)
{
    struct reel_blocks_scan scan;
    const struct reel_block *before = NULL;
    size_t seen = 0;
    assert_int_equal(reel_blocks_scan_begin(&scan, blocks), REEL_OK);
    for (const struct reel_block *block; (block = reel_blocks_scan_next(&scan)) != NULL; seen++, before = block)
    {
        assert_true(block > before);
        assert_ptr_equal(block, reel_blocks_find(blocks, block->address));
    }
    reel_blocks_scan_end(&scan);
    assert_int_equal(seen, blocks->count);
}

static void assert_same(const struct reel_blocks *blocks, const struct naive_table *naive)
{
    size_t position = 0;
    size_t seen = 0;
    assert_int_equal(blocks->count, naive->count);
    for (size_t place = 0; place < PLACES; place++)
    {
        const struct reel_block *block = reel_blocks_find(blocks, address_of(place));
        assert_int_equal(block != NULL, naive->birth_of[place] != 0);
        if (block != NULL)
            assert_int_equal(block->birth_event, naive->birth_of[place]);
    }
    for (const struct reel_block *block; (block = reel_blocks_next(blocks, &position)) != NULL; seen++)
        assert_ptr_equal(block, reel_blocks_find(blocks, block->address));
    assert_int_equal(seen, naive->count);
    assert_walk(blocks);
}

static void one_change(struct reel_blocks *blocks, struct naive_table *naive, size_t place, uint64_t birth)
{
    bool is_new;
    struct reel_block removed;
    if (birth % 7 < 4)
    {
        struct reel_block *block = reel_blocks_insert(blocks, address_of(place), &is_new);
        assert_non_null(block);
        assert_int_equal(is_new, naive->birth_of[place] == 0);
        block->birth_event = birth & REEL_BLOCK_EVENT_MASK;
        naive->count += is_new;
        naive->birth_of[place] = birth;
        return;
    }
    bool is_there = naive->birth_of[place] != 0;
    assert_int_equal(reel_blocks_remove(blocks, address_of(place), &removed), is_there);
    if (is_there)
        assert_int_equal(removed.birth_event, naive->birth_of[place]);
    naive->count -= is_there;
    naive->birth_of[place] = 0;
}

static void blocks_agree_with_a_naive_table(void **state)
{
    (void)state;
    struct stream stream;
    struct reel_blocks blocks;
    struct naive_table *naive = calloc(1, sizeof *naive);
    stream_init(&stream, 7, 1);
    assert_int_equal(reel_blocks_init(&blocks), REEL_OK);
    for (uint64_t birth = 1; birth <= 300000; birth++)
    {
        one_change(&blocks, naive, (size_t)stream_random(&stream, PLACES), birth);
        if (birth % 50000 == 0)
            assert_same(&blocks, naive);
    }
    reel_blocks_fini(&blocks);
    free(naive);
}

// Past the size from which tables move their pages as they grow.
static void blocks_stay_as_the_table_grows(void **state)
{
    (void)state;
    const uint64_t count = 400000;
    bool is_new;
    struct reel_blocks blocks, copy;
    assert_int_equal(reel_blocks_init(&blocks), REEL_OK);
    for (uint64_t i = 0; i < count; i++)
        reel_blocks_insert(&blocks, i * 48, &is_new)->birth_event = i & REEL_BLOCK_EVENT_MASK;
    assert_int_equal(reel_blocks_clone(&copy, &blocks, false), REEL_OK);
    for (uint64_t i = 0; i < count; i++)
    {
        struct reel_block removed;
        assert_true(reel_blocks_remove(&blocks, i * 48, &removed));
        assert_int_equal(removed.birth_event, i);
        assert_int_equal(reel_blocks_find(&copy, i * 48)->birth_event, i);
    }
    assert_int_equal(blocks.count, 0);
    reel_blocks_fini(&blocks);
    reel_blocks_fini(&copy);
}

static void a_new_block_is_blank_but_for_its_address(void **state)
{
    (void)state;
    bool is_new;
    struct reel_blocks blocks;
    assert_int_equal(reel_blocks_init(&blocks), REEL_OK);
    reel_blocks_insert(&blocks, 16, &is_new)->requested_bytes = 99;
    assert_true(reel_blocks_remove(&blocks, 16, NULL));
    const struct reel_block *block = reel_blocks_insert(&blocks, 32, &is_new);
    assert_true(is_new);
    assert_int_equal(block->address, 32);
    assert_int_equal(block->requested_bytes, 0);
    assert_int_equal(block->birth_event, 0);
    reel_blocks_fini(&blocks);
}

static void a_clone_is_inherited_and_independent(void **state)
{
    (void)state;
    bool is_new;
    struct reel_blocks blocks, copy;
    assert_int_equal(reel_blocks_init(&blocks), REEL_OK);
    for (uint64_t i = 0; i < 1000; i++)
        reel_blocks_insert(&blocks, i * 16, &is_new)->birth_event = i & REEL_BLOCK_EVENT_MASK;
    reel_blocks_remove(&blocks, 160, NULL);
    assert_int_equal(reel_blocks_clone(&copy, &blocks, true), REEL_OK);
    reel_blocks_remove(&blocks, 320, NULL);
    assert_int_equal(copy.count, 999);
    assert_null(reel_blocks_find(&copy, 160));
    assert_true(reel_blocks_find(&copy, 320)->is_inherited);
    assert_false(reel_blocks_find(&blocks, 336)->is_inherited);
    assert_false(reel_blocks_insert(&copy, 160, &is_new)->is_inherited);
    reel_blocks_fini(&blocks);
    reel_blocks_fini(&copy);
}

// What the table multiplies addresses by, undone: addresses whose hashes are 1, 2, 3, ..., which all belong to one
// group and have one tag.
static uint64_t colliding_address(uint64_t hash)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t inverse = factor;
    for (int i = 0; i < 6; i++)
        inverse *= 2 - factor * inverse;
    return hash * inverse;
}

static void blocks_that_collide_are_told_apart(void **state)
{
    (void)state;
    bool is_new;
    struct reel_blocks blocks;
    assert_int_equal(reel_blocks_init(&blocks), REEL_OK);
    for (uint64_t round = 0; round < 3; round++)
    {
        for (uint64_t i = 1; i <= 2000; i++)
            reel_blocks_insert(&blocks, colliding_address(i), &is_new)->birth_event = i & REEL_BLOCK_EVENT_MASK;
        for (uint64_t i = 1; i <= 2000; i += 2)
            assert_true(reel_blocks_remove(&blocks, colliding_address(i), NULL));
        for (uint64_t i = 1; i <= 2000; i++)
        {
            const struct reel_block *block = reel_blocks_find(&blocks, colliding_address(i));
            assert_int_equal(block != NULL, i % 2 == 0);
            assert_true(block == NULL || block->birth_event == i);
        }
    }
    assert_int_equal(blocks.count, 1000);
    reel_blocks_fini(&blocks);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_agree_with_a_naive_table),
        cmocka_unit_test(blocks_stay_as_the_table_grows),
        cmocka_unit_test(a_new_block_is_blank_but_for_its_address),
        cmocka_unit_test(a_clone_is_inherited_and_independent),
        cmocka_unit_test(blocks_that_collide_are_told_apart),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
