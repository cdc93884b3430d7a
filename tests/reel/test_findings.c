// SPDX-License-Identifier: MIT
// Findings: the events of the block that the program misused are found, whatever else has been at its address.
#include "recording.h"

#include <stdio.h>
#include <string.h>

#define NONE (-1)

// Stack n + 1 is the stack of event n, so that a mixed-up stack shows.
static void add_stacks(struct recording *recording, struct reel_writer *writer, uint32_t count)
{
    uint32_t frame, stack;
    for (uint32_t i = 0; i < count; i++)
    {
        assert_ok(reel_writer_intern_frame(writer, 0, 0x1000 + i, &frame, &recording->error), recording->error);
        assert_ok(reel_writer_intern_stack(writer, 0, frame, &stack, &recording->error), recording->error);
        assert_int_equal(stack, i + 1);
    }
}

static uint64_t append(struct recording *recording, struct reel_writer *writer, struct reel_event event)
{
    struct reel_writer_totals totals;
    reel_writer_totals(writer, &totals);
    event.t_ns = totals.events;
    event.stack = (uint32_t)totals.events + 1;
    assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
    return totals.events;
}

static uint64_t alloc(struct recording *recording, struct reel_writer *writer, uint64_t address)
{
    return append(recording, writer, recording_alloc(0, address, 100));
}

static uint64_t let_go(struct recording *recording, struct reel_writer *writer, uint64_t address)
{
    return append(recording, writer, recording_free(0, address));
}

static void note(struct recording *recording, struct reel_writer *writer, enum reel_misuse misuse, uint64_t address,
                 uint64_t free_event)
{
    const struct reel_finding_info info = {
        .process = 1, .thread = 1, .misuse = misuse, .address = address, .stack = 1, .free_event = free_event};
    assert_ok(reel_writer_add_finding(writer, &info, &recording->error), recording->error);
}

static struct reel_writer *begin(struct recording *recording, uint32_t stacks)
{
    struct reel_writer *writer = recording_begin(recording, 1);
    add_stacks(recording, writer, stacks);
    return writer;
}

static int64_t ask(const struct recording *recording, int finding, const char *column)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT coalesce(%s, -1) FROM finding WHERE finding = %d", column, finding);
    return recording_query(recording->path, sql);
}

static void assert_found(const struct recording *recording, int finding, int64_t alloc_event, int64_t first_free_event)
{
    assert_int_equal(ask(recording, finding, "alloc_event"), alloc_event);
    assert_int_equal(ask(recording, finding, "alloc_stack"), alloc_event == NONE ? NONE : alloc_event + 1);
    assert_int_equal(ask(recording, finding, "first_free_event"), first_free_event);
    assert_int_equal(ask(recording, finding, "first_free_stack"),
                     first_free_event == NONE ? NONE : first_free_event + 1);
}

static void finish(struct recording *recording, struct reel_writer *writer)
{
    assert_ok(reel_writer_finish(writer, 1000000, &recording->error), recording->error);
}

static void a_double_free_names_the_allocation_and_the_first_free(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = begin(recording, 16);
    alloc(recording, writer, 0x1000);
    let_go(recording, writer, 0x1000);
    note(recording, writer, REEL_MISUSE_DOUBLE_FREE, 0x1000, let_go(recording, writer, 0x1000));
    finish(recording, writer);
    assert_found(recording, 1, 0, 1);
    assert_int_equal(ask(recording, 1, "free_event"), 2);
    assert_int_equal(ask(recording, 1, "kind = 'double free'"), 1);
}

static void the_block_meant_is_the_last_one_before_the_misuse(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = begin(recording, 16);
    alloc(recording, writer, 0x1000);
    let_go(recording, writer, 0x1000);
    alloc(recording, writer, 0x1000);
    let_go(recording, writer, 0x1000);
    uint64_t second = let_go(recording, writer, 0x1000);
    alloc(recording, writer, 0x1000); // another thread is faster than the finding
    note(recording, writer, REEL_MISUSE_DOUBLE_FREE, 0x1000, second);
    let_go(recording, writer, 0x1000);
    note(recording, writer, REEL_MISUSE_DOUBLE_FREE, 0x1000, let_go(recording, writer, 0x1000));
    finish(recording, writer);
    assert_found(recording, 1, 2, 3);
    assert_found(recording, 2, 5, 6);
}

static void a_live_block_is_found_at_once(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = begin(recording, 16);
    alloc(recording, writer, 0x1000);
    alloc(recording, writer, 0x2000);
    note(recording, writer, REEL_MISUSE_OVERFLOW, 0x2000, REEL_NO_EVENT);
    assert_ok(reel_writer_commit(writer, &recording->error), recording->error);
    assert_found(recording, 1, 1, NONE);
    finish(recording, writer);
    assert_found(recording, 1, 1, NONE);
}

static void a_free_with_a_wrong_size_names_the_allocation_alone(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = begin(recording, 16);
    alloc(recording, writer, 0x1000);
    let_go(recording, writer, 0x1000);
    alloc(recording, writer, 0x1000);
    note(recording, writer, REEL_MISUSE_WRONG_SIZE, 0x1000, let_go(recording, writer, 0x1000));
    finish(recording, writer);
    assert_found(recording, 1, 2, NONE);
}

static void a_free_inside_a_block_names_that_block(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = begin(recording, 16);
    alloc(recording, writer, 0x1000); // up to 0x106c
    note(recording, writer, REEL_MISUSE_MISALIGNED_FREE, 0x106b, let_go(recording, writer, 0x106b));
    note(recording, writer, REEL_MISUSE_MISALIGNED_FREE, 0x106c, let_go(recording, writer, 0x106c));
    finish(recording, writer);
    assert_found(recording, 1, 0, NONE);
    assert_found(recording, 2, NONE, NONE);
}

static void a_write_after_free_names_the_block_that_was_freed(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = begin(recording, 16);
    alloc(recording, writer, 0x1000);
    let_go(recording, writer, 0x1000);
    alloc(recording, writer, 0x1000); // of the slot that was written to
    note(recording, writer, REEL_MISUSE_WRITE_AFTER_FREE, 0x1000, REEL_NO_EVENT);
    finish(recording, writer);
    assert_found(recording, 1, 0, 1);
}

static void a_child_may_misuse_what_its_parent_freed_before_the_fork(void **state)
{
    struct recording *recording = *state;
    struct reel_error *error = &recording->error;
    struct reel_writer *writer = begin(recording, 16);
    uint32_t child, thread;
    alloc(recording, writer, 0x1000);
    alloc(recording, writer, 0x2000);
    let_go(recording, writer, 0x1000);
    assert_ok(reel_writer_mark_fork(writer, 1, 5, error), *error);
    let_go(recording, writer, 0x2000); // the child still has it
    alloc(recording, writer, 0x1000);  // the child does not
    const struct reel_process_info info = {.pid = 9, .parent_process = 1, .is_fork = true, .fork_serial = 5, .t_ns = 5};
    assert_ok(reel_writer_add_process(writer, &info, &child, error), *error);
    assert_ok(reel_writer_add_thread(writer, child, 9, NULL, 5, &thread, error), *error);
    for (uint64_t address = 0x1000; address <= 0x2000; address += 0x1000)
    {
        struct reel_event event = recording_free(0, address);
        event.process = child;
        event.thread = thread;
        append(recording, writer, event);
        const struct reel_finding_info found = {.process = child,
                                                .thread = thread,
                                                .misuse = REEL_MISUSE_DOUBLE_FREE,
                                                .address = address,
                                                .free_event = append(recording, writer, event)};
        assert_ok(reel_writer_add_finding(writer, &found, error), *error);
    }
    finish(recording, writer);
    assert_found(recording, 1, 0, 2);
    assert_found(recording, 2, 1, 7);
}

static void what_never_was_a_block_has_no_events(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = begin(recording, 16);
    note(recording, writer, REEL_MISUSE_INVALID_FREE, 0x1000, let_go(recording, writer, 0x1000));
    note(recording, writer, REEL_MISUSE_ABSURD_SIZE, 0, REEL_NO_EVENT);
    alloc(recording, writer, 0x1000);
    finish(recording, writer);
    assert_found(recording, 1, NONE, NONE);
    assert_found(recording, 2, NONE, NONE);
}

#define PLACES 5
#define ROUNDS 3000

// Random allocs and frees at few addresses; a free of what is not live is a double free.
static void all_findings_of_a_random_stream_are_answered_as_a_naive_reading_does(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = begin(recording, ROUNDS);
    struct stream stream;
    struct
    {
        bool is_live;
        int64_t alloc, freed;
    } places[PLACES];
    static int64_t expected[ROUNDS][2];
    int findings = 0;
    stream_init(&stream, 4, 1);
    for (size_t i = 0; i < PLACES; i++)
        places[i].is_live = false, places[i].alloc = places[i].freed = NONE;
    for (int64_t i = 0; i < ROUNDS; i++)
    {
        size_t place = stream_random(&stream, PLACES);
        uint64_t address = 0x1000 + place * 0x1000;
        if (!places[place].is_live && stream_random(&stream, 2) == 0)
        {
            places[place].alloc = (int64_t)alloc(recording, writer, address);
            places[place].is_live = true;
            continue;
        }
        uint64_t number = let_go(recording, writer, address);
        if (!places[place].is_live)
        {
            expected[findings][0] = places[place].alloc;
            expected[findings++][1] = places[place].freed;
            note(recording, writer, REEL_MISUSE_DOUBLE_FREE, address, number);
        }
        else
            places[place].freed = (int64_t)number;
        places[place].is_live = false;
    }
    finish(recording, writer);
    assert_true(findings > ROUNDS / 10);
    for (int i = 0; i < findings; i++)
        assert_found(recording, i + 1, expected[i][0], expected[i][1]);
}

static void a_finding_that_cannot_be_is_refused_and_the_writer_goes_on(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = begin(recording, 1);
    const struct reel_finding_info wrong[] = {
        {.process = 1, .thread = 1, .misuse = (enum reel_misuse)8, .free_event = REEL_NO_EVENT},
        {.process = 1, .thread = 99, .misuse = REEL_MISUSE_OVERFLOW, .free_event = REEL_NO_EVENT},
        {.process = 2, .thread = 1, .misuse = REEL_MISUSE_OVERFLOW, .free_event = REEL_NO_EVENT},
        {.process = 1, .thread = 1, .misuse = REEL_MISUSE_OVERFLOW, .stack = 2, .free_event = REEL_NO_EVENT},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(reel_writer_add_finding(writer, &wrong[i], &recording->error), REEL_E_ARGUMENT);
    finish(recording, writer);
    assert_int_equal(recording_query(recording->path, "SELECT count(*) FROM finding"), 0);
    assert_int_equal(recording_query(recording->path, "SELECT is_complete FROM run"), 1);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_double_free_names_the_allocation_and_the_first_free),
        IN_DIRECTORY(the_block_meant_is_the_last_one_before_the_misuse),
        IN_DIRECTORY(a_live_block_is_found_at_once),
        IN_DIRECTORY(a_free_with_a_wrong_size_names_the_allocation_alone),
        IN_DIRECTORY(a_free_inside_a_block_names_that_block),
        IN_DIRECTORY(a_write_after_free_names_the_block_that_was_freed),
        IN_DIRECTORY(a_child_may_misuse_what_its_parent_freed_before_the_fork),
        IN_DIRECTORY(what_never_was_a_block_has_no_events),
        IN_DIRECTORY(all_findings_of_a_random_stream_are_answered_as_a_naive_reading_does),
        IN_DIRECTORY(a_finding_that_cannot_be_is_refused_and_the_writer_goes_on),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
