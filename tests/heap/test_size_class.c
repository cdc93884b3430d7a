// SPDX-License-Identifier: MIT
// The laws of the size classes, for every size there is, against a formula written down another way.
#include "cases.h"

#include "heap/size_class.h"

// The slot of a request, slowly: round up to a quarter of the power of two below, but to the grain at least.
static size_t slot_of(size_t size)
{
    size_t power = 1;
    while (power * 2 < size)
        power *= 2;
    size_t step = power / SIZE_CLASS_STEPS < SIZE_CLASS_GRAIN ? SIZE_CLASS_GRAIN : power / SIZE_CLASS_STEPS;
    size_t slot = (size + step - 1) / step * step;
    return slot == 0 ? SIZE_CLASS_GRAIN : slot;
}

static void slots_are_what_the_formula_says(void **state)
{
    (void)state;
    for (size_t size = 0; size <= SIZE_CLASS_BYTES_MAX; size++)
        assert_int_equal(size_class_bytes[size_class_of(size)], slot_of(size));
}

static void the_class_never_falls_as_sizes_grow(void **state)
{
    (void)state;
    for (size_t size = 1; size <= SIZE_CLASS_BYTES_MAX; size++)
        assert_in_range(size_class_of(size) - size_class_of(size - 1), 0, 1);
    assert_int_equal(size_class_of(SIZE_CLASS_BYTES_MAX), SIZE_CLASS_COUNT - 1);
}

static void the_class_of_a_slot_is_that_slot(void **state)
{
    (void)state;
    for (uint32_t class_id = 0; class_id < SIZE_CLASS_COUNT; class_id++)
    {
        assert_int_equal(size_class_of(size_class_bytes[class_id]), class_id);
        assert_int_equal(size_class_bytes[class_id] % SIZE_CLASS_GRAIN, 0);
    }
}

static void a_slot_is_the_smallest_that_holds_the_request(void **state)
{
    (void)state;
    for (size_t size = 0; size <= SIZE_CLASS_BYTES_MAX; size++)
    {
        uint32_t class_id = size_class_of(size);
        assert_true(size_class_bytes[class_id] >= size);
        assert_true(class_id == 0 || size_class_bytes[class_id - 1] < size);
    }
}

static void rounding_wastes_less_than_a_fifth_of_a_slot(void **state)
{
    (void)state;
    for (size_t size = 65; size <= SIZE_CLASS_BYTES_MAX; size++)
    {
        size_t slot = size_class_bytes[size_class_of(size)];
        assert_true((slot - size) * 5 < slot);
    }
}

static void an_aligned_class_is_the_smallest_that_is_a_multiple(void **state)
{
    (void)state;
    for (size_t alignment = 1; alignment <= SIZE_CLASS_BYTES_MAX; alignment *= 2)
        for (size_t size = 0; size <= SIZE_CLASS_BYTES_MAX; size += size < 1100 ? 1 : 509)
        {
            uint32_t expected = 0;
            while (size_class_bytes[expected] < size || size_class_bytes[expected] % alignment != 0)
                expected++;
            assert_int_equal(size_class_of_aligned(size, alignment), expected);
        }
}

static void what_no_class_holds_is_told(void **state)
{
    (void)state;
    assert_int_equal(size_class_of_aligned(SIZE_CLASS_BYTES_MAX + 1, 16), SIZE_CLASS_NONE);
    assert_int_equal(size_class_of_aligned(1, 2 * SIZE_CLASS_BYTES_MAX), SIZE_CLASS_NONE);
    assert_int_equal(size_class_of_aligned(SIZE_MAX, 16), SIZE_CLASS_NONE);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_what_the_formula_says),
        cmocka_unit_test(the_class_never_falls_as_sizes_grow),
        cmocka_unit_test(the_class_of_a_slot_is_that_slot),
        cmocka_unit_test(a_slot_is_the_smallest_that_holds_the_request),
        cmocka_unit_test(rounding_wastes_less_than_a_fifth_of_a_slot),
        cmocka_unit_test(an_aligned_class_is_the_smallest_that_is_a_multiple),
        cmocka_unit_test(what_no_class_holds_is_told),
    };
    return RUN_CASES(argument_count, arguments, tests);
}
