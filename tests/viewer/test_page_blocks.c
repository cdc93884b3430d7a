// SPDX-License-Identifier: MIT
// The page of blocks: any of many is a few keys away, and a block's card tells who had its address.
#include "numerous.h"

#include <stdio.h>
#include <string.h>

#define WIDE 120
#define HIGH 25

static void the_first_and_the_last_are_a_key_away(void **context)
{
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_blocks);
    numerous_draw(&numerous, WIDE, HIGH);
    numerous_assert_shows(&numerous, "6 001 live blocks, ");
    numerous_assert_shows(&numerous, "1 of 6 001");
    numerous_assert_shows(&numerous, "      100000       1 B");
    numerous_type(&numerous, WIDE, HIGH, "G");
    numerous_assert_shows(&numerous, "6 001 of 6 001");
    numerous_assert_shows(&numerous, "     9000000   3.0 KiB");
    numerous_type(&numerous, WIDE, HIGH, "<PgUp>");
    numerous_assert_shows(&numerous, "5 979 of 6 001");
    numerous_type(&numerous, WIDE, HIGH, "g");
    numerous_assert_shows(&numerous, "      100000       1 B");
    numerous_close(&numerous);
}

static void paging_passes_every_block(void **context)
{
    struct numerous numerous;
    char place[64];
    numerous_open(&numerous, *context, &page_blocks);
    numerous_draw(&numerous, WIDE, HIGH);
    for (int row = 1; row < NUMEROUS_BLOCKS - 22; row += 22)
    {
        snprintf(place, sizeof place, row < 1000 ? " %d of 6 001" : " %d %03d of 6 001", row < 1000 ? row : row / 1000,
                 row % 1000);
        numerous_assert_shows(&numerous, place);
        numerous_type(&numerous, WIDE, HIGH, "<PgDn>");
    }
    numerous_close(&numerous);
}

static void another_order_begins_with_its_first(void **context)
{
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_blocks);
    numerous_type(&numerous, WIDE, HIGH, "G>");
    numerous_assert_shows(&numerous, "SIZEv");
    numerous_assert_shows(&numerous, "1 of 6 001");
    numerous_assert_shows(&numerous, "   4.9 KiB");
    numerous_type(&numerous, WIDE, HIGH, "I");
    numerous_assert_shows(&numerous, "SIZE^");
    numerous_assert_shows(&numerous, "       1 B");
    numerous_close(&numerous);
}

static void an_address_that_was_chosen_is_in_sight(void **context)
{
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_blocks);
    numerous_draw(&numerous, WIDE, HIGH);
    struct selection *selection = &numerous.watched.state.selection;
    *selection = (struct selection){.has_address = true, .address = NUMEROUS_ADDRESS + 4321 * NUMEROUS_STRIDE};
    numerous_draw(&numerous, WIDE, HIGH);
    numerous_assert_shows(&numerous, "4 322 of 6 001");
    numerous_assert_shows(&numerous, ">     22c2000");
    numerous_type(&numerous, WIDE, HIGH, "<Down>"); // it is sought once
    numerous_assert_shows(&numerous, "4 323 of 6 001");
    selection->address = 0x42;
    numerous_draw(&numerous, WIDE, HIGH);
    numerous_assert_shows(&numerous, "0x42 is in none at this moment");
    numerous_type(&numerous, WIDE, HIGH, "<Enter>");
    numerous_assert_shows(&numerous, "no block has ever held it");
    numerous_close(&numerous);
}

static void the_selected_block_stays_when_the_moment_moves(void **context)
{
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_blocks);
    numerous.watched.state.selection =
        (struct selection){.has_address = true, .address = NUMEROUS_ADDRESS + 3000 * NUMEROUS_STRIDE};
    numerous_draw(&numerous, WIDE, HIGH);
    numerous.watched.state.moment = 4000;
    numerous_draw(&numerous, WIDE, HIGH);
    numerous_assert_shows(&numerous, "3 001 of 4 000");
    numerous.watched.state.moment = 2000;
    numerous_draw(&numerous, WIDE, HIGH);
    numerous_assert_shows(&numerous, " of 2 000");
    numerous.watched.state.moment = 0;
    numerous_draw(&numerous, WIDE, HIGH);
    numerous_assert_shows(&numerous, "nothing has been allocated yet");
    numerous_close(&numerous);
}

static void a_filter_without_blocks_says_so(void **context)
{
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_blocks);
    strcpy(numerous.watched.state.filter.function, "rare");
    numerous_draw(&numerous, WIDE, HIGH);
    numerous_assert_shows(&numerous, "7 live blocks that pass the filter");
    numerous.watched.state.filter.least_bytes = 1000000;
    numerous_draw(&numerous, WIDE, HIGH);
    numerous_assert_shows(&numerous, "no live block passes the filter");
    numerous_close(&numerous);
}

static void a_search_goes_to_the_block(void **context)
{
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_blocks);
    strcpy(numerous.watched.state.search, "rare");
    numerous_type(&numerous, WIDE, HIGH, "nn");
    numerous_assert_shows(&numerous, "2 000 of 6 001");
    page_blocks.take(&numerous.view, ACTION_SEARCH); // one more character of what is found already
    numerous_type(&numerous, WIDE, HIGH, "");
    numerous_assert_shows(&numerous, "2 000 of 6 001");
    numerous_type(&numerous, WIDE, HIGH, "NN");
    numerous_assert_shows(&numerous, "6 001 of 6 001");
    strcpy(numerous.watched.state.search, "nowhere");
    numerous_type(&numerous, WIDE, HIGH, "n");
    assert_non_null(strstr(numerous.view.said, "no live block has"));
    numerous_close(&numerous);
}

static void a_card_tells_who_had_the_address(void **context)
{
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_blocks);
    numerous_type(&numerous, WIDE, HIGH, "G<Enter>");
    assert_int_equal(numerous.watched.state.selection.address, NUMEROUS_SHARED);
    assert_true(numerous.watched.state.selection.has_stack);
    numerous_assert_shows(&numerous, "address 0x9000000: 3 blocks held it in this reel");
    numerous_assert_shows(&numerous, "now in a block of 3.0 KiB");
    numerous_assert_shows(&numerous, "     1.00 us   1.0 KiB rare (program.c:12)");
    numerous_assert_shows(&numerous, "often (program.c:12)");
    numerous_assert_shows(&numerous, ">     0.006 s   not freed   3.0 KiB");
    numerous_assert_shows(&numerous, "ALLOCATED BY\nrare program.c:12\nouter program.c:12");
    numerous_type(&numerous, WIDE, HIGH, "<Up>");
    numerous_assert_shows(&numerous, "FREED BY\n");
    numerous_type(&numerous, WIDE, HIGH, "<Up><Enter>");
    assert_int_equal(numerous.watched.state.moment, NUMEROUS_BLOCKS + 1);
    numerous_assert_shows(&numerous, "now in a block of 1.0 KiB");
    numerous_assert_shows(&numerous, "\n.     0.006 s"); // later ones are grey
    numerous_type(&numerous, WIDE, HIGH, "<Backspace>");
    numerous_assert_shows(&numerous, " live blocks");
    numerous_close(&numerous);
}

static void every_size_is_drawn(void **context)
{
    static const int sizes[][2] = {{200, 60}, {120, 36}, {80, 24}, {40, 10}, {20, 5}, {20, 2}, {5, 3}, {1, 1}};
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_blocks);
    for (int is_open = 0; is_open < 2; is_open++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        {
            numerous_type(&numerous, sizes[i][0], sizes[i][1], is_open ? "<Esc>G<Enter><Up><Down>" : "j<PgDn>Gkg");
            assert_true(strspn(numerous.text, " \n") < strlen(numerous.text));
        }
    numerous_draw(&numerous, 40, 10);
    numerous_assert_shows(&numerous, "address 0x9000000");
    numerous_close(&numerous);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(the_first_and_the_last_are_a_key_away),
        IN_DIRECTORY(paging_passes_every_block),
        IN_DIRECTORY(another_order_begins_with_its_first),
        IN_DIRECTORY(an_address_that_was_chosen_is_in_sight),
        IN_DIRECTORY(the_selected_block_stays_when_the_moment_moves),
        IN_DIRECTORY(a_filter_without_blocks_says_so),
        IN_DIRECTORY(a_search_goes_to_the_block),
        IN_DIRECTORY(a_card_tells_who_had_the_address),
        IN_DIRECTORY(every_size_is_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
