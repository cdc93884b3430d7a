// SPDX-License-Identifier: MIT
// Compares all that a replay answers at a moment with the model.
#include "same_state.h"

#include <stdlib.h>

void same_state_seek(struct opened *opened, uint64_t events)
{
    struct reel_error *error = &opened->recording->error;
    assert_ok(reel_replay_seek(opened->replay, events, NULL, error), *error);
    assert_int_equal(reel_replay_events(opened->replay), events);
}

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

void same_state_now(struct opened *opened, const struct naive *naive)
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

void same_state_at(struct opened *opened, uint64_t events)
{
    struct naive naive;
    naive_init(&naive, &opened->reel);
    naive_move(&naive, events);
    same_state_seek(opened, events);
    same_state_now(opened, &naive);
    naive_fini(&naive);
}
