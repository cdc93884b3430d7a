// SPDX-License-Identifier: MIT
// The run as points, beside what a naive reading of the events gives.
#include "recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reel/sqlite.h"
#include "reel/timeline.h"

#define EVENTS 150000 // two chunks and a part of one
#define POINTS_MAX 1000

// The caller's, to be freed.
static struct reel_timeline_point *read_points(struct recording *recording, struct reel_reader *reader,
                                               uint64_t begin_ns, uint64_t end_ns, size_t count)
{
    struct reel_timeline_point *points = NULL;
    assert_ok(reel_timeline_read(reader, begin_ns, end_ns, count, &points, &recording->error), recording->error);
    return points;
}

// What the events say: the state after each.
struct state
{
    uint64_t t_ns;
    uint64_t live_bytes;
    uint64_t live_blocks;
};

static struct state *make_stream(struct recording *recording)
{
    struct stream *stream = calloc(1, sizeof *stream);
    struct state *states = calloc(EVENTS, sizeof *states);
    assert_non_null(stream);
    assert_non_null(states);
    stream_init(stream, 5, 2);
    struct reel_writer *writer = recording_begin(recording, 2);
    for (size_t i = 0; i < EVENTS; i++)
    {
        struct reel_event event;
        stream_next(stream, &event, 1);
        states[i] = (struct state){event.t_ns, stream->run.live_bytes, stream->run.live_blocks};
        assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
    }
    assert_ok(reel_writer_finish(writer, stream->t_ns, &recording->error), recording->error);
    free(stream);
    return states;
}

static void points_of_any_number_add_up_to_the_run(void **state)
{
    static const size_t counts[] = {1, 2, 7, 640, 100003};
    struct recording *recording = *state;
    struct state *states = make_stream(recording);
    struct reel_reader *reader = recording_open(recording);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    {
        struct reel_timeline_point *points = read_points(recording, reader, 0, UINT64_MAX, counts[i]);
        struct reel_timeline_point sum = {0};
        for (size_t k = 0; k < counts[i]; k++)
        {
            sum.allocations += points[k].allocations;
            sum.frees += points[k].frees;
            sum.resizes += points[k].resizes;
            sum.requested_bytes += points[k].requested_bytes;
            assert_true(k == 0 || points[k].begin_ns == points[k - 1].end_ns);
            assert_true(k == 0 || points[k].events >= points[k - 1].events);
            assert_true(points[k].live_bytes_min <= points[k].live_bytes);
            assert_true(points[k].live_bytes <= points[k].live_bytes_max);
        }
        const struct reel_timeline_point *last = &points[counts[i] - 1];
        assert_int_equal(points[0].begin_ns, 0);
        assert_int_equal(last->end_ns, recording_query(recording->path, "SELECT duration_ns FROM run"));
        assert_int_equal(last->events, EVENTS);
        assert_int_equal(last->live_bytes, states[EVENTS - 1].live_bytes);
        assert_int_equal(last->live_blocks, states[EVENTS - 1].live_blocks);
        assert_int_equal(sum.allocations, recording_query(recording->path, "SELECT allocations FROM run"));
        assert_int_equal(sum.frees, recording_query(recording->path, "SELECT frees FROM run"));
        assert_int_equal(sum.resizes, recording_query(recording->path, "SELECT resizes FROM run"));
        assert_int_equal(sum.requested_bytes,
                         recording_query(recording->path, "SELECT total_requested_bytes FROM run"));
        free(points);
    }
    reel_reader_close(reader);
    free(states);
}

static void no_state_lies_outside_the_least_and_greatest_of_its_point(void **state)
{
    struct recording *recording = *state;
    struct state *states = make_stream(recording);
    struct reel_reader *reader = recording_open(recording);
    for (size_t count = 1; count <= POINTS_MAX; count = count * 3 + 1)
    {
        struct reel_timeline_point *points = read_points(recording, reader, 0, UINT64_MAX, count);
        size_t at = 0;
        for (size_t i = 0; i < count; i++)
            for (; at < EVENTS && states[at].t_ns <= points[i].end_ns; at++)
            {
                assert_true(points[i].live_bytes_min <= states[at].live_bytes);
                assert_true(states[at].live_bytes <= points[i].live_bytes_max);
            }
        assert_int_equal(at, EVENTS);
        free(points);
    }
    reel_reader_close(reader);
    free(states);
}

// A point that ends where a chunk ends says what is true, not what is likely.
static void a_point_of_whole_chunks_is_exact(void **state)
{
    struct recording *recording = *state;
    struct state *states = make_stream(recording);
    struct reel_reader *reader = recording_open(recording);
    uint64_t end_ns = (uint64_t)recording_query(recording->path, "SELECT end_ns FROM chunk WHERE first_event = 65536");
    uint64_t least = 0; // before the first event
    uint64_t greatest = 0;
    size_t before = 0;
    for (; before < EVENTS && states[before].t_ns <= end_ns; before++)
    {
        least = states[before].live_bytes < least ? states[before].live_bytes : least;
        greatest = states[before].live_bytes > greatest ? states[before].live_bytes : greatest;
    }
    struct reel_timeline_point *point = read_points(recording, reader, 0, end_ns, 1);
    assert_int_equal(point->events, before);
    assert_int_equal(point->live_bytes, states[before - 1].live_bytes);
    assert_int_equal(point->live_blocks, states[before - 1].live_blocks);
    assert_int_equal(point->live_bytes_min, least);
    assert_int_equal(point->live_bytes_max, greatest);
    free(point);
    reel_reader_close(reader);
    free(states);
}

static void a_stretch_begins_with_what_lived_then(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    const struct reel_event events[] = {recording_alloc(100, 0x1000, 500), recording_alloc(200, 0x2000, 30)};
    assert_ok(reel_writer_append(writer, events, 2, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, 1000, &recording->error), recording->error);
    struct reel_reader *reader = recording_open(recording);
    struct reel_timeline_point *points = read_points(recording, reader, 300, 900, 3);
    for (size_t i = 0; i < 3; i++)
    {
        assert_int_equal(points[i].begin_ns, 300 + 200 * i);
        assert_int_equal(points[i].end_ns, 500 + 200 * i);
        assert_int_equal(points[i].events, 2);
        assert_int_equal(points[i].allocations, 0);
        assert_int_equal(points[i].live_bytes_min, 530);
        assert_int_equal(points[i].live_bytes_max, 530);
        assert_int_equal(points[i].live_bytes, 530);
        assert_int_equal(points[i].live_blocks, 2);
    }
    free(points);
    points = read_points(recording, reader, 200, 200, 1); // what happens at its beginning is in it
    assert_int_equal(points->events, 2);
    assert_int_equal(points->live_bytes, 530);
    assert_int_equal(points->live_bytes_max, 530);
    free(points);
    reel_reader_close(reader);
}

static void sample(struct recording *recording, struct reel_writer *writer, uint32_t process, uint64_t t_ns,
                   uint64_t bytes)
{
    const struct reel_residency residency = {.process = process, .t_ns = t_ns, .resident_bytes = bytes};
    assert_ok(reel_writer_add_residency(writer, &residency, &recording->error), recording->error);
}

static void resident_bytes_are_those_of_the_processes_at_the_last_sample(void **state)
{
    static const uint64_t expected[] = {0, 100, 350, 380, 130, 140, 140, 140};
    const struct reel_process_end_info first_end = {.t_ns = 450, .how = REEL_END_EXITED};
    const struct reel_process_end_info second_end = {.t_ns = 750, .how = REEL_END_EXITED};
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 2);
    sample(recording, writer, 1, 150, 100);
    sample(recording, writer, 2, 210, 200);
    sample(recording, writer, 2, 300, 250);
    sample(recording, writer, 2, 400, 280);
    assert_ok(reel_writer_end_process(writer, 2, &first_end, &recording->error), recording->error);
    sample(recording, writer, 1, 500, 130);
    sample(recording, writer, 2, 520, 999); // too late to count
    sample(recording, writer, 1, 600, 140);
    assert_ok(reel_writer_end_process(writer, 1, &second_end, &recording->error), recording->error);
    assert_ok(reel_writer_finish(writer, 800, &recording->error), recording->error);
    struct reel_reader *reader = recording_open(recording);
    struct reel_timeline_point *points = read_points(recording, reader, 0, UINT64_MAX, 8);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(points[i].resident_bytes, expected[i]);
    free(points);
    reel_reader_close(reader);
}

static void a_reel_without_events_has_points_too(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    assert_ok(reel_writer_finish(writer, 0, &recording->error), recording->error);
    struct reel_reader *reader = recording_open(recording);
    struct reel_timeline_point *points = read_points(recording, reader, 0, UINT64_MAX, 3);
    assert_int_equal(points[2].events, 0);
    assert_int_equal(points[2].live_bytes_max, 0);
    assert_int_equal(points[2].live_bytes_min, 0);
    free(points);
    reel_reader_close(reader);
}

static void no_points_and_an_end_before_the_beginning_are_refused(void **state)
{
    struct recording *recording = *state;
    struct reel_timeline_point *points = NULL;
    struct reel_writer *writer = recording_begin(recording, 1);
    assert_ok(reel_writer_finish(writer, 10, &recording->error), recording->error);
    struct reel_reader *reader = recording_open(recording);
    assert_int_equal(reel_timeline_read(reader, 0, 10, 0, &points, &recording->error), REEL_E_ARGUMENT);
    assert_int_equal(reel_timeline_read(reader, 5, 4, 2, &points, &recording->error), REEL_E_ARGUMENT);
    assert_int_equal(reel_timeline_read(reader, 11, UINT64_MAX, 2, &points, &recording->error), REEL_E_ARGUMENT);
    assert_null(points);
    reel_reader_close(reader);
}

// Rows that no writer makes: an answer or an error, and neither a crash nor an endless loop.
static void rows_that_make_no_sense_do_no_harm(void **state)
{
    static const char *const changes[] = {
        "UPDATE chunk SET begin_ns = 9000000000000000000, end_ns = -5",
        "UPDATE chunk SET begin_ns = end_ns, end_ns = begin_ns",
        "UPDATE chunk SET live_bytes = -1, live_bytes_min = 7, live_bytes_max = 3, requested_bytes = -1, events = -4",
        "UPDATE run SET duration_ns = -1",
        "UPDATE process SET end_ns = -1",
        "UPDATE residency SET t_ns = -1, resident_bytes = -9",
    };
    struct recording *recording = *state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
    {
        struct reel_timeline_point *points = NULL;
        struct stream *stream = calloc(1, sizeof *stream);
        assert_non_null(stream);
        stream_init(stream, 9, 1);
        remove(recording->path);
        recording_make(recording, stream, 70000);
        free(stream);
        recording_change(recording->path, changes[i]);
        struct reel_reader *reader = recording_open(recording);
        int status = reel_timeline_read(reader, 0, 100000000, 100, &points, &recording->error);
        assert_true(status == REEL_OK || status == REEL_E_DAMAGED);
        free(points);
        points = NULL;
        status = reel_timeline_read(reader, 0, UINT64_MAX, 100, &points, &recording->error);
        assert_true(status == REEL_OK || status == REEL_E_ARGUMENT);
        free(points);
        reel_reader_close(reader);
    }
}

static void a_process_of_an_impossible_number_is_damage(void **state)
{
    struct recording *recording = *state;
    struct reel_timeline_point *points = NULL;
    struct reel_writer *writer = recording_begin(recording, 1);
    sample(recording, writer, 1, 5, 100);
    assert_ok(reel_writer_finish(writer, 10, &recording->error), recording->error);
    struct reel_reader *reader = recording_open(recording);
    recording_change(recording->path, "UPDATE residency SET process = 2");
    assert_int_equal(reel_timeline_read(reader, 0, 10, 1, &points, &recording->error), REEL_E_DAMAGED);
    recording_change(recording->path, "UPDATE process SET process = 4000000000000");
    assert_int_equal(reel_timeline_read(reader, 0, 10, 1, &points, &recording->error), REEL_E_DAMAGED);
    assert_non_null(strstr(recording->error.text, "process"));
    reel_reader_close(reader);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(points_of_any_number_add_up_to_the_run),
        IN_DIRECTORY(no_state_lies_outside_the_least_and_greatest_of_its_point),
        IN_DIRECTORY(a_point_of_whole_chunks_is_exact),
        IN_DIRECTORY(a_stretch_begins_with_what_lived_then),
        IN_DIRECTORY(resident_bytes_are_those_of_the_processes_at_the_last_sample),
        IN_DIRECTORY(a_reel_without_events_has_points_too),
        IN_DIRECTORY(no_points_and_an_end_before_the_beginning_are_refused),
        IN_DIRECTORY(rows_that_make_no_sense_do_no_harm),
        IN_DIRECTORY(a_process_of_an_impossible_number_is_damage),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
