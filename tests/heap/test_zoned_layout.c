// SPDX-License-Identifier: MIT
// The laws of `zoned`'s arithmetic: slabs, zones, reciprocals, and the sets that find the lowest slab.
#include "cases.h"

#include "heap/zoned_index_set.h"
#include "heap/zoned_layout.h"

#include <stdlib.h>
#include <string.h>

#define GIB ((size_t)1 << 30)

static bool is_allowed(uint32_t slot_bytes, uint32_t slab_bytes)
{
    uint32_t slots = slab_bytes / slot_bytes;
    uint32_t tail = slab_bytes - slots * slot_bytes;
    return slots >= 1 && slots <= ZONED_SLOTS_MAX && (slots >= 16 || slab_bytes >= 16384) && tail * 64 <= slab_bytes;
}

static void a_slab_has_the_fewest_pages_that_waste_at_most_a_sixty_fourth(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
    {
        uint32_t slab_bytes = PAGES_BYTES;
        while (!is_allowed(size_class_bytes[i], slab_bytes))
            slab_bytes += PAGES_BYTES;
        assert_int_equal(zoned_shapes[i].slot_bytes, size_class_bytes[i]);
        assert_int_equal(zoned_shapes[i].slab_bytes, slab_bytes);
        assert_int_equal(zoned_shapes[i].slots, slab_bytes / size_class_bytes[i]);
        assert_in_range(slab_bytes, PAGES_BYTES, SIZE_CLASS_BYTES_MAX);
    }
}

static void reciprocals_divide_exactly(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++)
    {
        const struct zoned_shape *shape = &zoned_shapes[i];
        for (uint32_t offset = 0; offset < shape->slab_bytes; offset++)
            assert_int_equal(zoned_slot_of(shape, offset), offset / shape->slot_bytes);
        for (size_t position = 0; (position + 1) * shape->slab_bytes <= ZONED_ZONE_BYTES_MAX; position += 997)
        {
            assert_int_equal(zoned_position_of(shape, position * shape->slab_bytes), position);
            assert_int_equal(zoned_position_of(shape, (position + 1) * shape->slab_bytes - 1), position);
        }
    }
}

static void a_zone_holds_physical_memory_or_what_the_limit_allows(void **state)
{
    (void)state;
    assert_int_equal(zoned_zone_bytes(0, 23 * GIB, SIZE_MAX), 32 * GIB);
    assert_int_equal(zoned_zone_bytes(0, 500 * GIB, SIZE_MAX), 64 * GIB);
    assert_int_equal(zoned_zone_bytes(5 * GIB, 23 * GIB, SIZE_MAX), 8 * GIB);
    assert_int_equal(zoned_zone_bytes(1, 23 * GIB, SIZE_MAX), ZONED_ZONE_BYTES_MIN);
    assert_int_equal(zoned_zone_bytes(0, 23 * GIB, GIB / 16), 0);
    for (size_t left = GIB / 4; left < 4096 * GIB; left += left / 3)
    {
        size_t bytes = zoned_zone_bytes(0, 23 * GIB, left);
        assert_true(bytes * SIZE_CLASS_COUNT <= left / 16);
        assert_true(bytes == 32 * GIB || 2 * bytes * SIZE_CLASS_COUNT > left / 16);
    }
}

static void extents_double_without_a_limit_and_stay_small_under_one(void **state)
{
    (void)state;
    assert_int_equal(zoned_extent_bytes(3 * GIB, SIZE_MAX), 3 * GIB);
    assert_int_equal(zoned_extent_bytes(0, SIZE_MAX), ZONED_ZONE_BYTES_MIN);
    assert_int_equal(zoned_extent_bytes(1000 * GIB, SIZE_MAX), 64 * GIB);
    assert_int_equal(zoned_extent_bytes(3 * GIB, 256 * GIB), GIB);
    assert_int_equal(zoned_extent_bytes(3 * GIB, 0), ZONED_ZONE_BYTES_MIN);
}

enum
{
    CAPACITY = 70000, // three levels
    STEPS = 200000,
};

static uint32_t least_slowly(const bool *members)
{
    uint32_t least = 0;
    while (!members[least])
        least++;
    return least;
}

static void the_least_member_of_a_set_is_found(void **state)
{
    (void)state;
    struct index_set set;
    uint64_t *words = calloc(index_set_words(CAPACITY), sizeof *words);
    bool *members = calloc(CAPACITY, sizeof *members);
    uint32_t member_count = 0;
    uint64_t random = 7;
    index_set_place(&set, words, CAPACITY);
    for (uint32_t step = 0; step < STEPS; step++)
    {
        random = random * UINT64_C(6364136223846793005) + 1;
        // Few low numbers, so that the least one moves.
        uint32_t index = (uint32_t)(random >> 33) % CAPACITY >> (random >> 60);
        assert_int_equal(index_set_has(&set, index), members[index]);
        member_count += members[index] ? -1U : 1U;
        members[index] = !members[index];
        (members[index] ? index_set_add : index_set_remove)(&set, index);
        assert_int_equal(index_set_is_empty(&set), member_count == 0);
        if (member_count > 0)
            assert_int_equal(index_set_least(&set), least_slowly(members));
    }
    assert_true(member_count > 100);
    free(words);
    free(members);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slab_has_the_fewest_pages_that_waste_at_most_a_sixty_fourth),
        cmocka_unit_test(reciprocals_divide_exactly),
        cmocka_unit_test(a_zone_holds_physical_memory_or_what_the_limit_allows),
        cmocka_unit_test(extents_double_without_a_limit_and_stay_small_under_one),
        cmocka_unit_test(the_least_member_of_a_set_is_found),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
