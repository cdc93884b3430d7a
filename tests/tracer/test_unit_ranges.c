// SPDX-License-Identifier: MIT
// Units by address: gaps, ranges within others, both lengths of DWARF, and damage.
#include "tracer/unit_ranges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECTION_BYTES 256

struct section
{
    uint8_t bytes[SECTION_BYTES];
    size_t count;
};

static void put(struct section *section, uint64_t value, size_t bytes)
{
    assert_true(section->count + bytes <= SECTION_BYTES);
    memcpy(&section->bytes[section->count], &value, bytes);
    section->count += bytes;
}

// A set of two ranges, and the pair of zeros at its end.
static void put_set(struct section *section, bool is_long, uint64_t unit, const uint64_t ranges[4])
{
    size_t offset_bytes = is_long ? 8 : 4;
    size_t header_bytes = (is_long ? 12u : 4u) + 2 + offset_bytes + 2;
    size_t padding = -header_bytes % 16;
    if (is_long)
        put(section, 0xffffffff, 4);
    put(section, 2 + offset_bytes + 2 + padding + 48, offset_bytes);
    put(section, 2, 2);
    put(section, unit, offset_bytes);
    put(section, 8, 1);
    put(section, 0, 1);
    put(section, 0, padding < 8 ? padding : 8);
    put(section, 0, padding < 8 ? 0 : padding - 8);
    for (size_t i = 0; i < 4; i++)
        put(section, ranges[i], 8);
    put(section, 0, 8);
    put(section, 0, 8);
}

static void assert_unit(const struct unit_ranges *ranges, uint64_t address, uint64_t unit)
{
    const struct unit_range *found = unit_ranges_find(ranges, address);
    assert_non_null(found);
    assert_int_equal(found->unit, unit);
}

static void gap_belongs_to_no_unit(void **state)
{
    struct section section = {0};
    struct unit_ranges ranges = {0};
    (void)state;
    put_set(&section, false, 0x40, (const uint64_t[]){0x3000, 0x10, 0x1000, 0x10});
    put_set(&section, true, 0x80, (const uint64_t[]){0x2000, 0x10, 0x4000, 0x10});
    assert_true(unit_ranges_read(&ranges, section.bytes, section.count));
    assert_int_equal(ranges.count, 4);
    assert_null(unit_ranges_find(&ranges, 0xfff));
    assert_unit(&ranges, 0x1000, 0x40);
    assert_unit(&ranges, 0x100f, 0x40);
    assert_null(unit_ranges_find(&ranges, 0x1010));
    assert_unit(&ranges, 0x2005, 0x80);
    assert_unit(&ranges, 0x3005, 0x40);
    assert_unit(&ranges, 0x400f, 0x80);
    assert_null(unit_ranges_find(&ranges, 0x4010));
    unit_ranges_clean_up(&ranges);
}

static void innermost_of_several_ranges_is_found(void **state)
{
    struct section section = {0};
    struct unit_ranges ranges = {0};
    (void)state;
    put_set(&section, false, 0x40, (const uint64_t[]){0x1000, 0x100, 0x1010, 0x10});
    put_set(&section, false, 0x80, (const uint64_t[]){0x1000, 0x10, 0x1040, 0x10});
    assert_true(unit_ranges_read(&ranges, section.bytes, section.count));
    assert_unit(&ranges, 0x1000, 0x80);
    assert_unit(&ranges, 0x1010, 0x40);
    assert_unit(&ranges, 0x1030, 0x40);
    assert_unit(&ranges, 0x104f, 0x80);
    assert_unit(&ranges, 0x1050, 0x40);
    assert_null(unit_ranges_find(&ranges, 0x1100));
    unit_ranges_clean_up(&ranges);
}

static void code_that_the_linker_left_out_is_no_code(void **state)
{
    struct section section = {0};
    struct unit_ranges ranges = {0};
    (void)state;
    put_set(&section, false, 0x40, (const uint64_t[]){0, 0x2000, 0x1000, 0});
    put_set(&section, false, 0x80, (const uint64_t[]){UINT64_MAX, 0x10, 0x3000, 0x10});
    assert_true(unit_ranges_read(&ranges, section.bytes, section.count));
    assert_int_equal(ranges.count, 1);
    assert_null(unit_ranges_find(&ranges, 0x1000));
    assert_unit(&ranges, 0x3000, 0x80);
    unit_ranges_clean_up(&ranges);
}

static void every_cut_is_refused_or_read_as_far_as_it_is(void **state)
{
    struct section whole = {0};
    (void)state;
    put_set(&whole, false, 0x40, (const uint64_t[]){0x1000, 0x10, 0x2000, 0x10});
    for (size_t count = 0; count < whole.count; count++)
    {
        struct unit_ranges ranges = {0};
        uint8_t *cut = malloc(count + 1); // for a sanitizer to see what is read beyond
        assert_non_null(cut);
        memcpy(cut + 1, whole.bytes, count);
        assert_int_equal(unit_ranges_read(&ranges, cut + 1, count), count == 0);
        unit_ranges_clean_up(&ranges);
        free(cut);
    }
}

static void other_versions_and_sizes_are_refused(void **state)
{
    static const size_t places[] = {4, 10, 11}; // version, bytes of an address, of a segment
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    {
        struct section section = {0};
        struct unit_ranges ranges = {0};
        put_set(&section, false, 0x40, (const uint64_t[]){0x1000, 0x10, 0x2000, 0x10});
        section.bytes[places[i]]++;
        assert_false(unit_ranges_read(&ranges, section.bytes, section.count));
        unit_ranges_clean_up(&ranges);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gap_belongs_to_no_unit),
        cmocka_unit_test(innermost_of_several_ranges_is_found),
        cmocka_unit_test(code_that_the_linker_left_out_is_no_code),
        cmocka_unit_test(every_cut_is_refused_or_read_as_far_as_it_is),
        cmocka_unit_test(other_versions_and_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
