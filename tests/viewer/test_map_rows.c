// SPDX-License-Identifier: MIT
// Where tiles lie: addresses and places are inverse, whatever the regions and the scale; the scale is the least that
// fits.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "viewer/pages/map/map_rows.h"

#define PAGE UINT64_C(4096)
#define FAR UINT64_C(0x7f0000003000)

static struct reel_region region_of(uint64_t begin, uint64_t pages, enum reel_region_kind kind)
{
    return (struct reel_region){.begin_address = begin,
                                .region_bytes = pages * PAGE,
                                .kind = kind,
                                .used_begin_address = begin,
                                .used_end_address = begin + pages * PAGE};
}

// A heap of 300 pages, tables of the allocator, an empty reservation, and 3 pages far away.
static void set(struct map_rows *rows)
{
    const struct reel_region regions[] = {
        region_of(0x100000, 300, REEL_REGION_HEAP),
        region_of(0x1000000, 50, REEL_REGION_METADATA),
        {.begin_address = 0x2000000, .region_bytes = UINT64_C(1) << 40, .kind = REEL_REGION_ZONE},
        region_of(FAR, 3, REEL_REGION_MAPPING),
    };
    *rows = (struct map_rows){0};
    assert_true(map_rows_set(rows, regions, 4));
}

static void nothing_is_drawn_of_tables_and_of_what_is_only_reserved(void **context)
{
    struct map_rows rows;
    (void)context;
    set(&rows);
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.regions[1].begin_address, FAR);
    assert_null(map_rows_region(&rows, 0x1000000));
    assert_ptr_equal(map_rows_region(&rows, FAR + 2 * PAGE), &rows.regions[1]);
    map_rows_fini(&rows);
}

static void a_large_region_has_a_heading_above_and_a_small_one_beside_it(void **context)
{
    struct map_rows rows;
    (void)context;
    set(&rows);
    map_rows_arrange(&rows, 64, 2, 1);
    assert_int_equal(map_rows_lines(&rows), 1 + 3 + 1); // 128 tiles a line
    assert_true(map_rows_line(&rows, 0).is_heading);
    assert_int_equal(map_rows_line(&rows, 2).begin_address, 0x100000 + 128 * PAGE);
    assert_int_equal(map_rows_line(&rows, 3).tiles[0], 44);
    assert_int_equal(map_rows_line(&rows, 3).tiles[1], 0);
    struct map_line last = map_rows_line(&rows, 4);
    assert_true(last.has_label);
    assert_int_equal(last.tiles[0], 3);
    map_rows_fini(&rows);
}

static void address_and_place_are_inverse(void **context)
{
    static const int widths[] = {1, 7, 24, 64, 160};
    struct map_rows rows;
    (void)context;
    set(&rows);
    for (size_t w = 0; w < 5; w++)
        for (int halves = 1; halves <= 2; halves++)
            for (uint64_t pages = 1; pages <= 512; pages *= 8)
            {
                map_rows_arrange(&rows, widths[w], halves, pages);
                for (uint64_t address = 0x100000; address < 0x100000 + 300 * PAGE; address += PAGE)
                {
                    struct map_place place;
                    uint64_t found;
                    assert_true(map_rows_find(&rows, address + 17, &place));
                    assert_true(map_rows_address(&rows, &place, &found));
                    assert_true(found <= address && address - found < map_rows_tile_bytes(&rows));
                    struct map_place again;
                    assert_true(map_rows_find(&rows, found, &again));
                    assert_memory_equal(&place, &again, sizeof place);
                }
            }
    map_rows_fini(&rows);
}

static void each_place_is_an_address_once(void **context)
{
    struct map_rows rows;
    uint64_t before = 0;
    int tiles = 0;
    (void)context;
    set(&rows);
    map_rows_arrange(&rows, 24, 2, 2);
    for (struct map_place place = {0}; place.line < map_rows_lines(&rows); place.line++)
        for (place.half = 0; place.half < 2; place.half++)
            for (place.column = 0; place.column < 24; place.column++)
            {
                uint64_t address;
                if (!map_rows_address(&rows, &place, &address))
                    continue;
                assert_true(address > before);
                before = address;
                tiles++;
            }
    assert_int_equal(tiles, 150 + 2); // the far ones begin in the middle of a tile
    map_rows_fini(&rows);
}

static void what_is_in_no_region_gives_the_next_tile(void **context)
{
    struct map_rows rows;
    struct map_place place;
    uint64_t address;
    (void)context;
    set(&rows);
    map_rows_arrange(&rows, 24, 1, 1);
    assert_false(map_rows_find(&rows, 0, &place));
    assert_true(map_rows_address(&rows, &place, &address));
    assert_int_equal(address, 0x100000);
    assert_false(map_rows_find(&rows, 0x5000000, &place));
    assert_true(map_rows_address(&rows, &place, &address));
    assert_int_equal(address, FAR);
    assert_false(map_rows_find(&rows, UINT64_MAX, &place));
    assert_true(map_rows_address(&rows, &place, &address));
    assert_int_equal(address, FAR + 2 * PAGE);
    map_rows_fini(&rows);
}

static void the_scale_is_the_least_that_fits(void **context)
{
    struct map_rows rows;
    (void)context;
    set(&rows);
    for (int lines = 5; lines < 20; lines++)
    {
        uint64_t pages = map_rows_scale(&rows, 24, 2, lines, 1024);
        map_rows_arrange(&rows, 24, 2, pages);
        assert_true(map_rows_lines(&rows) <= (uint64_t)lines);
        map_rows_arrange(&rows, 24, 2, pages / 2);
        assert_true(pages == 1 || map_rows_lines(&rows) > (uint64_t)lines);
    }
    assert_int_equal(map_rows_scale(&rows, 24, 2, 5, 4), 4); // no more than is allowed
    map_rows_fini(&rows);
}

// With more regions than lines it need only be such that the tiles themselves would fit.
static void many_small_regions_are_not_made_smaller(void **context)
{
    struct reel_region regions[100];
    struct map_rows rows = {0};
    (void)context;
    for (size_t i = 0; i < 100; i++)
        regions[i] = region_of(0x100000 + i * 0x100000, 2, REEL_REGION_MAPPING);
    assert_true(map_rows_set(&rows, regions, 100));
    assert_int_equal(map_rows_scale(&rows, 80, 2, 20, 1024), 1);
    map_rows_arrange(&rows, 80, 2, 1);
    assert_int_equal(map_rows_lines(&rows), 100);
    map_rows_fini(&rows);
}

// What a reel says of its regions is not to be trusted.
static void a_region_of_all_addresses_does_no_harm(void **context)
{
    struct reel_region region = region_of(0, 1, REEL_REGION_ZONE);
    struct map_rows rows = {0};
    struct map_place place;
    uint64_t address;
    (void)context;
    region.used_end_address = UINT64_MAX;
    assert_true(map_rows_set(&rows, &region, 1));
    map_rows_arrange(&rows, 24, 2, map_rows_scale(&rows, 24, 2, 10, 1 << 20));
    assert_true(map_rows_find(&rows, UINT64_MAX - 1, &place));
    assert_true(map_rows_address(&rows, &place, &address));
    assert_true(address > UINT64_MAX - 2 * map_rows_tile_bytes(&rows));
    map_rows_fini(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_drawn_of_tables_and_of_what_is_only_reserved),
        cmocka_unit_test(a_large_region_has_a_heading_above_and_a_small_one_beside_it),
        cmocka_unit_test(address_and_place_are_inverse),
        cmocka_unit_test(each_place_is_an_address_once),
        cmocka_unit_test(what_is_in_no_region_gives_the_next_tile),
        cmocka_unit_test(the_scale_is_the_least_that_fits),
        cmocka_unit_test(many_small_regions_are_not_made_smaller),
        cmocka_unit_test(a_region_of_all_addresses_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
