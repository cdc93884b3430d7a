// SPDX-License-Identifier: MIT
// What advice says of heaps of which it is known who holds the pages, and beside whom.
#include "blamed.h"

#include <stdlib.h>

#define KEEPER 1
#define TEMPORARY 2
#define DENSE 3
#define BYTES 64
#define HELD_PAGES 16
#define TEMPORARIES (PAGE / BYTES - 1) // of a page

struct advised
{
    struct reel_advice *rows;
    size_t count;
};

static struct advised advise(struct blamed_answer *asked, size_t limit)
{
    struct advised advised;
    assert_ok(
        reel_blame_advice(asked->blame, asked->replay, 0, limit, NULL, &advised.rows, &advised.count, &asked->error),
        asked->error);
    return advised;
}

// A page of which one block stays; the others are freed in the order in which they came.
static void hold_page(struct blamed *blamed, uint32_t keeper, uint64_t page)
{
    for (uint64_t i = 0; i < TEMPORARIES; i++)
        blamed_alloc(blamed, 1, TEMPORARY, page + i * BYTES, BYTES);
    blamed_alloc(blamed, 1, keeper, page + TEMPORARIES * BYTES, BYTES);
    for (uint64_t i = 0; i < TEMPORARIES; i++)
        blamed_free(blamed, 1, page + i * BYTES);
}

static void a_keeper_among_temporaries_is_named_with_them(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    blamed_begin(&blamed, *state);
    for (uint64_t i = 0; i < HELD_PAGES; i++)
    {
        hold_page(&blamed, KEEPER, BASE + i * PAGE);
        blamed_alloc(&blamed, 1, DENSE, BASE + (100 + i) * PAGE, PAGE);
    }
    for (uint64_t i = 0; i < 5000; i++) // elsewhere, and more of them
    {
        blamed_alloc(&blamed, 1, 4, BASE + 200 * PAGE, BYTES);
        blamed_free(&blamed, 1, BASE + 200 * PAGE);
    }
    blamed_ask(&asked, &blamed, 0);
    struct advised advised = advise(&asked, 0);
    assert_int_equal(advised.count, 1);
    assert_int_equal(advised.rows[0].stack, KEEPER);
    assert_int_equal(advised.rows[0].pinned_bytes, HELD_PAGES * (PAGE - BYTES));
    assert_int_equal(advised.rows[0].live_bytes, HELD_PAGES * BYTES);
    assert_int_equal(advised.rows[0].live_blocks, HELD_PAGES);
    assert_int_equal(advised.rows[0].alone_pages, HELD_PAGES);
    assert_int_equal(reel_replay_class(asked.replay, advised.rows[0].class_number).greatest_bytes, BYTES);
    assert_int_equal(advised.rows[0].neighbour_stack, TEMPORARY);
    assert_int_equal(advised.rows[0].neighbour_blocks, HELD_PAGES * TEMPORARIES);
    assert_int_equal(advised.rows[0].neighbour_lifetime_ns, (TEMPORARIES + 1) * BLAMED_STEP_NS);
    // Of 16 keepers the one in the middle is the ninth: 127 events and one of the dense come for each.
    uint64_t birth_ns = (8 * (2 * TEMPORARIES + 2) + TEMPORARIES + 1) * BLAMED_STEP_NS;
    assert_int_equal(advised.rows[0].median_age_ns, blamed.t_ns - birth_ns);
    free(advised.rows);
    blamed_done(&asked);
}

static void the_greatest_comes_first_and_the_limit_is_kept(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    blamed_begin(&blamed, *state);
    for (uint64_t i = 0; i < HELD_PAGES; i++)
        hold_page(&blamed, i % 4 == 0 ? KEEPER : 4, BASE + i * PAGE);
    blamed_ask(&asked, &blamed, 0);
    struct advised all = advise(&asked, 0);
    struct advised first = advise(&asked, 1);
    assert_int_equal(all.count, 2);
    assert_int_equal(all.rows[0].stack, 4);
    assert_int_equal(all.rows[1].stack, KEEPER);
    assert_int_equal(all.rows[1].neighbour_blocks, HELD_PAGES / 4 * TEMPORARIES);
    assert_int_equal(first.count, 1);
    assert_int_equal(first.rows[0].stack, 4);
    free(all.rows);
    free(first.rows);
    blamed_done(&asked);
}

static void a_stack_alone_on_many_pages_needs_a_quarter_of_them_free(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    blamed_begin(&blamed, *state);
    for (uint64_t i = 0; i < 300; i++)
    {
        blamed_alloc(&blamed, 1, KEEPER, BASE + i * PAGE, PAGE / 2 + 512);
        blamed_alloc(&blamed, 1, DENSE, BASE + (1000 + i) * PAGE, PAGE - 512);
    }
    blamed_ask(&asked, &blamed, 0);
    struct advised advised = advise(&asked, 0);
    assert_int_equal(advised.count, 1);
    assert_int_equal(advised.rows[0].stack, KEEPER);
    assert_int_equal(advised.rows[0].neighbour_stack, 0);
    assert_int_equal(advised.rows[0].neighbour_blocks, 0);
    free(advised.rows);
    blamed_done(&asked);
}

// The last one comes first: lifetimes from 1 to 2 * 3999 + 1 steps.
static void the_median_of_many_lifetimes_is_near(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    blamed_begin(&blamed, *state);
    for (uint64_t i = 0; i < HELD_PAGES; i++)
        blamed_alloc(&blamed, 1, KEEPER, BASE + i * PAGE, 16);
    for (uint64_t i = 0; i < 4000; i++)
        blamed_alloc(&blamed, 1, TEMPORARY, BASE + i % HELD_PAGES * PAGE + 16 + i / HELD_PAGES * 16, 16);
    for (uint64_t i = 4000; i-- > 0;)
        blamed_free(&blamed, 1, BASE + i % HELD_PAGES * PAGE + 16 + i / HELD_PAGES * 16);
    blamed_ask(&asked, &blamed, 0);
    struct advised advised = advise(&asked, 0);
    assert_int_equal(advised.count, 1);
    assert_int_equal(advised.rows[0].neighbour_blocks, 4000);
    assert_in_range(advised.rows[0].neighbour_lifetime_ns, 3800 * BLAMED_STEP_NS, 4200 * BLAMED_STEP_NS);
    free(advised.rows);
    blamed_done(&asked);
}

static void a_block_of_a_neighbour_may_end_on_the_held_page(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    blamed_begin(&blamed, *state);
    for (uint64_t i = 0; i < HELD_PAGES; i++)
        blamed_alloc(&blamed, 1, KEEPER, BASE + (4 * i + 3) * PAGE + 128, 16);
    for (uint64_t i = 0; i < HELD_PAGES; i++)
    {
        blamed_alloc(&blamed, 1, TEMPORARY, BASE + 4 * i * PAGE, 3 * PAGE + 64);
        blamed_free(&blamed, 1, BASE + 4 * i * PAGE);
        blamed_alloc(&blamed, 2, 4, BASE + (4 * i + 3) * PAGE, 16); // the same page of another process
        blamed_free(&blamed, 2, BASE + (4 * i + 3) * PAGE);
    }
    blamed_ask(&asked, &blamed, 0);
    struct advised advised = advise(&asked, 0);
    assert_int_equal(advised.count, 1);
    assert_int_equal(advised.rows[0].neighbour_stack, TEMPORARY);
    assert_int_equal(advised.rows[0].neighbour_blocks, HELD_PAGES);
    free(advised.rows);
    blamed_done(&asked);
}

static void advice_is_for_the_moment_and_process_of_the_blame(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    struct advised advised;
    blamed_begin(&blamed, *state);
    hold_page(&blamed, KEEPER, BASE);
    blamed_ask(&asked, &blamed, 0);
    assert_int_equal(
        reel_blame_advice(asked.blame, asked.replay, 1, 0, NULL, &advised.rows, &advised.count, &asked.error),
        REEL_E_ARGUMENT);
    assert_ok(reel_replay_seek(asked.replay, 5, NULL, &asked.error), asked.error);
    assert_int_equal(
        reel_blame_advice(asked.blame, asked.replay, 0, 0, NULL, &advised.rows, &advised.count, &asked.error),
        REEL_E_ARGUMENT);
    assert_null(advised.rows);
    blamed_done(&asked);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_keeper_among_temporaries_is_named_with_them),
        IN_DIRECTORY(the_greatest_comes_first_and_the_limit_is_kept),
        IN_DIRECTORY(a_stack_alone_on_many_pages_needs_a_quarter_of_them_free),
        IN_DIRECTORY(the_median_of_many_lifetimes_is_near),
        IN_DIRECTORY(a_block_of_a_neighbour_may_end_on_the_held_page),
        IN_DIRECTORY(advice_is_for_the_moment_and_process_of_the_blame),
    };
    return recording_run_tests(argc > 1 ? argv[1] : NULL, tests, sizeof tests / sizeof *tests);
}
