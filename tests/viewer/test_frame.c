// SPDX-License-Identifier: MIT
// The footer has the keys that are of use in the page, the weightiest where not all fit, and clicks find them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "viewer/frame.h"

#include <stdlib.h>
#include <string.h>

enum
{
    WIDE = 200,
};

static char *footer(enum page_number page, int width)
{
    struct canvas canvas;
    assert_true(canvas_init(&canvas, width, 1, &glyphs_ascii, CANVAS_MONOCHROME));
    frame_draw_keys(&canvas, canvas_area(&canvas), page);
    char *text = canvas_to_text(&canvas);
    assert_non_null(text);
    canvas_fini(&canvas);
    return text;
}

static bool has(enum page_number page, int width, const char *part)
{
    char *text = footer(page, width);
    bool is_there = strstr(text, part) != NULL;
    free(text);
    return is_there;
}

static void a_page_has_its_own_keys(void **context)
{
    (void)context;
    assert_true(has(PAGE_MAP, WIDE, "c Colour"));
    assert_false(has(PAGE_OVERVIEW, WIDE, "Colour"));
    assert_true(has(PAGE_SITES, WIDE, "> Sort"));
    assert_false(has(PAGE_STACKS, WIDE, "Sort"));
    assert_true(has(PAGE_STACKS, WIDE, "M Measure"));
    assert_false(has(PAGE_BLOCKS, WIDE, "Measure"));
}

static void the_weightiest_stay_where_room_is_short(void **context)
{
    (void)context;
    for (int page = 0; page < PAGE_COUNT; page++)
    {
        assert_true(has((enum page_number)page, 80, "W Worst"));
        assert_true(has((enum page_number)page, 40, "Enter Open"));
        assert_true(has((enum page_number)page, 20, "F1 Help  q Quit"));
        assert_false(has((enum page_number)page, 6, "F1"));
    }
}

static void a_click_takes_what_stands_there(void **context)
{
    (void)context;
    const struct area area = {.width = 100, .height = 1};
    char *text = footer(PAGE_MAP, area.width);
    int column = (int)(strstr(text, "c Colour") - text);
    assert_int_equal(frame_key_at(area, PAGE_MAP, column), ACTION_COLOUR);
    assert_int_equal(frame_key_at(area, PAGE_MAP, column + 7), ACTION_COLOUR);
    assert_int_equal(frame_key_at(area, PAGE_MAP, column + 8), ACTION_NONE);
    assert_int_equal(frame_key_at(area, PAGE_MAP, 0), ACTION_HELP);
    assert_int_equal(frame_key_at(area, PAGE_MAP, area.width - 1), ACTION_NONE);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_has_its_own_keys),
        cmocka_unit_test(the_weightiest_stay_where_room_is_short),
        cmocka_unit_test(a_click_takes_what_stands_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
