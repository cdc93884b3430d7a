// SPDX-License-Identifier: MIT
// What stacks are ranked by, beside a naive reading of the events.
#include "naive_sums.h"

#include <stdio.h>
#include <stdlib.h>

#include "reel/blame.h"
#include "reel/measure.h"
#include "reel/sqlite.h"

// --- comparison

struct answer
{
    struct reel_measured *rows;
    size_t count;
    struct reel_measured total;
};

static int64_t magnitude(int64_t number)
{
    return number < 0 ? -number : number;
}

// Frees the rows.
static void assert_answer(struct answer *answer, const struct naive_sums *expected)
{
    struct naive_sums left = *expected;
    struct reel_measured sum = {0};
    for (size_t i = 0; i < answer->count; i++)
    {
        const struct reel_measured *row = &answer->rows[i];
        const struct reel_measured *before = &answer->rows[i > 0 ? i - 1 : 0];
        assert_true(row->stack <= SUMMED_STACKS);
        assert_true(row->bytes != 0 || row->blocks != 0);
        assert_true(magnitude(before->bytes) >= magnitude(row->bytes));
        assert_int_equal(row->bytes, left.stacks[row->stack].bytes);
        assert_int_equal(row->blocks, left.stacks[row->stack].blocks);
        left.stacks[row->stack] = (struct naive_sum){0};
        sum.bytes += row->bytes;
        sum.blocks += row->blocks;
    }
    for (size_t i = 0; i <= SUMMED_STACKS; i++)
        assert_int_equal(left.stacks[i].bytes, 0);
    assert_int_equal(answer->total.bytes, sum.bytes);
    assert_int_equal(answer->total.blocks, sum.blocks);
    free(answer->rows);
}

static struct answer measure_at(struct summed *summed, uint32_t process, enum reel_measure measure, uint64_t events)
{
    struct answer answer = {0};
    struct reel_error *error = &summed->recording->error;
    assert_ok(reel_measure_at(summed->replay, process, measure, events, NULL, &answer.rows, &answer.count,
                              &answer.total, error),
              *error);
    return answer;
}

static const enum reel_measure naive_measures[] = {REEL_MEASURE_LIVE,      REEL_MEASURE_PEAK,   REEL_MEASURE_ALLOCATED,
                                                   REEL_MEASURE_TEMPORARY, REEL_MEASURE_LEAKED, REEL_MEASURE_ROUNDING};
#define NAIVE_MEASURES (sizeof naive_measures / sizeof *naive_measures)

static void every_measure_is_what_the_events_say(void **state)
{
    struct summed summed = summed_make(*state, 3);
    const uint64_t moments[] = {0,
                                1,
                                777,
                                summed.ends[3] - 1,
                                summed.ends[3],
                                summed.ends[3] + 1,
                                65535,
                                65536,
                                summed.ends[2],
                                summed.ends[2] + 9,
                                summed.count};
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        for (size_t k = 0; k < NAIVE_MEASURES; k++)
        {
            struct naive_sums expected = naive_measure(&summed, 0, naive_measures[k], (size_t)moments[i]);
            struct answer answer = measure_at(&summed, 0, naive_measures[k], moments[i]);
            assert_answer(&answer, &expected);
        }
    summed_free(&summed);
}

static void pinned_is_what_blame_says(void **state)
{
    struct summed summed = summed_make(*state, 9);
    const uint64_t moments[] = {200, 30000, summed.ends[3] + 1, summed.count};
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
    {
        struct reel_blame *blame = NULL;
        struct naive_sums expected = {0};
        size_t count = 0;
        struct answer answer = measure_at(&summed, 0, REEL_MEASURE_PINNED, moments[i]);
        assert_true(answer.total.bytes > 0);
        assert_int_equal(reel_replay_events(summed.replay), moments[i]);
        assert_ok(reel_blame_make(&blame, summed.replay, 0, NULL, &summed.recording->error), summed.recording->error);
        const struct reel_blame_share *shares = reel_blame_stacks(blame, &count);
        for (uint32_t stack = 0; stack < count; stack++)
            if (shares[stack].pinned_bytes != 0)
                naive_add(&expected, stack, shares[stack].pinned_bytes, (int64_t)shares[stack].live_blocks);
        assert_answer(&answer, &expected);
        reel_blame_destroy(blame);
    }
    summed_free(&summed);
}

static void totals_at_the_end_are_those_of_the_run(void **state)
{
    static const struct
    {
        enum reel_measure measure;
        const char *sql;
    } figures[] = {
        {REEL_MEASURE_ALLOCATED, "SELECT total_requested_bytes FROM run"},
        {REEL_MEASURE_PEAK, "SELECT peak_live_bytes FROM run"},
        {REEL_MEASURE_LEAKED, "SELECT leaked_bytes FROM run"},
    };
    struct summed summed = summed_make(*state, 4);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
    {
        struct answer answer = measure_at(&summed, 0, figures[i].measure, UINT64_MAX);
        assert_int_equal(answer.total.bytes, recording_query(summed.recording->path, figures[i].sql));
        assert_true(answer.total.bytes > 0);
        free(answer.rows);
    }
    struct answer temporary = measure_at(&summed, 0, REEL_MEASURE_TEMPORARY, UINT64_MAX);
    assert_int_equal(temporary.total.blocks,
                     recording_query(summed.recording->path, "SELECT temporary_allocations FROM run"));
    free(temporary.rows);
    summed_free(&summed);
}

static void every_way_to_look_at_a_range_is_what_the_events_say(void **state)
{
    struct summed summed = summed_make(*state, 5);
    const uint64_t ranges[][2] = {{0, summed.count},
                                  {0, 0},
                                  {1000, 70000},
                                  {65536, 65536},
                                  {70000, summed.count},
                                  {500, 1500},
                                  {summed.ends[3], summed.ends[3] + 4},
                                  {summed.ends[3] - 10, summed.ends[2]}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        for (int verb = REEL_RANGE_ALLOCATED; verb <= REEL_RANGE_UNFREED; verb++)
        {
            struct answer answer = {0};
            struct naive_sums expected =
                naive_range(&summed, 0, (enum reel_range_verb)verb, (size_t)ranges[i][0], (size_t)ranges[i][1]);
            assert_ok(reel_measure_range(summed.replay, 0, (enum reel_range_verb)verb, ranges[i][0], ranges[i][1], NULL,
                                         &answer.rows, &answer.count, &answer.total, &summed.recording->error),
                      summed.recording->error);
            assert_answer(&answer, &expected);
        }
    summed_free(&summed);
}

static void a_difference_is_the_second_moment_less_the_first(void **state)
{
    struct summed summed = summed_make(*state, 6);
    const uint64_t pairs[][2] = {
        {100, summed.count}, {summed.count, 100}, {5000, 5000}, {summed.ends[3], summed.ends[3] + 1}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (size_t k = 0; k < NAIVE_MEASURES; k++)
        {
            struct answer answer = {0};
            struct naive_sums first = naive_measure(&summed, 0, naive_measures[k], (size_t)pairs[i][0]);
            struct naive_sums expected = naive_measure(&summed, 0, naive_measures[k], (size_t)pairs[i][1]);
            expected = naive_minus(expected, &first);
            assert_ok(reel_measure_difference(summed.replay, 0, naive_measures[k], pairs[i][0], pairs[i][1], NULL,
                                              &answer.rows, &answer.count, &answer.total, &summed.recording->error),
                      summed.recording->error);
            assert_answer(&answer, &expected);
        }
    summed_free(&summed);
}

static void one_process_is_measured_by_its_own_events(void **state)
{
    struct summed summed = summed_make(*state, 10);
    const uint64_t moments[] = {0, 777, summed.ends[3], summed.ends[3] + 1, 65536, summed.ends[2] + 9, summed.count};
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        for (size_t k = 0; k < NAIVE_MEASURES; k++)
            for (uint32_t process = 1; process <= SUMMED_PROCESSES; process++)
            {
                struct naive_sums expected = naive_measure(&summed, process, naive_measures[k], (size_t)moments[i]);
                struct answer answer = measure_at(&summed, process, naive_measures[k], moments[i]);
                assert_answer(&answer, &expected);
            }
    summed_free(&summed);
}

static void one_process_has_ranges_and_differences_of_its_own(void **state)
{
    struct summed summed = summed_make(*state, 11);
    struct reel_error *error = &summed.recording->error;
    const uint64_t ranges[][2] = {
        {0, summed.count}, {1000, 70000}, {500, summed.ends[3] + 4}, {summed.ends[3] + 1, summed.ends[2]}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        for (uint32_t process = 1; process <= SUMMED_PROCESSES; process++)
        {
            size_t begin = (size_t)ranges[i][0];
            size_t end = (size_t)ranges[i][1];
            for (int verb = REEL_RANGE_ALLOCATED; verb <= REEL_RANGE_UNFREED; verb++)
            {
                struct answer answer = {0};
                struct naive_sums expected = naive_range(&summed, process, (enum reel_range_verb)verb, begin, end);
                assert_ok(reel_measure_range(summed.replay, process, (enum reel_range_verb)verb, begin, end, NULL,
                                             &answer.rows, &answer.count, &answer.total, error),
                          *error);
                assert_answer(&answer, &expected);
            }
            struct answer change = {0};
            struct naive_sums first = naive_measure(&summed, process, REEL_MEASURE_LIVE, begin);
            struct naive_sums expected = naive_measure(&summed, process, REEL_MEASURE_LIVE, end);
            expected = naive_minus(expected, &first);
            assert_ok(reel_measure_difference(summed.replay, process, REEL_MEASURE_LIVE, begin, end, NULL, &change.rows,
                                              &change.count, &change.total, error),
                      *error);
            assert_answer(&change, &expected);
        }
    summed_free(&summed);
}

static void all_processes_add_up_to_the_whole(void **state)
{
    struct summed summed = summed_make(*state, 12);
    for (int measure = REEL_MEASURE_LIVE; measure < REEL_MEASURE_COUNT; measure++)
    {
        struct reel_measured sum = {0};
        struct answer whole = measure_at(&summed, 0, (enum reel_measure)measure, 50000);
        free(whole.rows);
        for (uint32_t process = 1; process <= SUMMED_PROCESSES; process++)
        {
            struct answer part = measure_at(&summed, process, (enum reel_measure)measure, 50000);
            sum.bytes += part.total.bytes;
            sum.blocks += part.total.blocks;
            free(part.rows);
        }
        if (measure == REEL_MEASURE_PEAK)
            assert_true(sum.bytes >= whole.total.bytes);
        else if (measure == REEL_MEASURE_PINNED) // rounded down by stack and process
            assert_true(whole.total.bytes - sum.bytes <= SUMMED_STACKS * SUMMED_PROCESSES);
        else
            assert_true(sum.bytes == whole.total.bytes && sum.blocks == whole.total.blocks);
    }
    summed_free(&summed);
}

// --- what random streams do not have

static void append(struct recording *recording, struct reel_writer *writer, struct reel_event event, uint32_t process)
{
    event.process = process;
    event.thread = stream_thread(process, 0);
    event.stack = process;
    event.usable_bytes = event.requested_bytes;
    assert_ok(reel_writer_append(writer, &event, 1, &recording->error), recording->error);
}

// The parent has 100 and 30 bytes when it forks. The child frees the 100, grows the 30, and allocates 7, of which it
// frees none; then it ends.
static struct summed make_fork(struct recording *recording)
{
    static const struct reel_process_info child = {
        .pid = 200, .parent_process = 1, .fork_serial = 1, .is_fork = true, .t_ns = 25, .command = "child"};
    struct summed summed = {.recording = recording, .events = calloc(8, sizeof *summed.events)};
    struct reel_error *error = &recording->error;
    struct reel_writer *writer = recording_begin(recording, 1);
    uint32_t process, thread;
    assert_non_null(summed.events);
    summed_add_stacks(recording, writer);
    append(recording, writer, recording_alloc(10, 0x1000, 100), 1);
    append(recording, writer, recording_alloc(20, 0x2000, 30), 1);
    assert_ok(reel_writer_mark_fork(writer, 1, 1, error), *error);
    assert_ok(reel_writer_add_process(writer, &child, &process, error), *error);
    assert_int_equal(process, 2);
    assert_ok(reel_writer_add_thread(writer, 2, 200, NULL, 25, &thread, error), *error);
    assert_int_equal(thread, stream_thread(2, 0));
    struct reel_event resize = recording_alloc(50, 0x2000, 90);
    resize.kind = REEL_EVENT_RESIZE;
    append(recording, writer, recording_alloc(30, 0x3000, 7), 2);
    append(recording, writer, recording_free(40, 0x1000), 2);
    append(recording, writer, resize, 2);
    summed.count = 5;
    summed.events[4].t_ns = 50;
    summed_end_process(&summed, writer, 2);
    append(recording, writer, recording_free(60, 0x1000), 1);
    assert_ok(reel_writer_finish(writer, 100, error), *error);
    summed_open(&summed);
    return summed;
}

static void assert_one_row(struct answer *answer, uint32_t stack, int64_t bytes, int64_t blocks)
{
    assert_int_equal(answer->count, 1);
    assert_int_equal(answer->rows[0].stack, stack);
    assert_int_equal(answer->rows[0].bytes, bytes);
    assert_int_equal(answer->rows[0].blocks, blocks);
    free(answer->rows);
}

static void blocks_that_came_with_a_fork_count_where_they_were_allocated(void **state)
{
    struct summed summed = make_fork(*state);
    struct answer freed = {0};
    struct answer leaked = measure_at(&summed, 0, REEL_MEASURE_LEAKED, 5);
    assert_one_row(&leaked, 2, 7, 1);
    struct answer live = measure_at(&summed, 0, REEL_MEASURE_LIVE, 6);
    assert_one_row(&live, 1, 30, 1);
    struct answer allocated = measure_at(&summed, 0, REEL_MEASURE_ALLOCATED, 6);
    assert_int_equal(allocated.count, 2);
    assert_int_equal(allocated.total.bytes, 137);
    free(allocated.rows);
    assert_ok(reel_measure_range(summed.replay, 0, REEL_RANGE_FREED, 2, 6, NULL, &freed.rows, &freed.count,
                                 &freed.total, &summed.recording->error),
              summed.recording->error);
    assert_one_row(&freed, 1, 100, 1);
    live = measure_at(&summed, 2, REEL_MEASURE_LIVE, 5);
    assert_one_row(&live, 2, 7, 1);
    struct answer peak = measure_at(&summed, 2, REEL_MEASURE_PEAK, 6);
    assert_one_row(&peak, 2, 7, 1);
    summed_free(&summed);
}

static void every_name_is_understood_and_no_other(void **state)
{
    (void)state;
    for (int i = 1; i < REEL_MEASURE_COUNT; i++)
    {
        enum reel_measure measure;
        assert_true(reel_measure_parse(reel_measure_name((enum reel_measure)i), &measure));
        assert_int_equal(measure, i);
    }
    for (int i = REEL_RANGE_ALLOCATED; i <= REEL_RANGE_UNFREED; i++)
    {
        enum reel_range_verb verb;
        assert_true(reel_range_verb_parse(reel_range_verb_name((enum reel_range_verb)i), &verb));
        assert_int_equal(verb, i);
    }
    enum reel_measure measure;
    enum reel_range_verb verb;
    assert_false(reel_measure_parse("unknown", &measure));
    assert_false(reel_measure_parse("", &measure));
    assert_false(reel_range_verb_parse("Freed", &verb));
    assert_string_equal(reel_measure_name(REEL_MEASURE_LEAKED), "leaked");
    assert_string_equal(reel_range_verb_name(REEL_RANGE_UNFREED), "unfreed");
    assert_string_equal(reel_measure_name((enum reel_measure)77), "unknown");
}

static void what_cannot_be_asked_is_refused(void **state)
{
    struct summed summed = make_fork(*state);
    struct answer answer = {0};
    struct reel_error *error = &summed.recording->error;
    assert_int_equal(reel_measure_at(summed.replay, 0, (enum reel_measure)77, 6, NULL, &answer.rows, &answer.count,
                                     &answer.total, error),
                     REEL_E_ARGUMENT);
    assert_int_equal(reel_measure_range(summed.replay, 0, REEL_RANGE_FREED, 5, 4, NULL, &answer.rows, &answer.count,
                                        &answer.total, error),
                     REEL_E_ARGUMENT);
    assert_int_equal(reel_measure_range(summed.replay, 0, (enum reel_range_verb)9, 1, 4, NULL, &answer.rows,
                                        &answer.count, &answer.total, error),
                     REEL_E_ARGUMENT);
    assert_int_equal(reel_measure_at(summed.replay, 3, REEL_MEASURE_LIVE, 6, NULL, &answer.rows, &answer.count,
                                     &answer.total, error),
                     REEL_E_ARGUMENT);
    assert_string_equal(error->text, "process 3: the reel has none with that number");
    assert_null(answer.rows);
    summed_free(&summed);
}

static int cancel(void *context, double fraction)
{
    double *last = context;
    assert_true(fraction >= 0 && fraction <= 1.000001);
    *last = fraction;
    return 1;
}

static int go_on(void *context, double fraction)
{
    double *last = context;
    assert_true(fraction >= *last && fraction <= 1.000001);
    *last = fraction;
    return 0;
}

static void long_work_tells_its_progress_and_can_be_cancelled(void **state)
{
    struct summed summed = summed_make(*state, 7);
    struct reel_error *error = &summed.recording->error;
    for (size_t k = 0; k < NAIVE_MEASURES; k++)
    {
        struct answer answer = {0};
        double cancelled_at = 0;
        double last = 0;
        const struct reel_progress cancelling = {cancel, &cancelled_at};
        const struct reel_progress going_on = {go_on, &last};
        assert_ok(reel_replay_seek(summed.replay, 0, NULL, error), *error);
        assert_int_equal(reel_measure_at(summed.replay, 0, naive_measures[k], summed.count, &cancelling, &answer.rows,
                                         &answer.count, &answer.total, error),
                         REEL_E_CANCELLED);
        assert_null(answer.rows);
        assert_ok(reel_measure_at(summed.replay, 0, naive_measures[k], summed.count, &going_on, &answer.rows,
                                  &answer.count, &answer.total, error),
                  *error);
        assert_true(last > 0.9);
        free(answer.rows);
    }
    summed_free(&summed);
}

// An answer or an error, and no crash; what can be read is still counted.
static void a_damaged_reel_does_no_harm(void **state)
{
    static const char *const changes[] = {
        "UPDATE chunk_data SET data = zeroblob(length(data)) WHERE first_event = 0",
        "UPDATE chunk SET live_bytes_max = -1, live_bytes = -1",
        "UPDATE chunk SET first_event = first_event + 7; UPDATE run SET peak_event = NULL",
        "UPDATE run SET peak_event = -77",
        "UPDATE run SET peak_event = 9000000000000000000",
        "UPDATE process SET end_event = 10, begin_event = 20",
        "UPDATE process SET end_event = -1, fork_event = -1, is_fork = 1, parent_process = process",
    };
    struct recording *recording = *state;
    struct summed summed = summed_make(recording, 8);
    char copy[sizeof recording->path + 8];
    summed_free(&summed);
    snprintf(copy, sizeof copy, "%s.whole", recording->path);
    recording_copy_file(recording->path, copy);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
    {
        struct reel_replay *replay = NULL;
        struct reel_reader *reader = NULL;
        recording_copy_file(copy, recording->path);
        recording_change(recording->path, changes[i]);
        assert_ok(reel_reader_open(&reader, recording->path, &recording->error), recording->error);
        int opened = reel_replay_open(&replay, reader, &recording->error);
        for (size_t k = 0; opened == REEL_OK && k < NAIVE_MEASURES; k++)
        {
            struct answer answer = {0};
            int status = reel_measure_at(replay, 0, naive_measures[k], 90000, NULL, &answer.rows, &answer.count,
                                         &answer.total, &recording->error);
            assert_true(status == REEL_OK || status == REEL_E_DAMAGED);
            free(answer.rows);
        }
        for (int verb = REEL_RANGE_ALLOCATED; opened == REEL_OK && verb <= REEL_RANGE_UNFREED; verb++)
        {
            struct answer answer = {0};
            int status = reel_measure_range(replay, 0, (enum reel_range_verb)verb, 50, 90000, NULL, &answer.rows,
                                            &answer.count, &answer.total, &recording->error);
            assert_true(status == REEL_OK || status == REEL_E_DAMAGED);
            free(answer.rows);
        }
        reel_replay_close(replay);
        reel_reader_close(reader);
    }
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(every_measure_is_what_the_events_say),
        IN_DIRECTORY(pinned_is_what_blame_says),
        IN_DIRECTORY(totals_at_the_end_are_those_of_the_run),
        IN_DIRECTORY(every_way_to_look_at_a_range_is_what_the_events_say),
        IN_DIRECTORY(a_difference_is_the_second_moment_less_the_first),
        IN_DIRECTORY(one_process_is_measured_by_its_own_events),
        IN_DIRECTORY(one_process_has_ranges_and_differences_of_its_own),
        IN_DIRECTORY(all_processes_add_up_to_the_whole),
        IN_DIRECTORY(blocks_that_came_with_a_fork_count_where_they_were_allocated),
        IN_DIRECTORY(every_name_is_understood_and_no_other),
        IN_DIRECTORY(what_cannot_be_asked_is_refused),
        IN_DIRECTORY(long_work_tells_its_progress_and_can_be_cancelled),
        IN_DIRECTORY(a_damaged_reel_does_no_harm),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
