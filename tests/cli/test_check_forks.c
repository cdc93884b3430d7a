// SPDX-License-Identifier: MIT
// The judge on forked children: what they inherit, and what may be either way because it happened during the copy.
#include "fixture.h"
#include "verdict.h"

static void a_child_frees_what_it_inherited(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct reel_error error = {0};
    fixture_begin(&reel, "fork.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    fixture_alloc(&reel, 0x500000, 3 << 20, 3 << 20);
    assert_int_equal(reel_writer_mark_fork(reel.writer, 1, 1, &error), REEL_OK);
    uint32_t child = fixture_fork(&reel, 1, reel.t_ns, reel.t_ns);
    uint32_t thread = fixture_thread(&reel, child);
    fixture_free(&reel, 0x1000);
    fixture_free_in(&reel, child, thread, 0x1000);
    fixture_alloc_in(&reel, child, thread, 0x1000, 16);
    fixture_free_in(&reel, child, thread, 0x500000);
    fixture_alloc(&reel, 0x1000, 8, 8);
    fixture_finish(&reel);
    verdict_assert_clean(reel.path);
    assert_int_equal(verdict_of(reel.path).result.fork_uncertain, 0);
}

static void a_child_that_overwrites_an_inherited_block_is_convicted(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct reel_error error = {0};
    fixture_begin(&reel, "fork_overlap.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    assert_int_equal(reel_writer_mark_fork(reel.writer, 1, 1, &error), REEL_OK);
    uint32_t child = fixture_fork(&reel, 1, reel.t_ns, reel.t_ns);
    uint32_t thread = fixture_thread(&reel, child);
    fixture_free(&reel, 0x1000);
    fixture_alloc_in(&reel, child, thread, 0x1000, 16);
    fixture_finish(&reel);
    verdict_assert_one(reel.path, REEL_VIOLATION_OVERLAP, "process 2");
}

// The parent's other thread frees one block and allocates another after fork was announced and before the copy is known
// to be made: in the child either state is possible.
static void what_the_parent_did_while_it_was_copied_is_uncertain(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct reel_error error = {0};
    fixture_begin(&reel, "uncertain.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    uint64_t begin_ns = reel.t_ns;
    assert_int_equal(reel_writer_mark_fork(reel.writer, 1, 1, &error), REEL_OK);
    fixture_free(&reel, 0x1000);
    fixture_alloc(&reel, 0x2000, 100, 104);
    uint64_t end_ns = reel.t_ns;
    fixture_alloc(&reel, 0x3000, 100, 104);
    uint32_t child = fixture_fork(&reel, 1, begin_ns, end_ns);
    uint32_t thread = fixture_thread(&reel, child);
    fixture_alloc_in(&reel, child, thread, 0x1008, 16);
    fixture_free_in(&reel, child, thread, 0x2000);
    fixture_alloc_in(&reel, child, thread, 0x3000, 16);
    fixture_finish(&reel);
    verdict_assert_clean(reel.path);
    assert_int_equal(verdict_of(reel.path).result.fork_uncertain, 2);
}

// The child resizes a block that its parent allocated while it was copied: that it lived is known from then on.
static void an_uncertain_block_may_be_resized_and_still_be_freed(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct reel_error error = {0};
    fixture_begin(&reel, "uncertain_resize.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    fixture_free(&reel, 0x1000);
    uint64_t begin_ns = reel.t_ns;
    assert_int_equal(reel_writer_mark_fork(reel.writer, 1, 1, &error), REEL_OK);
    fixture_alloc(&reel, 0x1000, 100, 104);
    uint32_t child = fixture_fork(&reel, 1, begin_ns, reel.t_ns);
    uint32_t thread = fixture_thread(&reel, child);
    for (uint64_t bytes = 8; bytes < 24; bytes += 8)
        fixture_append(&reel, &(struct reel_event){.kind = REEL_EVENT_RESIZE,
                                                   .process = child,
                                                   .thread = thread,
                                                   .address = 0x1000,
                                                   .requested_bytes = bytes,
                                                   .usable_bytes = 24});
    fixture_free_in(&reel, child, thread, 0x1000);
    fixture_finish(&reel);
    verdict_assert_clean(reel.path);
    assert_int_equal(verdict_of(reel.path).result.fork_uncertain, 3);
}

// The parent makes a block smaller while it is copied: the child has the rest of it for another, and may free both.
static void an_uncertain_block_with_another_in_its_tail_may_still_be_freed(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct reel_error error = {0};
    fixture_begin(&reel, "uncertain_tail.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    uint64_t begin_ns = reel.t_ns;
    assert_int_equal(reel_writer_mark_fork(reel.writer, 1, 1, &error), REEL_OK);
    fixture_resize(&reel, 0x1000, 40, 40);
    uint32_t child = fixture_fork(&reel, 1, begin_ns, reel.t_ns);
    uint32_t thread = fixture_thread(&reel, child);
    fixture_alloc_in(&reel, child, thread, 0x1040, 16);
    fixture_free_in(&reel, child, thread, 0x1000);
    fixture_free_in(&reel, child, thread, 0x1040);
    fixture_finish(&reel);
    verdict_assert_clean(reel.path);
    assert_int_equal(verdict_of(reel.path).result.fork_uncertain, 2);
}

static void what_is_uncertain_in_a_copy_is_so_in_a_copy_of_that(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct reel_error error = {0};
    fixture_begin(&reel, "grandchild.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    uint64_t begin_ns = reel.t_ns;
    assert_int_equal(reel_writer_mark_fork(reel.writer, 1, 1, &error), REEL_OK);
    fixture_free(&reel, 0x1000);
    uint32_t child = fixture_fork(&reel, 1, begin_ns, reel.t_ns);
    assert_int_equal(reel_writer_mark_fork(reel.writer, child, 1, &error), REEL_OK);
    uint32_t grandchild = fixture_fork_of(&reel, child, 1, reel.t_ns, reel.t_ns);
    uint32_t thread = fixture_thread(&reel, grandchild);
    fixture_alloc_in(&reel, grandchild, thread, 0x1000, 16);
    fixture_finish(&reel);
    verdict_assert_clean(reel.path);
    assert_int_equal(verdict_of(reel.path).result.fork_uncertain, 1);
}

static void a_child_whose_fork_was_not_announced_may_free_anything_once(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "blind.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    uint32_t child = fixture_fork(&reel, 0, reel.t_ns, reel.t_ns);
    uint32_t thread = fixture_thread(&reel, child);
    fixture_free_in(&reel, child, thread, 0x1000);
    fixture_alloc_in(&reel, child, thread, 0x1000, 16);
    fixture_free_in(&reel, child, thread, 0x1000);
    fixture_finish(&reel);
    verdict_assert_clean(reel.path);
    assert_int_equal(verdict_of(reel.path).result.before_recording, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_frees_what_it_inherited),
        cmocka_unit_test(a_child_that_overwrites_an_inherited_block_is_convicted),
        cmocka_unit_test(what_the_parent_did_while_it_was_copied_is_uncertain),
        cmocka_unit_test(an_uncertain_block_may_be_resized_and_still_be_freed),
        cmocka_unit_test(an_uncertain_block_with_another_in_its_tail_may_still_be_freed),
        cmocka_unit_test(what_is_uncertain_in_a_copy_is_so_in_a_copy_of_that),
        cmocka_unit_test(a_child_whose_fork_was_not_announced_may_free_anything_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
