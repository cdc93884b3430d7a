// SPDX-License-Identifier: MIT
// What the model keeps: answers are made once, are stale only while the moment moves, and stopping one harms nothing.
#include "watched.h"

#include <string.h>

// Allocated bytes cost a pass over the events: the watcher hears of it.
static int64_t allocated(struct watched *watched, struct model_of *of)
{
    const struct reel_measured *rows;
    size_t count;
    struct reel_measured total;
    assert_ok(model_measured_by(watched->model, &watched->state, REEL_MEASURE_ALLOCATED, &rows, &count, &total, of,
                                &watched->error),
              watched->error);
    return total.bytes;
}

static int64_t live(struct watched *watched, struct model_of *of)
{
    const struct reel_measured *rows;
    size_t count;
    struct reel_measured total;
    assert_ok(model_measured_by(watched->model, &watched->state, REEL_MEASURE_LIVE, &rows, &count, &total, of,
                                &watched->error),
              watched->error);
    return total.bytes;
}

static void an_answer_is_made_once_for_a_moment(void **state)
{
    struct watched watched;
    struct model_of of;
    watched_open(&watched, *state);
    watched_count(&watched, false);
    assert_int_equal(allocated(&watched, &of), 5158);
    assert_int_equal(of.moment, WATCHED_EVENTS);
    assert_false(of.is_stale);
    assert_true(watched.ticks > 0);
    watched_count(&watched, false);
    assert_int_equal(allocated(&watched, &of), 5158);
    assert_int_equal(watched.ticks, 0);
    watched_go(&watched, 3);
    watched_count(&watched, false);
    assert_int_equal(allocated(&watched, &of), 1150);
    assert_true(watched.ticks > 0);
    assert_int_equal(of.moment, 3);
    watched_close(&watched);
}

static void a_moving_moment_leaves_dear_answers_as_they_were(void **state)
{
    struct watched watched;
    struct model_of of;
    watched_open(&watched, *state);
    allocated(&watched, &of);
    assert_int_equal(live(&watched, &of), 4158);
    model_set_moving(watched.model, true);
    watched_go(&watched, 2);
    watched_count(&watched, false);
    assert_int_equal(allocated(&watched, &of), 5158);
    assert_true(of.is_stale);
    assert_int_equal(of.moment, WATCHED_EVENTS);
    assert_int_equal(live(&watched, &of), 1100);
    assert_false(of.is_stale);
    assert_int_equal(watched.ticks, 0);
    model_set_moving(watched.model, false);
    assert_int_equal(allocated(&watched, &of), 1100);
    assert_false(of.is_stale);
    watched_close(&watched);
}

static void a_moving_moment_still_answers_what_was_not_asked_before(void **state)
{
    struct watched watched;
    struct model_of of;
    const struct reel_measured *rows;
    size_t count;
    struct reel_measured total;
    watched_open(&watched, *state);
    model_set_moving(watched.model, true);
    const struct reel_blame *blame;
    assert_ok(model_blame(watched.model, &watched.state, &blame, &of, &watched.error), watched.error);
    watched_go(&watched, 4);
    assert_ok(model_measured_by(watched.model, &watched.state, REEL_MEASURE_PINNED, &rows, &count, &total, &of,
                                &watched.error),
              watched.error);
    assert_int_equal(of.moment, 4);
    assert_false(of.is_stale);
    watched_close(&watched);
}

static void a_stopped_question_is_not_begun_anew_until_it_is_asked_again(void **state)
{
    struct watched watched;
    struct model_of of = {0};
    const struct reel_lifetimes *lifetimes;
    watched_open(&watched, *state);
    watched_count(&watched, true);
    assert_int_equal(model_lifetimes(watched.model, &watched.state, &lifetimes, &of, &watched.error), REEL_E_CANCELLED);
    assert_int_equal(watched.error.status, REEL_E_CANCELLED);
    assert_int_equal(watched.ticks, 1);
    watched_count(&watched, false);
    assert_int_equal(model_lifetimes(watched.model, &watched.state, &lifetimes, &of, &watched.error), REEL_E_CANCELLED);
    assert_int_equal(watched.ticks, 0);
    model_ask_again(watched.model);
    assert_ok(model_lifetimes(watched.model, &watched.state, &lifetimes, &of, &watched.error), watched.error);
    assert_int_equal(lifetimes->blocks[10][11], 1); // 1000 bytes for 2000 ns
    assert_int_equal(allocated(&watched, &of), 5158);
    watched_close(&watched);
}

static void a_stopped_question_gives_what_it_gave_last(void **state)
{
    struct watched watched;
    struct model_of of;
    watched_open(&watched, *state);
    allocated(&watched, &of);
    watched_go(&watched, 3);
    watched_count(&watched, true);
    assert_int_equal(allocated(&watched, &of), 5158);
    assert_true(of.is_stale);
    watched_count(&watched, false);
    watched_go(&watched, 2);
    assert_int_equal(allocated(&watched, &of), 1100); // another moment is another question
    assert_false(of.is_stale);
    watched_close(&watched);
}

static void a_stopped_seek_leaves_a_model_that_can_move(void **state)
{
    struct watched watched;
    const struct reel_heap_state *heap;
    watched_open(&watched, *state);
    watched_count(&watched, true);
    watched.state.moment = 2;
    assert_int_equal(model_seek(watched.model, &watched.state, &watched.error), REEL_E_CANCELLED);
    assert_int_equal(model_heap(watched.model, &watched.state, &heap, &watched.error), REEL_E_CANCELLED);
    watched_count(&watched, false);
    watched_go(&watched, 3);
    assert_ok(model_heap(watched.model, &watched.state, &heap, &watched.error), watched.error);
    assert_int_equal(heap->requested_bytes, 1150);
    watched.state.moment = 2;
    assert_ok(model_seek(watched.model, &watched.state, &watched.error), watched.error);
    watched_close(&watched);
}

static void questions_that_move_a_replay_leave_the_moment(void **state)
{
    struct watched watched;
    struct model_of of;
    const struct reel_growth *growth;
    size_t count;
    watched_open(&watched, *state);
    watched_go(&watched, 4);
    allocated(&watched, &of);
    assert_ok(model_growth(watched.model, &watched.state, &growth, &count, &of, &watched.error), watched.error);
    assert_int_equal(reel_replay_events(model_replay(watched.model)), 4);
    watched_close(&watched);
}

static void the_tree_turns_with_the_state(void **state)
{
    struct watched watched;
    const struct reel_flame *flame;
    struct model_of of;
    watched_open(&watched, *state);
    watched_go(&watched, 3);
    assert_ok(model_flame(watched.model, &watched.state, &flame, &of, &watched.error), watched.error);
    assert_string_equal(flame->nodes[flame->nodes[0].first_child].function, "outer");
    assert_int_equal(flame->nodes[flame->nodes[0].first_child].total_bytes, 1150);
    watched.state.is_inverted = true;
    assert_ok(model_flame(watched.model, &watched.state, &flame, &of, &watched.error), watched.error);
    assert_string_equal(flame->nodes[flame->nodes[0].first_child].function, "big");
    watched.state.measure = REEL_MEASURE_ROUNDING;
    assert_ok(model_flame(watched.model, &watched.state, &flame, &of, &watched.error), watched.error);
    assert_int_equal(flame->nodes[0].total_bytes, 24);
    watched_close(&watched);
}

static void timelines_of_two_widths_are_both_kept(void **state)
{
    struct watched watched;
    const struct reel_timeline_point *narrow;
    const struct reel_timeline_point *wide;
    const struct reel_timeline_point *again;
    watched_open(&watched, *state);
    assert_ok(model_timeline(watched.model, &watched.state, 5, &narrow, &watched.error), watched.error);
    assert_ok(model_timeline(watched.model, &watched.state, 10, &wide, &watched.error), watched.error);
    assert_ok(model_timeline(watched.model, &watched.state, 5, &again, &watched.error), watched.error);
    assert_ptr_equal(narrow, again);
    assert_int_equal(wide[9].end_ns, WATCHED_END_NS);
    assert_int_equal(model_timeline(watched.model, &watched.state, 0, &again, &watched.error), REEL_E_ARGUMENT);
    watched.state.zoom_end_ns = 5000;
    assert_ok(model_timeline(watched.model, &watched.state, 5, &again, &watched.error), watched.error);
    assert_int_equal(again[4].end_ns, 5000);
    watched_close(&watched);
}

static void the_history_of_an_address_is_of_the_whole_reel(void **state)
{
    struct watched watched;
    struct model_of of;
    const struct reel_tenant *tenants;
    const struct reel_tenant *again;
    size_t count;
    watched_open(&watched, *state);
    assert_int_equal(model_history(watched.model, &watched.state, &tenants, &count, &of, &watched.error),
                     REEL_E_ARGUMENT);
    watched.state.selection = (struct selection){.has_address = true, .address = 0x2001, .bytes = 1};
    watched_go(&watched, 1);
    assert_ok(model_history(watched.model, &watched.state, &tenants, &count, &of, &watched.error), watched.error);
    assert_int_equal(count, 1);
    assert_int_equal(tenants[0].free_event, 3);
    assert_false(of.is_stale);
    watched_go(&watched, 2);
    assert_ok(model_history(watched.model, &watched.state, &again, &count, &of, &watched.error), watched.error);
    assert_ptr_equal(again, tenants);
    watched_close(&watched);
}

static void stacks_have_names_and_are_found_by_them(void **state)
{
    struct watched watched;
    watched_open(&watched, *state);
    const char *name = model_stack_name(watched.model, watched.small);
    assert_string_equal(name, "small (program.c:12)");
    assert_ptr_equal(model_stack_name(watched.model, watched.small), name);
    assert_string_equal(model_stack_name(watched.model, 0), "(no stack)");
    assert_true(strlen(model_stack_name(watched.model, UINT32_MAX)) > 0);
    assert_true(model_stack_has(watched.model, watched.small, "OUT"));
    assert_true(model_stack_has(watched.model, watched.small, "mall"));
    assert_false(model_stack_has(watched.model, watched.big, "mall"));
    assert_true(model_stack_has(watched.model, watched.big, "big"));
    assert_false(model_stack_has(watched.model, watched.big, "mall"));
    assert_true(model_stack_has(watched.model, watched.small, "small"));
    assert_false(model_stack_has(watched.model, 0, "small"));
    assert_false(model_stack_has(watched.model, UINT32_MAX, "small"));
    watched_close(&watched);
}

static void peak_worst_and_end_are_known_at_once(void **state)
{
    struct watched watched;
    watched_open(&watched, *state);
    assert_int_equal(model_peak(watched.model), WATCHED_EVENTS);
    assert_int_equal(model_worst(watched.model), WATCHED_EVENTS);
    assert_int_equal(model_event_count(watched.model), WATCHED_EVENTS);
    assert_int_equal(model_end_ns(watched.model), WATCHED_END_NS);
    assert_false(model_is_live(watched.model));
    assert_string_equal(model_summary(watched.model)->command, "program --option");
    watched_close(&watched);
}

static void times_and_moments_are_found_from_each_other(void **state)
{
    struct watched watched;
    uint64_t t_ns;
    uint64_t events;
    watched_open(&watched, *state);
    for (uint64_t moment = 0; moment <= WATCHED_EVENTS; moment++)
    {
        assert_ok(model_time_of(watched.model, moment, &t_ns, &watched.error), watched.error);
        assert_int_equal(t_ns, moment * WATCHED_NS);
        assert_ok(model_events_at(watched.model, t_ns, &events, &watched.error), watched.error);
        assert_int_equal(events, moment);
        assert_ok(model_events_at(watched.model, t_ns + WATCHED_NS - 1, &events, &watched.error), watched.error);
        assert_int_equal(events, moment);
    }
    assert_ok(model_events_at(watched.model, UINT64_MAX, &events, &watched.error), watched.error);
    assert_int_equal(events, WATCHED_EVENTS);
    watched_close(&watched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(an_answer_is_made_once_for_a_moment),
        IN_DIRECTORY(a_moving_moment_leaves_dear_answers_as_they_were),
        IN_DIRECTORY(a_moving_moment_still_answers_what_was_not_asked_before),
        IN_DIRECTORY(a_stopped_question_is_not_begun_anew_until_it_is_asked_again),
        IN_DIRECTORY(a_stopped_question_gives_what_it_gave_last),
        IN_DIRECTORY(a_stopped_seek_leaves_a_model_that_can_move),
        IN_DIRECTORY(questions_that_move_a_replay_leave_the_moment),
        IN_DIRECTORY(the_tree_turns_with_the_state),
        IN_DIRECTORY(timelines_of_two_widths_are_both_kept),
        IN_DIRECTORY(the_history_of_an_address_is_of_the_whole_reel),
        IN_DIRECTORY(stacks_have_names_and_are_found_by_them),
        IN_DIRECTORY(peak_worst_and_end_are_known_at_once),
        IN_DIRECTORY(times_and_moments_are_found_from_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
