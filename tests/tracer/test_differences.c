// SPDX-License-Identifier: MIT
// Stacks that differ: from records in the channel, which may be anything, to rows of the reel.
#include "fake_channel.h"
#include "reel/sqlite.h"
#include "tracer/differences.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct bench
{
    struct fake_channel fake;
    struct process process;
    struct clock_scale clock;
    struct emit emit;
    char reel[128];
};

// Nodes: 1 root, 2 and 3 one frame each; 4 a loop; 5 a root of cut stacks, 6 below it.
static void add_nodes(struct fake_channel *fake)
{
    fake_node(fake, 1, 0, 1, 0);
    fake_node(fake, 2, 1, 0x2000, 1);
    fake_node(fake, 3, 1, 0x3000, 1);
    fake_node(fake, 4, 4, 0x4000, 1);
    fake_node(fake, 5, 0, 1, WIRE_STACK_CUT);
    fake_node(fake, 6, 5, 0x2000, 1);
}

static int set_up(void **state)
{
    static const struct reel_run_info run = {.command = "fake", .allocator = "system", .start_unix_ns = 1};
    static const struct reel_process_info process = {.pid = 1};
    struct bench *bench = aligned_alloc(_Alignof(struct bench), sizeof *bench);
    memset(bench, 0, sizeof *bench);
    *state = bench;
    fake_channel_create(&bench->fake, 1, 64);
    add_nodes(&bench->fake);
    snprintf(bench->reel, sizeof bench->reel, "%s.reel", bench->fake.directory);
    clock_begin(&bench->clock, WIRE_CLOCK_MONOTONIC);
    clock_settle(&bench->clock);
    bench->emit.clock = &bench->clock;
    bench->process.channel = bench->fake.channel;
    return stacks_open(&bench->process.stacks, &bench->process.channel, &bench->process.modules) ||
           reel_writer_open(&bench->emit.writer, bench->reel, true, &run, NULL) ||
           reel_writer_add_process(bench->emit.writer, &process, &bench->process.row, NULL);
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    reel_writer_close(bench->emit.writer);
    stacks_close(&bench->process.stacks);
    fake_channel_destroy(&bench->fake);
    unlink(bench->reel);
    free(bench);
    return 0;
}

static struct wire_difference *record(struct bench *bench, uint32_t number)
{
    struct wire_difference *records = (void *)(bench->fake.map + bench->fake.page->differences_offset);
    if (bench->fake.page->verify_differences < number)
        bench->fake.page->verify_differences = number;
    return &records[number - 1];
}

static void tell(struct bench *bench, uint32_t number, uint32_t walked, uint32_t unwound, int32_t tid)
{
    *record(bench, number) = (struct wire_difference){
        .time = clock_now(&bench->clock), .walked = walked, .unwound = unwound, .tid = tid, .is_complete = 1};
}

static void add_thread(struct bench *bench, int32_t tid)
{
    uint32_t thread;
    assert_int_equal(reel_writer_add_thread(bench->emit.writer, 1, tid, "t", 0, &thread, NULL), REEL_OK);
}

static void emit_differences(struct bench *bench, bool is_last)
{
    assert_int_equal(differences_emit(&bench->emit, &bench->process, is_last, NULL), REEL_OK);
}

// What stands in the reel at its end: number, thread, and the frames of both stacks, of each difference.
static void assert_rows(struct bench *bench, const char *expected)
{
    static const char query[] =
        "SELECT group_concat(printf('%d:%d:%x:%x', number, coalesce(thread, 0), (SELECT address_offset FROM stack JOIN "
        "frame USING (frame) WHERE stack = walked_stack), (SELECT address_offset + (parent = -1) FROM stack JOIN frame "
        "USING (frame) WHERE stack = unwound_stack)), ' ') FROM (SELECT * FROM stack_difference ORDER BY number)";
    struct sqlite3 *database = NULL;
    struct sqlite3_stmt *statement = NULL;
    assert_int_equal(reel_writer_finish(bench->emit.writer, clock_now(&bench->clock), NULL), REEL_OK);
    bench->emit.writer = NULL;
    assert_int_equal(sqlite3_open(bench->reel, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, query, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const char *rows = (const char *)sqlite3_column_text(statement, 0);
    assert_string_equal(rows != NULL ? rows : "", expected);
    sqlite3_finalize(statement);
    sqlite3_close(database);
}

static void differences_become_rows_once(void **state)
{
    struct bench *bench = *state;
    add_thread(bench, 7);
    tell(bench, 1, 2, 3, 7);
    tell(bench, 2, 3, 6, 7); // libunwind's is cut: 1 is added to its frame in the answer
    emit_differences(bench, false);
    emit_differences(bench, false);
    tell(bench, 3, 2, 0, 7); // the tree was full
    emit_differences(bench, true);
    assert_rows(bench, "1:1:2000:3000 2:1:3000:2001 3:1:2000:0");
}

static void one_whose_thread_is_not_there_yet_waits(void **state)
{
    struct bench *bench = *state;
    tell(bench, 1, 2, 3, 7);
    emit_differences(bench, false);
    assert_int_equal(bench->process.differences_told, 0);
    add_thread(bench, 7);
    emit_differences(bench, false);
    tell(bench, 2, 2, 3, 8);
    emit_differences(bench, true); // never will be there
    assert_rows(bench, "1:1:2000:3000 2:0:2000:3000");
}

static void one_that_is_not_complete_holds_up_the_later_ones_until_the_end(void **state)
{
    struct bench *bench = *state;
    add_thread(bench, 7);
    tell(bench, 1, 2, 3, 7);
    record(bench, 1)->is_complete = 0;
    tell(bench, 2, 3, 2, 7);
    emit_differences(bench, false);
    assert_int_equal(bench->process.differences_told, 0);
    emit_differences(bench, true);
    assert_rows(bench, "2:1:3000:2000");
}

static void what_cannot_be_is_counted_and_left_out(void **state)
{
    struct bench *bench = *state;
    add_thread(bench, 7);
    tell(bench, 1, 4, 3, 7);
    tell(bench, 2, 2, UINT32_MAX, 7);
    tell(bench, 3, 2, 3, 7);
    record(bench, 3)->time = UINT64_MAX; // later than now: it is now
    bench->fake.page->verify_differences = UINT64_MAX;
    emit_differences(bench, true);
    assert_int_equal(bench->process.bad_differences, 2);
    assert_int_equal(bench->process.differences_told, WIRE_DIFFERENCES_MAX);
    assert_rows(bench, "3:1:2000:3000");
}

static void any_bytes_at_all_are_survived(void **state)
{
    struct bench *bench = *state;
    srandom(8);
    add_thread(bench, 7);
    bench->fake.page->verify_differences = WIRE_DIFFERENCES_MAX;
    for (uint32_t number = 1; number <= WIRE_DIFFERENCES_MAX; number++)
        for (size_t i = 0; i < sizeof(struct wire_difference); i++)
            ((uint8_t *)record(bench, number))[i] = (uint8_t)(random() % 8);
    emit_differences(bench, true);
    assert_int_equal(reel_writer_finish(bench->emit.writer, clock_now(&bench->clock), NULL), REEL_OK);
    bench->emit.writer = NULL;
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(differences_become_rows_once),
        CASE(one_whose_thread_is_not_there_yet_waits),
        CASE(one_that_is_not_complete_holds_up_the_later_ones_until_the_end),
        CASE(what_cannot_be_is_counted_and_left_out),
        CASE(any_bytes_at_all_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
