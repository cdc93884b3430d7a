// SPDX-License-Identifier: MIT
// Classes over time, beside what the replay says of the classes at the moment of each point, and the model of the heap.
#include "naive_heap.h"
#include "opened.h"

#include <stdlib.h>
#include <string.h>

#include "reel/classes_over.h"
#include "reel/sqlite.h"

static const struct random_shape long_one = {
    .seed = 21, .event_count = 200000, .live_blocks = 1500, .process_max = 4, .has_classes = true};

static struct reel_classes_over read_over(struct opened *opened, uint32_t process, uint64_t begin_ns, uint64_t end_ns,
                                          size_t count)
{
    struct reel_classes_over over;
    assert_ok(reel_classes_over_read(&over, opened->replay, process, begin_ns, end_ns, count, NULL,
                                     &opened->recording->error),
              opened->recording->error);
    return over;
}

// How many events are not later.
static uint64_t events_until(const struct random_reel *reel, uint64_t t_ns)
{
    uint64_t events = 0;
    for (size_t i = 0; i < reel->step_count; i++)
        events += reel->steps[i].kind == RANDOM_EVENT && reel->steps[i].event.t_ns <= t_ns;
    return events;
}

static uint64_t end_of(const struct reel_classes_over *over, size_t point)
{
    uint64_t length = over->end_ns - over->begin_ns;
    return over->begin_ns + length / over->point_count * (point + 1) +
           length % over->point_count * (point + 1) / over->point_count;
}

static void compare_point(struct opened *opened, const struct reel_classes_over *over, uint32_t process, size_t point)
{
    struct reel_class_state *classes = NULL;
    size_t count = 0;
    struct reel_error *error = &opened->recording->error;
    uint64_t events = events_until(&opened->reel, end_of(over, point));
    assert_ok(reel_replay_seek(opened->replay, events, NULL, error), *error);
    assert_ok(reel_replay_classes(opened->replay, process, &classes, &count, error), *error);
    struct reel_class_point expected[REEL_CLASS_NUMBERS] = {0};
    for (size_t i = 0; i < count; i++)
        expected[classes[i].number] = (struct reel_class_point){classes[i].live_blocks, classes[i].requested_bytes,
                                                                classes[i].usable_bytes, classes[i].carved_slots};
    for (size_t number = 0; number < REEL_CLASS_NUMBERS; number++)
        assert_memory_equal(&over->points[number * over->point_count + point], &expected[number], sizeof *expected);
    free(classes);
}

static void each_point_has_the_classes_of_its_moment(void **state)
{
    for (uint64_t seed = 0; seed < 5; seed++)
    {
        struct opened opened;
        opened_make_small(&opened, *state, seed);
        for (uint32_t process = 0; process <= opened.reel.process_count; process++)
        {
            struct reel_classes_over over = read_over(&opened, process, 0, UINT64_MAX, 13);
            for (size_t i = 0; i < over.point_count; i++)
                compare_point(&opened, &over, process, i);
            reel_classes_over_fini(&over);
        }
        opened_close(&opened);
    }
}

static void any_stretch_of_any_number_of_points_is_answered(void **state)
{
    struct opened opened;
    opened_make(&opened, *state, &long_one);
    uint64_t end_ns = (uint64_t)recording_query(opened.recording->path, "SELECT duration_ns FROM run");
    for (int i = 0; i < 8; i++)
    {
        uint64_t begin_ns = stream_random(&opened.dice, end_ns);
        size_t count = 1 + stream_random(&opened.dice, 40);
        struct reel_classes_over over =
            read_over(&opened, 0, begin_ns, begin_ns + stream_random(&opened.dice, end_ns), count);
        compare_point(&opened, &over, 0, count - 1);
        compare_point(&opened, &over, 0, count / 2);
        reel_classes_over_fini(&over);
    }
    opened_close(&opened);
}

// Own and inherited blocks of all classes together are those of the heap.
static void classes_of_a_point_add_up_to_the_heap(void **state)
{
    struct opened opened;
    struct naive naive;
    opened_make_small(&opened, *state, 4);
    naive_init(&naive, &opened.reel);
    struct reel_classes_over over = read_over(&opened, 1, 0, UINT64_MAX, 29);
    for (size_t i = 0; i < over.point_count; i++)
    {
        struct reel_class_point sum = {0};
        naive_move(&naive, events_until(&opened.reel, end_of(&over, i)));
        const struct reel_heap_state heap = naive_heap(&naive, 1);
        for (size_t k = 0; k < over.class_count; k++)
        {
            const struct reel_class_point *point = &over.points[over.classes[k].number * over.point_count + i];
            sum.live_blocks += point->live_blocks;
            sum.requested_bytes += point->requested_bytes;
            sum.usable_bytes += point->usable_bytes;
        }
        assert_int_equal(sum.live_blocks, heap.live_blocks + heap.inherited_blocks);
        assert_int_equal(sum.requested_bytes, heap.requested_bytes + heap.inherited_requested_bytes);
        assert_int_equal(sum.usable_bytes, heap.usable_bytes + heap.inherited_usable_bytes);
    }
    reel_classes_over_fini(&over);
    naive_fini(&naive);
    opened_close(&opened);
}

static void classes_over_time_leave_the_replay_where_it_is(void **state)
{
    struct opened opened;
    opened_make_small(&opened, *state, 1);
    assert_ok(reel_replay_seek(opened.replay, 1000, NULL, &opened.recording->error), opened.recording->error);
    struct reel_classes_over over = read_over(&opened, 0, 0, UINT64_MAX, 3);
    assert_int_equal(reel_replay_events(opened.replay), 1000);
    assert_true(over.class_count > 1);
    for (size_t i = 1; i < over.class_count; i++)
        assert_true(over.classes[i - 1].number < over.classes[i].number);
    reel_classes_over_fini(&over);
    opened_close(&opened);
}

// ---- what goes wrong

// What the frees of a damaged chunk leave behind goes when its address comes again, unless that is passed: both stop at
// the same moments here.
static void classes_over_damaged_chunks_are_those_of_the_replay(void **state)
{
    struct opened opened;
    opened_make(&opened, *state, &long_one);
    recording_change(opened.recording->path, "UPDATE chunk_data SET data = zeroblob(50) WHERE first_event = 65536");
    opened_again(&opened);
    struct reel_classes_over over = read_over(&opened, 0, 0, UINT64_MAX, 5);
    for (size_t i = 0; i < over.point_count; i++)
        compare_point(&opened, &over, 0, i);
    assert_int_equal(reel_replay_damaged_events(opened.replay), 65536);
    reel_classes_over_fini(&over);
    opened_close(&opened);
}

static void classes_over_rows_that_lie_do_no_harm(void **state)
{
    static const char *const changes[] = {
        "UPDATE chunk SET begin_ns = 9000000000000000000, end_ns = -5 WHERE first_event > 0",
        "UPDATE chunk SET begin_ns = -begin_ns",
        "UPDATE run SET duration_ns = 9223372036854775807",
        "UPDATE process SET begin_event = 150000",
        "DELETE FROM chunk_data WHERE first_event = 131072",
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
    {
        struct opened opened;
        struct reel_classes_over over;
        opened_make(&opened, *state, &long_one);
        recording_change(opened.recording->path, changes[i]);
        opened_again(&opened);
        int status = reel_classes_over_read(&over, opened.replay, 0, 0, UINT64_MAX, 20, NULL, &opened.recording->error);
        assert_true(status == REEL_OK || status == REEL_E_DAMAGED);
        reel_classes_over_fini(&over);
        opened_close(&opened);
    }
}

static int refuse(void *context, double fraction)
{
    (void)context;
    assert_true(fraction >= 0 && fraction <= 1);
    return 1;
}

static void impossible_questions_are_refused_and_long_ones_can_be_cancelled(void **state)
{
    const struct reel_progress refusing = {refuse, NULL};
    struct reel_classes_over over;
    struct opened opened;
    opened_make_small(&opened, *state, 3);
    struct reel_error *error = &opened.recording->error;
    assert_int_equal(reel_classes_over_read(&over, opened.replay, 99, 0, 10, 1, NULL, error), REEL_E_ARGUMENT);
    assert_non_null(strstr(error->text, "process 99"));
    reel_classes_over_fini(&over);
    assert_int_equal(reel_classes_over_read(&over, opened.replay, 0, 0, 10, 0, NULL, error), REEL_E_ARGUMENT);
    reel_classes_over_fini(&over);
    assert_int_equal(reel_classes_over_read(&over, opened.replay, 0, 10, 9, 1, NULL, error), REEL_E_ARGUMENT);
    reel_classes_over_fini(&over);
    assert_int_equal(reel_classes_over_read(&over, opened.replay, 0, 0, UINT64_MAX, 1, &refusing, error),
                     REEL_E_CANCELLED);
    reel_classes_over_fini(&over);
    opened_close(&opened);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(each_point_has_the_classes_of_its_moment),
        IN_DIRECTORY(any_stretch_of_any_number_of_points_is_answered),
        IN_DIRECTORY(classes_of_a_point_add_up_to_the_heap),
        IN_DIRECTORY(classes_over_time_leave_the_replay_where_it_is),
        IN_DIRECTORY(classes_over_damaged_chunks_are_those_of_the_replay),
        IN_DIRECTORY(classes_over_rows_that_lie_do_no_harm),
        IN_DIRECTORY(impossible_questions_are_refused_and_long_ones_can_be_cancelled),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
