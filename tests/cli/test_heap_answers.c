// SPDX-License-Identifier: MIT
// What summary and check answer about an allocator of ours and about misuse of memory.
#include "fixture.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#define ZONE 0x100000

static void need(int status, const struct reel_error *error)
{
    if (status != REEL_OK)
        fail_msg("%s", error->text);
}

static void append(struct fixture_reel *reel, uint8_t kind, uint64_t address, uint64_t usable, uint32_t stack)
{
    const bool is_alloc = kind == REEL_EVENT_ALLOC;
    fixture_append(reel, &(struct reel_event){.kind = kind,
                                              .address = address,
                                              .requested_bytes = usable,
                                              .usable_bytes = usable,
                                              .stack = stack,
                                              .flags = is_alloc ? REEL_EVENT_CARVED : 0,
                                              .thread = 1,
                                              .process = 1});
}

// 64 slots of 16 bytes live, then one of 1024, and a double free of the first.
static void make(struct fixture_reel *reel, const char *name)
{
    const struct reel_class_info classes[] = {{.class_id = 0, .slot_bytes = 16, .usable_bytes = 16},
                                              {.class_id = 1, .slot_bytes = 1024, .usable_bytes = 1024}};
    const struct reel_zone_info zones[] = {
        {.process = 1, .begin = ZONE, .bytes = ZONE, .role = REEL_ZONE_BUMP, .class_id = REEL_NO_CLASS},
        {.process = 1, .begin = 8 * ZONE, .bytes = ZONE, .role = REEL_ZONE_METADATA, .class_id = REEL_NO_CLASS}};
    const struct reel_page_change pages[] = {{.process = 1, .begin = ZONE, .bytes = 0x10000, .is_committed = true},
                                             {.process = 1, .begin = 8 * ZONE, .bytes = 0x1000, .is_committed = true}};
    struct reel_error error = {0};
    fixture_begin(reel, name);
    uint32_t maker = fixture_stack(reel, "maker");
    uint32_t owner = fixture_stack(reel, "owner");
    uint32_t sinner = fixture_stack(reel, "sinner");
    for (size_t i = 0; i < 2; i++)
    {
        need(reel_writer_add_class(reel->writer, &classes[i], &error), &error);
        need(reel_writer_add_zone(reel->writer, &zones[i], &error), &error);
        need(reel_writer_add_page_change(reel->writer, &pages[i], &error), &error);
    }
    for (uint64_t i = 0; i < 64; i++)
        append(reel, REEL_EVENT_ALLOC, ZONE + i * 16, 16, maker);
    for (uint64_t i = 0; i < 64; i++)
        append(reel, REEL_EVENT_FREE, ZONE + i * 16, 0, owner);
    append(reel, REEL_EVENT_ALLOC, ZONE + 1024, 1024, maker);
    append(reel, REEL_EVENT_FREE, ZONE, 0, sinner); // event 129
    const struct reel_finding_info findings[] = {{.process = 1,
                                                  .thread = 1,
                                                  .misuse = REEL_MISUSE_DOUBLE_FREE,
                                                  .address = ZONE,
                                                  .stack = sinner,
                                                  .free_event = 129},
                                                 {.process = 1,
                                                  .thread = 1,
                                                  .misuse = REEL_MISUSE_ABSURD_SIZE,
                                                  .size_bytes = 12345678,
                                                  .free_event = REEL_NO_EVENT},
                                                 {.process = 1,
                                                  .thread = 1,
                                                  .misuse = REEL_MISUSE_OVERFLOW,
                                                  .address = ZONE + 1024,
                                                  .size_bytes = 1020,
                                                  .true_size_bytes = 1024,
                                                  .free_event = REEL_NO_EVENT}};
    for (size_t i = 0; i < 3; i++)
        need(reel_writer_add_finding(reel->writer, &findings[i], &error), &error);
    fixture_finish(reel);
}

static void the_summary_tells_slots_pages_and_misuse(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "  carved                 2.0 KiB  65 slots of 2 size classes\n",
        "  bound                  2.0 KiB  each class at its own peak\n",
        "  peak of slots          1.0 KiB  all classes together: stranding 2.00\n",
        "  committed             64.0 KiB  at the most, 64.0 KiB at the end\n",
        "  metadata               4.0 KiB  of the allocator, 4.0 KiB at the end\n",
        "  MISUSE: 1 double free, 1 overflow, 1 absurd size\n",
        "  double free at 0x100000 (process 1, after 130 events)\n",
        "       noticed in    sinner (made.c:7)\n",
        "       allocated by  maker (made.c:7)\n",
        "       freed by      owner (made.c:7)\n",
        "  absurd size of 12 345 678 bytes (process 1, after 130 events)\n",
        "  overflow at 0x100400, first at byte 1 020 of 1 024 (process 1, after 130 events)\n",
    };
    struct fixture_reel reel;
    struct fixture_run run;
    make(&reel, "heap.reel");
    FIXTURE_HEAPREEL(&run, "summary", reel.path);
    assert_int_equal(run.status, 0);
    const char *at = run.out;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
    {
        const char *found = strstr(at, lines[i]);
        if (found == NULL)
            fail_msg("not found after those before: %s in %s", lines[i], run.out);
        at = found != NULL ? found : at;
    }
}

static void without_an_allocator_of_ours_the_summary_says_nothing_of_it(void **state)
{
    (void)state;
    static const char *const words[] = {"carved", "bound", "committed", "metadata", "MISUSE"};
    struct fixture_reel reel;
    struct fixture_run run;
    fixture_begin(&reel, "plain.reel");
    fixture_alloc(&reel, 0x1000, 8, 24);
    fixture_finish(&reel);
    FIXTURE_HEAPREEL(&run, "summary", reel.path);
    assert_int_equal(run.status, 0);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_null(strstr(run.out, words[i]));
}

static void a_reel_of_version_1_has_no_heaps_and_no_findings(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    make(&reel, "older.reel");
    fixture_tamper(reel.path,
                   "DROP TABLE size_class; DROP TABLE zone; DROP TABLE page_change; DROP TABLE class_census; "
                   "DROP TABLE finding; DROP TABLE class_figures; DROP TABLE heap_figures; "
                   "PRAGMA user_version = 1; UPDATE run SET version = 'older'");
    FIXTURE_HEAPREEL(&run, "summary", reel.path);
    assert_int_equal(run.status, 0);
    assert_null(strstr(run.out, "carved"));
    FIXTURE_HEAPREEL(&run, "summary", "--json", reel.path);
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "\"older\""));
}

static const char *innermost(const cJSON *finding, const char *name)
{
    const cJSON *frames = cJSON_GetObjectItem(cJSON_GetObjectItem(finding, name), "frames");
    return cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetArrayItem(frames, 0), "function"));
}

static void the_summary_in_json_has_heaps_classes_and_findings(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    make(&reel, "json.reel");
    FIXTURE_HEAPREEL(&run, "summary", "--json", reel.path);
    assert_int_equal(run.status, 0);
    cJSON *summary = cJSON_Parse(run.out);
    const cJSON *heap = cJSON_GetArrayItem(cJSON_GetObjectItem(summary, "heaps"), 0);
    assert_int_equal(fixture_number(heap, "process"), 1);
    assert_int_equal(fixture_number(heap, "carved_slots"), 65);
    assert_int_equal(fixture_number(heap, "carved_bytes"), 2048);
    assert_int_equal(fixture_number(heap, "bound_bytes"), 2048);
    assert_int_equal(fixture_number(heap, "peak_slot_bytes"), 1024);
    assert_int_equal(fixture_number(heap, "live_slot_bytes"), 1024);
    assert_int_equal(fixture_number(heap, "stranding"), 2);
    assert_int_equal(fixture_number(heap, "peak_committed_bytes"), 65536);
    assert_int_equal(fixture_number(heap, "metadata_bytes"), 4096);
    const cJSON *class = cJSON_GetArrayItem(cJSON_GetObjectItem(heap, "classes"), 0);
    assert_int_equal(fixture_number(class, "slot_bytes"), 16);
    assert_int_equal(fixture_number(class, "carved_slots"), 64);
    assert_int_equal(fixture_number(class, "live_slots"), 0);
    assert_int_equal(fixture_number(class, "peak_live_slots"), 64);
    assert_int_equal(fixture_number(summary, "findings"), 3);
    assert_int_equal(fixture_number(cJSON_GetObjectItem(summary, "findings_by_kind"), "double free"), 1);
    assert_int_equal(fixture_number(cJSON_GetObjectItem(summary, "findings_by_kind"), "wrong size"), 0);
    const cJSON *finding = cJSON_GetArrayItem(cJSON_GetObjectItem(summary, "first_findings"), 0);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(finding, "address")), "0x100000");
    assert_string_equal(innermost(finding, "noticed"), "sinner");
    assert_string_equal(innermost(finding, "allocated"), "maker");
    assert_string_equal(innermost(finding, "first_freed"), "owner");
    cJSON_Delete(summary);
}

static void check_counts_findings_and_does_not_fail_for_them(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    make(&reel, "check.reel");
    FIXTURE_HEAPREEL(&run, "check", reel.path);
    assert_int_equal(run.status, 0);
    assert_string_equal(run.out, "clean: 130 events, 0 violations\n"
                                 "1 frees of what was not live that the allocator noticed: the program's fault\n"
                                 "3 findings of misuse of memory; see summary\n");
    FIXTURE_HEAPREEL(&run, "check", "--json", reel.path);
    cJSON *answer = cJSON_Parse(run.out);
    assert_int_equal(fixture_number(answer, "misuse_excused"), 1);
    assert_int_equal(fixture_number(answer, "findings"), 3);
    cJSON_Delete(answer);
}

static void check_names_what_breaks_a_law(void **state)
{
    (void)state;
    static const struct
    {
        const char *sql;
        const char *line;
    } cases[] = {
        {"UPDATE page_change SET range_bytes = 4096 WHERE page_change = 1",
         "totals: heap of process 1: committed_bytes is 65536 in the reel, 4096 by its events\n"},
        {"DELETE FROM zone WHERE role = 'bump'", "place at #0: "},
        {"UPDATE size_class SET slot_bytes = 2048 WHERE class_id = 1", "totals: heap of process 1: carved_bytes is "},
    };
    struct fixture_reel reel;
    struct fixture_run run;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        make(&reel, "broken.reel");
        fixture_tamper(reel.path, cases[i].sql);
        FIXTURE_HEAPREEL(&run, "check", reel.path);
        assert_int_equal(run.status, 1);
        if (strstr(run.out, cases[i].line) == NULL)
            fail_msg("not found: %s in %s", cases[i].line, run.out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_summary_tells_slots_pages_and_misuse),
        cmocka_unit_test(without_an_allocator_of_ours_the_summary_says_nothing_of_it),
        cmocka_unit_test(a_reel_of_version_1_has_no_heaps_and_no_findings),
        cmocka_unit_test(the_summary_in_json_has_heaps_classes_and_findings),
        cmocka_unit_test(check_counts_findings_and_does_not_fail_for_them),
        cmocka_unit_test(check_names_what_breaks_a_law),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
