// SPDX-License-Identifier: MIT
// The laws of replay: the state at a moment is that of a naive model, whatever the way to it was; all sums agree with
// each other; what is damaged or hostile is passed over.
#include "naive_heap.h"

#include <stdlib.h>
#include <string.h>

#include "opened.h"

#define SEEDS 8

static const struct random_shape large = {
    .seed = 99, .event_count = 260000, .live_blocks = 2500, .process_max = 9, .has_classes = true};

static void seek(struct opened *opened, uint64_t events)
{
    struct reel_error *error = &opened->recording->error;
    assert_ok(reel_replay_seek(opened->replay, events, NULL, error), *error);
    assert_int_equal(reel_replay_events(opened->replay), events);
}

// ---- the state against the model

#define COMPARE(field)                                                                                                 \
    if (got->field != expected->field)                                                                                 \
    fail_msg("moment %llu, process %u: " #field " is %llu, not %llu", (unsigned long long)naive->events, process,      \
             (unsigned long long)got->field, (unsigned long long)expected->field)

static void compare_sums(const struct naive *naive, uint32_t process, const struct reel_heap_state *got,
                         const struct reel_heap_state *expected)
{
    COMPARE(live_blocks);
    COMPARE(requested_bytes);
    COMPARE(usable_bytes);
    COMPARE(inherited_blocks);
    COMPARE(inherited_requested_bytes);
    COMPARE(inherited_usable_bytes);
    COMPARE(header_bytes);
    COMPARE(occupied_pages);
    COMPARE(pinned_bytes);
    COMPARE(carved_slots);
    COMPARE(carved_bytes);
    COMPARE(class_peak_bytes);
    COMPARE(peak_slot_bytes);
    COMPARE(live_slot_bytes);
    for (size_t i = 0; i < REEL_FILL_STEPS; i++)
        COMPARE(pages_by_fill[i]);
}

static void compare_heap(struct opened *opened, const struct naive *naive, uint32_t process)
{
    struct reel_heap_state got;
    struct reel_heap_state expected = naive_heap(naive, process);
    assert_ok(reel_replay_heap(opened->replay, process, &got, &opened->recording->error), opened->recording->error);
    compare_sums(naive, process, &got, &expected);
}

static void compare_told_class(const struct naive *naive, uint32_t process, const struct reel_class_state *got)
{
    uint32_t class_id = got->number == 0 ? RANDOM_CLASSES : got->class_id;
    const struct reel_class_state sum = naive_class(naive, process, class_id);
    const struct reel_class_state *expected = &sum;
    COMPARE(live_blocks);
    COMPARE(requested_bytes);
    COMPARE(usable_bytes);
    COMPARE(carved_slots);
    COMPARE(peak_live_slots);
}

static void compare_classes(struct opened *opened, const struct naive *naive, uint32_t process)
{
    struct reel_class_state *classes = NULL;
    struct reel_class_state sum = {0};
    size_t count = 0;
    const struct reel_heap_state heap = naive_heap(naive, process);
    assert_ok(reel_replay_classes(opened->replay, process, &classes, &count, &opened->recording->error),
              opened->recording->error);
    for (size_t i = 0; i < count; i++)
    {
        assert_true(i == 0 || classes[i].number > classes[i - 1].number);
        if (naive->reel->has_classes)
            compare_told_class(naive, process, &classes[i]);
        sum.live_blocks += classes[i].live_blocks;
        sum.requested_bytes += classes[i].requested_bytes;
        sum.usable_bytes += classes[i].usable_bytes;
    }
    assert_int_equal(sum.live_blocks, heap.live_blocks + heap.inherited_blocks);
    assert_int_equal(sum.requested_bytes, heap.requested_bytes + heap.inherited_requested_bytes);
    assert_int_equal(sum.usable_bytes, heap.usable_bytes + heap.inherited_usable_bytes);
    free(classes);
}

static void compare_stacks(struct opened *opened, const struct naive *naive)
{
    struct reel_stack_state expected[RANDOM_STACKS + 1];
    size_t count = 0;
    const struct reel_stack_state *got = reel_replay_stacks(opened->replay, &count);
    naive_stacks(naive, expected);
    assert_int_equal(count, RANDOM_STACKS + 1);
    for (size_t i = 0; i < count; i++)
    {
        assert_int_equal(got[i].live_blocks, expected[i].live_blocks);
        assert_int_equal(got[i].requested_bytes, expected[i].requested_bytes);
        assert_int_equal(got[i].rounding_bytes, expected[i].rounding_bytes);
    }
}

// All blocks, some at a time.
static void compare_blocks(struct opened *opened, const struct naive *naive, uint32_t process)
{
    const struct reel_block_filter filter = {.process = process, .class_number = -1};
    const struct reel_heap_state heap = naive_heap(naive, process);
    struct reel_live_block last = {0};
    uint64_t seen = 0;
    for (size_t count = 1; count != 0;)
    {
        struct reel_live_block *blocks = NULL;
        assert_ok(reel_replay_blocks(opened->replay, &filter, last.process, last.address, 77, &blocks, &count,
                                     &opened->recording->error),
                  opened->recording->error);
        for (size_t i = 0; i < count; i++)
        {
            assert_int_equal(blocks[i].process, process);
            assert_true(seen == 0 || blocks[i].address > last.address);
            const struct naive_block *expected = naive_block_at(naive, process, blocks[i].address);
            assert_non_null(expected);
            assert_int_equal(blocks[i].requested_bytes, expected->requested_bytes);
            assert_int_equal(blocks[i].usable_bytes, expected->usable_bytes);
            assert_int_equal(blocks[i].stack, expected->stack);
            assert_int_equal(blocks[i].birth_event, expected->birth_event);
            assert_int_equal(blocks[i].is_inherited, expected->is_inherited);
            struct reel_class_state class = reel_replay_class(opened->replay, blocks[i].class_number);
            if (naive->reel->has_classes)
                assert_int_equal(class.number == 0 ? RANDOM_CLASSES : class.class_id, expected->class_id);
            assert_true(class.least_bytes <= expected->usable_bytes && expected->usable_bytes <= class.greatest_bytes);
            last = blocks[i];
            seen++;
        }
        free(blocks);
    }
    assert_int_equal(seen, heap.live_blocks + heap.inherited_blocks);
}

static void compare_pages(struct opened *opened, const struct naive *naive, uint32_t process, uint64_t address)
{
    struct reel_page pages[5];
    uint64_t begin = address / REEL_REPLAY_PAGE_BYTES * REEL_REPLAY_PAGE_BYTES - 2 * REEL_REPLAY_PAGE_BYTES;
    assert_ok(reel_replay_pages(opened->replay, process, begin, 5, pages, &opened->recording->error),
              opened->recording->error);
    for (size_t i = 0; i < 5; i++)
    {
        uint64_t bytes, blocks;
        naive_page(naive, process, begin + i * REEL_REPLAY_PAGE_BYTES, &bytes, &blocks);
        assert_int_equal(pages[i].live_bytes, bytes);
        assert_int_equal(pages[i].blocks, blocks);
    }
}

static void compare_state(struct opened *opened, const struct naive *naive)
{
    size_t count = 0;
    const struct reel_replay_process *processes = reel_replay_processes(opened->replay, &count);
    assert_int_equal(count, opened->reel.process_count);
    assert_int_equal(reel_replay_events(opened->replay), naive->events);
    assert_int_equal(reel_replay_t_ns(opened->replay), naive->t_ns);
    for (uint32_t i = 1; i <= count; i++)
    {
        if (processes[i - 1].is_running != naive_is_running(naive, i))
            fail_msg("moment %llu: process %u runs: %d", (unsigned long long)naive->events, i,
                     processes[i - 1].is_running);
        compare_heap(opened, naive, i);
        compare_classes(opened, naive, i);
        compare_blocks(opened, naive, i);
        for (int k = 0; k < 5 && naive->processes[i - 1] != NULL; k++)
        {
            uint64_t place = stream_random(&opened->dice, RANDOM_PLACES);
            uint64_t address = naive->processes[i - 1]->blocks[place].address;
            if (address != 0)
                compare_pages(opened, naive, i, address);
        }
    }
    compare_heap(opened, naive, 0);
    compare_classes(opened, naive, 0);
    compare_stacks(opened, naive);
}

static void compare_moment(struct opened *opened, uint64_t events)
{
    struct naive naive;
    naive_init(&naive, &opened->reel);
    naive_move(&naive, events);
    seek(opened, events);
    compare_state(opened, &naive);
    naive_fini(&naive);
}

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
            seek(&opened, events);
            compare_state(&opened, &naive);
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
            seek(&opened, far);
            uint64_t near = far + stream_random(&opened.dice, 41);
            near = near < 20 ? 0 : near - 20;
            compare_moment(&opened, i % 2 == 0                       ? far / 2
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
            compare_moment(&opened, events == 0 ? 0 : events - 1);
            compare_moment(&opened, after);
            compare_moment(&opened, events);
        }
        opened_close(&opened);
    }
}

static void a_reel_of_many_chunks_keeps_the_laws(void **state)
{
    struct opened opened;
    opened_make(&opened, *state, &large);
    for (int i = 0; i < 12; i++)
        compare_moment(&opened, stream_random(&opened.dice, opened.reel.event_count + 1));
    compare_moment(&opened, opened.reel.event_count);
    compare_moment(&opened, 0);
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
    compare_state(&opened, &naive);
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
        compare_moment(&opened, reel_replay_events(opened.replay)); // where it stands it is right
        compare_moment(&opened, stream_random(&opened.dice, opened.reel.event_count));
    }
    opened_close(&opened);
}

static void a_damaged_chunk_is_passed_over_and_counted(void **state)
{
    struct opened opened;
    struct reel_error error;
    struct reel_heap_state heap;
    opened_make(&opened, *state, &large);
    opened_change(opened.recording, "UPDATE chunk_data SET data = zeroblob(50) WHERE first_event = 65536");
    opened_change(opened.recording, "DELETE FROM keyframe");
    opened_again(&opened);
    for (int i = 0; i < 3; i++)
    {
        seek(&opened, opened.reel.event_count);
        assert_int_equal(reel_replay_damaged_events(opened.replay), 65536);
        assert_ok(reel_replay_heap(opened.replay, 0, &heap, &error), error);
        assert_true(heap.live_blocks > 0);
        seek(&opened, 100000); // amid the damage
        assert_int_equal(reel_replay_damaged_events(opened.replay), 100000 - 65536);
        compare_moment(&opened, 65536 - (uint64_t)i);
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
