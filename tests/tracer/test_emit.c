// SPDX-License-Identifier: MIT
// What stands in the reel after which records: those of allocators and of misuse.
#include "fake_channel.h"
#include "reel/reader.h"
#include "tracer/emit.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ZONE 0x10000000u
#define BLOCK (ZONE + 64)

struct bench
{
    struct fake_channel fake;
    struct queue_pool pool;
    struct process *process;
    struct clock_scale clock;
    struct emit emit;
    struct drain_ring ring;
    uint64_t time;
    char reel[128];
};

static int set_up(void **state)
{
    static const struct reel_run_info run = {.command = "fake", .allocator = "zoned", .start_unix_ns = 1};
    struct bench *bench = calloc(1, sizeof *bench);
    *state = bench;
    fake_channel_create(&bench->fake, 1, 64);
    snprintf(bench->reel, sizeof bench->reel, "%s.reel", bench->fake.directory);
    clock_begin(&bench->clock, WIRE_CLOCK_MONOTONIC);
    clock_settle(&bench->clock);
    bench->emit.clock = &bench->clock;
    bench->ring.tid = 1;
    struct merge_sink sink = emit_sink(&bench->emit);
    queue_pool_init(&bench->pool, 4);
    return process_open(&bench->process, bench->fake.directory_fd, FAKE_CHANNEL_NAME, &bench->fake.session,
                        &bench->pool, NULL) ||
           reel_writer_open(&bench->emit.writer, bench->reel, true, &run, NULL) ||
           sink.begin(sink.context, bench->process, NULL);
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    reel_writer_close(bench->emit.writer);
    emit_clean_up(&bench->emit);
    process_close(bench->process);
    queue_pool_fini(&bench->pool);
    fake_channel_destroy(&bench->fake);
    unlink(bench->reel);
    free(bench);
    return 0;
}

static void emit_one(struct bench *bench, struct wire_event event)
{
    struct merge_sink sink = emit_sink(&bench->emit);
    event.time = ++bench->time;
    const struct merge_run run = {.owner = bench->process, .ring = &bench->ring, .events = &event, .count = 1};
    assert_int_equal(sink.take(sink.context, &run, 1, NULL), REEL_OK);
}

static void emit_block(struct bench *bench, uint32_t kind, uint64_t address)
{
    emit_one(bench,
             (struct wire_event){.where = wire_where(address, kind, 0), .size = kind == WIRE_EVENT_FREE ? 0 : 40});
}

static void emit_misuse(struct bench *bench, enum wire_misuse misuse, uint64_t address, uint32_t flags)
{
    emit_one(bench, (struct wire_event){.where = wire_where(address, WIRE_EVENT_MISUSE, flags),
                                        .size = 7,
                                        .slack = misuse | 48u << WIRE_MISUSE_BITS});
}

static void finish(struct bench *bench)
{
    assert_int_equal(emit_flush(&bench->emit, NULL), REEL_OK);
    assert_int_equal(reel_writer_finish(bench->emit.writer, 1000, NULL), REEL_OK);
    bench->emit.writer = NULL;
}

// The first row of the query's one text column.
static void assert_answer(const struct bench *bench, const char *query, const char *expected)
{
    sqlite3 *database;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(bench->reel, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, query, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal(sqlite3_column_text(statement, 0), expected);
    sqlite3_finalize(statement);
    sqlite3_close(database);
}

static void what_an_allocator_tells_becomes_rows_at_their_place(void **state)
{
    struct bench *bench = *state;
    emit_one(bench, (struct wire_event){
                        .where = wire_where(3, WIRE_EVENT_CLASS, WIRE_EVENT_ALIGNED), .size = 64, .slack = 56});
    emit_one(bench, (struct wire_event){.where = wire_where(ZONE, WIRE_EVENT_ZONE, 0),
                                        .size = 1 << 20,
                                        .slack = 3 | WIRE_ROLE_SLOTS << WIRE_CLASS_BITS});
    emit_block(bench, WIRE_EVENT_ALLOC, BLOCK);
    emit_one(bench, (struct wire_event){.where = wire_where(ZONE, WIRE_EVENT_COMMIT, 0), .size = 8192});
    emit_block(bench, WIRE_EVENT_FREE, BLOCK);
    emit_one(bench, (struct wire_event){.where = wire_where(ZONE, WIRE_EVENT_RETURN, 0), .size = 4096});
    emit_one(bench, (struct wire_event){
                        .where = wire_where(3, WIRE_EVENT_CENSUS, 0), .size = UINT64_C(5) << 32 | 2, .slack = 1});
    finish(bench);
    assert_answer(bench, "SELECT printf('%d %d %d %d', class_id, slot_bytes, usable_bytes, is_aligned) FROM size_class",
                  "3 64 56 1");
    assert_answer(bench, "SELECT printf('%d %s %x %d %d', class_id, role, begin_address, zone_bytes, event) FROM zone",
                  "3 slots 10000000 1048576 0");
    assert_answer(
        bench, "SELECT group_concat(printf('%s %x %d %d', kind, begin_address, range_bytes, event)) FROM page_change",
        "committed 10000000 8192 1,returned 10000000 4096 2");
    assert_answer(bench,
                  "SELECT printf('%d %d %d %d', class_id, carved_slots, used_slots, quarantined_slots) FROM "
                  "class_census",
                  "3 5 2 1");
}

static void zone_without_a_class_has_none_in_the_reel(void **state)
{
    struct bench *bench = *state;
    emit_one(bench, (struct wire_event){.where = wire_where(ZONE, WIRE_EVENT_ZONE, 0),
                                        .size = 4096,
                                        .slack = WIRE_NO_CLASS | WIRE_ROLE_METADATA << WIRE_CLASS_BITS});
    finish(bench);
    assert_answer(bench, "SELECT printf('%s %d', role, class_id IS NULL) FROM zone", "metadata 1");
}

static void fresh_slot_is_marked_on_its_event(void **state)
{
    struct bench *bench = *state;
    struct reel_reader *reader;
    struct reel_cursor *cursor;
    const struct reel_event *events;
    size_t count;
    uint64_t first;
    emit_one(bench,
             (struct wire_event){.where = wire_where(BLOCK, WIRE_EVENT_ALLOC, WIRE_EVENT_CARVED | WIRE_EVENT_ZEROED),
                                 .size = 40});
    emit_block(bench, WIRE_EVENT_FREE, BLOCK);
    emit_block(bench, WIRE_EVENT_ALLOC, BLOCK);
    finish(bench);
    assert_int_equal(reel_reader_open(&reader, bench->reel, NULL), REEL_OK);
    assert_int_equal(reel_cursor_open(&cursor, reader, 0, 3, NULL), REEL_OK);
    assert_int_equal(reel_cursor_next(cursor, &events, &count, &first, NULL), REEL_OK);
    assert_int_equal(count, 3);
    assert_int_equal(events[0].flags, REEL_EVENT_CARVED | REEL_EVENT_ZEROED);
    assert_int_equal(events[2].flags, 0);
    reel_cursor_close(cursor);
    reel_reader_close(reader);
}

static void finding_names_the_free_that_was_the_misuse(void **state)
{
    struct bench *bench = *state;
    emit_block(bench, WIRE_EVENT_ALLOC, BLOCK);
    emit_block(bench, WIRE_EVENT_FREE, BLOCK);
    emit_block(bench, WIRE_EVENT_FREE, BLOCK);
    emit_misuse(bench, WIRE_MISUSE_DOUBLE_FREE, BLOCK, 0);
    finish(bench);
    assert_answer(
        bench, "SELECT printf('%s %x %d %d %d', kind, address, size_bytes, true_size_bytes, free_event) FROM finding",
        "double free 10000040 7 48 2");
}

static void finding_that_is_no_free_names_none(void **state)
{
    struct bench *bench = *state;
    emit_block(bench, WIRE_EVENT_ALLOC, BLOCK);
    emit_block(bench, WIRE_EVENT_FREE, BLOCK);
    emit_misuse(bench, WIRE_MISUSE_DOUBLE_FREE, BLOCK, WIRE_EVENT_REALLOC); // what was freed is given to realloc
    emit_misuse(bench, WIRE_MISUSE_OVERFLOW, BLOCK, 0);
    emit_misuse(bench, WIRE_MISUSE_INVALID_FREE, BLOCK + 64, 0); // the event before is another's
    emit_block(bench, WIRE_EVENT_ALLOC, BLOCK);
    emit_misuse(bench, WIRE_MISUSE_DOUBLE_FREE, BLOCK, 0); // the event before is no free
    finish(bench);
    assert_answer(bench, "SELECT printf('%d %d', count(*), count(free_event)) FROM finding", "4 0");
}

static void what_the_reel_refuses_is_counted_and_the_recording_goes_on(void **state)
{
    struct bench *bench = *state;
    for (uint32_t slot_bytes = 64; slot_bytes <= 128; slot_bytes += 64)
        emit_one(bench, (struct wire_event){
                            .where = wire_where(3, WIRE_EVENT_CLASS, 0), .size = slot_bytes, .slack = slot_bytes});
    emit_block(bench, WIRE_EVENT_ALLOC, BLOCK);
    assert_int_equal(emit_counters(&bench->emit, bench->process, NULL), REEL_OK);
    finish(bench);
    assert_answer(bench, "SELECT printf('%d %d', lost_events, events) FROM process", "1 1");
    assert_answer(bench, "SELECT group_concat(slot_bytes) FROM size_class", "64");
}

static void events_that_come_in_turn_are_of_their_process_and_thread(void **state)
{
    enum
    {
        TURNS = 3 * EMIT_BATCH_EVENTS
    };
    struct bench *bench = *state;
    struct merge_sink sink = emit_sink(&bench->emit);
    struct process *processes[2] = {bench->process};
    struct drain_ring rings[3] = {{.tid = 1}, {.tid = 2}, {.tid = 3}};
    struct wire_event events[TURNS];
    struct merge_run runs[TURNS];
    assert_int_equal(process_open(&processes[1], bench->fake.directory_fd, FAKE_CHANNEL_NAME, &bench->fake.session,
                                  &bench->pool, NULL),
                     REEL_OK);
    assert_int_equal(sink.begin(sink.context, processes[1], NULL), REEL_OK);
    for (uint32_t i = 0; i < TURNS; i++)
    {
        events[i] =
            (struct wire_event){.time = i + 1, .where = wire_where(BLOCK + i * 64, WIRE_EVENT_ALLOC, 0), .size = 40};
        runs[i] =
            (struct merge_run){.owner = processes[i % 3 == 2], .ring = &rings[i % 3], .events = &events[i], .count = 1};
    }
    assert_int_equal(sink.take(sink.context, runs, TURNS, NULL), REEL_OK);
    for (uint32_t i = 0; i < 3; i++)
    {
        assert_int_equal(rings[i].last_event, TURNS - 3 + i);
        assert_int_equal(rings[i].last_where, events[TURNS - 3 + i].where);
    }
    finish(bench);
    process_close(processes[1]);
    assert_answer(bench, "SELECT group_concat(printf('%d %d', process, events)) FROM process", "1 768,2 384");
    assert_answer(bench, "SELECT group_concat(process) FROM thread", "1,1,2");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(what_an_allocator_tells_becomes_rows_at_their_place),
        CASE(zone_without_a_class_has_none_in_the_reel),
        CASE(fresh_slot_is_marked_on_its_event),
        CASE(finding_names_the_free_that_was_the_misuse),
        CASE(finding_that_is_no_free_names_none),
        CASE(what_the_reel_refuses_is_counted_and_the_recording_goes_on),
        CASE(events_that_come_in_turn_are_of_their_process_and_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
