// SPDX-License-Identifier: MIT
// Sites on the screen: figures, order, selection.
#include <string.h>

#include "planted.h"

// Whether the one stands above the other, after the line with the greatest.
static bool is_above(const struct planted *planted, const char *one, const char *other)
{
    const char *rows = strstr(planted->text, "BYTES");
    const char *first = rows != NULL ? strstr(rows, one) : NULL;
    const char *second = rows != NULL ? strstr(rows, other) : NULL;
    assert_true(first != NULL && second != NULL);
    return first < second;
}

static void rows_are_by_bytes_with_the_other_figures_beside(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_sites, 120, 16);
    planted_draw(&planted);
    assert_true(is_above(&planted, "load (table.c:55)", "remember (cache.c:33)"));
    // Bytes, share, blocks, their average, pinned, rounding.
    assert_true(
        planted_has(&planted, "2.0 KiB   0.8 %         32      64 B   126 KiB       0 B remember (cache.c:33)"));
    planted.state.measure = REEL_MEASURE_PINNED;
    planted_draw(&planted);
    // Bytes, share, blocks, their average, live, rounding.
    assert_true(
        planted_has(&planted, "126 KiB   100 %         32      64 B   2.0 KiB       0 B remember (cache.c:33)"));
    planted_close(&planted);
}

static void every_other_column_sorts(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_sites, 120, 16);
    planted.state.moment = PLANTED_FULL_EVENTS;
    planted_type(&planted, ">>");
    assert_true(is_above(&planted, "parse (parse.c:44)", "remember (cache.c:33)"));
    assert_true(is_above(&planted, "remember (cache.c:33)", "load (table.c:55)"));
    planted_type(&planted, "I");
    assert_true(is_above(&planted, "load (table.c:55)", "remember (cache.c:33)"));
    for (int i = 0; i < 2; i++)
        planted.page->take(&planted.view, ACTION_SORT_PREVIOUS);
    planted_draw(&planted);
    assert_true(is_above(&planted, "load (table.c:55)", "parse (parse.c:44)"));
    assert_true(is_above(&planted, "parse (parse.c:44)", "remember (cache.c:33)"));
    planted_close(&planted);
}

static void selected_row_stays_with_its_stack(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_sites, 120, 24);
    planted.state.moment = PLANTED_FULL_EVENTS;
    planted_type(&planted, "<Home><Down>");
    planted_type(&planted, ">>");
    planted_type(&planted, "<Enter>");
    assert_true(planted.state.selection.has_stack);
    assert_int_equal(planted.state.selection.stack, planted.stacks[PLANTED_REQUEST]);
    assert_true(planted_has(&planted, "live 112 KiB in 224 blocks"));
    planted_close(&planted);
}

static void stack_selected_elsewhere_is_gone_to(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_sites, 80, 24);
    planted_draw(&planted);
    planted.state.selection.has_stack = true;
    planted.state.selection.stack = planted.stacks[PLANTED_CULPRIT];
    planted_type(&planted, "<Enter>");
    assert_int_equal(planted.state.selection.stack, planted.stacks[PLANTED_CULPRIT]);
    assert_true(planted_has(&planted, "live 2.0 KiB in 32 blocks"));
    planted_close(&planted);
}

static void pinned_is_of_the_moment_beside_what_is_measured(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_sites, 120, 16);
    planted.state.mode = MODE_ALLOCATED;
    planted_draw(&planted);
    const char *row = strstr(planted.text, "BYTES");
    assert_non_null(row);
    assert_non_null(strstr(row, "126 KiB"));
    assert_true(planted_has(&planted, "370 KiB in 257 blocks  allocated from the beginning to 4.81"));
    planted_close(&planted);
}

static void difference_has_signs(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_sites, 80, 16);
    planted.state.mode = MODE_DIFFERENCE;
    planted.state.mark_a = PLANTED_FULL_EVENTS;
    planted_draw(&planted);
    assert_true(planted_has(&planted, "-112 KiB in -224 blocks"));
    planted_close(&planted);
}

static void search_selects_stacks_with_the_function(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_sites, 80, 20);
    planted.state.moment = PLANTED_FULL_EVENTS;
    strcpy(planted.state.search, "serve");
    planted_type(&planted, "n<Enter>");
    assert_int_equal(planted.state.selection.stack, planted.stacks[PLANTED_REQUEST]);
    planted_type(&planted, "<Esc>n<Enter>");
    assert_int_equal(planted.state.selection.stack, planted.stacks[PLANTED_CULPRIT]);
    planted_type(&planted, "<Esc>n<Enter>");
    assert_int_equal(planted.state.selection.stack, planted.stacks[PLANTED_REQUEST]);
    planted_type(&planted, "<Esc>N<Enter>");
    assert_int_equal(planted.state.selection.stack, planted.stacks[PLANTED_CULPRIT]);
    planted_close(&planted);
}

static void every_size_is_drawn(void **state)
{
    struct planted planted;
    planted_open(&planted, *state, &page_sites, 80, 24);
    planted.state.measure = REEL_MEASURE_PINNED;
    planted_use_at_every_size(&planted, "126 KiB");
    planted.state.moment = 0;
    planted_resize(&planted, 80, 24);
    planted_draw(&planted);
    assert_true(planted_has(&planted, "nothing is pinned here; press W"));
    planted_type(&planted, "<Enter>nN>I");
    planted_close(&planted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(rows_are_by_bytes_with_the_other_figures_beside),
        IN_DIRECTORY(every_other_column_sorts),
        IN_DIRECTORY(selected_row_stays_with_its_stack),
        IN_DIRECTORY(stack_selected_elsewhere_is_gone_to),
        IN_DIRECTORY(pinned_is_of_the_moment_beside_what_is_measured),
        IN_DIRECTORY(difference_has_signs),
        IN_DIRECTORY(search_selects_stacks_with_the_function),
        IN_DIRECTORY(every_size_is_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
