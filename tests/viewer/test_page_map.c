// SPDX-License-Identifier: MIT
// The page map: which tiles are full, sparse, retained, gone; the cursor; what is selected; sizes of the screen.
#include "mapped.h"

#include "viewer/pages/classes/fill_histogram.h"

#include <stdlib.h>
#include <string.h>

#define HEAP_TILES " @:.*..   -" // after the gutter: pages 0 to 9
#define FIRST_TILE 13            // the column of page 0

static void tiles_tell_how_full_pages_are(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    mapped_assert_draws(&mapped, 80, 20, "100000" HEAP_TILES "  heap  40.0 KiB");
    mapped_assert_draws(&mapped, 80, 20, "7f0000003000 :  mapping  4.0 KiB");
    mapped_close(&mapped);
}

// Before event 5 page 9 is nothing; before event 1 page 1 is retained, if it is resident.
static void tiles_are_of_the_moment(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    watched_go(&mapped.watched, 5);
    mapped_assert_draws(&mapped, 80, 20, "100000 @:.*..  heap  24.0 KiB");
    watched_go(&mapped.watched, 0);
    mapped_assert_draws(&mapped, 80, 20, "nothing has been allocated yet: P goes to the peak");
    mapped_close(&mapped);
}

static void a_character_shows_two_pages_where_there_are_colours(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    mapped.glyphs = &glyphs_utf8;
    mapped.colours = CANVAS_256;
    // Eight tiles a row: 0 to 7 above, 8 and 9 below them.
    struct canvas canvas = mapped_canvas(&mapped, 8, 6);
    const struct cell *row = &canvas.cells[2 * 8];
    assert_int_equal(row[1].character, glyphs_utf8.upper_half);
    assert_int_equal(row[1].ground, fill_role(1008, 4096)); // page 9
    assert_int_equal(row[2].character, glyphs_utf8.upper_half);
    assert_int_equal(row[2].role, ROLE_RETAINED);
    assert_int_equal(row[2].ground, ROLE_TEXT);
    assert_int_equal(row[6].character, ' ');
    canvas_fini(&canvas);
    mapped_close(&mapped);
}

// With eight colours the first quarter of the ramp is black.
static void a_sparse_page_is_not_as_dark_as_none(void **state)
{
    (void)state;
    assert_true(fill_role(0, 4096) >= ROLE_RAMP + ROLE_STEPS / 4);
    assert_true(fill_role(2048, 4096) > fill_role(0, 4096));
    assert_int_equal(fill_role(4096, 4096), ROLE_RAMP + ROLE_STEPS - 1);
}

static void the_scale_makes_tiles_of_more_pages(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    mapped_assert_draws(&mapped, 80, 20, "a tile is 4.0 KiB");
    mapped_take(&mapped, ACTION_COLLAPSE);
    mapped_assert_draws(&mapped, 80, 20, "a tile is 8.0 KiB");
    mapped_assert_draws(&mapped, 80, 20, "100000 *=. :  heap"); // pages 0 and 1 are 54 % full
    mapped_take(&mapped, ACTION_EXPAND);
    mapped_take(&mapped, ACTION_EXPAND);
    mapped_assert_draws(&mapped, 80, 20, "100000" HEAP_TILES);
    mapped_close(&mapped);
}

static void the_cursor_goes_from_tile_to_tile_and_says_what_is_there(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    mapped_assert_draws(&mapped, 80, 20, "100000  97.9 % full: 3.9 KiB of 4.0 KiB, 1 block,");
    mapped_take(&mapped, ACTION_RIGHT);
    mapped_assert_draws(&mapped, 80, 20, "101000  10.2 % full: 416 B of 4.0 KiB, 2 blocks,");
    mapped_take(&mapped, ACTION_RIGHT);
    mapped_assert_draws(&mapped, 80, 20, "102000  retained: resident, no live block");
    mapped_take(&mapped, ACTION_DOWN);
    mapped_assert_draws(&mapped, 80, 20, "7f0000003000  1.4 % full"); // a shorter row: its last tile
    mapped_take(&mapped, ACTION_LEFT);
    mapped_assert_draws(&mapped, 80, 20, "109000  24.6 % full"); // the last one of the region before
    mapped_take(&mapped, ACTION_LEFT);
    mapped_assert_draws(&mapped, 80, 20, "108000  not resident");
    mapped_take(&mapped, ACTION_FIRST);
    mapped_assert_draws(&mapped, 80, 20, "100000  97.9 % full");
    mapped_take(&mapped, ACTION_LAST);
    mapped_assert_draws(&mapped, 80, 20, "7f0000003000  1.4 %");
    assert_int_equal(mapped_take(&mapped, ACTION_SORT_NEXT), REACTION_NONE);
    mapped_close(&mapped);
}

static void the_card_lists_blocks_and_tells_the_oldest(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    free(mapped_draw(&mapped, 80, 40));
    mapped_take(&mapped, ACTION_RIGHT);
    mapped_take(&mapped, ACTION_OPEN);
    assert_true(mapped.watched.state.selection.has_address);
    assert_int_equal(mapped.watched.state.selection.address, MAPPED_HEAP + MAPPED_PAGE);
    mapped_assert_draws(&mapped, 80, 40, "1 page at 101000  heap");
    mapped_assert_draws(&mapped, 80, 40, "10.2 % full: 2 blocks hold 416 B of 4.0 KiB");
    mapped_assert_draws(&mapped, 80, 40, "oldest: index (program.c:12)");
    mapped_assert_draws(&mapped, 80, 40, "4.00 us     100 B index (program.c:12)");
    mapped_assert_draws(&mapped, 80, 40, "3.00 us     300 B cache (program.c:12)");
    mapped_take(&mapped, ACTION_BACK);
    mapped_assert_omits(&mapped, 80, 40, "oldest: ");
    assert_int_equal(mapped_take(&mapped, ACTION_BACK), REACTION_NONE); // others may clear the selection
    mapped_close(&mapped);
}

// Event 1 is of index; index has page 1, page 9 and the one far away, cache 0, 1 and 3.
static void a_selected_stack_is_highlighted_and_the_others_are_grey(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    mapped.watched.state.selection.has_stack = true;
    mapped.watched.state.selection.stack = mapped.index;
    mapped_assert_draws(&mapped, 80, 20, "100000 :@.:..   @");
    mapped_assert_draws(&mapped, 80, 20, "7f0000003000 @");
    mapped_assert_draws(&mapped, 80, 20, "c selected index (program.c:12)  @ its blocks  : others");
    mapped.watched.state.selection.stack = mapped.cache;
    mapped_assert_draws(&mapped, 80, 20, "100000 @@.@..   :");
    mapped.watched.state.selection = (struct selection){0};
    mapped_assert_draws(&mapped, 80, 20, "100000" HEAP_TILES);
    mapped_close(&mapped);
}

static void a_block_of_the_card_selects_its_stack(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    free(mapped_draw(&mapped, 80, 40));
    mapped_take(&mapped, ACTION_RIGHT);
    mapped_take(&mapped, ACTION_OPEN);
    free(mapped_draw(&mapped, 80, 40));
    mapped_take(&mapped, ACTION_DOWN);
    mapped_take(&mapped, ACTION_OPEN);
    assert_true(mapped.watched.state.selection.has_stack);
    assert_int_equal(mapped.watched.state.selection.stack, mapped.cache);
    mapped_assert_draws(&mapped, 80, 40, "100000 @@.@..   :");
    mapped_take(&mapped, ACTION_OPEN);
    assert_false(mapped.watched.state.selection.has_stack);
    mapped_close(&mapped);
}

static void what_the_filter_leaves_out_is_grey(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    mapped.watched.state.filter.least_bytes = 1000;
    mapped_assert_draws(&mapped, 80, 20, "100000 @:.*..   -");
    mapped.watched.state.filter.least_bytes = 0;
    strcpy(mapped.watched.state.filter.function, "index");
    mapped_assert_draws(&mapped, 80, 20, "100000 ::.:..   -");
    mapped_assert_draws(&mapped, 120, 20, ": filtered out");
    mapped_close(&mapped);
}

static void c_goes_through_the_colours(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    mapped_assert_draws(&mapped, 80, 20, "c fill 0 % :-=+*#%@ 100 %");
    mapped_take(&mapped, ACTION_COLOUR);
    mapped_assert_draws(&mapped, 80, 20, "100000 ad.b..   c"); // of page 1 the class of its last block
    mapped_take(&mapped, ACTION_COLOUR);
    mapped_assert_draws(&mapped, 80, 20, "100000 aa.a..   a");
    mapped_assert_draws(&mapped, 80, 20, "c zone   a heap  b mapping");
    mapped_take(&mapped, ACTION_COLOUR);
    mapped_assert_draws(&mapped, 80, 20, "100000 @%.*..   -"); // born at 0, 1, 3 and 5 of 6 events
    mapped_take(&mapped, ACTION_COLOUR);
    mapped_assert_draws(&mapped, 80, 20, "c fill");
    assert_non_null(strstr(mapped.view.said, "select a class or a stack"));
    mapped_close(&mapped);
}

static void sparse_pages_are_summed_up_in_words(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    // Pages 1, 9 and the one far away.
    mapped_assert_draws(&mapped, 120, 20, "3 pages under 25 % full hold 10.6 KiB; freeing the 1.4 KiB of 4 blocks");
    mapped_assert_draws(&mapped, 80, 20, "3 pages < 25 % hold 10.6 KiB for 4 blocks, 1.4 KiB");
    mapped_close(&mapped);
}

static void an_address_that_is_selected_elsewhere_gets_the_cursor(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    free(mapped_draw(&mapped, 80, 20));
    mapped.watched.state.selection =
        (struct selection){.has_address = true, .process = 1, .address = MAPPED_HEAP + 3 * MAPPED_PAGE + 16};
    struct canvas canvas = mapped_canvas(&mapped, 80, 20);
    const struct cell *tile = &canvas.cells[1 * 80 + FIRST_TILE + 3];
    assert_true((tile->style & CELL_REVERSE) != 0);
    assert_true((tile->style & CELL_UNDERLINE) != 0);
    assert_false((tile[1].style & CELL_UNDERLINE) != 0);
    canvas_fini(&canvas);
    mapped_assert_draws(&mapped, 80, 20, "103000  50.0 % full");
    mapped_close(&mapped);
}

static void a_click_selects_and_a_double_one_opens(void **state)
{
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    free(mapped_draw(&mapped, 80, 40));
    mapped_click(&mapped, FIRST_TILE + 3, 1, false);
    assert_int_equal(mapped.watched.state.selection.address, MAPPED_HEAP + 3 * MAPPED_PAGE);
    mapped_assert_omits(&mapped, 80, 40, "oldest:");
    mapped_click(&mapped, FIRST_TILE + 3, 1, true);
    mapped_assert_draws(&mapped, 80, 40, "oldest: cache");
    assert_int_equal(mapped_click(&mapped, 79, 1, false), REACTION_TAKEN); // nothing is there
    assert_int_equal(mapped.watched.state.selection.address, MAPPED_HEAP + 3 * MAPPED_PAGE);
    mapped_close(&mapped);
}

static void every_size_shows_the_first_figure_first(void **state)
{
    static const int sizes[][2] = {{200, 60}, {120, 36}, {80, 24}, {40, 10}, {20, 5}, {12, 2}, {9, 1}};
    struct mapped mapped;
    mapped_open(&mapped, *state, &page_map);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    {
        mapped_assert_draws(&mapped, sizes[i][0], sizes[i][1], "36.8 %");
        mapped.glyphs = mapped.glyphs == &glyphs_ascii ? &glyphs_utf8 : &glyphs_ascii;
        mapped.colours = mapped.colours == CANVAS_256 ? CANVAS_MONOCHROME : CANVAS_256;
    }
    free(mapped_draw(&mapped, 1, 1));
    mapped_take(&mapped, ACTION_OPEN);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        free(mapped_draw(&mapped, sizes[i][0], sizes[i][1]));
    free(mapped_draw(&mapped, 1, 1));
    mapped_close(&mapped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(tiles_tell_how_full_pages_are),
        IN_DIRECTORY(tiles_are_of_the_moment),
        IN_DIRECTORY(a_character_shows_two_pages_where_there_are_colours),
        cmocka_unit_test(a_sparse_page_is_not_as_dark_as_none),
        IN_DIRECTORY(the_scale_makes_tiles_of_more_pages),
        IN_DIRECTORY(the_cursor_goes_from_tile_to_tile_and_says_what_is_there),
        IN_DIRECTORY(the_card_lists_blocks_and_tells_the_oldest),
        IN_DIRECTORY(a_selected_stack_is_highlighted_and_the_others_are_grey),
        IN_DIRECTORY(a_block_of_the_card_selects_its_stack),
        IN_DIRECTORY(what_the_filter_leaves_out_is_grey),
        IN_DIRECTORY(c_goes_through_the_colours),
        IN_DIRECTORY(sparse_pages_are_summed_up_in_words),
        IN_DIRECTORY(an_address_that_is_selected_elsewhere_gets_the_cursor),
        IN_DIRECTORY(a_click_selects_and_a_double_one_opens),
        IN_DIRECTORY(every_size_shows_the_first_figure_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
