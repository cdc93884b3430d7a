// SPDX-License-Identifier: MIT
// The grid of sizes and lifetimes: what stands in it is what the answer says, at every size of screen.
#include "numerous.h"

#include "viewer/pages/blocks/lifetime_grid.h"

#include <stdlib.h>
#include <string.h>

static void blocks_are_counted_by_size_and_lifetime(void **context)
{
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_lifetimes);
    numerous_draw(&numerous, 80, 20);
    numerous_assert_shows(&numerous, "2 blocks freed, 6 001 alive, up to 0.006 s");
    numerous_assert_shows(&numerous, "512ns");
    numerous_assert_shows(&numerous, "1.0 KiB @@@@");
    numerous_assert_shows(&numerous, "1 block of 1.0 KiB to 2.0 KiB lived 512 ns to 1.02 us: 50.0 % of the freed");
    numerous_close(&numerous);
}

static void the_cursor_comes_to_those_alive(void **context)
{
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_lifetimes);
    numerous_type(&numerous, 80, 20, "<Right>");
    numerous_assert_shows(&numerous, "1 228 blocks of 1.0 KiB to 2.0 KiB still alive: 20.5 % of those");
    numerous_type(&numerous, 80, 20, "g");
    numerous_assert_shows(&numerous, "blocks of 1 B still alive");
    numerous_type(&numerous, 80, 20, "<Up><Left>");
    numerous_assert_shows(&numerous, "0 blocks of 1 B lived 512 ns to 1.02 us: 0 % of the freed");
    numerous_close(&numerous);
}

static void bytes_are_counted_when_they_are_asked_for(void **context)
{
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_lifetimes);
    numerous_type(&numerous, 80, 20, "c");
    numerous_assert_shows(&numerous, "3.0 KiB freed, ");
    numerous_type(&numerous, 80, 20, "<Down>");
    numerous_assert_shows(&numerous, "2.0 KiB in blocks of 2.0 KiB to 4.0 KiB lived");
    numerous_close(&numerous);
}

static void enter_filters_blocks_by_the_size(void **context)
{
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_lifetimes);
    numerous_type(&numerous, 80, 20, "<Enter>");
    assert_int_equal(numerous.watched.state.page, PAGE_BLOCKS);
    assert_int_equal(numerous.watched.state.filter.least_bytes, 1024);
    assert_int_equal(numerous.watched.state.filter.most_bytes, 2047);
    numerous_close(&numerous);
}

static void a_range_leaves_out_what_is_outside(void **context)
{
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_lifetimes);
    numerous.watched.state.mark_a = NUMEROUS_BLOCKS + 2;
    numerous.watched.state.mark_b = NUMEROUS_BLOCKS + 4;
    numerous_draw(&numerous, 80, 20);
    numerous_assert_shows(&numerous, "1 block freed, 0 alive, from A to B");
    numerous.watched.state.mark_b = numerous.watched.state.mark_a;
    numerous_draw(&numerous, 80, 20);
    numerous_assert_shows(&numerous, "no block was freed or born there");
    numerous_close(&numerous);
}

static void a_click_takes_the_cursor_there(void **context)
{
    struct numerous numerous;
    const struct page_mouse alive = {.x = 79, .y = 2};
    const struct page_mouse above = {.x = 20, .y = 0};
    numerous_open(&numerous, *context, &page_lifetimes);
    numerous_draw(&numerous, 80, 20);
    assert_int_equal(page_lifetimes.point(&numerous.view, &above), REACTION_NONE);
    assert_int_equal(page_lifetimes.point(&numerous.view, &alive), REACTION_TAKEN | REACTION_DRAW);
    numerous_draw(&numerous, 80, 20);
    numerous_assert_shows(&numerous, "of 1 B still alive");
    numerous_close(&numerous);
}

// All that an answer may hold is in some cell, and each cell lies in the area.
static void every_grid_holds_all_and_fits(void **context)
{
    (void)context;
    struct reel_lifetimes *answer = calloc(1, sizeof *answer);
    assert_non_null(answer);
    for (int size = 0; size < REEL_LIFETIME_SIZES; size++)
    {
        for (int time = 0; time < REEL_LIFETIME_TIMES; time++)
            answer->blocks[size][time] = 1;
        answer->alive_blocks[size] = 2;
    }
    for (int width = 1; width < 220; width += 3)
        for (int height = 4; height < 70; height += 3)
        {
            struct lifetime_grid grid = lifetime_grid_place(answer, false, area_of(0, 0, width, height));
            char words[LIFETIME_WORDS_BYTES];
            assert_int_equal(lifetime_grid_all(&grid, false), REEL_LIFETIME_SIZES * REEL_LIFETIME_TIMES);
            assert_int_equal(lifetime_grid_all(&grid, true), REEL_LIFETIME_SIZES * 2);
            assert_true(grid.cells.y + grid.cells.height < height);
            assert_true(width < LIFETIME_LABEL_COLUMNS + 2 || grid.cells.x + grid.cells.width <= width);
            assert_true(grid.alive_end <= width && grid.freed_end <= grid.alive_end);
            lifetime_grid_words(words, &grid, lifetime_grid_row_of(&grid, REEL_LIFETIME_SIZES - 1),
                                lifetime_grid_cell_of(&grid, REEL_LIFETIME_TIMES - 1));
            assert_non_null(strstr(words, " and more lived "));
        }
    free(answer);
}

static void every_size_is_drawn(void **context)
{
    static const int sizes[][2] = {{200, 60}, {120, 36}, {80, 24}, {40, 10}, {20, 5}, {20, 2}, {5, 3}, {1, 1}};
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_lifetimes);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
        numerous_type(&numerous, sizes[i][0], sizes[i][1], "<Up><Left><Down><Down><Right><PgDn>g");
        assert_int_equal(numerous.text[0], sizes[i][0] > 1 ? '2' : '~'); // the first figure first
    }
    numerous_close(&numerous);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(blocks_are_counted_by_size_and_lifetime),   IN_DIRECTORY(the_cursor_comes_to_those_alive),
        IN_DIRECTORY(bytes_are_counted_when_they_are_asked_for), IN_DIRECTORY(enter_filters_blocks_by_the_size),
        IN_DIRECTORY(a_range_leaves_out_what_is_outside),        IN_DIRECTORY(a_click_takes_the_cursor_there),
        cmocka_unit_test(every_grid_holds_all_and_fits),         IN_DIRECTORY(every_size_is_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
