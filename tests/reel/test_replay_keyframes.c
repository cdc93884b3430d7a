// SPDX-License-Identifier: MIT
// Replay that begins at keyframes: those of the model, put at any moment, and those that the writer has made.
#include "same_state.h"

#include <stdlib.h>

#include "reel/keyframe.h"
#include "reel/sqlite.h"

#define HEAPS_MAX 64

static const struct random_shape long_shape = {
    .seed = 7, .event_count = 1400000, .live_blocks = 1500, .process_max = 6, .has_classes = true};

// ---- keyframes of the model

struct made_heap
{
    struct reel_keyframe_class classes[RANDOM_CLASSES];
    struct reel_block blocks[RANDOM_PLACES];
};

static void fill_heap(struct reel_keyframe_heap *heap, struct made_heap *made, const struct naive_process *process,
                      bool has_classes)
{
    for (uint32_t i = 0; has_classes && i < RANDOM_CLASSES; i++)
        if (process->slots[i].peak != 0)
            made->classes[heap->class_count++] =
                (struct reel_keyframe_class){i, process->slots[i].carved, process->slots[i].peak};
    for (size_t i = 0; i < RANDOM_PLACES; i++)
    {
        const struct naive_block *block = &process->blocks[i];
        if (block->is_live)
            made->blocks[heap->block_count++] =
                (struct reel_block){.address = block->address,
                                    .requested_bytes = block->requested_bytes,
                                    .birth_event = block->birth_event & REEL_BLOCK_EVENT_MASK,
                                    .is_inherited = block->is_inherited || heap->fork_serial != 0,
                                    .size_class = (uint8_t)(block->class_id < RANDOM_CLASSES ? block->class_id + 1 : 0),
                                    .stack = block->stack,
                                    .slack = (uint32_t)(block->usable_bytes - block->requested_bytes)};
    }
    heap->peak_slot_bytes = process->peak_slot_bytes;
    heap->classes = made->classes;
    heap->blocks = made->blocks;
}

static void store(struct sqlite3 *database, const struct reel_keyframe *keyframe, uint64_t t_ns)
{
    struct sqlite3_stmt *row = NULL;
    void *data = NULL;
    size_t bytes = 0;
    uint64_t live_blocks = 0;
    for (size_t i = 0; i < keyframe->heap_count; i++)
        live_blocks += keyframe->heaps[i].block_count;
    assert_int_equal(reel_keyframe_encode(keyframe, &data, &bytes), REEL_OK);
    assert_int_equal(
        sqlite3_prepare_v2(database, "INSERT OR REPLACE INTO keyframe VALUES (?, ?, ?, ?)", -1, &row, NULL), SQLITE_OK);
    sqlite3_bind_int64(row, 1, (int64_t)keyframe->events);
    sqlite3_bind_int64(row, 2, (int64_t)t_ns);
    sqlite3_bind_int64(row, 3, (int64_t)live_blocks);
    sqlite3_bind_blob(row, 4, data, (int)bytes, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(row), SQLITE_DONE);
    sqlite3_finalize(row);
    free(data);
}

static void put_keyframe(struct sqlite3 *database, const struct naive *naive)
{
    struct made_heap *made = calloc(HEAPS_MAX, sizeof *made);
    struct reel_keyframe_heap heaps[HEAPS_MAX] = {0};
    size_t count = 0;
    assert_non_null(made);
    for (uint32_t i = 1; i <= RANDOM_PROCESSES_MAX; i++)
    {
        if (!naive_is_running(naive, i))
            continue;
        heaps[count].process = i;
        fill_heap(&heaps[count], &made[count], naive->processes[i - 1], naive->reel->has_classes);
        count++;
    }
    for (size_t i = 0; i < naive->copy_count; i++)
    {
        if (naive->copies[i].is_taken || count == HEAPS_MAX)
            continue;
        heaps[count].process = naive->copies[i].parent;
        heaps[count].fork_serial = naive->copies[i].serial;
        fill_heap(&heaps[count], &made[count], &naive->copies[i].state, naive->reel->has_classes);
        count++;
    }
    const struct reel_keyframe keyframe = {.events = naive->events, .heaps = heaps, .heap_count = count};
    store(database, &keyframe, naive->t_ns);
    free(made);
}

// Around every turn of a process, and now and then.
static void put_keyframes(struct opened *opened, uint64_t every)
{
    struct sqlite3 *database;
    struct naive naive;
    uint64_t events = 0;
    naive_init(&naive, &opened->reel);
    assert_int_equal(sqlite3_open(opened->recording->path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    for (size_t i = 0; i < opened->reel.step_count; i++)
    {
        bool is_event = opened->reel.steps[i].kind == RANDOM_EVENT;
        events += is_event;
        if (events == 0 || (is_event && events % every != 0))
            continue;
        naive_move(&naive, events);
        put_keyframe(database, &naive);
    }
    assert_int_equal(sqlite3_exec(database, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
    naive_fini(&naive);
}

// ---- facts

static void the_state_from_any_keyframe_is_that_of_the_model(void **state)
{
    for (uint64_t seed = 0; seed < 6; seed++)
    {
        struct opened opened;
        opened_make_small(&opened, *state, seed);
        put_keyframes(&opened, 200);
        opened_again(&opened);
        for (int i = 0; i < 12; i++)
        {
            same_state_seek(&opened, opened.reel.event_count);
            same_state_at(&opened, stream_random(&opened.dice, opened.reel.event_count));
            same_state_at(&opened, stream_random(&opened.dice, opened.reel.event_count));
        }
        opened_close(&opened);
    }
}

static void jump_about(struct opened *opened, int count)
{
    same_state_at(opened, opened->reel.event_count - 3);
    for (int i = 0; i < count; i++)
        same_state_at(opened, stream_random(&opened->dice, opened->reel.event_count + 1));
}

static void a_long_reel_keeps_the_laws_with_keyframes_and_without(void **state)
{
    static const char *const changes[] = {
        "UPDATE keyframe SET data = substr(data, 1, length(data) / 2) WHERE events > 1000000",
        "UPDATE keyframe SET data = zeroblob(length(data))",
        "UPDATE keyframe SET data = x'', live_blocks = -1",
        "DELETE FROM keyframe",
    };
    struct opened opened;
    opened_make(&opened, *state, &long_shape);
    put_keyframes(&opened, 300000);
    opened_again(&opened);
    jump_about(&opened, 6);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
    {
        recording_change(opened.recording->path, changes[i]);
        opened_again(&opened);
        jump_about(&opened, 2);
    }
    opened_close(&opened);
}

static void a_long_reel_begins_at_keyframes_of_the_writer(void **state)
{
    struct opened opened;
    opened_make(&opened, *state, &long_shape);
    int64_t events = recording_query(opened.recording->path, "SELECT max(events) FROM keyframe");
    assert_true(events > 0);
    recording_change(opened.recording->path, "UPDATE chunk_data SET data = zeroblob(50) WHERE first_event = 131072");
    opened_again(&opened);
    same_state_at(&opened, opened.reel.event_count);
    assert_int_equal(reel_replay_damaged_events(opened.replay), 0);
    same_state_at(&opened, (uint64_t)events + 1);
    same_state_at(&opened, (uint64_t)events);
    opened_close(&opened);
}

// That the state is right shows that it came from the keyframe.
static void what_is_damaged_before_a_keyframe_is_not_missed(void **state)
{
    struct opened opened;
    opened_make(&opened, *state, &long_shape);
    put_keyframes(&opened, 300000);
    recording_change(opened.recording->path, "UPDATE chunk_data SET data = zeroblob(50) WHERE first_event = 65536");
    opened_again(&opened);
    same_state_at(&opened, opened.reel.event_count);
    assert_int_equal(reel_replay_damaged_events(opened.replay), 0);
    same_state_at(&opened, 100);
    same_state_at(&opened, 1350000);
    opened_close(&opened);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(the_state_from_any_keyframe_is_that_of_the_model),
        IN_DIRECTORY(a_long_reel_keeps_the_laws_with_keyframes_and_without),
        IN_DIRECTORY(a_long_reel_begins_at_keyframes_of_the_writer),
        IN_DIRECTORY(what_is_damaged_before_a_keyframe_is_not_missed),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
