// SPDX-License-Identifier: MIT
// The grid of cells: nothing is drawn outside an area, and what is cut says so.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "viewer/screen/canvas.h"
#include "viewer/screen/utf8.h"

#include <stdlib.h>
#include <string.h>

static struct canvas opened(int width, int height, const struct glyphs *glyphs)
{
    struct canvas canvas;
    assert_true(canvas_init(&canvas, width, height, glyphs, CANVAS_256));
    return canvas;
}

// And frees the canvas.
static void assert_shows(struct canvas *canvas, const char *wanted)
{
    char *text = canvas_to_text(canvas);
    assert_non_null(text);
    assert_string_equal(text, wanted);
    free(text);
    canvas_fini(canvas);
}

static void text_stays_inside_its_area(void **context)
{
    (void)context;
    struct canvas canvas = opened(12, 3, &glyphs_ascii);
    struct area area = area_of(3, 1, 5, 1);
    assert_int_equal(canvas_text(&canvas, area, 1, 0, ROLE_TEXT, "abcdef"), 7);
    canvas_text(&canvas, area, 0, 1, ROLE_TEXT, "below");
    canvas_text(&canvas, area, 0, -1, ROLE_TEXT, "above");
    canvas_text(&canvas, area_of(10, 2, 9, 9), 0, 0, ROLE_TEXT, "xyz");
    canvas_put(&canvas, area, 5, 0, 'X', ROLE_TEXT, ROLE_TEXT);
    assert_shows(&canvas, "\n    abc~\n          x~\n");
}

static void text_that_fits_or_ends_in_blanks_is_not_marked_as_cut(void **context)
{
    (void)context;
    struct canvas canvas = opened(4, 2, &glyphs_utf8);
    canvas_text(&canvas, canvas_area(&canvas), 0, 0, ROLE_TEXT, "abcd  ");
    canvas_print(&canvas, canvas_area(&canvas), 0, 1, ROLE_TEXT, "%d and", 12);
    assert_shows(&canvas, "abcd\n12 \u2026\n");
}

static void text_to_the_right_loses_its_beginning(void **context)
{
    (void)context;
    struct canvas canvas = opened(6, 2, &glyphs_ascii);
    canvas_text_right(&canvas, canvas_area(&canvas), 6, 0, ROLE_TEXT, "1.5");
    canvas_text_right(&canvas, canvas_area(&canvas), 4, 1, ROLE_TEXT, "812 MiB");
    assert_shows(&canvas, "   1.5\n~MiB\n");
}

static void characters_that_are_not_one_column_are_drawn_as_one_mark(void **context)
{
    (void)context;
    struct canvas canvas = opened(20, 1, &glyphs_utf8);
    const char *text = "\u00e9\u4e2d\u05d0e\u0301\x80\xc0\xaf\xf5\n\xe2\x82";
    assert_int_equal(canvas_columns(text), 12);
    canvas_text(&canvas, canvas_area(&canvas), 0, 0, ROLE_TEXT, text);
    assert_shows(&canvas, "\u00e9??e????????\n");
}

static void utf8_is_read_as_it_is_written(void **context)
{
    (void)context;
    static const uint32_t characters[] = {1, 'a', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++)
    {
        char text[UTF8_BYTES_MAX + 1] = "";
        const char *at = text;
        int bytes = utf8_put(text, characters[i]);
        assert_int_equal(utf8_next(&at), characters[i]);
        assert_int_equal(at - text, bytes);
        assert_int_equal(utf8_next(&at), 0);
    }
    const char *surrogate = "\xed\xa0\x80";
    assert_int_equal(utf8_next(&surrogate), '?');
}

static void lines_break_at_blanks_and_never_inside_a_character(void **context)
{
    (void)context;
    assert_int_equal(canvas_line_bytes("", 9), 0);
    assert_int_equal(canvas_line_bytes("one two", 7), 7);
    assert_int_equal(canvas_line_bytes("one two", 6), 3);
    assert_int_equal(canvas_line_bytes("one two", 3), 3);
    assert_int_equal(canvas_line_bytes("\u00e9\u00e9\u00e9", 2), 4);
    assert_int_equal(canvas_line_bytes(" \u2588\u2588", 2), 4);
    assert_int_equal(canvas_line_bytes("\u2588", 0), 3);
}

static void every_glyph_takes_one_column(void **context)
{
    (void)context;
    static const struct glyphs *const sets[] = {&glyphs_utf8, &glyphs_console, &glyphs_ascii};
    for (size_t set = 0; set < 3; set++)
    {
        const uint32_t *glyph = sets[set]->fills; // all that follows in the struct is glyphs
        const uint32_t *end = &sets[set]->down + 1;
        for (const uint32_t *at = glyph; at < end; at++)
        {
            assert_true(*at == 0 || utf8_is_one_column(*at));
            assert_true(sets[set]->is_utf8 || *at < 0x7f);
        }
        for (int part = 1; part < GLYPHS_PARTS; part++)
            for (int other = 0; other < part; other++)
                assert_int_not_equal(sets[set]->parts[part], sets[set]->parts[other]);
    }
}

static void a_bar_of_something_is_not_empty_and_of_less_than_all_not_full(void **context)
{
    (void)context;
    struct canvas canvas = opened(4, 5, &glyphs_utf8);
    struct area area = canvas_area(&canvas);
    canvas_bar(&canvas, area, 0, 0, 4, 1, UINT64_MAX, ROLE_PINNED);
    canvas_bar(&canvas, area, 0, 1, 4, UINT64_MAX - 1, UINT64_MAX, ROLE_PINNED);
    canvas_bar(&canvas, area, 0, 2, 4, 1, 2, ROLE_PINNED);
    canvas_bar(&canvas, area, 0, 3, 4, 7, 3, ROLE_PINNED);
    canvas_bar(&canvas, area, 0, 4, 4, 7, 0, ROLE_PINNED);
    assert_shows(&canvas, "\u258f\n\u2588\u2588\u2588\u2589\n\u2588\u2588\n\u2588\u2588\u2588\u2588\n\n");
}

static void a_sparkline_is_as_high_as_its_values(void **context)
{
    (void)context;
    static const uint64_t values[] = {0, 1, 50, 100, 1000};
    struct canvas canvas = opened(6, 2, &glyphs_utf8);
    canvas_sparkline(&canvas, canvas_area(&canvas), 0, 0, values, 5, 100, ROLE_TEXT);
    canvas_sparkline(&canvas, canvas_area(&canvas), 2, 1, values, 5, 0, ROLE_TEXT);
    assert_shows(&canvas, " \u2581\u2584\u2588\u2588\n   \u2581\u2581\u2581\n");
}

static void magnitudes_lie_on_the_ramp(void **context)
{
    (void)context;
    assert_int_equal(canvas_ramp(5, 0), ROLE_RAMP);
    assert_int_equal(canvas_ramp(0, 5), ROLE_RAMP);
    assert_int_equal(canvas_ramp(8, 16), ROLE_RAMP + 8);
    assert_int_equal(canvas_ramp(UINT64_MAX, UINT64_MAX), ROLE_RAMP + ROLE_STEPS - 1);
    assert_int_equal(canvas_ramp(UINT64_MAX, 1), ROLE_COUNT - 1);
}

static void styles_and_grounds_belong_to_cells(void **context)
{
    (void)context;
    struct canvas canvas = opened(3, 1, &glyphs_ascii);
    struct area area = canvas_area(&canvas);
    canvas_put(&canvas, area, 0, 0, 'a', ROLE_KEY, ROLE_CURSOR);
    canvas_style(&canvas, area, -2, 0, 4, CELL_REVERSE);
    canvas_style(&canvas, area, 1, 0, 9, CELL_BOLD);
    canvas_style(&canvas, area, 1, 0, 1, CELL_REVERSE);
    assert_int_equal(canvas.cells[0].ground, ROLE_CURSOR);
    assert_int_equal(canvas.cells[1].style, CELL_BOLD | CELL_REVERSE);
    canvas_text(&canvas, area, 0, 0, ROLE_TEXT, "b");
    assert_int_equal(canvas.cells[0].ground, ROLE_CURSOR);
    assert_int_equal(canvas.cells[0].style, 0);
    canvas_clear(&canvas, area);
    assert_shows(&canvas, "\n");
}

static void areas_are_divided_without_a_rest(void **context)
{
    (void)context;
    struct area area = area_of(2, 3, 10, 4);
    assert_int_equal(area_below(area, 1).y, 4);
    assert_int_equal(area_below(area, 9).height, 0);
    assert_int_equal(area_top(area, 9).height, 4);
    assert_int_equal(area_top(area, -1).height, 0);
    assert_int_equal(area_left(area, 3).width + area_right_of(area, 3).width, 10);
    assert_int_equal(area_right_of(area, 3).x, 5);
    assert_int_equal(area_right_of(area, -3).width, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_stays_inside_its_area),
        cmocka_unit_test(text_that_fits_or_ends_in_blanks_is_not_marked_as_cut),
        cmocka_unit_test(text_to_the_right_loses_its_beginning),
        cmocka_unit_test(characters_that_are_not_one_column_are_drawn_as_one_mark),
        cmocka_unit_test(utf8_is_read_as_it_is_written),
        cmocka_unit_test(lines_break_at_blanks_and_never_inside_a_character),
        cmocka_unit_test(every_glyph_takes_one_column),
        cmocka_unit_test(a_bar_of_something_is_not_empty_and_of_less_than_all_not_full),
        cmocka_unit_test(a_sparkline_is_as_high_as_its_values),
        cmocka_unit_test(magnitudes_lie_on_the_ramp),
        cmocka_unit_test(styles_and_grounds_belong_to_cells),
        cmocka_unit_test(areas_are_divided_without_a_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
