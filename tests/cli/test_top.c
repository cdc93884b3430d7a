// SPDX-License-Identifier: MIT
// heapreel top: its measures, texts and JSON.
#include "fixture.h"

#include <cjson/cJSON.h>
#include <string.h>

static void alloc_with_stack(struct fixture_reel *reel, uint64_t address, uint64_t bytes, uint32_t stack)
{
    fixture_append(reel, &(struct reel_event){.kind = REEL_EVENT_ALLOC,
                                              .address = address,
                                              .requested_bytes = bytes,
                                              .usable_bytes = bytes + 8,
                                              .stack = stack,
                                              .thread = 1,
                                              .process = 1});
}

// Event 0 to 2: 100 bytes from small, 1000 from big, 50 from small; 3: big is freed; 4: the first is resized to 10;
// 5: 7 bytes without stack.
static void make(struct fixture_reel *reel, const char *name, uint32_t *small, uint32_t *big)
{
    fixture_begin(reel, name);
    *small = fixture_stack(reel, "small");
    *big = fixture_stack(reel, "big");
    alloc_with_stack(reel, 0x1000, 100, *small);
    alloc_with_stack(reel, 0x2000, 1000, *big);
    alloc_with_stack(reel, 0x3000, 50, *small);
    fixture_free(reel, 0x2000);
    fixture_resize(reel, 0x1000, 10, 24);
    fixture_alloc(reel, 0x4000, 7, 24);
    fixture_finish(reel);
}

static void rank(struct fixture_run *run, const char *path, const char *measure, const char *moment)
{
    FIXTURE_HEAPREEL(run, "top", path, "--by", measure, "--at", moment, "--json");
    assert_int_equal(run->status, 0);
    assert_string_equal(run->err, "");
}

static void assert_total(const char *path, const char *measure, const char *moment, int64_t bytes, int64_t blocks)
{
    struct fixture_run run;
    rank(&run, path, measure, moment);
    cJSON *answer = cJSON_Parse(run.out);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(answer, "by")), measure);
    assert_int_equal(fixture_number(answer, "bytes"), bytes);
    assert_int_equal(fixture_number(answer, "blocks"), blocks);
    cJSON_Delete(answer);
}

static void each_measure_has_its_amounts(void **state)
{
    (void)state;
    struct fixture_reel reel;
    uint32_t small = 0;
    uint32_t big = 0;
    make(&reel, "measures.reel", &small, &big);
    assert_total(reel.path, "live", "peak", 1150, 3);
    assert_total(reel.path, "live", "end", 67, 3);
    assert_total(reel.path, "peak", "end", 1150, 3);
    assert_total(reel.path, "peak", "#1", 1100, 2);
    assert_total(reel.path, "allocated", "#3", 1150, 3);
    assert_total(reel.path, "leaked", "end", 67, 3);
    assert_total(reel.path, "leaked", "#4", 0, 0);
    assert_total(reel.path, "rounding", "peak", 24, 3);
    assert_total(reel.path, "rounding", "end", 14 + 8 + 17, 3);
}

static void measures_that_add_up_are_asked_at_the_end(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    uint32_t small = 0;
    uint32_t big = 0;
    make(&reel, "defaults.reel", &small, &big);
    FIXTURE_HEAPREEL(&run, "top", reel.path, "--by", "leaked");
    assert_true(strncmp(run.out, "67 B leaked in 3 blocks up to end (after 6 events), by allocation stack\n", 72) == 0);
    FIXTURE_HEAPREEL(&run, "top", reel.path, "--by", "rounding");
    assert_true(strncmp(run.out, "24 B lost to rounding in 3 blocks at peak (after 3 events), by", 62) == 0);
}

// Process 1 has 100 bytes (event 0) and ends after event 1; process 2 has 16 (event 1) and 4 (event 2).
static void make_two_processes(struct fixture_reel *reel, const char *name)
{
    const struct reel_process_info image = {.pid = 100, .parent_pid = 1, .parent_process = 1, .command = "after"};
    struct reel_error error = {0};
    uint32_t second = 0;
    fixture_begin(reel, name);
    fixture_alloc(reel, 0x1000, 100, 104);
    assert_int_equal(reel_writer_add_process(reel->writer, &image, &second, &error), REEL_OK);
    uint32_t thread = fixture_thread(reel, second);
    fixture_alloc_in(reel, second, thread, 0x1000, 16);
    fixture_end_process(reel, 1);
    fixture_alloc_in(reel, second, thread, 0x2000, 4);
    fixture_end_process(reel, second);
    assert_int_equal(reel_writer_finish(reel->writer, reel->t_ns, &error), REEL_OK);
}

static void processes_that_have_ended_hold_nothing_and_equal_addresses_are_apart(void **state)
{
    (void)state;
    struct fixture_reel reel;
    make_two_processes(&reel, "top_exec.reel");
    assert_total(reel.path, "live", "#1", 116, 2);
    assert_total(reel.path, "live", "#2", 20, 2);
}

static void one_process_can_be_asked_about(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    make_two_processes(&reel, "top_process.reel");
    FIXTURE_HEAPREEL(&run, "top", reel.path, "--process", "2", "--at", "#1");
    assert_true(strncmp(run.out, "16 B live in 1 block at #1 (after 2 events)", 43) == 0);
    FIXTURE_HEAPREEL(&run, "top", reel.path, "--process", "1", "--by", "leaked");
    assert_true(strncmp(run.out, "100 B leaked in 1 block up to end", 33) == 0);
    FIXTURE_HEAPREEL(&run, "top", reel.path, "--process", "2", "--by", "peak");
    assert_true(strncmp(run.out, "20 B live at the greatest, in 2 blocks", 38) == 0);
    FIXTURE_HEAPREEL(&run, "diff", reel.path, "#1", "end", "--process", "2");
    assert_true(strncmp(run.out, "+4 B live and +1 block from #1", 30) == 0);
    FIXTURE_HEAPREEL(&run, "diff", reel.path, "#0", "end", "--process", "3");
    fixture_assert_refused(&run, 2, "--process 3: the reel has 2 processes");
}

static void the_text_names_functions_and_shares(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    uint32_t small = 0;
    uint32_t big = 0;
    make(&reel, "text.reel", &small, &big);
    FIXTURE_HEAPREEL(&run, "top", reel.path, "--by", "live", "--limit", "1");
    assert_int_equal(run.status, 0);
    assert_string_equal(run.err, "");
    assert_string_equal(run.out, "1.1 KiB live in 3 blocks at peak (after 3 events), by allocation stack\n"
                                 "\n"
                                 "  1      1000 B   87.0 %  1 block\n"
                                 "       big                               made.c:7\n"
                                 "\n"
                                 "          150 B  in other stacks; see --limit\n");
    FIXTURE_HEAPREEL(&run, "top", reel.path, "--at", "end");
    assert_non_null(strstr(run.out, "(no stack)"));
}

static void the_json_has_numbers_and_frames(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    uint32_t small = 0;
    uint32_t big = 0;
    make(&reel, "json.reel", &small, &big);
    FIXTURE_HEAPREEL(&run, "top", "--json", "--at", "#2", reel.path);
    assert_int_equal(run.status, 0);
    cJSON *answer = cJSON_Parse(run.out);
    assert_non_null(answer);
    const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(answer, "stacks"), 0);
    const cJSON *frame = cJSON_GetArrayItem(cJSON_GetObjectItem(first, "frames"), 0);
    assert_int_equal(cJSON_GetObjectItem(answer, "bytes")->valueint, 1150);
    assert_int_equal(cJSON_GetObjectItem(answer, "after_events")->valueint, 3);
    assert_int_equal(cJSON_GetObjectItem(first, "bytes")->valueint, 1000);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(frame, "function")), "big");
    assert_int_equal(cJSON_GetObjectItem(frame, "line")->valueint, 7);
    cJSON_Delete(answer);
}

// What a question about the events themselves cannot read is told beside its answer.
static void damaged_events_are_told(void **state)
{
    (void)state;
    static const char line[] = "heapreel: 6 events before the moment are damaged and left out\n";
    struct fixture_reel reel;
    struct fixture_run run;
    uint32_t small = 0;
    uint32_t big = 0;
    make(&reel, "top_damaged.reel", &small, &big);
    fixture_tamper(reel.path, "UPDATE chunk_data SET data = x'00'");
    FIXTURE_HEAPREEL(&run, "top", reel.path, "--by", "allocated");
    assert_int_equal(run.status, 0);
    assert_string_equal(run.err, line);
    FIXTURE_HEAPREEL(&run, "address", reel.path, "0x1000", "--json");
    assert_int_equal(run.status, 0);
    assert_string_equal(run.err, line);
    cJSON *answer = cJSON_Parse(run.out);
    assert_int_equal(fixture_number(answer, "damaged_events"), 6);
    cJSON_Delete(answer);
    FIXTURE_HEAPREEL(&run, "sql", reel.path, "SELECT count(*) FROM lifetimes()");
    assert_string_equal(run.out, "0\n");
}

static void a_bad_moment_or_measure_is_refused(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    uint32_t small = 0;
    uint32_t big = 0;
    make(&reel, "moment.reel", &small, &big);
    FIXTURE_HEAPREEL(&run, "top", reel.path, "--at", "yesterday");
    fixture_assert_refused(&run, 2, "yesterday");
    FIXTURE_HEAPREEL(&run, "top", reel.path, "--by", "beauty");
    fixture_assert_refused(&run, 2, "beauty");
    FIXTURE_HEAPREEL(&run, "top", reel.path, "--limit", "-1");
    fixture_assert_refused(&run, 2, "--limit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_measure_has_its_amounts),
        cmocka_unit_test(measures_that_add_up_are_asked_at_the_end),
        cmocka_unit_test(processes_that_have_ended_hold_nothing_and_equal_addresses_are_apart),
        cmocka_unit_test(one_process_can_be_asked_about),
        cmocka_unit_test(the_text_names_functions_and_shares),
        cmocka_unit_test(the_json_has_numbers_and_frames),
        cmocka_unit_test(damaged_events_are_told),
        cmocka_unit_test(a_bad_moment_or_measure_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
