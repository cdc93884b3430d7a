// SPDX-License-Identifier: MIT
// Moving in a recording that goes on: following, freezing, going back, and following again.
#include "watched.h"

#include "viewer/desk.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COLUMNS 20
#define LIVE_EVENTS 3
#define SECOND UINT64_C(1000000000)

struct ride
{
    struct watched watched;
    struct page_view view;
    struct transport transport;
    pid_t writer;
    int told; // closed, the writer goes
};

// The writer has committed, and holds the reel until it is told to go.
static void write_and_wait(struct recording *recording, int said, int told)
{
    char byte;
    struct reel_writer *writer = recording_begin(recording, 1);
    for (uint64_t i = 1; i <= LIVE_EVENTS; i++)
    {
        struct reel_event event = recording_alloc(i * WATCHED_NS, i * 0x1000, 100);
        if (reel_writer_append(writer, &event, 1, NULL) != REEL_OK)
            _exit(1);
    }
    bool is_said = reel_writer_commit(writer, NULL) == REEL_OK && write(said, "x", 1) == 1;
    _exit(is_said && read(told, &byte, 1) == 0 ? 0 : 1);
}

static void board(struct ride *ride, void **state)
{
    int said[2];
    int told[2];
    char byte;
    *ride = (struct ride){0};
    assert_int_equal(pipe(said), 0);
    assert_int_equal(pipe(told), 0);
    ride->writer = fork();
    assert_true(ride->writer >= 0);
    if (ride->writer == 0)
    {
        close(told[1]);
        write_and_wait(*state, said[1], told[0]);
    }
    close(said[1]);
    close(told[0]);
    ride->told = told[1];
    assert_int_equal(read(said[0], &byte, 1), 1);
    close(said[0]);
    watched_open_made(&ride->watched, *state);
    assert_true(model_is_live(ride->watched.model));
    ride->view = (struct page_view){.model = ride->watched.model, .state = &ride->watched.state};
    transport_init(&ride->transport);
}

static void end_writer(struct ride *ride)
{
    int status;
    close(ride->told);
    assert_int_equal(waitpid(ride->writer, &status, 0), ride->writer);
    assert_int_equal(status, 0);
}

static void leave(struct ride *ride)
{
    end_writer(ride);
    watched_close(&ride->watched);
}

static unsigned act(struct ride *ride, enum action action)
{
    ride->view.said = NULL;
    return transport_take(&ride->transport, &ride->view, action, COLUMNS, SECOND);
}

static void a_key_freezes_and_goes_on(void **state)
{
    struct ride ride;
    board(&ride, state);
    act(&ride, ACTION_FOLLOW);
    assert_true(ride.watched.state.is_following);
    assert_string_equal(transport_says(&ride.transport, &ride.view), "following");
    act(&ride, ACTION_PLAY);
    assert_false(ride.watched.state.is_following);
    assert_string_equal(transport_says(&ride.transport, &ride.view), "paused");
    assert_true(act(&ride, ACTION_PLAY) & REACTION_MOVE);
    assert_true(ride.watched.state.is_following);
    leave(&ride);
}

static void going_back_stops_following_and_the_key_plays_from_there(void **state)
{
    struct ride ride;
    board(&ride, state);
    act(&ride, ACTION_FOLLOW);
    act(&ride, ACTION_BACK_EVENT);
    act(&ride, ACTION_BACK_EVENT);
    assert_false(ride.watched.state.is_following);
    assert_int_equal(ride.watched.state.moment, LIVE_EVENTS - 2);
    act(&ride, ACTION_PLAY);
    assert_true(ride.transport.is_playing);
    assert_int_equal(ride.watched.state.moment, LIVE_EVENTS - 2);
    leave(&ride);
}

static void a_step_after_freezing_is_played_from(void **state)
{
    struct ride ride;
    board(&ride, state);
    act(&ride, ACTION_FOLLOW);
    act(&ride, ACTION_PLAY);
    act(&ride, ACTION_BEGIN);
    act(&ride, ACTION_PLAY);
    assert_false(ride.watched.state.is_following);
    assert_true(ride.transport.is_playing);
    leave(&ride);
}

static void what_is_played_to_its_end_is_followed(void **state)
{
    struct ride ride;
    board(&ride, state);
    act(&ride, ACTION_BEGIN);
    act(&ride, ACTION_PLAY);
    transport_advance(&ride.transport, &ride.view, 2 * SECOND);
    assert_false(ride.transport.is_playing);
    assert_true(ride.watched.state.is_following);
    assert_int_equal(ride.watched.state.moment, LIVE_EVENTS);
    leave(&ride);
}

static void a_recorder_that_goes_without_an_end_is_told_as_such(void **state)
{
    struct ride ride;
    struct desk desk;
    board(&ride, state);
    assert_true(desk_init(&desk, ride.watched.model));
    end_writer(&ride);
    assert_true(desk_refresh(&desk) & REACTION_DRAW);
    assert_non_null(strstr(desk.note, "cut off"));
    desk_fini(&desk);
    watched_close(&ride.watched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_key_freezes_and_goes_on),
        IN_DIRECTORY(going_back_stops_following_and_the_key_plays_from_there),
        IN_DIRECTORY(a_step_after_freezing_is_played_from),
        IN_DIRECTORY(what_is_played_to_its_end_is_followed),
        IN_DIRECTORY(a_recorder_that_goes_without_an_end_is_told_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
