// SPDX-License-Identifier: MIT
// The laws of replay: the state at a moment is that of a naive model, whatever the way to it was; all sums agree with
// each other; what is damaged or hostile is passed over.
#include "same_state.h"

#define SEEDS 8

static const struct random_shape large = {
    .seed = 99, .event_count = 260000, .live_blocks = 2500, .process_max = 9, .has_classes = true};

// ---- laws

static void the_state_on_the_way_forward_is_that_of_the_model(void **state)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++)
    {
        struct opened opened;
        struct naive naive;
        opened_make_small(&opened, *state, seed);
        naive_init(&naive, &opened.reel);
        for (uint64_t i = 0; i <= 20; i++)
        {
            uint64_t events = opened.reel.event_count * i / 20;
            naive_move(&naive, events);
            same_state_seek(&opened, events);
            same_state_now(&opened, &naive);
        }
        naive_fini(&naive);
        opened_close(&opened);
    }
}

static void the_way_to_a_moment_does_not_matter(void **state)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++)
    {
        struct opened opened;
        opened_make_small(&opened, *state, seed);
        for (int i = 0; i < 15; i++)
        {
            uint64_t far = stream_random(&opened.dice, opened.reel.event_count + 1);
            same_state_seek(&opened, far);
            uint64_t near = far + stream_random(&opened.dice, 41);
            near = near < 20 ? 0 : near - 20;
            same_state_at(&opened, i % 2 == 0                       ? far / 2
                                   : near < opened.reel.event_count ? near
                                                                    : opened.reel.event_count);
        }
        opened_close(&opened);
    }
}

// Steps of one event over all that happens to processes: the moments right before, at, and right after each.
static void each_turn_of_a_process_is_passed_both_ways(void **state)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++)
    {
        struct opened opened;
        uint64_t events = 0;
        opened_make_small(&opened, *state, seed);
        for (size_t i = 0; i < opened.reel.step_count; i++)
        {
            events += opened.reel.steps[i].kind == RANDOM_EVENT;
            if (opened.reel.steps[i].kind == RANDOM_EVENT)
                continue;
            uint64_t after = events < opened.reel.event_count ? events + 1 : events;
            same_state_at(&opened, events == 0 ? 0 : events - 1);
            same_state_at(&opened, after);
            same_state_at(&opened, events);
        }
        opened_close(&opened);
    }
}

static void a_reel_of_many_chunks_keeps_the_laws(void **state)
{
    struct opened opened;
    opened_make(&opened, *state, &large);
    for (int i = 0; i < 12; i++)
        same_state_at(&opened, stream_random(&opened.dice, opened.reel.event_count + 1));
    same_state_at(&opened, opened.reel.event_count);
    same_state_at(&opened, 0);
    opened_close(&opened);
}

static void a_moment_after_the_end_is_the_end(void **state)
{
    struct opened opened;
    struct naive naive;
    opened_make_small(&opened, *state, 3);
    assert_ok(reel_replay_seek(opened.replay, UINT64_MAX, NULL, &opened.recording->error), opened.recording->error);
    naive_init(&naive, &opened.reel);
    naive_move(&naive, opened.reel.event_count);
    same_state_now(&opened, &naive);
    naive_fini(&naive);
    opened_close(&opened);
}

// ---- what goes wrong

static int cancel_soon(void *context, double fraction)
{
    int *left = context;
    assert_true(fraction >= 0 && fraction <= 1);
    return (*left)-- == 0;
}

static void a_cancelled_seek_can_be_moved_on(void **state)
{
    struct opened opened;
    struct reel_error error;
    opened_make(&opened, *state, &large);
    for (int i = 0; i < 4; i++)
    {
        int left = i % 2;
        const struct reel_progress progress = {cancel_soon, &left};
        uint64_t events = i % 2 == 0 ? opened.reel.event_count - 5 : 70000;
        assert_int_equal(reel_replay_seek(opened.replay, events, &progress, &error), REEL_E_CANCELLED);
        same_state_at(&opened, reel_replay_events(opened.replay)); // where it stands it is right
        same_state_at(&opened, stream_random(&opened.dice, opened.reel.event_count));
    }
    opened_close(&opened);
}

static void a_damaged_chunk_is_passed_over_and_counted(void **state)
{
    struct opened opened;
    struct reel_error error;
    struct reel_heap_state heap;
    opened_make(&opened, *state, &large);
    recording_change(opened.recording->path, "UPDATE chunk_data SET data = zeroblob(50) WHERE first_event = 65536");
    recording_change(opened.recording->path, "DELETE FROM keyframe");
    opened_again(&opened);
    for (int i = 0; i < 3; i++)
    {
        same_state_seek(&opened, opened.reel.event_count);
        assert_int_equal(reel_replay_damaged_events(opened.replay), 65536);
        assert_ok(reel_replay_heap(opened.replay, 0, &heap, &error), error);
        assert_true(heap.live_blocks > 0);
        same_state_seek(&opened, 100000); // amid the damage
        assert_int_equal(reel_replay_damaged_events(opened.replay), 100000 - 65536);
        same_state_at(&opened, 65536 - (uint64_t)i);
        assert_int_equal(reel_replay_damaged_events(opened.replay), 0);
    }
    opened_close(&opened);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(the_state_on_the_way_forward_is_that_of_the_model),
        IN_DIRECTORY(the_way_to_a_moment_does_not_matter),
        IN_DIRECTORY(each_turn_of_a_process_is_passed_both_ways),
        IN_DIRECTORY(a_reel_of_many_chunks_keeps_the_laws),
        IN_DIRECTORY(a_moment_after_the_end_is_the_end),
        IN_DIRECTORY(a_cancelled_seek_can_be_moved_on),
        IN_DIRECTORY(a_damaged_chunk_is_passed_over_and_counted),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
