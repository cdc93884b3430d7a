// SPDX-License-Identifier: MIT
// Advice: which stacks hold more than they have, and what is known of their blocks. Ranks by what blame has found, and
// looks at the live blocks of those stacks once.
#include "reel/blame.h"

#include <stdlib.h>

#include "reel/blocks_scan.h"
#include "reel/error.h"
#include "reel/replay/advice_marks.h"
#include "reel/replay/advice_neighbours.h"
#include "reel/replay/blame_internal.h"
#include "reel/replay/history_read.h"
#include "reel/replay/replay_internal.h"

#define ALONE_PAGES_LEAST 256
#define PINNED_PART_LEAST 4 // a quarter of the pages

struct advice_row
{
    uint64_t *births; // events, of live blocks
    size_t birth_count;
    size_t birth_max; // as many as the blame has counted
    uint64_t class_blocks[REEL_CLASS_NUMBERS];
};

struct advice
{
    const struct reel_blame *blame;
    struct reel_advice *found; // ranked
    struct advice_row *rows;   // of found
    size_t count;
    uint8_t *row_of; // [stack], from 1; 0 = none
    struct advice_marks marks;
};
static_assert(REEL_ADVICE_MOST < UINT8_MAX, "row_of holds the number of a row");

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for advice");
}

// ---- which stacks

static bool is_worth_it(const struct reel_blame_share *share)
{
    bool is_alone_on_many = share->alone_pages >= ALONE_PAGES_LEAST &&
                            share->pinned_bytes / REEL_REPLAY_PAGE_BYTES >= share->alone_pages / PINNED_PART_LEAST;
    return share->pinned_bytes >= REEL_REPLAY_PAGE_BYTES &&
           (share->pinned_bytes > share->live_bytes || is_alone_on_many);
}

static int compare_advice(const void *left, const void *right)
{
    const struct reel_advice *a = left;
    const struct reel_advice *b = right;
    if (a->pinned_bytes != b->pinned_bytes)
        return a->pinned_bytes > b->pinned_bytes ? -1 : 1;
    return a->stack < b->stack ? -1 : a->stack > b->stack;
}

// Blocks without a stack are nobody's.
static int choose_stacks(struct advice *advice, size_t limit)
{
    size_t count = 0;
    size_t most = limit < REEL_ADVICE_MOST && limit != 0 ? limit : REEL_ADVICE_MOST;
    for (size_t i = 1; i < advice->blame->stack_count; i++)
        count += is_worth_it(&advice->blame->stacks[i]);
    advice->found = calloc(count + 1, sizeof *advice->found);
    advice->row_of = calloc(advice->blame->stack_count, sizeof *advice->row_of);
    advice->rows = calloc(most, sizeof *advice->rows);
    if (advice->found == NULL || advice->row_of == NULL || advice->rows == NULL)
        return REEL_E_NO_MEMORY;
    count = 0;
    for (size_t i = 1; i < advice->blame->stack_count; i++)
    {
        const struct reel_blame_share *share = &advice->blame->stacks[i];
        if (is_worth_it(share))
            advice->found[count++] = (struct reel_advice){.stack = (uint32_t)i,
                                                          .pinned_bytes = share->pinned_bytes,
                                                          .live_bytes = share->live_bytes,
                                                          .live_blocks = share->live_blocks,
                                                          .alone_pages = share->alone_pages};
    }
    qsort(advice->found, count, sizeof *advice->found, compare_advice);
    advice->count = count < most ? count : most;
    for (size_t i = 0; i < advice->count; i++)
    {
        advice->row_of[advice->found[i].stack] = (uint8_t)(i + 1);
        struct advice_row *row = &advice->rows[i];
        row->births = calloc(advice->found[i].live_blocks + 1, sizeof *row->births);
        if (row->births == NULL)
            return REEL_E_NO_MEMORY;
        row->birth_max = advice->found[i].live_blocks;
    }
    return REEL_OK;
}

// ---- their live blocks

static int take_block(struct advice *advice, uint32_t process, const struct reel_block *block)
{
    uint64_t first, last, end;
    size_t number = block->stack < advice->blame->stack_count ? advice->row_of[block->stack] : 0;
    if (number == 0)
        return REEL_OK;
    struct advice_row *row = &advice->rows[number - 1];
    if (row->birth_count < row->birth_max)
        row->births[row->birth_count++] = block->birth_event;
    row->class_blocks[block->size_class]++;
    if (!replay_block_span(block->address, replay_usable_bytes(block), &first, &last, &end))
        return REEL_OK;
    int status = advice_marks_add(&advice->marks, process, first, number - 1);
    return status == REEL_OK && last != first ? advice_marks_add(&advice->marks, process, last, number - 1) : status;
}

static int take_heap(struct advice *advice, uint32_t process, const struct replay_heap *heap)
{
    struct reel_blocks_scan scan;
    const struct reel_block *block;
    int status = reel_blocks_scan_begin(&scan, &heap->blocks);
    while (status == REEL_OK && (block = reel_blocks_scan_next(&scan)) != NULL)
        status = take_block(advice, process, block);
    reel_blocks_scan_end(&scan);
    return status;
}

static int take_heaps(struct advice *advice, const struct reel_replay *replay, uint32_t process)
{
    int status = REEL_OK;
    for (uint32_t i = 1; i < replay->state.lives.count && status == REEL_OK; i++)
        if (replay_heap_of(replay, i) != NULL && (process == 0 || process == i))
            status = take_heap(advice, i, replay_heap_of(replay, i));
    return status;
}

// ---- what is known of them

static int take_time(void *context, const struct reel_event *events, size_t count, uint64_t first)
{
    (void)count, (void)first;
    *(uint64_t *)context = events[0].t_ns;
    return REEL_OK;
}

static int compare_events(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

// Times follow the numbers of events, so the median of the births has the median of the ages.
static int find_age(struct advice *advice, size_t index, struct reel_replay *replay, struct reel_error *error)
{
    struct advice_row *row = &advice->rows[index];
    uint64_t birth_ns = replay->t_ns; // of a birth in a damaged chunk
    if (row->birth_count == 0)
        return REEL_OK;
    qsort(row->births, row->birth_count, sizeof *row->births, compare_events);
    uint64_t birth = row->births[row->birth_count / 2];
    int status = history_read(replay->reader, birth, birth + 1, NULL, take_time, &birth_ns, error);
    advice->found[index].median_age_ns = replay->t_ns > birth_ns ? replay->t_ns - birth_ns : 0;
    return status;
}

static void find_class(struct advice *advice, size_t index)
{
    const uint64_t *blocks = advice->rows[index].class_blocks;
    uint32_t most = 0;
    for (uint32_t i = 1; i < REEL_CLASS_NUMBERS; i++)
        if (blocks[i] > blocks[most])
            most = i;
    advice->found[index].class_number = most;
}

static int gather(struct advice *advice, struct reel_replay *replay, uint32_t process, size_t limit,
                  const struct reel_progress *progress, struct reel_error *error)
{
    if (advice_marks_init(&advice->marks) != REEL_OK || choose_stacks(advice, limit) != REEL_OK ||
        take_heaps(advice, replay, process) != REEL_OK)
        return fail_memory(error);
    int status = REEL_OK;
    for (size_t i = 0; i < advice->count && status == REEL_OK; i++)
    {
        find_class(advice, i);
        status = find_age(advice, i, replay, error);
    }
    if (status != REEL_OK || advice->count == 0)
        return status;
    return advice_neighbours_find(&advice->marks, replay, replay->events, progress, advice->found, advice->count,
                                  error);
}

int reel_blame_advice(const struct reel_blame *blame, struct reel_replay *replay, uint32_t process, size_t limit,
                      const struct reel_progress *progress, struct reel_advice **found, size_t *count,
                      struct reel_error *error)
{
    struct advice advice = {.blame = blame};
    *found = NULL;
    *count = 0;
    if (blame->events != replay->events || blame->process != process)
        return reel_error_set(error, REEL_E_ARGUMENT, "advice for event %llu of process %u: the blame is of another",
                              (unsigned long long)replay->events, process);
    int status = gather(&advice, replay, process, limit, progress, error);
    if (status == REEL_OK)
    {
        *found = advice.found;
        *count = advice.count;
        advice.found = NULL;
    }
    for (size_t i = 0; advice.rows != NULL && i < REEL_ADVICE_MOST && i < advice.count; i++)
        free(advice.rows[i].births);
    free(advice.rows);
    free(advice.row_of);
    free(advice.found);
    advice_marks_fini(&advice.marks);
    return status;
}
