// SPDX-License-Identifier: MIT
// Moving in time: each way back undoes the way there, and none leaves the reel.
#include "watched.h"

#include "viewer/time/timeline.h"
#include "viewer/time/transport.h"

#include <string.h>

#define COLUMNS 20
#define EVENTS 3000
#define SECOND UINT64_C(1000000000)

struct ride
{
    struct watched watched;
    struct page_view view;
    struct transport transport;
};

static void begin(struct ride *ride)
{
    ride->view = (struct page_view){.model = ride->watched.model, .state = &ride->watched.state};
    transport_init(&ride->transport);
}

// The small reel: six events, 1 us apart, in 10 us.
static void board(struct ride *ride, void **state)
{
    *ride = (struct ride){0};
    watched_open(&ride->watched, *state);
    begin(ride);
}

static void board_long(struct ride *ride, void **state)
{
    static struct stream stream;
    *ride = (struct ride){0};
    stream_init(&stream, 7, 1);
    recording_make(*state, &stream, EVENTS);
    watched_open_made(&ride->watched, *state);
    begin(ride);
}

static unsigned act(struct ride *ride, enum action action)
{
    ride->view.said = NULL;
    return transport_take(&ride->transport, &ride->view, action, COLUMNS, 0);
}

static uint64_t moment_after(struct ride *ride, enum action action)
{
    act(ride, action);
    return ride->watched.state.moment;
}

static void steps_of_events_end_at_the_ends(void **state)
{
    struct ride ride;
    board(&ride, state);
    assert_int_equal(moment_after(&ride, ACTION_ON_EVENT), WATCHED_EVENTS);
    assert_int_equal(moment_after(&ride, ACTION_BACK_EVENT), WATCHED_EVENTS - 1);
    assert_int_equal(moment_after(&ride, ACTION_ON_EVENT), WATCHED_EVENTS);
    assert_int_equal(moment_after(&ride, ACTION_BEGIN), 0);
    assert_int_equal(moment_after(&ride, ACTION_BACK_EVENT), 0);
    assert_int_equal(moment_after(&ride, ACTION_ON_EVENT), 1);
    assert_int_equal(moment_after(&ride, ACTION_END), WATCHED_EVENTS);
    watched_close(&ride.watched);
}

static void a_column_is_half_a_microsecond_and_quiet_ones_are_passed_over(void **state)
{
    struct ride ride;
    board(&ride, state);
    ride.watched.state.moment = 0;
    for (uint64_t events = 1; events <= WATCHED_EVENTS; events++)
        assert_int_equal(moment_after(&ride, ACTION_ON_COLUMN), events);
    assert_int_equal(moment_after(&ride, ACTION_ON_COLUMN), WATCHED_EVENTS);
    for (uint64_t events = WATCHED_EVENTS; events-- > 0;)
        assert_int_equal(moment_after(&ride, ACTION_BACK_COLUMN), events);
    assert_int_equal(moment_after(&ride, ACTION_BACK_COLUMN), 0);
    watched_close(&ride.watched);
}

// From the end of a column.
static void a_step_on_and_back_is_none(void **state)
{
    struct ride ride;
    board_long(&ride, state);
    const enum action ways[][2] = {
        {ACTION_ON_COLUMN, ACTION_BACK_COLUMN}, {ACTION_ON_EVENT, ACTION_BACK_EVENT}, {ACTION_FASTER, ACTION_SLOWER}};
    for (int zoom = 0; zoom < 3; zoom++)
    {
        struct timeline_span span = timeline_span_of(ride.watched.model, &ride.watched.state, COLUMNS);
        for (int64_t column = 0; column + 1 < COLUMNS; column++)
        {
            uint64_t from;
            assert_ok(
                model_events_at(ride.watched.model, timeline_column_end(&span, column), &from, &ride.watched.error),
                ride.watched.error);
            for (size_t way = 0; way < sizeof ways / sizeof *ways; way++)
            {
                ride.watched.state.moment = from;
                act(&ride, ways[way][0]);
                assert_int_equal(moment_after(&ride, ways[way][1]), from);
            }
        }
        act(&ride, ACTION_ZOOM);
    }
    watched_close(&ride.watched);
}

static void no_step_leaves_the_reel_and_all_lead_on(void **state)
{
    struct ride ride;
    const enum action on[] = {ACTION_ON_COLUMN, ACTION_ON_COLUMNS, ACTION_ON_MARK};
    const enum action back[] = {ACTION_BACK_COLUMN, ACTION_BACK_COLUMNS, ACTION_BACK_MARK};
    board_long(&ride, state);
    uint64_t count = model_event_count(ride.watched.model);
    for (int i = 0; i < 3; i++)
    {
        uint64_t before = moment_after(&ride, ACTION_BEGIN);
        for (uint64_t now; (now = moment_after(&ride, on[i])) != before; before = now)
            assert_true(now > before && now <= count);
        assert_true(on[i] == ACTION_ON_MARK || before == count);
        before = moment_after(&ride, ACTION_END);
        for (uint64_t now; (now = moment_after(&ride, back[i])) != before; before = now)
            assert_true(now < before);
        assert_true(back[i] == ACTION_BACK_MARK || before == 0);
    }
    watched_close(&ride.watched);
}

static void marks_are_met_in_the_order_of_time(void **state)
{
    struct ride ride;
    board(&ride, state);
    ride.watched.state.mark_a = 4;
    ride.watched.state.mark_b = 1;
    ride.watched.state.moment = 0;
    uint64_t peak = model_peak(ride.watched.model);
    assert_true(peak > 4);
    assert_int_equal(moment_after(&ride, ACTION_ON_MARK), 1);
    assert_int_equal(moment_after(&ride, ACTION_ON_MARK), 4);
    assert_int_equal(moment_after(&ride, ACTION_ON_MARK), peak);
    assert_null(ride.view.said);
    act(&ride, ACTION_ON_MARK);
    assert_non_null(ride.view.said);
    assert_int_equal(moment_after(&ride, ACTION_BACK_MARK), 4);
    watched_close(&ride.watched);
}

static void the_peak_comes_with_the_question_who_holds_it(void **state)
{
    struct ride ride;
    board(&ride, state);
    ride.watched.state.mode = MODE_DIFFERENCE;
    ride.watched.state.measure = REEL_MEASURE_ROUNDING;
    assert_int_equal(moment_after(&ride, ACTION_PEAK), model_peak(ride.watched.model));
    assert_int_equal(ride.watched.state.measure, REEL_MEASURE_LIVE);
    assert_int_equal(ride.watched.state.mode, MODE_MOMENT);
    assert_int_equal(ride.watched.state.page, PAGE_OVERVIEW);
    assert_int_equal(moment_after(&ride, ACTION_WORST), model_worst(ride.watched.model));
    assert_int_equal(ride.watched.state.measure, REEL_MEASURE_PINNED);
    watched_close(&ride.watched);
}

static void a_mark_set_twice_is_cleared(void **state)
{
    struct ride ride;
    board(&ride, state);
    act(&ride, ACTION_SET_A);
    assert_int_equal(ride.watched.state.mark_a, WATCHED_EVENTS);
    act(&ride, ACTION_BEGIN);
    act(&ride, ACTION_SET_A);
    assert_int_equal(ride.watched.state.mark_a, 0);
    act(&ride, ACTION_SET_A);
    assert_int_equal(ride.watched.state.mark_a, STATE_NO_EVENT);
    watched_close(&ride.watched);
}

static void playing_takes_the_time_that_the_run_took_and_pauses_at_the_end(void **state)
{
    struct ride ride;
    board(&ride, state);
    act(&ride, ACTION_BEGIN);
    transport_take(&ride.transport, &ride.view, ACTION_PLAY, COLUMNS, 5 * SECOND);
    assert_true(ride.transport.is_playing);
    assert_int_equal(transport_advance(&ride.transport, &ride.view, 5 * SECOND + 999), REACTION_NONE);
    assert_int_equal(ride.watched.state.moment, 0);
    transport_advance(&ride.transport, &ride.view, 5 * SECOND + 3500);
    assert_int_equal(ride.watched.state.moment, 3);
    act(&ride, ACTION_SLOWER);
    transport_advance(&ride.transport, &ride.view, 5 * SECOND + 5500);
    assert_int_equal(ride.watched.state.moment, 4);
    transport_advance(&ride.transport, &ride.view, 5 * SECOND + 99000);
    assert_int_equal(ride.watched.state.moment, WATCHED_EVENTS);
    assert_false(ride.transport.is_playing);
    assert_string_equal(transport_says(&ride.transport, &ride.view), "paused");
    watched_close(&ride.watched);
}

static void playing_at_the_end_begins_anew(void **state)
{
    struct ride ride;
    board(&ride, state);
    assert_true(act(&ride, ACTION_PLAY) & REACTION_MOVE);
    assert_int_equal(ride.watched.state.moment, 0);
    assert_true(ride.transport.is_playing);
    assert_string_equal(transport_says(&ride.transport, &ride.view), "1x");
    act(&ride, ACTION_PLAY);
    assert_false(ride.transport.is_playing);
    watched_close(&ride.watched);
}

static void a_clock_that_goes_back_moves_nothing(void **state)
{
    struct ride ride;
    board(&ride, state);
    act(&ride, ACTION_BEGIN);
    transport_take(&ride.transport, &ride.view, ACTION_PLAY, COLUMNS, 5 * SECOND);
    transport_advance(&ride.transport, &ride.view, 4 * SECOND);
    assert_int_equal(ride.watched.state.moment, 0);
    assert_true(ride.transport.is_playing);
    watched_close(&ride.watched);
}

static void speeds_are_bounded_and_told(void **state)
{
    struct ride ride;
    board(&ride, state);
    act(&ride, ACTION_PLAY);
    for (int i = 0; i < 30; i++)
        act(&ride, ACTION_FASTER);
    assert_string_equal(transport_says(&ride.transport, &ride.view), "1024x");
    for (int i = 0; i < 60; i++)
        act(&ride, ACTION_SLOWER);
    assert_string_equal(transport_says(&ride.transport, &ride.view), "1/64x");
    act(&ride, ACTION_FASTER);
    assert_string_equal(transport_says(&ride.transport, &ride.view), "1/32x");
    watched_close(&ride.watched);
}

static void a_run_of_any_length_is_a_film(void **state)
{
    static const struct
    {
        double seconds;
        const char *speed;
    } runs[] = {{0, "1/64x"}, {0.43, "1/32x"}, {9, "1/2x"},   {10, "1x"},
                {60, "1x"},   {61, "2x"},      {3600, "64x"}, {1e9, "1024x"}};
    struct ride ride;
    board(&ride, state);
    act(&ride, ACTION_PLAY);
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
    {
        ride.transport.speed = 1;
        transport_fit(&ride.transport, (uint64_t)(runs[i].seconds * 1e9));
        assert_string_equal(transport_says(&ride.transport, &ride.view), runs[i].speed);
    }
    watched_close(&ride.watched);
}

static void nothing_is_followed_when_the_recording_has_ended(void **state)
{
    struct ride ride;
    board(&ride, state);
    act(&ride, ACTION_FOLLOW);
    assert_false(ride.watched.state.is_following);
    assert_non_null(ride.view.said);
    watched_close(&ride.watched);
}

static void zooms_stay_in_the_run_and_keep_the_moment_in_sight(void **state)
{
    struct ride ride;
    board_long(&ride, state);
    struct state *seen = &ride.watched.state;
    uint64_t end_ns = model_end_ns(ride.watched.model);
    act(&ride, ACTION_PEAK);
    for (int i = 0; i < 8; i++)
        act(&ride, ACTION_ZOOM);
    assert_true(seen->zoom_end_ns - seen->zoom_begin_ns <= end_ns / 2);
    for (int i = 0; i < 200; i++)
    {
        uint64_t t_ns;
        act(&ride, i % 3 == 0 ? ACTION_BACK_COLUMNS : ACTION_ON_COLUMNS);
        assert_ok(model_time_of(ride.watched.model, seen->moment, &t_ns, &ride.watched.error), ride.watched.error);
        assert_true(seen->zoom_begin_ns <= t_ns && t_ns <= seen->zoom_end_ns && seen->zoom_end_ns <= end_ns);
    }
    for (int i = 0; i < 12; i++)
        act(&ride, ACTION_UNZOOM);
    assert_int_equal(seen->zoom_begin_ns, 0);
    assert_int_equal(seen->zoom_end_ns, UINT64_MAX);
    watched_close(&ride.watched);
}

static void between_both_marks_is_what_is_zoomed_to(void **state)
{
    struct ride ride;
    board_long(&ride, state);
    struct state *seen = &ride.watched.state;
    uint64_t a_ns;
    uint64_t b_ns;
    seen->mark_a = 2000;
    seen->mark_b = 500;
    act(&ride, ACTION_ZOOM);
    assert_ok(model_time_of(ride.watched.model, 500, &b_ns, &ride.watched.error), ride.watched.error);
    assert_ok(model_time_of(ride.watched.model, 2000, &a_ns, &ride.watched.error), ride.watched.error);
    assert_int_equal(seen->zoom_begin_ns, b_ns);
    assert_int_equal(seen->zoom_end_ns, a_ns);
    act(&ride, ACTION_ZOOM);
    assert_true(seen->zoom_end_ns - seen->zoom_begin_ns <= (a_ns - b_ns) / 2);
    act(&ride, ACTION_ZOOM_ALL);
    assert_int_equal(seen->zoom_end_ns, UINT64_MAX);
    watched_close(&ride.watched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(steps_of_events_end_at_the_ends),
        IN_DIRECTORY(a_column_is_half_a_microsecond_and_quiet_ones_are_passed_over),
        IN_DIRECTORY(a_step_on_and_back_is_none),
        IN_DIRECTORY(no_step_leaves_the_reel_and_all_lead_on),
        IN_DIRECTORY(marks_are_met_in_the_order_of_time),
        IN_DIRECTORY(the_peak_comes_with_the_question_who_holds_it),
        IN_DIRECTORY(a_mark_set_twice_is_cleared),
        IN_DIRECTORY(playing_takes_the_time_that_the_run_took_and_pauses_at_the_end),
        IN_DIRECTORY(playing_at_the_end_begins_anew),
        IN_DIRECTORY(a_clock_that_goes_back_moves_nothing),
        IN_DIRECTORY(speeds_are_bounded_and_told),
        IN_DIRECTORY(a_run_of_any_length_is_a_film),
        IN_DIRECTORY(nothing_is_followed_when_the_recording_has_ended),
        IN_DIRECTORY(zooms_stay_in_the_run_and_keep_the_moment_in_sight),
        IN_DIRECTORY(between_both_marks_is_what_is_zoomed_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
