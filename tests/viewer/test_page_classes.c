// SPDX-License-Identifier: MIT
// Classes and zones: order, sums, selection, and what is seen at which size of the screen.
#include "mapped.h"

#include <stdlib.h>
#include <string.h>

#define LIST_WIDTH 100
#define LIST_HEIGHT 12

static size_t position_of(const char *text, const char *words)
{
    const char *found = strstr(text, words);
    if (found == NULL)
        fail_msg("\"%s\" is not in\n%s", words, text);
    return (size_t)(found - text);
}

// Five blocks, each of a class of its own.
static void the_sum_of_all_classes_is_the_first_row(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_classes);
    mapped_assert_draws(&mapped, LIST_WIDTH, LIST_HEIGHT,
                        "all  12.6 KiB   100 %      48 B   7.3 KiB           6  =====");
    mapped_close(&mapped);
}

static void the_class_that_pins_most_comes_first(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_classes);
    char *text = mapped_draw(&mapped, LIST_WIDTH, LIST_HEIGHT);
    position_of(text, "PINNEDv");
    // Alone on its page: 56 bytes of usable and a header of 8 leave 4032.
    assert_true(position_of(text, "   all ") < position_of(text, " 49-64   3.9 KiB"));
    assert_true(position_of(text, " 49-64 ") < position_of(text, " 993-1008   3.0 KiB"));
    assert_true(position_of(text, " 993-1008 ") < position_of(text, " 3585-4096      80 B"));
    free(text);
    mapped_close(&mapped);
}

static void sorting_changes_the_order_and_the_row_stays_on_its_class(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_classes);
    free(mapped_draw(&mapped, LIST_WIDTH, LIST_HEIGHT));
    mapped_take(&mapped, ACTION_DOWN); // from the first class to 993-1008
    mapped_take(&mapped, ACTION_SORT_PREVIOUS);
    char *text = mapped_draw(&mapped, LIST_WIDTH, LIST_HEIGHT);
    position_of(text, "CLASSv");
    assert_true(position_of(text, " 49-64 ") < position_of(text, " 97-112 "));
    assert_true(position_of(text, " 97-112 ") < position_of(text, " 3585-4096 "));
    free(text);
    mapped_take(&mapped, ACTION_OPEN);
    assert_true(mapped.watched.state.selection.has_class);
    mapped_assert_draws(&mapped, LIST_WIDTH, LIST_HEIGHT, ">     993-1008");
    mapped_close(&mapped);
}

static void enter_selects_a_class_and_again_lets_it_go(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_classes);
    free(mapped_draw(&mapped, LIST_WIDTH, LIST_HEIGHT));
    mapped_take(&mapped, ACTION_OPEN);
    assert_true(mapped.watched.state.selection.has_class);
    mapped_assert_draws(&mapped, LIST_WIDTH, LIST_HEIGHT, ">        49-64"); // the mark of what is selected
    mapped_take(&mapped, ACTION_OPEN);
    assert_false(mapped.watched.state.selection.has_class);
    mapped_take(&mapped, ACTION_UP); // the sum is no class
    mapped_take(&mapped, ACTION_OPEN);
    assert_false(mapped.watched.state.selection.has_class);
    mapped_close(&mapped);
}

static void a_click_chooses_the_row_and_a_double_one_selects(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_classes);
    free(mapped_draw(&mapped, LIST_WIDTH, LIST_HEIGHT));
    mapped_click(&mapped, 5, 4, false); // below the switch, the heading and the sum: the second class
    assert_false(mapped.watched.state.selection.has_class);
    mapped_click(&mapped, 5, 4, true);
    assert_true(mapped.watched.state.selection.has_class);
    mapped_assert_draws(&mapped, LIST_WIDTH, LIST_HEIGHT, ">     993-1008");
    mapped_close(&mapped);
}

static void right_shows_the_zones_and_left_the_classes(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_classes);
    mapped_assert_omits(&mapped, LIST_WIDTH, LIST_HEIGHT, "RETAINED");
    mapped_take(&mapped, ACTION_RIGHT);
    // Seven resident pages, four of them with blocks of 7.3 KiB, three retained.
    mapped_assert_draws(&mapped, LIST_WIDTH, LIST_HEIGHT,
                        " heap              8.7 KiB  45.7 %   7.3 KiB  28.0 KiB  12.0 KiB");
    mapped_assert_draws(&mapped, LIST_WIDTH, LIST_HEIGHT,
                        " mapping           3.9 KiB   1.4 %      58 B   4.0 KiB       0 B");
    mapped_assert_omits(&mapped, LIST_WIDTH, LIST_HEIGHT, "ROUNDING");
    mapped_take(&mapped, ACTION_LEFT);
    mapped_assert_omits(&mapped, LIST_WIDTH, LIST_HEIGHT, "RETAINED");
    mapped_close(&mapped);
}

static void a_zone_that_is_selected_is_its_addresses(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_classes);
    mapped_take(&mapped, ACTION_RIGHT);
    free(mapped_draw(&mapped, LIST_WIDTH, LIST_HEIGHT));
    mapped_take(&mapped, ACTION_OPEN);
    const struct selection *selection = &mapped.watched.state.selection;
    assert_true(selection->has_address);
    assert_int_equal(selection->address, MAPPED_HEAP);
    assert_int_equal(selection->bytes, 16 * MAPPED_PAGE);
    mapped_assert_draws(&mapped, LIST_WIDTH, LIST_HEIGHT, ">heap ");
    mapped_take(&mapped, ACTION_OPEN);
    assert_false(selection->has_address);
    mapped_close(&mapped);
}

static void large_screens_show_both_and_how_full_pages_are(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_classes);
    static const int sizes[][2] = {{200, 50}, {120, 30}, {160, 40}};
    for (size_t i = 0; i < 3; i++)
    {
        mapped_assert_draws(&mapped, sizes[i][0], sizes[i][1], "ROUNDING");
        mapped_assert_draws(&mapped, sizes[i][0], sizes[i][1], "RETAINED");
        mapped_assert_omits(&mapped, sizes[i][0], sizes[i][1], "[classes]");
    }
    mapped_assert_draws(&mapped, 200, 50, "PAGES BY FILL, 5 occupied");
    mapped_assert_draws(&mapped, 200, 50, " 90 - 100 %         1  20.0 % #####");
    mapped_close(&mapped);
}

static void every_size_shows_the_first_figure_first(void **state)
{
    static const int sizes[][2] = {{200, 60}, {120, 36}, {80, 24}, {40, 10}, {24, 5}, {20, 2}, {16, 1}};
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_classes);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        mapped_assert_draws(&mapped, sizes[i][0], sizes[i][1], "12.6 KiB");
    free(mapped_draw(&mapped, 20, 5));
    free(mapped_draw(&mapped, 1, 1));
    mapped_close(&mapped);
}

static void where_no_block_lives_it_says_why(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_classes);
    watched_go(&mapped.watched, 0);
    mapped_assert_draws(&mapped, 80, 20, "nothing has been allocated yet: P goes to the peak");
    watched_go(&mapped.watched, MAPPED_EVENTS);
    mapped.watched.state.process = 7;
    mapped_assert_draws(&mapped, 80, 20, "process 7");
    mapped_close(&mapped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(the_sum_of_all_classes_is_the_first_row),
        IN_DIRECTORY(the_class_that_pins_most_comes_first),
        IN_DIRECTORY(sorting_changes_the_order_and_the_row_stays_on_its_class),
        IN_DIRECTORY(enter_selects_a_class_and_again_lets_it_go),
        IN_DIRECTORY(a_click_chooses_the_row_and_a_double_one_selects),
        IN_DIRECTORY(right_shows_the_zones_and_left_the_classes),
        IN_DIRECTORY(a_zone_that_is_selected_is_its_addresses),
        IN_DIRECTORY(large_screens_show_both_and_how_full_pages_are),
        IN_DIRECTORY(every_size_shows_the_first_figure_first),
        IN_DIRECTORY(where_no_block_lives_it_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
