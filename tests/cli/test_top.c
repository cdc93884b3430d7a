// SPDX-License-Identifier: MIT
// Ranking of stacks at moments, through the engine and through the command.
#include "fixture.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "reel/top.h"

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

struct ranking
{
    struct reel_top_row rows[8];
    size_t count;
    struct reel_top_row total;
};

static struct ranking rank(const char *path, uint64_t events, size_t limit)
{
    struct ranking ranking = {0};
    struct reel_top_row *rows = NULL;
    struct reel_error error = {0};
    struct reel_reader *reader = fixture_open(path);
    assert_int_equal(reel_top_live(reader, events, limit, NULL, &rows, &ranking.count, &ranking.total, &error),
                     REEL_OK);
    assert_true(ranking.count <= 8);
    for (size_t i = 0; i < ranking.count; i++)
        ranking.rows[i] = rows[i];
    free(rows);
    reel_reader_close(reader);
    return ranking;
}

static void assert_row(const struct reel_top_row *row, uint32_t stack, uint64_t blocks, uint64_t bytes)
{
    assert_int_equal(row->stack, stack);
    assert_int_equal(row->blocks, blocks);
    assert_int_equal(row->bytes, bytes);
}

static void stacks_are_ranked_by_what_lives_at_the_moment(void **state)
{
    (void)state;
    struct fixture_reel reel;
    uint32_t small = 0;
    uint32_t big = 0;
    make(&reel, "top.reel", &small, &big);
    assert_int_equal(rank(reel.path, 0, 0).count, 0);
    struct ranking peak = rank(reel.path, 3, 0);
    assert_int_equal(peak.count, 2);
    assert_row(&peak.rows[0], big, 1, 1000);
    assert_row(&peak.rows[1], small, 2, 150);
    assert_row(&peak.total, 0, 3, 1150);
    struct ranking end = rank(reel.path, 6, 0);
    assert_int_equal(end.count, 2);
    assert_row(&end.rows[0], small, 2, 60);
    assert_row(&end.rows[1], 0, 1, 7);
    struct ranking first = rank(reel.path, 3, 1);
    assert_int_equal(first.count, 1);
    assert_row(&first.rows[0], big, 1, 1000);
    assert_row(&first.total, 0, 3, 1150);
}

static void processes_that_have_ended_hold_nothing_and_equal_addresses_are_apart(void **state)
{
    (void)state;
    const struct reel_process_info image = {.pid = 100, .parent_pid = 1, .parent_process = 1, .command = "after"};
    struct fixture_reel reel;
    struct reel_error error = {0};
    uint32_t second = 0;
    fixture_begin(&reel, "top_exec.reel");
    fixture_alloc(&reel, 0x1000, 100, 104);
    assert_int_equal(reel_writer_add_process(reel.writer, &image, &second, &error), REEL_OK);
    uint32_t thread = fixture_thread(&reel, second);
    fixture_alloc_in(&reel, second, thread, 0x1000, 16);
    fixture_end_process(&reel, 1);
    fixture_alloc_in(&reel, second, thread, 0x2000, 4);
    fixture_end_process(&reel, second);
    assert_int_equal(reel_writer_finish(reel.writer, reel.t_ns, &error), REEL_OK);
    assert_int_equal(rank(reel.path, 2, 0).total.bytes, 116);
    assert_int_equal(rank(reel.path, 3, 0).total.bytes, 20);
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
        cmocka_unit_test(stacks_are_ranked_by_what_lives_at_the_moment),
        cmocka_unit_test(processes_that_have_ended_hold_nothing_and_equal_addresses_are_apart),
        cmocka_unit_test(the_text_names_functions_and_shares),
        cmocka_unit_test(the_json_has_numbers_and_frames),
        cmocka_unit_test(a_bad_moment_or_measure_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
