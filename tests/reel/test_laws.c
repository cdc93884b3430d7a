// SPDX-License-Identifier: MIT
// The laws of allocators of ours: a reel that keeps them is clean, and each way to break one is found.
#include "made.h"

#include <stdio.h>
#include <string.h>

#include "reel/sqlite.h"

static void assert_clean(struct verdict verdict)
{
    if (verdict.result.violations != 0)
        fail_msg("%llu violations, the first: %s", (unsigned long long)verdict.result.violations, verdict.first.text);
    assert_false(verdict.result.is_partial);
}

static void assert_convicted(struct verdict verdict, enum reel_violation_kind kind, const char *word)
{
    if (verdict.result.violations != 1 || verdict.first.kind != kind || strstr(verdict.first.text, word) == NULL)
        fail_msg("%llu violations, the first of kind %d: %s", (unsigned long long)verdict.result.violations,
                 (int)verdict.first.kind, verdict.first.text);
}

static void bump(struct made *made, void **state)
{
    made_begin(made, *state, "bump:lifo", REEL_ZONE_BUMP);
}

static void zoned(struct made *made, void **state)
{
    made_begin(made, *state, "zoned", REEL_ZONE_SLOTS);
}

// ---- reels that keep the laws

static void carve_and_reuse(struct made *made)
{
    made_alloc(made, ZONE, SLOT, CARVED);
    made_alloc(made, ZONE + SLOT, 2 * SLOT, CARVED);
    made_alloc(made, ZONE + 3 * SLOT, SLOT, CARVED);
    made_free(made, ZONE);
    made_free(made, ZONE + SLOT);
    made_alloc(made, ZONE, SLOT, 0);
    made_alloc(made, ZONE + SLOT, 2 * SLOT, 0);
    made_alloc(made, ZONE + 0x400, 64, CARVED | REEL_EVENT_ALIGNED);
    made_alloc(made, 0x900000, 0x30000, 0); // a mapping of its own
    made_alloc(made, 0xa00000, 0x1000, REEL_EVENT_ALIGNED);
    made_free(made, 0x900000);
}

static void a_bump_heap_that_keeps_the_laws_is_clean(void **state)
{
    struct made made;
    bump(&made, state);
    carve_and_reuse(&made);
    made_census(&made, 2, 2, 0);
    struct verdict verdict = made_finish(&made);
    assert_clean(verdict);
    assert_int_equal(verdict.result.unjudged_heaps, 0);
}

static void a_zone_that_keeps_the_laws_is_clean(void **state)
{
    struct made made;
    zoned(&made, state);
    for (uint64_t i = 0; i < 85 * 3; i++) // a page holds 85 slots and a tail
        made_alloc(&made, ZONE + i / 85 * 4096 + i % 85 * SLOT, SLOT, CARVED);
    made_census(&made, 255, 255, 0);
    for (uint64_t i = 0; i < 85; i++)
        made_free(&made, ZONE + 4096 + i * SLOT);
    made_census(&made, 255, 170, 85);
    made_pages(&made, ZONE + 4096, 4096, false);
    made_pages(&made, ZONE + 4096, 4096, true);
    made_alloc(&made, ZONE + 4096, SLOT, 0);
    made_census(&made, 255, 171, 0);
    assert_clean(made_finish(&made));
}

static void a_forked_child_goes_on_with_the_heap_of_its_parent(void **state)
{
    struct made made;
    bump(&made, state);
    struct reel_error *error = &made.recording->error;
    uint32_t child, thread;
    made_alloc(&made, ZONE, SLOT, CARVED);
    made_alloc(&made, ZONE + SLOT, SLOT, CARVED);
    made_free(&made, ZONE + SLOT);
    assert_ok(reel_writer_mark_fork(made.writer, 1, 1, error), *error);
    const struct reel_process_info info = {.pid = 9,
                                           .parent_process = 1,
                                           .is_fork = true,
                                           .fork_serial = 1,
                                           .t_ns = made.t_ns,
                                           .fork_begin_ns = made.t_ns,
                                           .fork_end_ns = made.t_ns};
    const struct reel_process_counters counters[] = {{.committed_events = 3}, {.committed_events = 3}};
    assert_ok(reel_writer_add_process(made.writer, &info, &child, error), *error);
    assert_ok(reel_writer_add_thread(made.writer, child, 9, NULL, made.t_ns, &thread, error), *error);
    const struct reel_zone_info zone = {
        .process = child, .begin = ZONE, .bytes = ZONE_BYTES, .role = REEL_ZONE_BUMP, .class_id = REEL_NO_CLASS};
    const struct reel_page_change pages = {.process = child, .begin = ZONE, .bytes = COMMITTED, .is_committed = true};
    assert_ok(reel_writer_add_zone(made.writer, &zone, error), *error);
    assert_ok(reel_writer_add_page_change(made.writer, &pages, error), *error);
    const struct reel_event events[] = {
        {.kind = REEL_EVENT_ALLOC, .address = ZONE + SLOT, .usable_bytes = SLOT},
        {.kind = REEL_EVENT_ALLOC, .address = ZONE + 2 * SLOT, .usable_bytes = SLOT, .flags = CARVED},
        {.kind = REEL_EVENT_FREE, .address = ZONE},
    };
    for (size_t i = 0; i < 3; i++)
    {
        struct reel_event event = events[i];
        event.process = child;
        event.thread = thread;
        made_append(&made, event);
    }
    assert_ok(reel_writer_set_counters(made.writer, 1, &counters[0], error), *error);
    assert_ok(reel_writer_set_counters(made.writer, child, &counters[1], error), *error);
    assert_ok(reel_writer_finish(made.writer, made.t_ns, error), *error);
    assert_clean(made_check(made.recording));
}

static void each_thread_beside_others_may_have_a_slot_in_hand(void **state)
{
    struct made made;
    bump(&made, state);
    made_thread(&made);
    made_alloc(&made, ZONE, SLOT, CARVED);
    made_free(&made, ZONE);
    made_alloc(&made, ZONE + SLOT, SLOT, CARVED);
    made_free(&made, ZONE + SLOT);
    made_alloc(&made, ZONE + 2 * SLOT, SLOT, CARVED);
    assert_clean(made_finish(&made));
    bump(&made, state);
    made_thread(&made);
    for (uint64_t i = 0; i < 4; i++)
    {
        made_alloc(&made, ZONE + i * SLOT, SLOT, CARVED);
        made_free(&made, ZONE + i * SLOT);
    }
    assert_convicted(made_finish(&made), REEL_VIOLATION_CLASS_LAW, "carved 4 slots");
}

static void a_call_that_a_handler_interrupted_may_have_a_slot_in_hand(void **state)
{
    struct made made;
    bump(&made, state);
    made_alloc(&made, ZONE + SLOT, SLOT, CARVED); // the handler's
    made_free(&made, ZONE + SLOT);
    made_alloc(&made, ZONE, SLOT, CARVED); // carved before
    made_free(&made, ZONE);
    assert_clean(made_finish(&made));
}

static void the_baseline_carves_for_every_allocation(void **state)
{
    struct made made;
    made_begin(&made, *state, "bump:none", REEL_ZONE_BUMP);
    made_alloc(&made, ZONE, SLOT, CARVED);
    made_free(&made, ZONE);
    made_alloc(&made, ZONE + SLOT, SLOT, CARVED);
    assert_clean(made_finish(&made));
    made_begin(&made, *state, "bump:none", REEL_ZONE_BUMP);
    made_alloc(&made, ZONE, SLOT, CARVED);
    made_free(&made, ZONE);
    made_alloc(&made, ZONE, SLOT, 0);
    assert_convicted(made_finish(&made), REEL_VIOLATION_CLASS_LAW, "the count of allocations");
}

static void what_lost_events_may_explain_is_not_convicted(void **state)
{
    struct made made;
    bump(&made, state);
    struct reel_error *error = &made.recording->error;
    const struct reel_process_counters counters = {.committed_events = 3, .lost_events = 1};
    made_alloc(&made, ZONE + 7 * SLOT, SLOT, 0);
    made_free(&made, ZONE + 7 * SLOT);
    made_alloc(&made, ZONE + COMMITTED, SLOT, CARVED);
    made_census(&made, 77, 3, 0);
    assert_ok(reel_writer_set_counters(made.writer, 1, &counters, error), *error);
    assert_ok(reel_writer_finish(made.writer, made.t_ns, error), *error);
    assert_clean(made_check(made.recording));
    assert_int_equal(made_check(made.recording).result.unjudged_heaps, 1);
}

// ---- reels that break one

static void a_slot_that_is_not_reused_breaks_the_law_of_the_classes(void **state)
{
    struct made made;
    bump(&made, state);
    for (uint64_t i = 0; i < 3; i++)
    {
        made_alloc(&made, ZONE + i * SLOT, SLOT, CARVED);
        made_free(&made, ZONE + i * SLOT);
    }
    assert_convicted(made_finish(&made), REEL_VIOLATION_CLASS_LAW, "carved 3 slots of 48 bytes");
}

static void a_slot_is_carved_once(void **state)
{
    struct made made;
    zoned(&made, state);
    made_alloc(&made, ZONE, SLOT, CARVED);
    made_free(&made, ZONE);
    made_alloc(&made, ZONE, SLOT, CARVED);
    assert_convicted(made_finish(&made), REEL_VIOLATION_SLOT, "a second time");
}

static void a_slot_is_carved_before_it_is_used_again(void **state)
{
    struct made made;
    zoned(&made, state);
    made_alloc(&made, ZONE, SLOT, 0);
    assert_convicted(made_finish(&made), REEL_VIOLATION_SLOT, "never been carved");
}

static void a_slot_keeps_its_class(void **state)
{
    struct made made;
    bump(&made, state);
    made_alloc(&made, ZONE, 2 * SLOT, CARVED);
    made_alloc(&made, ZONE + 2 * SLOT, SLOT, CARVED);
    made_free(&made, ZONE);
    made_free(&made, ZONE + 2 * SLOT);
    made_alloc(&made, ZONE, SLOT, 0);
    assert_convicted(made_finish(&made), REEL_VIOLATION_SLOT, "of another class");
}

static void slots_never_touch_even_over_time(void **state)
{
    static const uint64_t second[] = {ZONE + 32, ZONE - 32 + 64};
    for (size_t i = 0; i < 2; i++)
    {
        struct made made;
        bump(&made, state);
        made_alloc(&made, ZONE + 64 * i, 2 * SLOT, CARVED);
        made_free(&made, ZONE + 64 * i);
        made_alloc(&made, second[i], SLOT, CARVED);
        assert_convicted(made_finish(&made), REEL_VIOLATION_SLOT, "over another");
    }
}

static void slots_are_aligned(void **state)
{
    struct made made;
    bump(&made, state);
    made_alloc(&made, ZONE + 96, 64, CARVED | REEL_EVENT_ALIGNED);
    assert_convicted(made_finish(&made), REEL_VIOLATION_SLOT, "not aligned");
    bump(&made, state);
    made_alloc(&made, ZONE + 8, SLOT, CARVED);
    assert_convicted(made_finish(&made), REEL_VIOLATION_SLOT, "not aligned");
}

static void slots_of_a_zone_lie_in_slabs(void **state)
{
    struct made made;
    zoned(&made, state);
    made_alloc(&made, ZONE, SLOT, CARVED);
    made_alloc(&made, ZONE + SLOT, SLOT, CARVED);
    made_alloc(&made, ZONE + 4096 + 16, SLOT, CARVED); // no slab of whole pages has slots at both
    assert_convicted(made_finish(&made), REEL_VIOLATION_SLOT, "where no slab has one");
}

static void a_zone_holds_blocks_of_its_class_alone(void **state)
{
    struct made made;
    zoned(&made, state);
    made_alloc(&made, ZONE, 2 * SLOT, CARVED);
    assert_convicted(made_finish(&made), REEL_VIOLATION_SLOT, "its zone is of another class");
    zoned(&made, state);
    made_alloc(&made, ZONE, 80, CARVED);
    assert_convicted(made_finish(&made), REEL_VIOLATION_SLOT, "of no class");
}

static void a_block_lies_in_a_zone(void **state)
{
    struct made made;
    bump(&made, state);
    made_alloc(&made, ZONE + ZONE_BYTES, SLOT, CARVED);
    assert_convicted(made_finish(&made), REEL_VIOLATION_PLACE, "in no zone");
}

static void a_block_ends_in_its_zone(void **state)
{
    struct made made;
    bump(&made, state);
    made_pages(&made, ZONE, ZONE_BYTES, true);
    made_alloc(&made, ZONE + ZONE_BYTES - 64, 2 * SLOT, CARVED);
    assert_convicted(made_finish(&made), REEL_VIOLATION_PLACE, "past the end");
}

static void a_block_lies_on_committed_pages(void **state)
{
    struct made made;
    bump(&made, state);
    made_alloc(&made, ZONE + COMMITTED - 16, SLOT, CARVED);
    assert_convicted(made_finish(&made), REEL_VIOLATION_PLACE, "not committed");
}

static void pages_do_not_go_back_under_a_live_block(void **state)
{
    struct made made;
    zoned(&made, state);
    made_alloc(&made, ZONE + 4080, SLOT, CARVED);
    made_pages(&made, ZONE, 4096, false);
    assert_convicted(made_finish(&made), REEL_VIOLATION_PLACE, "under the live block");
}

static void zones_do_not_overlap_and_pages_lie_in_one(void **state)
{
    struct made made;
    bump(&made, state);
    struct reel_error *error = &made.recording->error;
    const struct reel_zone_info zone = {
        .process = 1, .begin = ZONE + 4096, .bytes = 4096, .role = REEL_ZONE_METADATA, .class_id = REEL_NO_CLASS};
    assert_ok(reel_writer_add_zone(made.writer, &zone, error), *error);
    assert_convicted(made_finish(&made), REEL_VIOLATION_PLACE, "over another");
    bump(&made, state);
    made_pages(&made, ZONE + ZONE_BYTES, 4096, true);
    assert_convicted(made_finish(&made), REEL_VIOLATION_PLACE, "in no zone");
}

static void the_allocators_books_agree_with_the_events(void **state)
{
    static const struct
    {
        uint64_t carved, used, quarantined;
    } wrong[] = {{2, 2, 0}, {1, 1, 0}, {3, 1, 0}, {2, 0, 0}, {2, 1, 2}};
    struct made made;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    {
        zoned(&made, state);
        made_alloc(&made, ZONE, SLOT, CARVED);
        made_alloc(&made, ZONE + SLOT, SLOT, CARVED);
        made_free(&made, ZONE);
        made_census(&made, wrong[i].carved, wrong[i].used, wrong[i].quarantined);
        assert_convicted(made_finish(&made), REEL_VIOLATION_CENSUS, "2 are carved and 1 live");
    }
}

static void a_second_thread_may_have_a_slot_in_hand_that_the_books_count(void **state)
{
    struct made made;
    zoned(&made, state);
    made_thread(&made);
    made_alloc(&made, ZONE, SLOT, CARVED);
    made_census(&made, 2, 2, 0);
    assert_clean(made_finish(&made));
    zoned(&made, state);
    made_thread(&made);
    made_alloc(&made, ZONE, SLOT, CARVED);
    made_census(&made, 1, 0, 0);
    assert_convicted(made_finish(&made), REEL_VIOLATION_CENSUS, "0 used");
}

static void what_an_allocator_tells_names_what_is_in_the_reel(void **state)
{
    struct made made;
    bump(&made, state);
    struct reel_error *error = &made.recording->error;
    assert_ok(reel_writer_add_census(made.writer, &(struct reel_census){.process = 1, .class_id = 9}, error), *error);
    assert_convicted(made_finish(&made), REEL_VIOLATION_REFERENCE, "class 9");
}

// ---- misuse and figures

static void a_free_that_a_finding_names_is_the_programs_fault(void **state)
{
    struct made made;
    for (int is_named = 0; is_named < 2; is_named++)
    {
        bump(&made, state);
        struct reel_error *error = &made.recording->error;
        made_alloc(&made, ZONE, SLOT, CARVED);
        made_free(&made, ZONE);
        made_free(&made, ZONE); // event 2
        const struct reel_finding_info finding = {.process = 1,
                                                  .thread = 1,
                                                  .misuse = REEL_MISUSE_DOUBLE_FREE,
                                                  .address = ZONE,
                                                  .free_event = is_named ? 2 : 1};
        assert_ok(reel_writer_add_finding(made.writer, &finding, error), *error);
        struct verdict verdict = made_finish(&made);
        assert_int_equal(verdict.result.findings, 1);
        assert_int_equal(verdict.result.misuse_excused, is_named);
        if (is_named)
            assert_clean(verdict);
        else
            assert_convicted(verdict, REEL_VIOLATION_UNKNOWN_FREE, "freed before");
    }
}

static void change_file(const struct recording *recording, const char *sql)
{
    struct sqlite3 *database;
    assert_int_equal(sqlite3_open(recording->path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_true(sqlite3_changes(database) > 0);
    sqlite3_close(database);
}

static void each_stored_figure_of_a_heap_is_compared(void **state)
{
    static const char *const columns[] = {
        "class_figures SET carved_slots = carved_slots + 1",
        "class_figures SET live_slots = live_slots + 1",
        "class_figures SET peak_live_slots = peak_live_slots + 1",
        "class_figures SET peak_event = NULL",
        "heap_figures SET carved_bytes = carved_bytes + 1",
        "heap_figures SET bound_bytes = bound_bytes + 1",
        "heap_figures SET live_slot_bytes = live_slot_bytes + 1",
        "heap_figures SET peak_slot_bytes = peak_slot_bytes + 1",
        "heap_figures SET peak_event = NULL",
        "heap_figures SET committed_bytes = committed_bytes + 1",
        "heap_figures SET peak_committed_bytes = peak_committed_bytes + 1",
        "heap_figures SET metadata_bytes = metadata_bytes + 1",
        "heap_figures SET peak_metadata_bytes = peak_metadata_bytes + 1",
    };
    struct made made;
    char sql[160];
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
    {
        bump(&made, state);
        made_alloc(&made, ZONE, SLOT, CARVED);
        assert_clean(made_finish(&made));
        snprintf(sql, sizeof sql, "UPDATE %s", columns[i]);
        change_file(made.recording, sql);
        struct verdict verdict = made_check(made.recording);
        if (verdict.result.violations != 1 || verdict.first.kind != REEL_VIOLATION_TOTALS)
            fail_msg("%s: %llu violations: %s", sql, (unsigned long long)verdict.result.violations, verdict.first.text);
    }
    change_file(made.recording, "DELETE FROM class_figures");
    assert_int_equal(made_check(made.recording).first.kind, REEL_VIOLATION_TOTALS);
}

static void a_reel_of_version_1_is_checked_without_the_newer_tables(void **state)
{
    struct made made;
    made_begin(&made, *state, "system", REEL_ZONE_CHUNKS);
    made_alloc(&made, ZONE, 100, 0);
    assert_clean(made_finish(&made));
    change_file(made.recording,
                "DROP TABLE size_class; DROP TABLE zone; DROP TABLE page_change; DROP TABLE class_census; "
                "DROP TABLE finding; DROP TABLE class_figures; DROP TABLE heap_figures; PRAGMA user_version = 1; "
                "UPDATE run SET version = 'older'");
    assert_clean(made_check(made.recording));
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_bump_heap_that_keeps_the_laws_is_clean),
        IN_DIRECTORY(a_zone_that_keeps_the_laws_is_clean),
        IN_DIRECTORY(a_forked_child_goes_on_with_the_heap_of_its_parent),
        IN_DIRECTORY(each_thread_beside_others_may_have_a_slot_in_hand),
        IN_DIRECTORY(a_call_that_a_handler_interrupted_may_have_a_slot_in_hand),
        IN_DIRECTORY(the_baseline_carves_for_every_allocation),
        IN_DIRECTORY(what_lost_events_may_explain_is_not_convicted),
        IN_DIRECTORY(a_slot_that_is_not_reused_breaks_the_law_of_the_classes),
        IN_DIRECTORY(a_slot_is_carved_once),
        IN_DIRECTORY(a_slot_is_carved_before_it_is_used_again),
        IN_DIRECTORY(a_slot_keeps_its_class),
        IN_DIRECTORY(slots_never_touch_even_over_time),
        IN_DIRECTORY(slots_are_aligned),
        IN_DIRECTORY(slots_of_a_zone_lie_in_slabs),
        IN_DIRECTORY(a_zone_holds_blocks_of_its_class_alone),
        IN_DIRECTORY(a_block_lies_in_a_zone),
        IN_DIRECTORY(a_block_ends_in_its_zone),
        IN_DIRECTORY(a_block_lies_on_committed_pages),
        IN_DIRECTORY(pages_do_not_go_back_under_a_live_block),
        IN_DIRECTORY(zones_do_not_overlap_and_pages_lie_in_one),
        IN_DIRECTORY(the_allocators_books_agree_with_the_events),
        IN_DIRECTORY(a_second_thread_may_have_a_slot_in_hand_that_the_books_count),
        IN_DIRECTORY(what_an_allocator_tells_names_what_is_in_the_reel),
        IN_DIRECTORY(a_free_that_a_finding_names_is_the_programs_fault),
        IN_DIRECTORY(each_stored_figure_of_a_heap_is_compared),
        IN_DIRECTORY(a_reel_of_version_1_is_checked_without_the_newer_tables),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
