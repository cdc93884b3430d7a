// SPDX-License-Identifier: MIT
// Laws of blame on reels of random programs, at random moments: its sums are those of the heap, whoever the process is.
#include "opened.h"

#include <stdlib.h>

#include "reel/blame.h"

#define SEEDS 8
#define MOMENTS 12

struct shares
{
    uint64_t pinned_bytes;
    uint64_t rounding_bytes;
    uint64_t live_blocks;
    uint64_t live_bytes;
    uint64_t pinned_pages;
    uint64_t alone_pages;
    size_t count;
};

static struct shares add_up(const struct reel_blame_share *list, size_t count)
{
    struct shares sum = {.count = count};
    for (size_t i = 0; i < count; i++)
    {
        sum.pinned_bytes += list[i].pinned_bytes;
        sum.rounding_bytes += list[i].rounding_bytes;
        sum.live_blocks += list[i].live_blocks;
        sum.live_bytes += list[i].live_bytes;
        sum.pinned_pages += list[i].pinned_pages;
        sum.alone_pages += list[i].alone_pages;
    }
    return sum;
}

static void assert_is_of_heap(const struct shares *sum, const struct reel_heap_state *heap, uint64_t pinned_bytes)
{
    assert_int_equal(sum->live_blocks, heap->live_blocks + heap->inherited_blocks);
    assert_int_equal(sum->live_bytes, heap->requested_bytes + heap->inherited_requested_bytes);
    assert_int_equal(sum->live_bytes + sum->rounding_bytes, heap->usable_bytes + heap->inherited_usable_bytes);
    assert_in_range(pinned_bytes - sum->pinned_bytes, 0, sum->count);
    assert_in_range(sum->alone_pages, 0, heap->occupied_pages);
    assert_in_range(sum->pinned_pages, heap->occupied_pages, UINT64_MAX);
}

static struct reel_blame_share assert_laws(struct opened *opened, uint32_t process)
{
    size_t count;
    struct reel_blame *blame;
    struct reel_heap_state heap;
    struct reel_error *error = &opened->recording->error;
    assert_ok(reel_blame_make(&blame, opened->replay, process, NULL, error), *error);
    assert_ok(reel_replay_heap(opened->replay, process, &heap, error), *error);
    struct reel_blame_share total = reel_blame_total(blame);
    const struct reel_blame_share *list = reel_blame_stacks(blame, &count);
    const struct shares stacks = add_up(list, count);
    list = reel_blame_classes(blame, &count);
    const struct shares classes = add_up(list, count);
    struct reel_blame_sparse sparse = reel_blame_sparse(blame);
    assert_is_of_heap(&stacks, &heap, total.pinned_bytes);
    assert_is_of_heap(&classes, &heap, total.pinned_bytes);
    assert_int_equal(stacks.pinned_pages, classes.pinned_pages);
    // The heap takes a header off also where it lies on a page without a block.
    assert_in_range(total.pinned_bytes - heap.pinned_bytes, 0, heap.header_bytes);
    assert_in_range(sparse.pages, heap.pages_by_fill[0] + heap.pages_by_fill[1], heap.occupied_pages);
    assert_in_range(sparse.held_bytes, sparse.pages * (REEL_REPLAY_PAGE_BYTES / 2), total.pinned_bytes);
    assert_in_range(sparse.block_bytes, 0, sparse.pages * REEL_REPLAY_PAGE_BYTES / 4);
    reel_blame_destroy(blame);
    return total;
}

static void assert_advice_is_of_blame(struct opened *opened, uint32_t process)
{
    size_t count;
    size_t advice_count;
    struct reel_blame *blame;
    struct reel_advice *advice;
    struct reel_error *error = &opened->recording->error;
    assert_ok(reel_blame_make(&blame, opened->replay, process, NULL, error), *error);
    assert_ok(reel_blame_advice(blame, opened->replay, process, 0, NULL, &advice, &advice_count, error), *error);
    const struct reel_blame_share *stacks = reel_blame_stacks(blame, &count);
    for (size_t i = 0; i < advice_count; i++)
    {
        assert_in_range(advice[i].stack, 1, count - 1);
        assert_int_equal(advice[i].pinned_bytes, stacks[advice[i].stack].pinned_bytes);
        assert_int_equal(advice[i].live_blocks, stacks[advice[i].stack].live_blocks);
        assert_in_range(advice[i].pinned_bytes, REEL_REPLAY_PAGE_BYTES,
                        i > 0 ? advice[i - 1].pinned_bytes : UINT64_MAX);
        assert_in_range(advice[i].median_age_ns, 0, reel_replay_t_ns(opened->replay));
        assert_int_equal(advice[i].neighbour_stack == 0, advice[i].neighbour_blocks == 0);
        assert_in_range(advice[i].neighbour_stack, 0, count - 1);
    }
    free(advice);
    reel_blame_destroy(blame);
}

static void sums_of_blame_are_those_of_the_heap(void **state)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
    {
        struct opened opened;
        opened_make_small(&opened, *state, seed);
        for (int i = 0; i < MOMENTS; i++)
        {
            uint64_t pinned_bytes = 0;
            uint64_t moment = i == 0 ? opened.reel.event_count : stream_random(&opened.dice, opened.reel.event_count);
            assert_ok(reel_replay_seek(opened.replay, moment, NULL, &opened.recording->error), opened.recording->error);
            for (uint32_t process = 1; process <= opened.reel.process_count; process++)
                pinned_bytes += assert_laws(&opened, process).pinned_bytes;
            assert_int_equal(assert_laws(&opened, 0).pinned_bytes, pinned_bytes);
            assert_advice_is_of_blame(&opened, 0);
        }
        opened_close(&opened);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(sums_of_blame_are_those_of_the_heap),
    };
    return recording_run_tests(argc > 1 ? argv[1] : NULL, tests, sizeof tests / sizeof *tests);
}
