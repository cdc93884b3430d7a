// SPDX-License-Identifier: MIT
// The judge: clean reels give nothing, and each kind of violation is found where it was put.
#include "fixture.h"
#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void a_busy_clean_reel_has_no_violation(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "clean.reel");
    uint32_t second = fixture_thread(&reel, 1);
    for (uint64_t i = 0; i < 100000; i++)
    {
        uint64_t address = 0x100000 + i % 512 * 64;
        fixture_alloc(&reel, address, i % 57, 64);
        if (i % 3 == 0)
            fixture_resize(&reel, address, i % 61, 64);
        fixture_alloc_in(&reel, 1, second, 0x10000000 + i % 7 * 0x400000, 0x300000);
        fixture_free_in(&reel, 1, second, 0x10000000 + i % 7 * 0x400000);
        fixture_free_in(&reel, 1, i % 5 == 0 ? second : 1, address);
    }
    fixture_alloc(&reel, 0x500000, 100, 104);
    fixture_finish(&reel);
    struct verdict verdict = verdict_of(reel.path);
    assert_int_equal(verdict.result.events, 433335);
    assert_false(verdict.result.is_partial);
    verdict_assert_clean(reel.path);
}

static void an_empty_reel_is_clean(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "empty.reel");
    fixture_finish(&reel);
    verdict_assert_clean(reel.path);
}

static void a_reel_that_was_cut_off_is_clean(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "cut.reel");
    fixture_alloc(&reel, 0x1000, 16, 24);
    fixture_alloc(&reel, 0x2000, 16, 24);
    fixture_abandon(&reel);
    verdict_assert_clean(reel.path);
    struct verdict verdict = verdict_of(reel.path);
    assert_int_equal(verdict.result.events, 2);
}

static void a_block_over_another_is_an_overlap(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "overlap.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    fixture_alloc(&reel, 0x1040, 8, 24);
    fixture_finish(&reel);
    verdict_assert_one(reel.path, REEL_VIOLATION_OVERLAP, "0x1040, 24 bytes");
    assert_int_equal(verdict_of(reel.path).reported[0].event, 1);
}

static void an_alloc_at_a_live_address_is_an_overlap_and_the_figures_still_agree(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "same.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    fixture_alloc(&reel, 0x1000, 8, 24);
    fixture_free(&reel, 0x1000);
    fixture_finish(&reel);
    verdict_assert_one(reel.path, REEL_VIOLATION_OVERLAP, "0x1000");
}

static void a_second_free_is_an_unknown_free(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "double.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    fixture_free(&reel, 0x1000);
    fixture_free(&reel, 0x1000);
    fixture_finish(&reel);
    verdict_assert_one(reel.path, REEL_VIOLATION_UNKNOWN_FREE, "0x1000");
}

static void a_block_from_before_the_recording_can_be_freed_once(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "before.reel");
    fixture_resize(&reel, 0x7000, 8, 24);
    fixture_free(&reel, 0x7000);
    fixture_free(&reel, 0x8000);
    fixture_finish(&reel);
    assert_int_equal(verdict_of(reel.path).result.before_recording, 3);
    verdict_assert_clean(reel.path);

    fixture_begin(&reel, "before_twice.reel");
    fixture_free(&reel, 0x7000);
    fixture_free(&reel, 0x7000);
    fixture_finish(&reel);
    verdict_assert_one(reel.path, REEL_VIOLATION_UNKNOWN_FREE, "0x7000");
}

static void a_resize_of_a_freed_block_and_into_another_are_found(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "resize.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    fixture_free(&reel, 0x1000);
    fixture_resize(&reel, 0x1000, 8, 24);
    fixture_finish(&reel);
    verdict_assert_one(reel.path, REEL_VIOLATION_RESIZE, "freed before");

    fixture_begin(&reel, "into.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    fixture_alloc(&reel, 0x1100, 100, 104);
    fixture_resize(&reel, 0x1000, 0x200, 0x200);
    fixture_finish(&reel);
    verdict_assert_one(reel.path, REEL_VIOLATION_RESIZE, "into another");
}

static void time_that_goes_backwards_is_found(void **state)
{
    (void)state;
    struct reel_event event = {
        .kind = REEL_EVENT_ALLOC, .address = 0x1000, .requested_bytes = 8, .usable_bytes = 24, .thread = 1, .t_ns = 50};
    struct fixture_reel reel;
    fixture_begin(&reel, "order.reel");
    // One chunk is full and the next holds one event, which is then moved back in time.
    for (uint64_t i = 0; i < 65537; i++)
        fixture_alloc(&reel, 0x100000 + i * 32, 8, 24);
    fixture_finish(&reel);
    event.address = 0x100000 + 65536 * 32;
    fixture_replace_events(reel.path, 65536, &event, 1);
    fixture_tamper(reel.path, "UPDATE chunk SET begin_ns = 50, end_ns = 50 WHERE first_event = 65536");
    fixture_tamper(reel.path, "UPDATE run SET peak_t_ns = 50");
    fixture_tamper(reel.path, "UPDATE process SET peak_t_ns = 50");
    verdict_assert_one(reel.path, REEL_VIOLATION_ORDER, "50 ns");
}

static void names_of_what_is_not_there_are_found(void **state)
{
    (void)state;
    static const struct
    {
        const char *sql, *word;
    } cases[] = {
        {"DELETE FROM stack", "stack"},
        {"DELETE FROM frame WHERE frame = 1", "frame"},
        {"INSERT INTO thread VALUES (2, 9, 1, NULL, 0, NULL)", "process"},
        {"INSERT INTO mapping VALUES (1, 1, 77, 0, 0, 0, 0)", "mapping"},
        {"INSERT INTO residency VALUES (1, 5, 0, 0, 0, 0, 0, 0)", "memory"},
        {"UPDATE frame SET module = 5", "module"},
        {"UPDATE process SET parent_process = 1", "parent"},
    };
    struct fixture_reel reel;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        fixture_begin(&reel, "reference.reel");
        fixture_append(&reel, &(struct reel_event){.kind = REEL_EVENT_ALLOC,
                                                   .address = 0x1000,
                                                   .requested_bytes = 8,
                                                   .usable_bytes = 24,
                                                   .stack = fixture_stack(&reel, "f"),
                                                   .thread = 1,
                                                   .process = 1});
        fixture_finish(&reel);
        verdict_assert_clean(reel.path);
        fixture_tamper(reel.path, cases[i].sql);
        struct verdict verdict = verdict_of(reel.path);
        assert_true(verdict.result.violations >= 1);
        assert_int_equal(verdict.reported[0].kind, REEL_VIOLATION_REFERENCE);
        assert_non_null(strstr(verdict.reported[0].text, cases[i].word));
    }
}

static void an_event_of_an_unknown_thread_is_found(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "thread.reel");
    uint32_t second = fixture_thread(&reel, 1);
    fixture_alloc_in(&reel, 1, second, 0x1000, 8);
    fixture_alloc(&reel, 0x2000, 8, 8);
    fixture_finish(&reel);
    fixture_tamper(reel.path, "DELETE FROM thread WHERE thread = 2");
    struct verdict verdict = verdict_of(reel.path);
    assert_int_equal(verdict.reported[0].kind, REEL_VIOLATION_REFERENCE);
    assert_non_null(strstr(verdict.reported[0].text, "thread 2"));
}

static void an_event_after_the_end_of_its_process_is_found(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "ended.reel");
    fixture_alloc(&reel, 0x1000, 8, 8);
    fixture_alloc(&reel, 0x2000, 8, 8);
    fixture_finish(&reel);
    fixture_tamper(reel.path, "UPDATE process SET end_event = 1");
    struct verdict verdict = verdict_of(reel.path);
    assert_int_equal(verdict.reported[0].kind, REEL_VIOLATION_REFERENCE);
    assert_non_null(strstr(verdict.reported[0].text, "did not run"));
}

static void each_stored_figure_is_compared(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "UPDATE process SET events = events + 1",
        "UPDATE process SET allocations = allocations + 1",
        "UPDATE process SET frees = frees + 1",
        "UPDATE process SET resizes = resizes + 1",
        "UPDATE process SET temporary_allocations = temporary_allocations + 1",
        "UPDATE process SET total_requested_bytes = total_requested_bytes + 1",
        "UPDATE process SET live_blocks = live_blocks + 1",
        "UPDATE process SET live_bytes = live_bytes + 1",
        "UPDATE process SET peak_live_bytes = peak_live_bytes + 1",
        "UPDATE process SET peak_event = peak_event + 1",
        "UPDATE process SET peak_t_ns = peak_t_ns + 1",
        "UPDATE process SET leaked_blocks = leaked_blocks + 1",
        "UPDATE process SET leaked_bytes = leaked_bytes + 1",
        "UPDATE process SET unknown_frees = unknown_frees + 1",
        "UPDATE process SET inherited_frees = inherited_frees + 1",
        "UPDATE process SET threads = threads + 1",
        "UPDATE run SET allocations = allocations + 1",
        "UPDATE run SET peak_event = NULL",
        "UPDATE run SET leaked_bytes = 0",
        "UPDATE chunk SET allocations = allocations + 1",
        "UPDATE chunk SET frees = frees + 1",
        "UPDATE chunk SET resizes = resizes + 1",
        "UPDATE chunk SET requested_bytes = requested_bytes + 1",
        "UPDATE chunk SET live_blocks = live_blocks + 1",
        "UPDATE chunk SET live_bytes = live_bytes + 1",
        "UPDATE chunk SET live_bytes_min = live_bytes_min + 1",
        "UPDATE chunk SET live_bytes_max = live_bytes_max + 1",
        "UPDATE chunk SET begin_ns = begin_ns + 1",
        "UPDATE chunk SET end_ns = end_ns + 1",
    };
    struct fixture_reel reel;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
    {
        fixture_begin(&reel, "totals.reel");
        fixture_alloc(&reel, 0x1000, 100, 104);
        fixture_alloc(&reel, 0x2000, 50, 56);
        fixture_free(&reel, 0x2000);
        fixture_resize(&reel, 0x1000, 104, 104);
        fixture_finish(&reel);
        fixture_tamper(reel.path, changes[i]);
        struct verdict verdict = verdict_of(reel.path);
        if (verdict.result.violations != 1 || verdict.reported[0].kind != REEL_VIOLATION_TOTALS)
            fail_msg("%s: %llu violations: %s", changes[i], (unsigned long long)verdict.result.violations,
                     verdict.reported[0].text);
    }
}

static void events_that_the_program_counted_and_the_reel_lacks_are_found(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "count.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    fixture_finish(&reel);
    fixture_tamper(reel.path, "UPDATE process SET committed_events = 5");
    verdict_assert_one(reel.path, REEL_VIOLATION_COUNT, "counters say 5");
}

static void damaged_and_missing_chunks_are_found_and_the_rest_is_read(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "chunk.reel");
    for (uint64_t i = 0; i < 70000; i++)
        fixture_alloc(&reel, 0x100000 + i * 32, 8, 24);
    for (uint64_t i = 0; i < 70000; i++)
        fixture_free(&reel, 0x100000 + i * 32);
    fixture_finish(&reel);
    verdict_assert_clean(reel.path);
    fixture_tamper(reel.path, "UPDATE chunk_data SET data = zeroblob(100) WHERE first_event = 0");
    verdict_assert_one(reel.path, REEL_VIOLATION_CHUNK, "damaged");
    struct verdict verdict = verdict_of(reel.path);
    assert_int_equal(verdict.result.events, 140000 - 65536);
    assert_true(verdict.result.is_partial);
    fixture_tamper(reel.path, "DELETE FROM chunk WHERE first_event = 0");
    verdict_assert_one(reel.path, REEL_VIOLATION_CHUNK, "events 0 to 65535 are missing");
}

static void an_image_after_exec_starts_empty(void **state)
{
    (void)state;
    const struct reel_process_info image = {.pid = 100, .parent_pid = 1, .parent_process = 1, .command = "after"};
    struct fixture_reel reel;
    struct reel_error error = {0};
    uint32_t second = 0;
    fixture_begin(&reel, "exec.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    fixture_end_process(&reel, 1);
    assert_int_equal(reel_writer_add_process(reel.writer, &image, &second, &error), REEL_OK);
    fixture_alloc_in(&reel, second, fixture_thread(&reel, second), 0x1000, 16);
    fixture_end_process(&reel, second);
    assert_int_equal(reel_writer_finish(reel.writer, reel.t_ns, &error), REEL_OK);
    verdict_assert_clean(reel.path);
}

static void what_lost_events_explain_is_no_violation(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "lost.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    fixture_alloc(&reel, 0x1010, 100, 104);
    fixture_free(&reel, 0x1010);
    fixture_free(&reel, 0x1010);
    fixture_finish(&reel);
    fixture_tamper(reel.path, "UPDATE process SET lost_events = 3");
    verdict_assert_clean(reel.path);
    assert_int_equal(verdict_of(reel.path).result.loss_uncertain, 2);
}

static void a_huge_block_costs_no_more_than_a_small_one(void **state)
{
    (void)state;
    struct fixture_reel reel;
    fixture_begin(&reel, "huge.reel");
    fixture_alloc(&reel, 0x100000000, UINT64_C(1) << 45, UINT64_C(1) << 45);
    fixture_alloc(&reel, 0x1000, 16, 24);
    fixture_free(&reel, 0x100000000);
    fixture_finish(&reel);
    verdict_assert_clean(reel.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_busy_clean_reel_has_no_violation),
        cmocka_unit_test(an_empty_reel_is_clean),
        cmocka_unit_test(a_reel_that_was_cut_off_is_clean),
        cmocka_unit_test(a_block_over_another_is_an_overlap),
        cmocka_unit_test(an_alloc_at_a_live_address_is_an_overlap_and_the_figures_still_agree),
        cmocka_unit_test(a_second_free_is_an_unknown_free),
        cmocka_unit_test(a_block_from_before_the_recording_can_be_freed_once),
        cmocka_unit_test(a_resize_of_a_freed_block_and_into_another_are_found),
        cmocka_unit_test(time_that_goes_backwards_is_found),
        cmocka_unit_test(names_of_what_is_not_there_are_found),
        cmocka_unit_test(an_event_of_an_unknown_thread_is_found),
        cmocka_unit_test(an_event_after_the_end_of_its_process_is_found),
        cmocka_unit_test(each_stored_figure_is_compared),
        cmocka_unit_test(events_that_the_program_counted_and_the_reel_lacks_are_found),
        cmocka_unit_test(damaged_and_missing_chunks_are_found_and_the_rest_is_read),
        cmocka_unit_test(an_image_after_exec_starts_empty),
        cmocka_unit_test(what_lost_events_explain_is_no_violation),
        cmocka_unit_test(a_huge_block_costs_no_more_than_a_small_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
