// SPDX-License-Identifier: MIT
// What different answers say of one moment is the same: sums over processes, stacks, classes, regions, the identity and
// the blame, on random reels. What each is by itself is told elsewhere.
#include "opened.h"

#include <stdlib.h>

#include "reel/blame.h"

#define SEEDS 8

static struct reel_heap_state heap_of(struct opened *opened, uint32_t process)
{
    struct reel_heap_state heap;
    assert_ok(reel_replay_heap(opened->replay, process, &heap, &opened->recording->error), opened->recording->error);
    return heap;
}

static void sums_of_processes_are_those_of_all(struct opened *opened)
{
    struct reel_heap_state all = heap_of(opened, 0);
    for (uint32_t i = 1; i <= opened->reel.process_count; i++)
    {
        struct reel_heap_state one = heap_of(opened, i);
        all.live_blocks -= one.live_blocks;
        all.requested_bytes -= one.requested_bytes;
        all.usable_bytes -= one.usable_bytes;
        all.inherited_blocks -= one.inherited_blocks;
        all.occupied_pages -= one.occupied_pages;
        all.pinned_bytes -= one.pinned_bytes;
        all.carved_bytes -= one.carved_bytes;
        all.live_slot_bytes -= one.live_slot_bytes;
    }
    assert_int_equal(all.live_blocks | all.requested_bytes | all.usable_bytes | all.inherited_blocks, 0);
    assert_int_equal(all.occupied_pages | all.pinned_bytes | all.carved_bytes | all.live_slot_bytes, 0);
}

static void sums_of_stacks_are_those_of_the_heap(struct opened *opened)
{
    struct reel_heap_state heap = heap_of(opened, 0);
    size_t count = 0;
    const struct reel_stack_state *stacks = reel_replay_stacks(opened->replay, &count);
    uint64_t blocks = 0;
    uint64_t requested_bytes = 0;
    uint64_t rounding_bytes = 0;
    for (size_t i = 0; i < count; i++)
    {
        blocks += stacks[i].live_blocks;
        requested_bytes += stacks[i].requested_bytes;
        rounding_bytes += stacks[i].rounding_bytes;
    }
    assert_int_equal(blocks, heap.live_blocks);
    assert_int_equal(requested_bytes, heap.requested_bytes);
    assert_int_equal(rounding_bytes, heap.usable_bytes - heap.requested_bytes);
}

static void pages_by_fill_are_the_occupied_ones(const struct reel_heap_state *heap)
{
    uint64_t pages = 0;
    for (size_t i = 0; i < REEL_FILL_STEPS; i++)
        pages += heap->pages_by_fill[i];
    assert_int_equal(pages, heap->occupied_pages);
}

// A block of no bytes lies in no region, unless others are beside it.
static int count_solid(void *context, const struct reel_live_block *block)
{
    uint64_t *count = context;
    *count += block->usable_bytes != 0;
    return REEL_OK;
}

// The header of a block at the beginning of a page lies on the page before: the heap counts it, whether that page has
// blocks or not; what is told page by page does not.
static int count_far_header(void *context, const struct reel_live_block *block)
{
    uint64_t *bytes = context;
    *bytes += block->usable_bytes % 16 == 8 && block->address % REEL_REPLAY_PAGE_BYTES == 0 ? 8 : 0;
    return REEL_OK;
}

static uint64_t far_header_bytes(struct opened *opened, uint32_t process)
{
    uint64_t bytes = 0;
    for (uint32_t i = 1; i <= opened->reel.process_count; i++)
        if (process == 0 || process == i)
            assert_int_equal(reel_replay_each_block(opened->replay, i, count_far_header, &bytes), REEL_OK);
    return bytes;
}

static void sums_of_regions_are_those_of_the_heap(struct opened *opened, uint32_t process)
{
    struct reel_heap_state heap = heap_of(opened, process);
    struct reel_region *regions = NULL;
    struct reel_region sum = {0};
    size_t count = 0;
    uint64_t solid_blocks = 0;
    assert_ok(reel_replay_regions(opened->replay, process, &regions, &count, &opened->recording->error),
              opened->recording->error);
    assert_int_equal(reel_replay_each_block(opened->replay, process, count_solid, &solid_blocks), REEL_OK);
    for (size_t i = 0; i < count; i++)
    {
        assert_true(i == 0 || regions[i].begin_address >= regions[i - 1].begin_address + regions[i - 1].region_bytes);
        sum.live_blocks += regions[i].live_blocks;
        sum.live_bytes += regions[i].live_bytes;
        sum.occupied_pages += regions[i].occupied_pages;
        sum.pinned_bytes += regions[i].pinned_bytes;
    }
    assert_in_range(sum.live_blocks, solid_blocks, heap.live_blocks + heap.inherited_blocks);
    assert_int_equal(sum.live_bytes, heap.usable_bytes + heap.inherited_usable_bytes);
    assert_int_equal(sum.occupied_pages, heap.occupied_pages);
    assert_in_range(sum.pinned_bytes, heap.pinned_bytes, heap.pinned_bytes + far_header_bytes(opened, process));
    free(regions);
}

// All that needs no look at the blocks.
static void regions_of_pages_are_the_same(struct opened *opened, uint32_t process)
{
    struct reel_region *regions[2] = {NULL, NULL};
    size_t counts[2] = {0, 0};
    struct reel_error *error = &opened->recording->error;
    assert_ok(reel_replay_regions(opened->replay, process, &regions[0], &counts[0], error), *error);
    assert_ok(reel_replay_regions_of_pages(opened->replay, process, &regions[1], &counts[1], error), *error);
    assert_int_equal(counts[0], counts[1]);
    for (size_t i = 0; i < counts[0]; i++)
    {
        regions[0][i].live_blocks = 0;
        regions[0][i].pinned_bytes = 0;
        regions[0][i].oldest_birth_event = 0;
        assert_memory_equal(&regions[0][i], &regions[1][i], sizeof regions[0][i]);
    }
    free(regions[0]);
    free(regions[1]);
}

static void the_identity_is_one(struct opened *opened, uint32_t process)
{
    struct reel_heap_state heap = heap_of(opened, process);
    struct reel_identity identity;
    assert_ok(reel_replay_identity(opened->replay, process, &identity, &opened->recording->error),
              opened->recording->error);
    assert_int_equal(identity.resident_bytes, identity.requested_bytes + identity.rounding_bytes +
                                                  identity.pinned_bytes + identity.retained_bytes +
                                                  identity.metadata_bytes);
    assert_int_equal(identity.requested_bytes, heap.requested_bytes + heap.inherited_requested_bytes);
    assert_int_equal(identity.requested_bytes + identity.rounding_bytes,
                     heap.usable_bytes + heap.inherited_usable_bytes);
    assert_in_range(identity.pinned_bytes, heap.pinned_bytes, heap.pinned_bytes + far_header_bytes(opened, process));
    assert_int_equal(identity.untouched_bytes, 0);
    assert_false(identity.is_sampled);
}

static void the_blame_is_the_waste(struct opened *opened, uint32_t process)
{
    struct reel_heap_state heap = heap_of(opened, process);
    struct reel_blame *blame = NULL;
    size_t count = 0;
    uint64_t pinned_bytes = 0;
    uint64_t rounding_bytes = 0;
    assert_ok(reel_blame_make(&blame, opened->replay, process, NULL, &opened->recording->error),
              opened->recording->error);
    const struct reel_blame_share *stacks = reel_blame_stacks(blame, &count);
    for (size_t i = 0; i < count; i++)
    {
        pinned_bytes += stacks[i].pinned_bytes;
        rounding_bytes += stacks[i].rounding_bytes;
    }
    assert_in_range(pinned_bytes, heap.pinned_bytes - (heap.pinned_bytes < count ? heap.pinned_bytes : count),
                    heap.pinned_bytes + far_header_bytes(opened, process));
    assert_int_equal(rounding_bytes, heap.usable_bytes - heap.requested_bytes + heap.inherited_usable_bytes -
                                         heap.inherited_requested_bytes);
    reel_blame_destroy(blame);
}

static void all_answers_about_a_moment_agree(void **state)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++)
    {
        struct opened opened;
        opened_make_small(&opened, *state, seed);
        for (int i = 0; i < 10; i++)
        {
            uint64_t events = stream_random(&opened.dice, opened.reel.event_count + 1);
            assert_ok(reel_replay_seek(opened.replay, events, NULL, &opened.recording->error), opened.recording->error);
            sums_of_processes_are_those_of_all(&opened);
            sums_of_stacks_are_those_of_the_heap(&opened);
            for (uint32_t process = 0; process <= opened.reel.process_count; process++)
            {
                struct reel_heap_state heap = heap_of(&opened, process);
                pages_by_fill_are_the_occupied_ones(&heap);
                the_identity_is_one(&opened, process);
                the_blame_is_the_waste(&opened, process);
                if (process != 0)
                {
                    sums_of_regions_are_those_of_the_heap(&opened, process);
                    regions_of_pages_are_the_same(&opened, process);
                }
            }
        }
        opened_close(&opened);
    }
}

int main(int argument_count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(all_answers_about_a_moment_agree),
    };
    return recording_run_tests(argument_count > 1 ? arguments[1] : NULL, tests, sizeof tests / sizeof *tests);
}
