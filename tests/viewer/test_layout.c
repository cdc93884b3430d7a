// SPDX-License-Identifier: MIT
// Where things stand: at every size all rows belong to one part, and small screens lose what matters least.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "viewer/layout.h"

static void assert_follows(const struct area *area, int *row, int width)
{
    assert_true(area->height >= 0);
    assert_int_equal(area->x, 0);
    assert_int_equal(area->y, *row);
    assert_int_equal(area->width, width);
    *row += area->height;
}

static void the_parts_fill_screens_of_all_sizes(void **context)
{
    (void)context;
    for (int width = 1; width <= 240; width++)
        for (int height = 1; height <= 80; height++)
            for (int is_maximised = 0; is_maximised < 2; is_maximised++)
            {
                struct layout layout = layout_of(width, height, is_maximised);
                int row = 0;
                assert_follows(&layout.header, &row, width);
                assert_follows(&layout.timeline, &row, width);
                assert_follows(&layout.tabs, &row, width);
                assert_follows(&layout.page, &row, width);
                assert_follows(&layout.footer, &row, width);
                assert_int_equal(row, height);
                assert_int_equal(layout.header.height, 1);
                assert_true(layout.footer.height <= 1 && layout.tabs.height <= 1);
                assert_true(layout.page.height > 0 || height == 1);
            }
}

static void smaller_screens_lose_the_timeline_first(void **context)
{
    (void)context;
    assert_true(layout_of(120, 36, false).timeline.height > layout_of(119, 36, false).timeline.height);
    assert_int_equal(layout_of(80, 24, false).timeline.height, 4);
    assert_int_equal(layout_of(79, 24, false).timeline.height, 1);
    assert_int_equal(layout_of(80, 23, false).timeline.height, 1);
    assert_int_equal(layout_of(40, 10, false).timeline.height, 1);
    assert_int_equal(layout_of(40, 10, false).page.height, 6);
    assert_int_equal(layout_of(39, 10, false).timeline.height, 0);
    assert_int_equal(layout_of(20, 5, false).page.height, 3);
    assert_int_equal(layout_of(20, 3, false).footer.height, 0);
    assert_int_equal(layout_of(1, 1, false).header.height, 1);
}

static void a_page_alone_has_the_rows_of_the_timeline(void **context)
{
    (void)context;
    struct layout with = layout_of(200, 60, false);
    struct layout alone = layout_of(200, 60, true);
    assert_int_equal(alone.timeline.height, 0);
    assert_int_equal(alone.page.height, with.page.height + with.timeline.height);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_fill_screens_of_all_sizes),
        cmocka_unit_test(smaller_screens_lose_the_timeline_first),
        cmocka_unit_test(a_page_alone_has_the_rows_of_the_timeline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
