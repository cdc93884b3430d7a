// SPDX-License-Identifier: MIT
// Lists: the selected row stays in sight, unimportant columns go first, clicks find what they were meant for.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "viewer/screen/table.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS 30

static const struct table_column columns[] = {
    {"NAME", 6, 9, true}, {"BYTES", 7, 5, false}, {"NOTE", 0, 3, true}, {"AGE", 4, 4, false}};
#define COLUMN_COUNT 4

static void draw_cell(void *context, struct canvas *canvas, struct area cell, size_t row, int column)
{
    char text[16];
    (void)context;
    snprintf(text, sizeof text, "%c%zu", "nbta"[column], row);
    if (columns[column].is_left)
        canvas_text(canvas, cell, 0, 0, ROLE_TEXT, text);
    else
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT, text);
}

static bool is_third(void *context, size_t row)
{
    (void)context;
    return row == 2;
}

static bool is_second(void *context, size_t row)
{
    (void)context;
    return row == 1;
}

static const struct table_cells plain = {.draw = draw_cell};
static const struct table_cells marked = {.draw = draw_cell, .is_marked = is_third, .is_dim = is_second};

static void assert_draws(struct table *table, int width, int height, size_t rows, const struct table_cells *cells,
                         const char *wanted)
{
    struct canvas canvas;
    assert_true(canvas_init(&canvas, width, height, &glyphs_ascii, CANVAS_256));
    table_draw(table, &canvas, canvas_area(&canvas), columns, COLUMN_COUNT, rows, cells);
    char *text = canvas_to_text(&canvas);
    assert_non_null(text);
    assert_string_equal(text, wanted);
    free(text);
    canvas_fini(&canvas);
}

static void the_least_important_columns_go_first(void **context)
{
    (void)context;
    struct table table = {.sort_column = 1};
    assert_draws(&table, 40, 3, ROWS, &plain,
                 "NAME    BYTESv NOTE                  AGE\n"
                 "n0          b0 t0                     a0\n"
                 "n1          b1 t1                     a1\n");
    assert_draws(&table, 27, 2, ROWS, &plain, "NAME    BYTESv  AGE\nn0          b0   a0\n");
    assert_draws(&table, 18, 2, ROWS, &plain, "NAME    BYTESv\nn0          b0\n");
    assert_draws(&table, 13, 2, ROWS, &plain, "NAME\nn0\n");
    assert_draws(&table, 3, 2, ROWS, &plain, "NA~\nn0\n");
    assert_draws(&table, 1, 1, ROWS, &plain, "~\n");
}

static void a_column_that_needs_room_has_it(void **context)
{
    (void)context;
    static const struct table_column demanding[] = {
        {"NAME", 6, 9, true}, {"BYTES", 7, 5, false}, {"NOTE", -20, 6, true}};
    struct table table = {.sort_column = -1};
    struct canvas canvas;
    assert_true(canvas_init(&canvas, 34, 1, &glyphs_ascii, CANVAS_256));
    table_draw(&table, &canvas, canvas_area(&canvas), demanding, 3, 1, &plain);
    assert_int_equal(canvas.cells[7].character, 't'); // the bytes gave way
    canvas_fini(&canvas);
    assert_true(canvas_init(&canvas, 35, 1, &glyphs_ascii, CANVAS_256));
    table_draw(&table, &canvas, canvas_area(&canvas), demanding, 3, 1, &plain);
    assert_int_equal(canvas.cells[15].character, 't');
    canvas_fini(&canvas);
}

static void the_selected_row_is_in_sight(void **context)
{
    (void)context;
    struct table table = {.selected = 7};
    assert_draws(&table, 6, 4, ROWS, &plain, "NAMEv\nn5\nn6\nn7\n");
    table.selected = 3;
    assert_draws(&table, 6, 4, ROWS, &plain, "NAMEv\nn3\nn4\nn5\n");
    assert_draws(&table, 6, 1, ROWS, &plain, "n3\n");
    table.selected = 99;
    assert_draws(&table, 6, 3, ROWS, &plain, "NAMEv\nn28\nn29\n");
    assert_draws(&table, 6, 3, 1, &plain, "NAMEv\nn0\n\n");
    assert_draws(&table, 6, 3, 0, &plain, "NAMEv\n\n\n");
    assert_int_equal(table.selected, 0);
}

static void marks_are_told_by_characters(void **context)
{
    (void)context;
    struct table table = {.sort_column = 3, .is_reversed = true};
    assert_draws(&table, 20, 4, 3, &marked,
                 " NAME     BYTES AGE^\n"
                 " n0          b0   a0\n"
                 ".n1          b1   a1\n"
                 ">n2          b2   a2\n");
}

static void the_selected_row_is_reversed_and_grey_rows_are_grey(void **context)
{
    (void)context;
    struct table table = {.selected = 1};
    struct canvas canvas;
    assert_true(canvas_init(&canvas, 24, 4, &glyphs_utf8, CANVAS_256));
    table_draw(&table, &canvas, canvas_area(&canvas), columns, COLUMN_COUNT, 3, &marked);
    for (int x = 0; x < 24; x++)
    {
        assert_int_equal(canvas.cells[2 * 24 + x].style & CELL_REVERSE, CELL_REVERSE);
        assert_int_equal(canvas.cells[2 * 24 + x].role, ROLE_DIM);
        assert_int_equal(canvas.cells[1 * 24 + x].style & CELL_REVERSE, 0);
        assert_int_equal(canvas.cells[3 * 24 + x].style & CELL_BOLD, CELL_BOLD);
    }
    canvas_fini(&canvas);
}

static void keys_move_the_selection_and_no_further(void **context)
{
    (void)context;
    static const struct
    {
        enum action action;
        size_t selected;
    } steps[] = {{ACTION_UP, 0},         {ACTION_DOWN, 1},  {ACTION_PAGE_DOWN, 10}, {ACTION_PAGE_UP, 1},
                 {ACTION_LAST, 29},      {ACTION_DOWN, 29}, {ACTION_PAGE_DOWN, 29}, {ACTION_UP, 28},
                 {ACTION_PAGE_DOWN, 29}, {ACTION_FIRST, 0}, {ACTION_PAGE_UP, 0}};
    struct table table = {.rows_shown = 10};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    {
        assert_int_equal(table_take(&table, steps[i].action, ROWS, COLUMN_COUNT), REACTION_TAKEN | REACTION_DRAW);
        assert_int_equal(table.selected, steps[i].selected);
    }
    table_take(&table, ACTION_LAST, 0, COLUMN_COUNT);
    assert_int_equal(table.selected, 0);
    assert_int_equal(table_take(&table, ACTION_OPEN, ROWS, COLUMN_COUNT), REACTION_NONE);
}

static void keys_sort_by_the_columns_in_turn(void **context)
{
    (void)context;
    struct table table = {0};
    table_take(&table, ACTION_SORT_PREVIOUS, ROWS, COLUMN_COUNT);
    assert_int_equal(table.sort_column, 3);
    table_take(&table, ACTION_SORT_REVERSE, ROWS, COLUMN_COUNT);
    assert_true(table.is_reversed);
    table_take(&table, ACTION_SORT_NEXT, ROWS, COLUMN_COUNT);
    assert_int_equal(table.sort_column, 0);
    assert_false(table.is_reversed);
}

static unsigned point(struct table *table, struct page_mouse mouse, size_t *row)
{
    return table_point(table, &mouse, area_of(5, 5, 40, 6), columns, COLUMN_COUNT, ROWS, row);
}

static void a_click_selects_its_row_and_the_wheel_moves(void **context)
{
    (void)context;
    struct table table = {.first = 4, .rows_shown = 5};
    size_t row = 0;
    assert_int_equal(point(&table, (struct page_mouse){.x = 2, .y = 2}, &row), REACTION_TAKEN | REACTION_DRAW);
    assert_int_equal(row, 5);
    assert_int_equal(table.selected, 5);
    point(&table, (struct page_mouse){.x = 2, .y = 2, .wheel = 1}, &row);
    assert_int_equal(table.selected, 8);
    assert_true(row == SIZE_MAX);
    point(&table, (struct page_mouse){.x = 2, .y = 2, .wheel = -1}, &row);
    assert_int_equal(table.selected, 5);
    assert_int_equal(point(&table, (struct page_mouse){.x = 40, .y = 2}, &row), REACTION_NONE);
    table.first = 28;
    assert_int_equal(point(&table, (struct page_mouse){.x = 2, .y = 4}, &row), REACTION_TAKEN);
    assert_true(row == SIZE_MAX && table.selected == 5);
}

static void a_click_on_a_heading_sorts_and_then_reverses(void **context)
{
    (void)context;
    struct table table = {0};
    size_t row = 0;
    point(&table, (struct page_mouse){.x = 37}, &row);
    assert_int_equal(table.sort_column, 3);
    assert_false(table.is_reversed);
    point(&table, (struct page_mouse){.x = 36}, &row);
    assert_true(table.is_reversed);
    assert_int_equal(point(&table, (struct page_mouse){.x = 6}, &row), REACTION_TAKEN); // between two
    point(&table, (struct page_mouse){.x = 7}, &row);
    assert_int_equal(table.sort_column, 1);
    assert_false(table.is_reversed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_important_columns_go_first),
        cmocka_unit_test(a_column_that_needs_room_has_it),
        cmocka_unit_test(the_selected_row_is_in_sight),
        cmocka_unit_test(marks_are_told_by_characters),
        cmocka_unit_test(the_selected_row_is_reversed_and_grey_rows_are_grey),
        cmocka_unit_test(keys_move_the_selection_and_no_further),
        cmocka_unit_test(keys_sort_by_the_columns_in_turn),
        cmocka_unit_test(a_click_selects_its_row_and_the_wheel_moves),
        cmocka_unit_test(a_click_on_a_heading_sorts_and_then_reverses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
