// SPDX-License-Identifier: MIT
// Blame against a naive reading of the same blocks, and the laws of its sums.
#include "blamed.h"

#include <math.h>
#include <stdlib.h>

#define NAIVE_BLOCKS 4000
#define NAIVE_PAGES 600 // of a process

// All figures but pinned_bytes are exact sums; those are rounded down per stack and class.
static void assert_sums_agree(const struct blamed_answer *asked)
{
    struct reel_blame_share stacks = {0};
    struct reel_blame_share classes = {0};
    for (size_t i = 0; i < REEL_CLASS_NUMBERS; i++)
    {
        classes.pinned_bytes += asked->classes[i].pinned_bytes;
        classes.live_blocks += asked->classes[i].live_blocks;
        classes.live_bytes += asked->classes[i].live_bytes;
    }
    for (size_t i = 0; i < BLAMED_STACKS; i++)
    {
        stacks.pinned_bytes += asked->stacks[i].pinned_bytes;
        stacks.live_blocks += asked->stacks[i].live_blocks;
        stacks.live_bytes += asked->stacks[i].live_bytes;
        stacks.rounding_bytes += asked->stacks[i].rounding_bytes;
    }
    assert_in_range(asked->total.pinned_bytes - stacks.pinned_bytes, 0, BLAMED_STACKS);
    assert_in_range(asked->total.pinned_bytes - classes.pinned_bytes, 0, REEL_CLASS_NUMBERS);
    assert_int_equal(stacks.live_blocks, asked->heap.live_blocks + asked->heap.inherited_blocks);
    assert_int_equal(classes.live_blocks, stacks.live_blocks);
    assert_int_equal(stacks.live_bytes, asked->heap.requested_bytes + asked->heap.inherited_requested_bytes);
    assert_int_equal(classes.live_bytes, stacks.live_bytes);
    assert_int_equal(stacks.rounding_bytes, asked->heap.usable_bytes - asked->heap.requested_bytes +
                                                asked->heap.inherited_usable_bytes -
                                                asked->heap.inherited_requested_bytes);
}

static void a_page_is_shared_equally_among_its_blocks(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    blamed_begin(&blamed, *state);
    blamed_alloc(&blamed, 1, 1, BASE, 1008);
    blamed_alloc(&blamed, 1, 2, BASE + 2000, 16);
    blamed_alloc(&blamed, 1, 2, BASE + 3008, 16);
    blamed_ask(&asked, &blamed, 1);
    assert_int_equal(asked.total.pinned_bytes, PAGE - 1040);
    assert_int_equal(asked.stacks[1].pinned_bytes, (PAGE - 1040) / 3);
    assert_int_equal(asked.stacks[2].pinned_bytes, (PAGE - 1040) * 2 / 3);
    assert_int_equal(asked.stacks[1].pinned_pages, 1);
    assert_int_equal(asked.stacks[2].pinned_pages, 2);
    assert_int_equal(asked.total.alone_pages, 0);
    assert_int_equal(asked.stacks[0].live_blocks, 0);
    blamed_done(&asked);
}

static void a_block_pins_only_where_it_ends(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    blamed_begin(&blamed, *state);
    blamed_alloc(&blamed, 1, 3, BASE + 4000, 96 + 5 * PAGE + 16);
    blamed_ask(&asked, &blamed, 0);
    assert_int_equal(asked.total.pinned_bytes, 4000 + PAGE - 16);
    assert_int_equal(asked.stacks[3].pinned_bytes, 4000 + PAGE - 16);
    assert_int_equal(asked.stacks[3].pinned_pages, 7);
    assert_int_equal(asked.stacks[3].alone_pages, 7);
    assert_int_equal(reel_blame_sparse(asked.blame).pages, 2);
    assert_int_equal(reel_blame_sparse(asked.blame).held_bytes, 4000 + PAGE - 16);
    assert_int_equal(reel_blame_sparse(asked.blame).block_bytes, 96 + 16);
    blamed_done(&asked);
}

static void a_header_takes_room_on_the_page_before(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    blamed_begin(&blamed, *state);
    blamed_alloc(&blamed, 1, 1, BASE + 32, 24);
    blamed_alloc(&blamed, 1, 2, BASE + PAGE, 24);
    blamed_alloc(&blamed, 1, 3, BASE + 9 * PAGE, 24); // nobody is on the page before
    blamed_ask(&asked, &blamed, 1);
    assert_int_equal(asked.stacks[1].pinned_bytes, PAGE - 24 - 8 - 8);
    assert_int_equal(asked.stacks[2].pinned_bytes, PAGE - 24);
    assert_int_equal(asked.stacks[3].pinned_bytes, PAGE - 24);
    blamed_done(&asked);
}

static void a_page_of_one_stack_is_its_alone_until_another_comes(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    blamed_begin(&blamed, *state);
    blamed_alloc(&blamed, 1, 1, BASE, 16);
    blamed_alloc(&blamed, 1, 1, BASE + 160, 16);
    blamed_alloc(&blamed, 1, 1, BASE + PAGE, 16);
    blamed_alloc(&blamed, 1, 2, BASE + PAGE + 160, 16);
    blamed_alloc(&blamed, 2, 2, BASE + PAGE, 16); // the same address in another process
    blamed_ask(&asked, &blamed, 0);
    assert_int_equal(asked.stacks[1].alone_pages, 1);
    assert_int_equal(asked.stacks[2].alone_pages, 1);
    assert_int_equal(asked.total.pinned_bytes, 3 * PAGE - 5 * 16);
    blamed_ask_again(&asked, 1);
    assert_int_equal(asked.stacks[2].alone_pages, 0);
    assert_int_equal(asked.stacks[2].pinned_bytes, (PAGE - 32) / 2);
    blamed_done(&asked);
}

static void blocks_that_came_with_a_fork_pin_pages_of_the_child(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    struct recording *recording = *state;
    struct reel_error *error = &recording->error;
    const struct reel_process_info info = {.pid = 9, .parent_process = 1, .is_fork = true, .fork_serial = 5};
    uint32_t child, thread;
    blamed_begin(&blamed, recording);
    blamed_alloc(&blamed, 1, 1, BASE, 16);
    assert_ok(reel_writer_mark_fork(blamed.writer, 1, 5, error), *error);
    assert_ok(reel_writer_add_process(blamed.writer, &info, &child, error), *error);
    assert_ok(reel_writer_add_thread(blamed.writer, child, 9, NULL, 1, &thread, error), *error);
    struct reel_event event = recording_alloc(blamed.t_ns += 10, BASE + 32, 32);
    event.usable_bytes = 32;
    event.stack = 2;
    event.process = child;
    event.thread = thread;
    assert_ok(reel_writer_append(blamed.writer, &event, 1, error), *error);
    blamed_ask(&asked, &blamed, child);
    assert_int_equal(asked.stacks[1].pinned_bytes, (PAGE - 48) / 2);
    assert_int_equal(asked.stacks[2].pinned_bytes, (PAGE - 48) / 2);
    assert_sums_agree(&asked);
    blamed_ask_again(&asked, 0);
    assert_int_equal(asked.stacks[1].pinned_bytes, PAGE - 16 + (PAGE - 48) / 2);
    assert_sums_agree(&asked);
    blamed_done(&asked);
}

// ---- random blocks that do not overlap

struct naive
{
    struct
    {
        uint64_t bytes;
        double blocks;
        uint32_t stack; // BLAMED_STACKS: several
    } pages[BLAMED_PROCESSES][NAIVE_PAGES + 1];
    struct
    {
        uint32_t process, stack;
        uint64_t address, bytes;
        bool is_live;
    } blocks[NAIVE_BLOCKS];
    double pinned_bytes[BLAMED_STACKS];
    uint64_t alone_pages[BLAMED_STACKS];
    uint64_t sparse_pages, sparse_held_bytes;
};

static void naive_add(struct naive *naive, size_t index)
{
    uint64_t begin_address = naive->blocks[index].address - BASE;
    uint64_t end_address = begin_address + naive->blocks[index].bytes;
    for (uint64_t at = begin_address; at < end_address; at++)
    {
        uint32_t stack = naive->blocks[index].stack;
        size_t process = naive->blocks[index].process - 1;
        bool is_new = at == begin_address || at % PAGE == 0;
        naive->pages[process][at / PAGE].bytes++;
        if (!is_new)
            continue;
        bool is_first = naive->pages[process][at / PAGE].blocks++ == 0;
        if (is_first || naive->pages[process][at / PAGE].stack == stack)
            naive->pages[process][at / PAGE].stack = stack;
        else
            naive->pages[process][at / PAGE].stack = BLAMED_STACKS;
    }
}

static void naive_share(struct naive *naive, size_t index)
{
    uint64_t first = (naive->blocks[index].address - BASE) / PAGE;
    uint64_t last = (naive->blocks[index].address - BASE + naive->blocks[index].bytes - 1) / PAGE;
    size_t process = naive->blocks[index].process - 1;
    for (uint64_t page = first; page <= last; page++)
        naive->pinned_bytes[naive->blocks[index].stack] +=
            (double)(PAGE - naive->pages[process][page].bytes) / naive->pages[process][page].blocks;
}

static void naive_sum(struct naive *naive)
{
    for (size_t i = 0; i < NAIVE_BLOCKS; i++)
        if (naive->blocks[i].is_live)
            naive_add(naive, i);
    for (size_t i = 0; i < NAIVE_BLOCKS; i++)
        if (naive->blocks[i].is_live)
            naive_share(naive, i);
    for (size_t process = 0; process < BLAMED_PROCESSES; process++)
        for (size_t page = 0; page <= NAIVE_PAGES; page++)
        {
            uint64_t bytes = naive->pages[process][page].bytes;
            if (bytes != 0 && naive->pages[process][page].stack < BLAMED_STACKS)
                naive->alone_pages[naive->pages[process][page].stack]++;
            naive->sparse_pages += bytes != 0 && bytes < PAGE / 4;
            naive->sparse_held_bytes += bytes != 0 && bytes < PAGE / 4 ? PAGE - bytes : 0;
        }
}

// Blocks one after the other in each process; then three of four go.
static void make_blocks(struct blamed *blamed, struct naive *naive, struct stream *stream)
{
    uint64_t next[BLAMED_PROCESSES] = {BASE, BASE};
    for (size_t i = 0; i < NAIVE_BLOCKS; i++)
    {
        uint32_t process = (uint32_t)stream_random(stream, BLAMED_PROCESSES) + 1;
        uint64_t bytes = 16 * (1 + stream_random(stream, i % 50 == 0 ? 1500 : 20));
        if (next[process - 1] + bytes > BASE + NAIVE_PAGES * PAGE)
            continue;
        naive->blocks[i].process = process;
        naive->blocks[i].stack = (uint32_t)stream_random(stream, BLAMED_STACKS);
        naive->blocks[i].address = next[process - 1];
        naive->blocks[i].bytes = bytes;
        naive->blocks[i].is_live = true;
        next[process - 1] += bytes;
        blamed_alloc(blamed, process, naive->blocks[i].stack, naive->blocks[i].address, bytes);
    }
    for (size_t i = 0; i < NAIVE_BLOCKS; i++)
    {
        if (!naive->blocks[i].is_live || stream_random(stream, 4) == 0)
            continue;
        blamed_free(blamed, naive->blocks[i].process, naive->blocks[i].address);
        naive->blocks[i].is_live = false;
    }
}

static void random_blocks_agree_with_a_naive_reading(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    struct stream stream;
    struct naive *naive = calloc(1, sizeof *naive);
    assert_non_null(naive);
    blamed_begin(&blamed, *state);
    stream_init(&stream, 11, BLAMED_PROCESSES);
    make_blocks(&blamed, naive, &stream);
    naive_sum(naive);
    blamed_ask(&asked, &blamed, 0);
    for (size_t i = 0; i < BLAMED_STACKS; i++)
    {
        assert_true(fabs((double)asked.stacks[i].pinned_bytes - naive->pinned_bytes[i]) < 2);
        assert_int_equal(asked.stacks[i].alone_pages, naive->alone_pages[i]);
    }
    assert_int_equal(reel_blame_sparse(asked.blame).pages, naive->sparse_pages);
    assert_int_equal(reel_blame_sparse(asked.blame).held_bytes, naive->sparse_held_bytes);
    assert_int_equal(asked.total.pinned_bytes, asked.heap.pinned_bytes);
    assert_in_range(asked.total.pinned_bytes, 100 * PAGE, 2 * NAIVE_PAGES * PAGE);
    for (uint32_t process = 0; process <= BLAMED_PROCESSES; process++)
    {
        blamed_ask_again(&asked, process);
        assert_int_equal(asked.total.pinned_bytes, asked.heap.pinned_bytes);
        assert_sums_agree(&asked);
    }
    blamed_done(&asked);
    free(naive);
}

// ---- what a damaged or hostile reel may hold

static void blocks_that_cannot_be_are_blamed_for_no_more_than_their_pages(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    blamed_begin(&blamed, *state);
    blamed_alloc(&blamed, 1, 1, UINT64_MAX - 100, 16);
    blamed_alloc(&blamed, 1, 1, UINT64_MAX - 40, 4000);
    blamed_alloc(&blamed, 1, 2, BASE, UINT64_MAX);
    blamed_alloc(&blamed, 1, 2, BASE + 16, 0);
    for (uint64_t i = 0; i < 100; i++)
        blamed_alloc(&blamed, 1, (uint32_t)i % 7, BASE + i,
                     3 * PAGE); // over each other, and of stacks that are not there
    blamed_alloc(&blamed, 1, 4, 0, 24);
    blamed_alloc(&blamed, 1, 4, 4, 24);
    blamed_ask(&asked, &blamed, 0);
    assert_sums_agree(&asked);
    assert_in_range(asked.total.pinned_bytes, 0, 7 * PAGE);
    blamed_done(&asked);
}

static int cancel(void *context, double fraction)
{
    (void)fraction;
    return ++*(int *)context;
}

static void blame_can_be_cancelled(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    struct reel_blame *blame = NULL;
    int ticks = 0;
    const struct reel_progress progress = {cancel, &ticks};
    blamed_begin(&blamed, *state);
    for (uint64_t i = 0; i < 150000; i++)
        blamed_alloc(&blamed, 1, 1, BASE + i * 64, 16);
    blamed_ask(&asked, &blamed, 0);
    assert_int_equal(reel_blame_make(&blame, asked.replay, 0, &progress, &asked.error), REEL_E_CANCELLED);
    assert_null(blame);
    assert_int_equal(ticks, 1);
    blamed_done(&asked);
}

static void a_process_that_is_not_there_is_refused(void **state)
{
    struct blamed blamed;
    struct blamed_answer asked;
    struct reel_blame *blame = NULL;
    blamed_begin(&blamed, *state);
    blamed_ask(&asked, &blamed, 0);
    assert_int_equal(asked.total.pinned_bytes, 0);
    assert_int_equal(reel_blame_make(&blame, asked.replay, BLAMED_PROCESSES + 1, NULL, &asked.error), REEL_E_ARGUMENT);
    blamed_done(&asked);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_page_is_shared_equally_among_its_blocks),
        IN_DIRECTORY(a_block_pins_only_where_it_ends),
        IN_DIRECTORY(a_header_takes_room_on_the_page_before),
        IN_DIRECTORY(a_page_of_one_stack_is_its_alone_until_another_comes),
        IN_DIRECTORY(blocks_that_came_with_a_fork_pin_pages_of_the_child),
        IN_DIRECTORY(random_blocks_agree_with_a_naive_reading),
        IN_DIRECTORY(blocks_that_cannot_be_are_blamed_for_no_more_than_their_pages),
        IN_DIRECTORY(blame_can_be_cancelled),
        IN_DIRECTORY(a_process_that_is_not_there_is_refused),
    };
    return recording_run_tests(argc > 1 ? argv[1] : NULL, tests, sizeof tests / sizeof *tests);
}
