// SPDX-License-Identifier: MIT
// The window onto the live blocks: in every order it shows each of them once, whichever way one goes.
#include "numerous.h"

#include "viewer/pages/blocks/block_list.h"

#include <string.h>

#define LIVE (NUMEROUS_BLOCKS + 1)

static uint64_t rounding_of(const struct reel_live_block *block)
{
    return block->usable_bytes - block->requested_bytes;
}

// What the order is by; it does not fall.
static uint64_t key_of(const struct reel_live_block *block, int column)
{
    const uint64_t keys[BLOCK_COLUMNS] = {block->address,
                                          UINT64_MAX - block->requested_bytes,
                                          UINT64_MAX - rounding_of(block),
                                          block->class_number,
                                          block->birth_event,
                                          block->stack,
                                          block->process};
    return keys[column];
}

static void check_order(const struct block_list *list, struct block_order order)
{
    for (size_t i = 1; i < list->count; i++)
    {
        uint64_t before = key_of(&list->rows[i - 1].block, order.column);
        uint64_t after = key_of(&list->rows[i].block, order.column);
        assert_true(order.is_reversed ? before >= after : before <= after);
    }
}

static uint64_t block_of(const struct reel_live_block *block)
{
    return block->address == NUMEROUS_SHARED ? NUMEROUS_BLOCKS : (block->address - NUMEROUS_ADDRESS) / NUMEROUS_STRIDE;
}

// Notes the rows from one on; none was there before.
static void note_rows(const struct block_list *list, size_t first, size_t end, bool *is_seen)
{
    for (size_t i = first; i < end; i++)
    {
        uint64_t block = block_of(&list->rows[i].block);
        assert_true(block < LIVE);
        assert_false(is_seen[block]);
        is_seen[block] = true;
    }
}

static void walk_down(struct block_list *list, struct page_view *view, bool *is_seen)
{
    struct reel_error error = {0};
    while (list->before_count + list->count < LIVE)
    {
        long shift = 0;
        uint64_t known = list->before_count + list->count;
        assert_ok(block_list_extend(list, view, false, &shift, &error), error);
        assert_true(list->before_count + list->count > known);
        assert_true(list->count <= 5000);
        note_rows(list, (size_t)(known - list->before_count), list->count, is_seen);
    }
}

static void walk_up(struct block_list *list, struct page_view *view, bool *is_seen)
{
    struct reel_error error = {0};
    while (list->before_count != 0)
    {
        long shift = 0;
        uint64_t before = list->before_count;
        assert_ok(block_list_extend(list, view, true, &shift, &error), error);
        assert_int_equal(before - list->before_count, shift);
        assert_true(shift > 0);
        note_rows(list, 0, (size_t)shift, is_seen);
    }
}

static void every_order_shows_every_block_once(void **context)
{
    struct numerous numerous;
    numerous_open(&numerous, *context, &page_blocks);
    for (int column = 0; column < BLOCK_COLUMNS * 2; column++)
    {
        static bool is_seen[LIVE];
        const struct block_order order = {column / 2, column % 2 == 1};
        struct block_list list = {0};
        struct reel_error error = {0};
        long shift = 0;
        memset(is_seen, 0, sizeof is_seen);
        assert_ok(block_list_read(&list, &numerous.view, order, NULL, &error), error);
        assert_int_equal(list.all_count, LIVE);
        assert_int_equal(list.before_count, 0);
        note_rows(&list, 0, list.count, is_seen);
        walk_down(&list, &numerous.view, is_seen);
        check_order(&list, order);
        assert_ok(block_list_extend(&list, &numerous.view, false, &shift, &error), error);
        assert_int_equal(list.before_count + list.count, LIVE);
        for (size_t i = 0; i < LIVE; i++)
            assert_true(is_seen[i]);
        block_list_fini(&list);
    }
    numerous_close(&numerous);
}

static void the_way_back_shows_the_same_blocks(void **context)
{
    struct numerous numerous;
    static bool is_seen[LIVE];
    const struct block_order order = {BLOCK_SIZE, false};
    struct block_list list = {0};
    struct reel_error error = {0};
    numerous_open(&numerous, *context, &page_blocks);
    assert_ok(block_list_read(&list, &numerous.view, (struct block_order){BLOCK_SIZE, true}, NULL, &error), error);
    struct reel_live_block last = list.rows[0].block;
    assert_ok(block_list_read(&list, &numerous.view, order, &last, &error), error);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.before_count, LIVE - 1);
    note_rows(&list, 0, 1, is_seen);
    walk_up(&list, &numerous.view, is_seen);
    check_order(&list, order);
    assert_int_equal(list.rows[0].block.requested_bytes, 5000);
    block_list_fini(&list);
    numerous_close(&numerous);
}

static void beyond_the_last_block_stand_the_last_ones(void **context)
{
    struct numerous numerous;
    struct block_list list = {0};
    struct reel_error error = {0};
    const struct reel_live_block beyond = {.process = 1, .address = UINT64_MAX};
    numerous_open(&numerous, *context, &page_blocks);
    assert_ok(block_list_read(&list, &numerous.view, (struct block_order){0}, &beyond, &error), error);
    assert_true(list.count > 1);
    assert_int_equal(list.before_count + list.count, LIVE);
    assert_int_equal(list.rows[list.count - 1].block.address, NUMEROUS_SHARED);
    block_list_fini(&list);
    numerous_close(&numerous);
}

static void a_filter_leaves_out_what_does_not_pass(void **context)
{
    struct numerous numerous;
    struct block_list list = {0};
    struct reel_error error = {0};
    const struct block_order order = {BLOCK_ADDRESS, false};
    numerous_open(&numerous, *context, &page_blocks);
    struct filter *filter = &numerous.watched.state.filter;
    *filter = (struct filter){.function = "rar"};
    assert_ok(block_list_read(&list, &numerous.view, order, NULL, &error), error);
    assert_int_equal(list.all_count, NUMEROUS_BLOCKS / 1000 + 1);
    assert_true(block_list_is_current(&list, &numerous.view, order));
    *filter = (struct filter){.least_bytes = 100, .most_bytes = 100};
    assert_false(block_list_is_current(&list, &numerous.view, order));
    assert_ok(block_list_read(&list, &numerous.view, order, NULL, &error), error);
    assert_int_equal(list.count, list.all_count);
    assert_int_equal(list.all_bytes, 100 * list.all_count);
    uint32_t class_number = list.rows[0].block.class_number;
    *filter = (struct filter){.has_class = true, .class_number = class_number};
    assert_ok(block_list_read(&list, &numerous.view, order, NULL, &error), error);
    assert_true(list.count > 1);
    for (size_t i = 0; i < list.count; i++)
        assert_int_equal(list.rows[i].block.class_number, class_number);
    block_list_fini(&list);
    numerous_close(&numerous);
}

static void a_search_finds_the_next_and_the_one_before(void **context)
{
    struct numerous numerous;
    struct block_list list = {0};
    struct reel_error error = {0};
    struct reel_live_block found;
    numerous_open(&numerous, *context, &page_blocks);
    strcpy(numerous.watched.state.search, "rare");
    assert_ok(block_list_read(&list, &numerous.view, (struct block_order){0}, NULL, &error), error);
    struct reel_live_block from = list.rows[0].block;
    assert_true(block_list_search(&list, &numerous.view, &from, false, &found));
    assert_int_equal(block_of(&found), 999);
    from = found;
    assert_true(block_list_search(&list, &numerous.view, &from, false, &found));
    assert_int_equal(block_of(&found), 1999);
    from = found;
    assert_true(block_list_search(&list, &numerous.view, &from, true, &found));
    assert_int_equal(block_of(&found), 999);
    from = found;
    assert_false(block_list_search(&list, &numerous.view, &from, true, &found));
    assert_true(block_list_search(&list, &numerous.view, NULL, true, &found));
    assert_int_equal(found.address, NUMEROUS_SHARED);
    block_list_fini(&list);
    numerous_close(&numerous);
}

static void rows_are_dated_when_they_are_asked_for(void **context)
{
    struct numerous numerous;
    struct block_list list = {0};
    struct reel_error error = {0};
    numerous_open(&numerous, *context, &page_blocks);
    assert_ok(block_list_read(&list, &numerous.view, (struct block_order){0}, NULL, &error), error);
    block_list_date(&list, &numerous.view, 10, 20);
    assert_false(list.rows[9].is_dated);
    assert_true(list.rows[10].is_dated);
    assert_int_equal(list.rows[29].birth_ns, 30 * WATCHED_NS);
    assert_false(list.rows[30].is_dated);
    block_list_date(&list, &numerous.view, 25, SIZE_MAX);
    assert_int_equal(list.rows[list.count - 1].birth_ns, list.count * WATCHED_NS);
    block_list_date(&list, &numerous.view, list.count + 7, 20); // of rows that there are no longer
    block_list_fini(&list);
    block_list_date(&list, &numerous.view, 1, 20);
    assert_null(list.rows);
    numerous_close(&numerous);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(every_order_shows_every_block_once),         IN_DIRECTORY(the_way_back_shows_the_same_blocks),
        IN_DIRECTORY(beyond_the_last_block_stand_the_last_ones),  IN_DIRECTORY(a_filter_leaves_out_what_does_not_pass),
        IN_DIRECTORY(a_search_finds_the_next_and_the_one_before), IN_DIRECTORY(rows_are_dated_when_they_are_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
