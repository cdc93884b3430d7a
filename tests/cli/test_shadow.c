// SPDX-License-Identifier: MIT
// The shadow against a plain list of blocks, and its corners one by one.
#include "fixture.h"

#include <stdlib.h>

#include "reel/shadow.h"

#define MIB (UINT64_C(1) << 20)

static enum shadow_result add(struct shadow *shadow, uint64_t address, uint64_t bytes)
{
    struct shadow_block other;
    return shadow_add(shadow, &(struct shadow_block){address, bytes, bytes, false, 0}, &other);
}

static enum shadow_result take(struct shadow *shadow, uint64_t address)
{
    struct shadow_block removed;
    return shadow_remove(shadow, address, &removed);
}

static void assert_same(const struct shadow_block *a, const struct shadow_block *b)
{
    assert_int_equal(a->address, b->address);
    assert_int_equal(a->requested_bytes, b->requested_bytes);
    assert_int_equal(a->usable_bytes, b->usable_bytes);
    assert_int_equal(a->is_inherited, b->is_inherited);
    assert_int_equal(a->tag, b->tag);
}

static void a_block_comes_back_as_it_was(void **state)
{
    (void)state;
    // One granule, two, across a leaf's end, starting in a leaf's last granule, large, unaligned, with much slack.
    static const struct shadow_block blocks[] = {
        {0x1000, 5, 8, false, 31},          {0x2000, 0, 0, false, 62},
        {0x3000, 9, 12, false, 93},         {5 * MIB - 16, 20, 40, false, 124},
        {7 * MIB - 8, 100, 104, false, 27}, {16 * MIB, 8, 900000, false, 58},
        {32 * MIB, MIB, MIB, false, 89},    {64 * MIB + 16, 3 * MIB, 3 * MIB + 5, false, 120},
        {0x4004, 2, 3, false, 23},          {UINT64_C(0x7ffffffff000), 4096, 4096, false, 54},
    };
    struct shadow *shadow = shadow_create();
    struct shadow_block found;
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        assert_int_equal(shadow_add(shadow, &blocks[i], &found), SHADOW_OK);
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
    {
        assert_int_equal(shadow_find(shadow, blocks[i].address, &found), SHADOW_OK);
        assert_same(&found, &blocks[i]);
        assert_int_equal(shadow_remove(shadow, blocks[i].address, &found), SHADOW_OK);
        assert_same(&found, &blocks[i]);
        assert_int_equal(shadow_remove(shadow, blocks[i].address, &found), SHADOW_UNKNOWN);
        assert_true(shadow_has_seen(shadow, blocks[i].address));
        assert_int_equal(shadow_add(shadow, &blocks[i], &found), SHADOW_OK);
    }
    assert_false(shadow_has_seen(shadow, 0x9000));
    shadow_destroy(shadow);
}

static void any_common_byte_is_an_overlap_and_names_the_other(void **state)
{
    (void)state;
    static const struct
    {
        uint64_t held, held_bytes, asked, asked_bytes;
    } cases[] = {
        {0x1000, 64, 0x1000, 8},
        {0x1000, 64, 0x1038, 8},
        {0x1000, 64, 0xff8, 16},
        {0x1000, 8, 0x800, 0x1000},
        {MIB - 8, 16, MIB, 8},
        {MIB - 8, 16, MIB - 8, 8},
        {0x1000, 8, 0, 4 * MIB},
        {0x100000, 4 * MIB, 0x200000, 8},
        {0x100000, 4 * MIB, 0x100000 - 8, 16},
        {0x100000, 4 * MIB, 0x4ffff8, 8},
        {0x100000, 4 * MIB, 0x400000, 4 * MIB},
        {8 * MIB, 16, 0, UINT64_C(1) << 46},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        struct shadow *shadow = shadow_create();
        struct shadow_block other = {0};
        assert_int_equal(add(shadow, cases[i].held, cases[i].held_bytes), SHADOW_OK);
        const struct shadow_block asked = {cases[i].asked, cases[i].asked_bytes, cases[i].asked_bytes, false, 0};
        assert_int_equal(shadow_add(shadow, &asked, &other), SHADOW_OVERLAP);
        assert_int_equal(other.address, cases[i].held);
        assert_int_equal(other.usable_bytes, cases[i].held_bytes);
        assert_int_equal(take(shadow, cases[i].held), SHADOW_OK);
        assert_int_equal(add(shadow, cases[i].asked, cases[i].asked_bytes), SHADOW_OK);
        shadow_destroy(shadow);
    }
}

static void neighbours_do_not_overlap(void **state)
{
    (void)state;
    struct shadow *shadow = shadow_create();
    assert_int_equal(add(shadow, MIB, 2 * MIB), SHADOW_OK);
    assert_int_equal(add(shadow, 3 * MIB, 8), SHADOW_OK);
    assert_int_equal(add(shadow, MIB - 8, 8), SHADOW_OK);
    assert_int_equal(add(shadow, 3 * MIB + 8, 4 * MIB), SHADOW_OK);
    assert_int_equal(add(shadow, 0, MIB - 8), SHADOW_OK);
    shadow_destroy(shadow);
}

static void a_block_past_the_end_of_the_address_space_is_refused(void **state)
{
    (void)state;
    struct shadow *shadow = shadow_create();
    assert_int_equal(add(shadow, UINT64_MAX - 7, 16), SHADOW_OVERLAP);
    assert_int_equal(add(shadow, 64, UINT64_MAX), SHADOW_OVERLAP);
    assert_int_equal(add(shadow, UINT64_MAX - 7, 8), SHADOW_OK);
    shadow_destroy(shadow);
}

static void a_resized_block_keeps_its_origin_and_an_impossible_resize_changes_nothing(void **state)
{
    (void)state;
    struct shadow *parent = shadow_create();
    assert_int_equal(add(parent, 0x1000, 64), SHADOW_OK);
    assert_int_equal(add(parent, 0x1100, 64), SHADOW_OK);
    struct shadow *child = shadow_clone(parent);
    struct shadow_block other;
    assert_int_equal(shadow_resize(child, &(struct shadow_block){0x1000, 100, 256, false, 0}, &other), SHADOW_OK);
    assert_int_equal(shadow_resize(child, &(struct shadow_block){0x1000, 300, 300, false, 0}, &other), SHADOW_OVERLAP);
    assert_int_equal(other.address, 0x1100);
    assert_int_equal(shadow_find(child, 0x1000, &other), SHADOW_OK);
    assert_int_equal(other.requested_bytes, 100);
    assert_true(other.is_inherited);
    assert_int_equal(shadow_resize(child, &(struct shadow_block){0x5000, 8, 8, false, 0}, &other), SHADOW_UNKNOWN);
    // Into the large ones and back.
    assert_int_equal(take(child, 0x1100), SHADOW_OK);
    assert_int_equal(shadow_resize(child, &(struct shadow_block){0x1000, 2 * MIB, 2 * MIB, false, 0}, &other),
                     SHADOW_OK);
    assert_int_equal(shadow_find(child, 0x1000, &other), SHADOW_OK);
    assert_true(other.is_inherited);
    assert_int_equal(shadow_find(parent, 0x1000, &other), SHADOW_OK);
    assert_int_equal(other.requested_bytes, 64);
    assert_false(other.is_inherited);
    shadow_destroy(parent);
    shadow_destroy(child);
}

static void clones_part_ways_and_outlive_each_other(void **state)
{
    (void)state;
    struct shadow *parent = shadow_create();
    struct shadow_block found;
    assert_int_equal(add(parent, 0x1000, 32), SHADOW_OK);
    assert_int_equal(add(parent, 8 * MIB, 2 * MIB), SHADOW_OK);
    struct shadow *child = shadow_clone(parent);
    assert_int_equal(add(child, 0x2000, 32), SHADOW_OK);
    assert_int_equal(shadow_find(parent, 0x2000, &found), SHADOW_UNKNOWN);
    assert_int_equal(add(parent, 0x2000, 16), SHADOW_OK);
    assert_int_equal(shadow_find(parent, 0x1000, &found), SHADOW_OK);
    assert_false(found.is_inherited);
    assert_int_equal(shadow_find(child, 0x1000, &found), SHADOW_OK);
    assert_true(found.is_inherited);
    assert_int_equal(shadow_find(child, 0x2000, &found), SHADOW_OK);
    assert_false(found.is_inherited);
    assert_int_equal(shadow_find(child, 8 * MIB, &found), SHADOW_OK);
    assert_true(found.is_inherited);
    struct shadow *grandchild = shadow_clone(child);
    shadow_destroy(parent);
    shadow_destroy(child);
    assert_int_equal(shadow_find(grandchild, 0x2000, &found), SHADOW_OK);
    assert_true(found.is_inherited);
    assert_int_equal(add(grandchild, 0x1008, 8), SHADOW_OVERLAP);
    assert_int_equal(take(grandchild, 0x1000), SHADOW_OK);
    assert_int_equal(add(grandchild, 0x1008, 8), SHADOW_OK);
    shadow_destroy(grandchild);
}

// ---- the plain list

#define MODEL_MAX 256

struct model
{
    struct shadow_block blocks[MODEL_MAX];
    size_t count;
};

static bool touches(const struct shadow_block *a, uint64_t address, uint64_t bytes)
{
    return a->address < address + bytes && address < a->address + a->usable_bytes;
}

static bool model_has_overlap(const struct model *model, uint64_t address, uint64_t bytes)
{
    for (size_t i = 0; i < model->count; i++)
        if (touches(&model->blocks[i], address, bytes))
            return true;
    return false;
}

static void step(struct model *model, struct shadow *shadow, uint64_t random)
{
    static const uint64_t sizes[] = {8, 16, 24, 104, 4096, 65536, MIB - 8, MIB, 5 * MIB};
    if (random % 3 == 0 && model->count != 0)
    {
        struct shadow_block removed;
        size_t i = random / 3 % model->count;
        assert_int_equal(shadow_remove(shadow, model->blocks[i].address, &removed), SHADOW_OK);
        assert_int_equal(removed.usable_bytes, model->blocks[i].usable_bytes);
        model->blocks[i] = model->blocks[--model->count];
        return;
    }
    uint64_t bytes = sizes[random / 3 % 9];
    uint64_t address = (random >> 16) % (6 * MIB) / 8 * 8;
    bool is_overlap = model_has_overlap(model, address, bytes);
    assert_int_equal(add(shadow, address, bytes), is_overlap ? SHADOW_OVERLAP : SHADOW_OK);
    if (!is_overlap && model->count < MODEL_MAX)
        model->blocks[model->count++] = (struct shadow_block){address, bytes, bytes, false, 0};
}

static void it_agrees_with_a_plain_list_through_random_steps_and_clones(void **state)
{
    (void)state;
    uint64_t random = 88172645463325252;
    struct shadow *shadow = shadow_create();
    struct model model = {0};
    for (int i = 0; i < 20000; i++)
    {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        if (model.count == MODEL_MAX)
            break;
        step(&model, shadow, random);
        if (i % 1000 == 999)
        {
            struct shadow *copy = shadow_clone(shadow);
            shadow_destroy(shadow);
            shadow = copy;
        }
    }
    assert_true(model.count > 0);
    shadow_destroy(shadow);
}

static void a_start_outlives_its_block_and_reaches_clones(void **state)
{
    (void)state;
    struct shadow *shadow = shadow_create();
    struct shadow_block other;
    assert_int_equal(shadow_start_at(shadow, 0x1000).tag, 0);
    assert_int_equal(shadow_add(shadow, &(struct shadow_block){0x1000, 8, 8, false, 127}, &other), SHADOW_OK);
    assert_int_equal(shadow_mark_carved(shadow, 0x1000), SHADOW_OK);
    assert_int_equal(shadow_add(shadow, &(struct shadow_block){MIB + 64, 99, 100, false, 5}, &other), SHADOW_OK);
    assert_int_equal(take(shadow, 0x1000), SHADOW_OK);
    struct shadow *clone = shadow_clone(shadow);
    for (struct shadow *either = shadow; either != NULL; either = either == shadow ? clone : NULL)
    {
        assert_int_equal(shadow_start_at(either, 0x1000).tag, 127);
        assert_true(shadow_start_at(either, 0x1000).is_carved);
        assert_int_equal(shadow_start_at(either, MIB + 64).tag, 5);
        assert_false(shadow_start_at(either, MIB + 64).is_carved);
    }
    // A block of another tag, over the old start and not at it.
    assert_int_equal(shadow_add(clone, &(struct shadow_block){0xff8, 40, 40, false, 9}, &other), SHADOW_OK);
    assert_int_equal(shadow_start_at(clone, 0x1000).tag, 127);
    assert_int_equal(shadow_last_start(clone, 0, 0x1001), 0x1000);
    assert_int_equal(shadow_last_start(clone, 0, 0x1000), 0xff8);
    assert_int_equal(shadow_last_start(clone, 0x1008, 3 * MIB), MIB + 64);
    assert_int_equal(shadow_last_start(clone, 0x1001, MIB + 64), 0);
    assert_int_equal(shadow_look(clone, 0x1018, 0x1020, &other), SHADOW_OVERLAP);
    assert_int_equal(other.address, 0xff8);
    assert_int_equal(shadow_look(clone, 0x1020, MIB, &other), SHADOW_OK);
    shadow_destroy(shadow);
    shadow_destroy(clone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_comes_back_as_it_was),
        cmocka_unit_test(any_common_byte_is_an_overlap_and_names_the_other),
        cmocka_unit_test(neighbours_do_not_overlap),
        cmocka_unit_test(a_block_past_the_end_of_the_address_space_is_refused),
        cmocka_unit_test(a_resized_block_keeps_its_origin_and_an_impossible_resize_changes_nothing),
        cmocka_unit_test(clones_part_ways_and_outlive_each_other),
        cmocka_unit_test(a_start_outlives_its_block_and_reaches_clones),
        cmocka_unit_test(it_agrees_with_a_plain_list_through_random_steps_and_clones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
