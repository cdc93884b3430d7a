// SPDX-License-Identifier: MIT
// What the commands tell of stacks that were captured with two results, and of stacks that were cut.
#include "fixture.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static void need(int status, const struct reel_error *error)
{
    if (status != REEL_OK)
        fail_msg("%s", error->text);
}

static uint32_t frame_of(struct fixture_reel *reel, const char *function)
{
    struct reel_error error = {0};
    const struct reel_symbol symbol = {.function = function, .file = "/src/made.c", .line = 7};
    static uint64_t offset = 0x100000;
    uint32_t frame = 0;
    need(reel_writer_intern_frame(reel->writer, 0, offset += 16, &frame, &error), &error);
    need(reel_writer_set_symbols(reel->writer, frame, &symbol, 1, &error), &error);
    return frame;
}

static uint32_t call(struct fixture_reel *reel, uint32_t parent, uint32_t frame)
{
    struct reel_error error = {0};
    uint32_t stack = 0;
    need(reel_writer_intern_stack(reel->writer, parent, frame, &stack, &error), &error);
    return stack;
}

// One block, from a stack that was cut: inner < middle < ...; `differences` times libunwind says inner < other < main.
static void make(struct fixture_reel *reel, const char *name, uint32_t differences)
{
    struct reel_error error = {0};
    fixture_begin(reel, name);
    uint32_t inner = frame_of(reel, "inner");
    uint32_t walked = call(reel, call(reel, REEL_STACK_CUT, frame_of(reel, "middle")), inner);
    uint32_t main_stack = call(reel, 0, frame_of(reel, "main"));
    uint32_t unwound = call(reel, call(reel, main_stack, frame_of(reel, "other")), inner);
    fixture_append(reel, &(struct reel_event){.kind = REEL_EVENT_ALLOC,
                                              .address = 0x1000,
                                              .requested_bytes = 100,
                                              .usable_bytes = 104,
                                              .stack = walked,
                                              .thread = 1,
                                              .process = 1});
    for (uint32_t number = 1; number <= differences; number++)
        need(reel_writer_add_difference(reel->writer,
                                        &(struct reel_difference_info){.process = 1,
                                                                       .number = number,
                                                                       .thread = 1,
                                                                       .t_ns = number,
                                                                       .walked_stack = walked,
                                                                       .unwound_stack = unwound},
                                        &error),
             &error);
    const struct reel_process_counters counters = {
        .committed_events = 1, .verify_count = 1234, .verify_differences = differences};
    need(reel_writer_set_counters(reel->writer, 1, &counters, &error), &error);
    need(reel_writer_finish(reel->writer, reel->t_ns, &error), &error);
}

// The words stand in this order.
static void assert_in_order(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
    {
        const char *at = strstr(text, *words);
        if (at != NULL)
            text = at + strlen(*words);
        else
            fail_msg("%s is not in: %s", *words, text);
    }
}

static void the_summary_shows_where_both_stacks_part(void **state)
{
    (void)state;
    static const char *const words[] = {"WRONG STACKS: 5 of 1 234",
                                        "wrong stack 1 of process 1, thread 1",
                                        "both ",
                                        "inner",
                                        "walked ",
                                        "middle",
                                        "libunwind ",
                                        "other",
                                        "libunwind ",
                                        "main",
                                        "wrong stack 3",
                                        "2 more that were kept",
                                        NULL};
    struct fixture_reel reel;
    struct fixture_run run;
    make(&reel, "wrong.reel", 5);
    FIXTURE_HEAPREEL(&run, "summary", reel.path);
    assert_int_equal(run.status, 0);
    assert_in_order(run.out, words);
    assert_null(strstr(run.out, "wrong stack 4"));
}

static void the_summary_in_json_has_all_that_were_kept(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    make(&reel, "wrong_json.reel", 5);
    FIXTURE_HEAPREEL(&run, "summary", "--json", reel.path);
    assert_int_equal(run.status, 0);
    cJSON *summary = cJSON_Parse(run.out);
    const cJSON *list = cJSON_GetObjectItem(summary, "stack_differences");
    assert_int_equal(cJSON_GetArraySize(list), 5);
    const cJSON *last = cJSON_GetArrayItem(list, 4);
    assert_int_equal(fixture_number(last, "number"), 5);
    assert_int_equal(fixture_number(last, "thread"), 1);
    const cJSON *walked = cJSON_GetObjectItem(last, "walked");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(walked, "is_cut")));
    const cJSON *unwound = cJSON_GetObjectItem(last, "unwound");
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(unwound, "is_cut")));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(unwound, "frames")), 3);
    cJSON_Delete(summary);
}

static void a_recording_without_differences_tells_none(void **state)
{
    (void)state;
    struct fixture_reel reel;
    struct fixture_run run;
    make(&reel, "right.reel", 0);
    FIXTURE_HEAPREEL(&run, "summary", reel.path);
    assert_int_equal(run.status, 0);
    assert_null(strstr(run.out, "rong stack"));
    assert_non_null(strstr(run.out, "stacks captured both ways"));
    FIXTURE_HEAPREEL(&run, "check", reel.path);
    assert_int_equal(run.status, 0);
}

static void a_cut_stack_is_marked_wherever_it_is_printed(void **state)
{
    (void)state;
    static const char *const words[] = {"inner", "middle", "... deeper frames were cut", NULL};
    struct fixture_reel reel;
    struct fixture_run run;
    make(&reel, "cut.reel", 0);
    FIXTURE_HEAPREEL(&run, "top", reel.path);
    assert_int_equal(run.status, 0);
    assert_in_order(run.out, words);
    FIXTURE_HEAPREEL(&run, "top", "--json", reel.path);
    assert_non_null(strstr(run.out, "\"is_cut\":\ttrue"));
    FIXTURE_HEAPREEL(&run, "sql", reel.path, "SELECT stack_text(stack) FROM events");
    assert_non_null(strstr(run.out, "inner (/src/made.c:7) < middle (/src/made.c:7) < ..."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_summary_shows_where_both_stacks_part),
        cmocka_unit_test(the_summary_in_json_has_all_that_were_kept),
        cmocka_unit_test(a_recording_without_differences_tells_none),
        cmocka_unit_test(a_cut_stack_is_marked_wherever_it_is_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
