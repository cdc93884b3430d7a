// SPDX-License-Identifier: MIT
// Reels that no recorder writes: replay and history answer, or refuse in words, and the state at a moment does not
// depend on the way to it.
#include "opened.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reel/history.h"
#include "reel/moment.h"
#include "reel/sqlite.h"

#define NOISE_EVENTS 6000

static void assert_said(int status, struct reel_error *error)
{
    if (status != REEL_OK)
        assert_true(error->status == status && error->text[0] != '\0');
    memset(error, 0, sizeof *error);
}

static int count_block(void *context, const struct reel_live_block *block)
{
    uint64_t *count = context;
    *count += block->usable_bytes != 0;
    return REEL_OK;
}

// Asks everything at the moment where the replay stands.
static void ask_state(struct reel_replay *replay, struct stream *dice, uint32_t process)
{
    const struct reel_block_filter filter = {.process = process, .class_number = -1};
    struct reel_heap_state heap;
    struct reel_class_state *classes = NULL;
    struct reel_live_block *blocks = NULL;
    struct reel_live_block block;
    struct reel_page pages[64];
    struct reel_error error = {0};
    size_t count = 0;
    uint64_t seen = 0;
    assert_said(reel_replay_heap(replay, process, &heap, &error), &error);
    assert_said(reel_replay_classes(replay, process, &classes, &count, &error), &error);
    free(classes);
    assert_said(reel_replay_blocks(replay, &filter, 0, 0, 50, &blocks, &count, &error), &error);
    for (size_t i = 0; blocks != NULL && i < count; i++)
    {
        assert_said(reel_replay_pages(replay, blocks[i].process, blocks[i].address, 64, pages, &error), &error);
        assert_true(reel_replay_block_at(replay, blocks[i].process, blocks[i].address, &block));
    }
    free(blocks);
    uint64_t address = stream_random(dice, UINT64_C(1) << 50) << 14;
    assert_said(reel_replay_pages(replay, process, address, 64, pages, &error), &error);
    assert_int_equal(reel_replay_each_block(replay, process, count_block, &seen), REEL_OK);
}

static void ask_history(struct reel_reader *reader, struct reel_replay *replay, uint64_t begin, uint64_t end)
{
    struct reel_error error = {0};
    struct reel_lifetimes *lifetimes = NULL;
    struct reel_stack_lifetimes *stacks = NULL;
    struct reel_crossing *crossings = NULL;
    struct reel_growth *growth = NULL;
    struct reel_tenant *tenants = NULL;
    size_t count = 0;
    assert_said(reel_history_lifetimes(replay, begin, end, NULL, &lifetimes, &error), &error);
    assert_said(reel_history_lifetimes_by_stack(replay, begin, end, NULL, &stacks, &count, &error), &error);
    assert_said(reel_history_crossings(replay, begin, end, NULL, &crossings, &count, &error), &error);
    assert_said(reel_history_growth(replay, begin, end, NULL, &growth, &count, &error), &error);
    assert_said(reel_history_of_address(reader, (uint32_t)(begin % 3), 4096, end, NULL, &tenants, &count, &error),
                &error);
    free(lifetimes);
    free(stacks);
    free(crossings);
    free(growth);
    free(tenants);
}

// Whatever the file is: it opens, or it is said why not.
static void ask_all(const struct recording *recording, uint64_t seed)
{
    struct reel_reader *reader = NULL;
    struct reel_replay *replay = NULL;
    struct reel_error error = {0};
    struct stream dice;
    stream_init(&dice, seed, 1);
    int status = reel_reader_open(&reader, recording->path, &error);
    if (status == REEL_OK)
        status = reel_replay_open(&replay, reader, &error);
    assert_said(status, &error);
    uint64_t event_count = status == REEL_OK ? reel_reader_event_count(reader) : 0;
    for (int i = 0; status == REEL_OK && i < 4; i++)
    {
        uint64_t events = stream_random(&dice, event_count + 2);
        assert_said(reel_replay_seek(replay, events, NULL, &error), &error);
        for (uint32_t process = 0; process < 5; process++)
            ask_state(replay, &dice, process);
        if (i % 3 == 0)
            ask_history(reader, replay, events / 2, events);
    }
    reel_replay_close(replay);
    reel_reader_close(reader);
}

static void a_reel_of_nothing_has_answers(void **state)
{
    struct recording *recording = *state;
    struct reel_reader *reader;
    struct reel_replay *replay;
    struct reel_heap_state heap;
    struct reel_writer *writer = recording_begin(recording, 1);
    assert_ok(reel_writer_finish(writer, 0, &recording->error), recording->error);
    ask_all(recording, 1);
    assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
    assert_ok(reel_replay_open(&replay, reader, &recording->error), recording->error);
    assert_ok(reel_replay_seek(replay, 5, NULL, &recording->error), recording->error);
    assert_int_equal(reel_replay_events(replay), 0);
    assert_ok(reel_replay_heap(replay, 0, &heap, &recording->error), recording->error);
    assert_int_equal(heap.live_blocks + heap.occupied_pages + heap.pinned_bytes, 0);
    reel_replay_close(replay);
    reel_reader_close(reader);
}

// ---- addresses and sizes from everywhere

static uint64_t roll_address(struct stream *dice)
{
    static const uint64_t edges[] = {0,
                                     1,
                                     4095,
                                     4096,
                                     (UINT64_C(1) << 47) - 4096,
                                     (UINT64_C(1) << 47) - 1,
                                     UINT64_C(1) << 47,
                                     (UINT64_C(1) << 48) - 1,
                                     UINT64_C(1) << 63,
                                     UINT64_MAX - 4096,
                                     UINT64_MAX - 4095,
                                     UINT64_MAX};
    if (stream_random(dice, 3) == 0)
        return edges[stream_random(dice, sizeof edges / sizeof *edges)];
    return 0x5000 + stream_random(dice, 0x6000); // over each other
}

static uint64_t roll_size(struct stream *dice)
{
    static const uint64_t edges[] = {0,       1,          8,       4096,      4097,       12288,
                                     1 << 20, UINT32_MAX, 1 << 24, INT64_MAX, UINT64_MAX, UINT64_MAX - 7};
    if (stream_random(dice, 8) == 0)
        return edges[stream_random(dice, sizeof edges / sizeof *edges)];
    return stream_random(dice, 6000);
}

static void make_noise(struct recording *recording, uint64_t seed)
{
    struct reel_writer *writer = recording_begin(recording, 3);
    struct stream dice;
    stream_init(&dice, seed, 1);
    for (uint64_t i = 0; i < NOISE_EVENTS; i++)
    {
        uint32_t process = 1 + (uint32_t)stream_random(&dice, 3);
        struct reel_event event = {.t_ns = i,
                                   .address = roll_address(&dice),
                                   .stack = (uint32_t)stream_random(&dice, 50), // none of which there is
                                   .process = process,
                                   .thread = stream_thread(process, (uint32_t)stream_random(&dice, 3)),
                                   .kind = (uint8_t)(1 + stream_random(&dice, 3))};
        if (event.kind != REEL_EVENT_FREE)
        {
            event.requested_bytes = roll_size(&dice);
            event.usable_bytes = stream_random(&dice, 4) == 0 ? roll_size(&dice) : event.requested_bytes;
        }
        assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
    }
    assert_ok(reel_writer_finish(writer, NOISE_EVENTS, &recording->error), recording->error);
}

static void assert_same_answers(struct reel_replay *a, struct reel_replay *b)
{
    struct reel_error error;
    size_t count_a, count_b;
    assert_int_equal(reel_replay_events(a), reel_replay_events(b));
    for (uint32_t process = 0; process <= 3; process++)
    {
        struct reel_heap_state heap_a;
        struct reel_heap_state heap_b;
        assert_ok(reel_replay_heap(a, process, &heap_a, &error), error);
        assert_ok(reel_replay_heap(b, process, &heap_b, &error), error);
        assert_memory_equal(&heap_a, &heap_b, sizeof heap_a);
    }
    const struct reel_stack_state *stacks_a = reel_replay_stacks(a, &count_a);
    const struct reel_stack_state *stacks_b = reel_replay_stacks(b, &count_b);
    assert_int_equal(count_a, count_b);
    assert_memory_equal(stacks_a, stacks_b, count_a * sizeof *stacks_a);
}

static void addresses_and_sizes_from_everywhere_are_replayed_both_ways(void **state)
{
    struct recording *recording = *state;
    struct reel_error *error = &recording->error;
    struct reel_reader *reader;
    struct reel_replay *jumping;
    struct stream dice;
    stream_init(&dice, 5, 1);
    make_noise(recording, 77);
    ask_all(recording, 2);
    assert_ok(reel_reader_open(&reader, recording->path, error), *error);
    assert_ok(reel_replay_open(&jumping, reader, error), *error);
    for (int i = 0; i < 12; i++)
    {
        struct reel_replay *straight;
        uint64_t events = stream_random(&dice, NOISE_EVENTS + 1);
        assert_ok(reel_replay_open(&straight, reader, error), *error);
        assert_ok(reel_replay_seek(straight, events, NULL, error), *error);
        assert_ok(reel_replay_seek(jumping, events, NULL, error), *error);
        assert_same_answers(straight, jumping);
        reel_replay_close(straight);
    }
    reel_replay_close(jumping);
    reel_reader_close(reader);
}

// ---- tables that lie

// A reel that seems to be recorded gets its lies while it is followed.
static void refresh_to(const struct recording *recording, const char *lie, uint64_t seed)
{
    struct reel_reader *reader = NULL;
    struct reel_replay *replay = NULL;
    struct reel_error error = {0};
    struct stream dice;
    stream_init(&dice, seed, 1);
    recording_change(recording->path, "UPDATE run SET is_complete = 0");
    assert_ok(reel_reader_open(&reader, recording->path, &error), error);
    assert_ok(reel_replay_open(&replay, reader, &error), error);
    for (int i = 0; i < 4; i++)
    {
        assert_said(reel_replay_seek(replay, stream_random(&dice, 3300), NULL, &error), &error);
        if (i == 1)
            recording_change(recording->path, lie);
        if (i > 0)
            assert_said(reel_replay_refresh(replay, &error), &error);
        for (uint32_t process = 0; process < 5; process++)
            ask_state(replay, &dice, process);
    }
    reel_replay_close(replay);
    reel_reader_close(reader);
}

static void rows_that_lie_are_survived(void **state)
{
    static const char *const lies[] = {
        "UPDATE thread SET process = 77",
        "UPDATE thread SET process = 0",
        "UPDATE thread SET process = 4294967295 WHERE thread = 2",
        "UPDATE thread SET process = -1 WHERE thread = 2",
        "DELETE FROM thread WHERE thread = 3",
        "DELETE FROM thread",
        "DELETE FROM process",
        "DELETE FROM process WHERE process = 1",
        "DELETE FROM process WHERE process = 2",
        "UPDATE process SET process = 9223372036854775807 WHERE process = 2",
        "UPDATE process SET process = -5 WHERE process = 2",
        "UPDATE process SET parent_process = process, is_fork = 1, fork_serial = 1, fork_event = 0",
        "UPDATE process SET parent_process = 3 - process, is_fork = 1, fork_serial = 1, fork_event = 9",
        "UPDATE process SET parent_process = 1, is_fork = 1, fork_serial = 1, fork_event = 2000 WHERE process = 2",
        "UPDATE process SET fork_event = -1, begin_event = -7, end_event = -3",
        "UPDATE process SET begin_event = 9223372036854775807",
        "UPDATE process SET begin_event = 2000, end_event = 1000",
        "UPDATE process SET end_event = 1500 WHERE process = 1",
        "UPDATE process SET fork_event = end_event, fork_serial = 1, is_fork = 1, parent_process = 1",
        "DELETE FROM stack",
        "INSERT INTO stack VALUES (9223372036854775807, 0, 1)",
        "UPDATE chunk SET events = 65536",
        "UPDATE chunk SET events = 9223372036854775807",
        "UPDATE chunk SET events = 0",
        "UPDATE chunk SET first_event = 1000",
        "UPDATE chunk SET begin_ns = 5, end_ns = 1",
        "UPDATE chunk_data SET first_event = 1",
        "UPDATE chunk_data SET data = substr(data, 1, 100)",
        "UPDATE chunk_data SET data = x''",
        "DELETE FROM chunk",
        "DELETE FROM chunk_data",
        "UPDATE run SET events = 9223372036854775807",
        "UPDATE run SET events = 0",
        "UPDATE size_class SET slot_bytes = 0, usable_bytes = -1",
        "UPDATE size_class SET class_id = class_id + 4294967294",
        "UPDATE zone SET begin_address = -4096, zone_bytes = 9223372036854775807",
        "UPDATE zone SET process = 99",
        "DELETE FROM zone",
    };
    struct recording *recording = *state;
    struct random_reel reel;
    const struct random_shape shape = {
        .seed = 3, .event_count = 3000, .live_blocks = 100, .process_max = 6, .has_classes = true};
    char sound[128];
    random_reel_make(&reel, recording, &shape);
    random_reel_free(&reel);
    snprintf(sound, sizeof sound, "%s.sound", recording->path);
    recording_copy_file(recording->path, sound);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
    {
        recording_copy_file(sound, recording->path);
        recording_change(recording->path, lies[i]);
        ask_all(recording, i);
        recording_copy_file(sound, recording->path);
        refresh_to(recording, lies[i], i);
    }
}

static int interrupt(void *context)
{
    (void)context;
    return 1;
}

// What fails is named: somebody's interruption is no damage of the reel, and a table that is gone is.
static void an_interruption_is_told_apart_from_damage(void **state)
{
    struct recording *recording = *state;
    struct reel_error *error = &recording->error;
    struct reel_replay *replay = NULL;
    uint64_t events = 0;
    struct opened opened;
    opened_make_small(&opened, recording, 5);
    opened_close(&opened);
    struct reel_reader *reader = recording_open(recording);
    sqlite3_progress_handler(reel_reader_database(reader), 1, interrupt, NULL);
    assert_int_equal(reel_replay_open(&replay, reader, error), REEL_E_CANCELLED);
    assert_int_equal(reel_moment_parse(reader, "peak", &events, error), REEL_E_CANCELLED);
    sqlite3_progress_handler(reel_reader_database(reader), 0, NULL, NULL);
    assert_ok(reel_replay_open(&replay, reader, error), *error);
    reel_replay_close(replay);
    reel_reader_close(reader);
    recording_change(recording->path, "DROP TABLE stack");
    reader = recording_open(recording);
    assert_int_equal(reel_replay_open(&replay, reader, error), REEL_E_DAMAGED);
    assert_non_null(strstr(error->text, "the reel is damaged: no such table: main.stack"));
    reel_reader_close(reader);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_reel_of_nothing_has_answers),
        IN_DIRECTORY(addresses_and_sizes_from_everywhere_are_replayed_both_ways),
        IN_DIRECTORY(rows_that_lie_are_survived),
        IN_DIRECTORY(an_interruption_is_told_apart_from_damage),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
