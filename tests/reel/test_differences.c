// SPDX-License-Identifier: MIT
// Stacks that were captured with two results, and stacks that were cut: what is written, read and judged.
#include "recording.h"

#include <stdio.h>
#include <string.h>

#include "reel/check.h"
#include "reel/event.h"
#include "reel/sqlite.h"
#include "reel/summary.h"

struct stacks
{
    uint32_t whole;   // main < f
    uint32_t cut;     // f, with frames further out that were not kept
    uint32_t shorter; // f
};

static struct stacks add_stacks(struct recording *recording, struct reel_writer *writer)
{
    struct stacks stacks;
    uint32_t outer, inner, frame;
    assert_ok(reel_writer_intern_frame(writer, 0, 0x1000, &frame, &recording->error), recording->error);
    assert_ok(reel_writer_intern_stack(writer, 0, frame, &outer, &recording->error), recording->error);
    assert_ok(reel_writer_intern_frame(writer, 0, 0x2000, &inner, &recording->error), recording->error);
    assert_ok(reel_writer_intern_stack(writer, outer, inner, &stacks.whole, &recording->error), recording->error);
    assert_ok(reel_writer_intern_stack(writer, REEL_STACK_CUT, inner, &stacks.cut, &recording->error),
              recording->error);
    assert_ok(reel_writer_intern_stack(writer, 0, inner, &stacks.shorter, &recording->error), recording->error);
    return stacks;
}

static void count(struct recording *recording, struct reel_writer *writer, uint64_t differences)
{
    const struct reel_process_counters counters = {.verify_count = 50, .verify_differences = differences};
    assert_ok(reel_writer_set_counters(writer, 1, &counters, &recording->error), recording->error);
}

// Process 1 has two of 50 stacks that differ, the second without room for libunwind's.
static struct stacks make(struct recording *recording)
{
    struct reel_writer *writer = recording_begin(recording, 1);
    struct stacks stacks = add_stacks(recording, writer);
    const struct reel_difference_info infos[] = {
        {.process = 1, .number = 1, .thread = 1, .t_ns = 5, .walked_stack = stacks.whole, .unwound_stack = stacks.cut},
        {.process = 1, .number = 2, .t_ns = 6, .walked_stack = stacks.shorter}};
    for (size_t i = 0; i < 2; i++)
        assert_ok(reel_writer_add_difference(writer, &infos[i], &recording->error), recording->error);
    count(recording, writer, 2);
    assert_ok(reel_writer_finish(writer, 100, &recording->error), recording->error);
    return stacks;
}

static void assert_difference(const struct reel_difference_summary *difference, uint32_t number, uint32_t thread,
                              uint64_t t_ns, uint32_t walked, uint32_t unwound)
{
    assert_int_equal(difference->process, 1);
    assert_int_equal(difference->number, number);
    assert_int_equal(difference->thread, thread);
    assert_int_equal(difference->t_ns, t_ns);
    assert_int_equal(difference->walked_stack, walked);
    assert_int_equal(difference->unwound_stack, unwound);
}

static void differences_are_read_as_they_were_written(void **state)
{
    struct recording *recording = *state;
    struct stacks stacks = make(recording);
    struct reel_reader *reader = recording_open(recording);
    struct reel_summary *summary = NULL;
    assert_ok(reel_summary_read(&summary, reader, &recording->error), recording->error);
    assert_int_equal(summary->difference_count, 2);
    assert_difference(&summary->differences[0], 1, 1, 5, stacks.whole, stacks.cut);
    assert_difference(&summary->differences[1], 2, 0, 6, stacks.shorter, 0);
    reel_summary_destroy(summary);
    reel_reader_close(reader);
}

static bool is_cut(struct recording *recording, struct reel_reader *reader, uint32_t stack)
{
    bool is_cut = false;
    assert_ok(reel_reader_stack_is_cut(reader, stack, &is_cut, &recording->error), recording->error);
    return is_cut;
}

static void a_cut_stack_is_another_than_a_whole_one_of_the_same_frames(void **state)
{
    struct recording *recording = *state;
    struct stacks stacks = make(recording);
    struct reel_reader *reader = recording_open(recording);
    struct reel_frame frames[4];
    size_t frame_count = 0;
    assert_int_not_equal(stacks.cut, stacks.shorter);
    assert_true(is_cut(recording, reader, stacks.cut));
    assert_false(is_cut(recording, reader, stacks.shorter));
    assert_false(is_cut(recording, reader, stacks.whole));
    assert_false(is_cut(recording, reader, 0));
    assert_ok(reel_reader_stack_frames(reader, stacks.cut, frames, 4, &frame_count, &recording->error),
              recording->error);
    assert_int_equal(frame_count, 1);
    assert_int_equal(frames[0].offset, 0x2000);
    reel_reader_close(reader);
}

static void a_thread_is_found_by_its_number_and_time(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    uint32_t early, late, found;
    assert_ok(reel_writer_add_thread(writer, 1, 77, "a", 10, &early, &recording->error), recording->error);
    assert_ok(reel_writer_add_thread(writer, 1, 77, "b", 20, &late, &recording->error), recording->error);
    const struct
    {
        int32_t tid;
        uint64_t t_ns;
        uint32_t expected;
    } cases[] = {{77, 9, 0}, {77, 10, early}, {77, 19, early}, {77, 20, late}, {78, 20, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        assert_ok(reel_writer_find_thread(writer, 1, cases[i].tid, cases[i].t_ns, &found, &recording->error),
                  recording->error);
        assert_int_equal(found, cases[i].expected);
    }
    assert_int_equal(reel_writer_find_thread(writer, 2, 77, 20, &found, &recording->error), REEL_E_ARGUMENT);
    reel_writer_close(writer);
}

static void what_is_not_there_is_refused(void **state)
{
    struct recording *recording = *state;
    struct reel_writer *writer = recording_begin(recording, 1);
    struct stacks stacks = add_stacks(recording, writer);
    const struct reel_difference_info wrong[] = {
        {.process = 2, .number = 1, .walked_stack = stacks.whole},
        {.process = 1, .number = 1, .thread = 99, .walked_stack = stacks.whole},
        {.process = 1, .number = 1, .walked_stack = 99},
        {.process = 1, .number = 1, .walked_stack = stacks.whole, .unwound_stack = REEL_STACK_CUT},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(reel_writer_add_difference(writer, &wrong[i], &recording->error), REEL_E_ARGUMENT);
    assert_ok(reel_writer_finish(writer, 100, &recording->error), recording->error);
    assert_int_equal(recording_query(recording->path, "SELECT count(*) FROM stack_difference"), 0);
}

struct verdict
{
    struct reel_check_result result;
    enum reel_violation_kind first;
};

static void note_first(void *context, const struct reel_violation *violation)
{
    struct verdict *verdict = context;
    if (verdict->first == 0)
        verdict->first = violation->kind;
}

static struct verdict judge(struct recording *recording)
{
    struct reel_reader *reader = recording_open(recording);
    struct verdict verdict = {0};
    assert_ok(reel_check(reader, 20, note_first, &verdict, NULL, &verdict.result, &recording->error), recording->error);
    reel_reader_close(reader);
    return verdict;
}

static void differences_are_judged(void **state)
{
    static const struct
    {
        const char *there, *back;
        enum reel_violation_kind kind;
    } cases[] = {
        {"UPDATE stack_difference SET process = 9 WHERE number = 2",
         "UPDATE stack_difference SET process = 1 WHERE number = 2", REEL_VIOLATION_REFERENCE},
        {"UPDATE stack_difference SET thread = 9 WHERE number = 1",
         "UPDATE stack_difference SET thread = 1 WHERE number = 1", REEL_VIOLATION_REFERENCE},
        {"UPDATE stack_difference SET walked_stack = 99 WHERE number = 2",
         "UPDATE stack_difference SET walked_stack = 4 WHERE number = 2", REEL_VIOLATION_REFERENCE},
        {"UPDATE stack_difference SET unwound_stack = 0 WHERE number = 2",
         "UPDATE stack_difference SET unwound_stack = NULL WHERE number = 2", REEL_VIOLATION_REFERENCE},
        {"UPDATE stack_difference SET unwound_stack = walked_stack WHERE number = 2",
         "UPDATE stack_difference SET unwound_stack = NULL WHERE number = 2", REEL_VIOLATION_TOTALS},
        {"UPDATE process SET verify_differences = 1", "UPDATE process SET verify_differences = 2",
         REEL_VIOLATION_TOTALS},
        {"UPDATE process SET verify_count = 1", "UPDATE process SET verify_count = 50", REEL_VIOLATION_TOTALS},
        {"UPDATE stack SET parent = -2 WHERE parent = -1", "UPDATE stack SET parent = -1 WHERE parent = -2",
         REEL_VIOLATION_REFERENCE},
    };
    struct recording *recording = *state;
    make(recording);
    assert_int_equal(judge(recording).result.violations, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        recording_change(recording->path, cases[i].there);
        struct verdict verdict = judge(recording);
        if (verdict.result.violations != 1 || verdict.first != cases[i].kind)
            fail_msg("%s: %llu violations", cases[i].there, (unsigned long long)verdict.result.violations);
        recording_change(recording->path, cases[i].back);
    }
    assert_int_equal(judge(recording).result.violations, 0);
}

static void a_reel_of_version_2_has_no_differences(void **state)
{
    struct recording *recording = *state;
    struct reel_summary *summary = NULL;
    make(recording);
    recording_change(recording->path, "DROP TABLE stack_difference; UPDATE stack SET parent = 0 WHERE parent = -1;"
                                      "PRAGMA user_version = 2");
    struct reel_reader *reader = recording_open(recording);
    assert_int_equal(reel_reader_version(reader), 2);
    assert_ok(reel_summary_read(&summary, reader, &recording->error), recording->error);
    assert_int_equal(summary->difference_count, 0);
    assert_int_equal(summary->figures.verify_differences, 2);
    reel_summary_destroy(summary);
    reel_reader_close(reader);
    assert_int_equal(judge(recording).result.violations, 0);
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(differences_are_read_as_they_were_written),
        IN_DIRECTORY(a_cut_stack_is_another_than_a_whole_one_of_the_same_frames),
        IN_DIRECTORY(a_thread_is_found_by_its_number_and_time),
        IN_DIRECTORY(what_is_not_there_is_refused),
        IN_DIRECTORY(differences_are_judged),
        IN_DIRECTORY(a_reel_of_version_2_has_no_differences),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
