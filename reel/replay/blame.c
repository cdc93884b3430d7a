// SPDX-License-Identifier: MIT
// Blame: one pass over the live blocks of each heap, which notes each page that a block ends on, one over the pages,
// and one over the notes. Keeps nothing of the heaps but the sums.
//
// What a batch of blocks is going to change is fetched first: pages and stacks come in any order.
#include "reel/blame.h"

#include <stdlib.h>

#include "reel/blocks_scan.h"
#include "reel/error.h"
#include "reel/replay/blame_internal.h"
#include "reel/replay/blame_pages.h"
#include "reel/replay/replay_internal.h"

#define SPARSE_BYTES (REEL_REPLAY_PAGE_BYTES / 4)
#define BATCH_BLOCKS 64u
#define TOUCHES_AHEAD 16u
#define TOUCHES_TO_TICK 0x40000u

// A block ends on a page; one that begins and ends there does it once.
struct blame_touch
{
    struct blame_page *page;
    uint32_t stack;
    uint16_t bytes; // of it there
    uint8_t class_number;
};

struct blame_walk
{
    struct reel_blame *blame; // until the end pinned_bytes of its stacks and classes are units
    struct blame_pages pages; // of one heap at a time, as the next
    struct blame_touch *touches;
    size_t touch_count;
    bool has_headers;
    const struct reel_progress *progress;
    uint64_t touches_done; // of all heaps, noted and taken
    uint64_t touches_most;
    uint64_t touches_told;
    struct reel_error *error;
};

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the pages of live blocks");
}

static uint32_t stack_of(const struct blame_walk *walk, const struct reel_block *block)
{
    return block->stack < walk->blame->stack_count ? block->stack : 0;
}

static int tick(struct blame_walk *walk, size_t touch_count)
{
    const struct reel_progress *progress = walk->progress;
    walk->touches_done += touch_count;
    if (walk->touches_done - walk->touches_told < TOUCHES_TO_TICK || progress == NULL || progress->tick == NULL)
        return REEL_OK;
    walk->touches_told = walk->touches_done;
    if (progress->tick(progress->context, (double)walk->touches_done / (double)walk->touches_most) == 0)
        return REEL_OK;
    return reel_error_set(walk->error, REEL_E_CANCELLED, "cancelled");
}

// ---- first pass: who touches which page

static void count_block(struct reel_blame_share *share, const struct reel_block *block, uint64_t page_count)
{
    share->live_blocks++;
    share->live_bytes += block->requested_bytes;
    share->rounding_bytes += replay_usable_bytes(block) - block->requested_bytes;
    share->pinned_pages += page_count;
    share->alone_pages += page_count > 2 ? page_count - 2 : 0; // the rest when the pages are settled
}

// The header may lie on the page before, where it takes room only if a block is there too.
static int add_header(struct blame_walk *walk, uint64_t address)
{
    if (address < REPLAY_HEADER_BYTES)
        return REEL_OK;
    struct blame_page *page = blame_pages_at(&walk->pages, (address - REPLAY_HEADER_BYTES) / REEL_REPLAY_PAGE_BYTES);
    if (page == NULL)
        return fail_memory(walk->error);
    blame_page_add_header(page, REPLAY_HEADER_BYTES);
    return REEL_OK;
}

static int note_page(struct blame_walk *walk, const struct reel_block *block, uint64_t page_number, uint64_t end)
{
    struct blame_page *page = blame_pages_at(&walk->pages, page_number);
    if (page == NULL)
        return fail_memory(walk->error);
    __builtin_prefetch(page, 1);
    walk->touches[walk->touch_count++] = (struct blame_touch){
        .page = page,
        .stack = stack_of(walk, block),
        .bytes = (uint16_t)replay_bytes_on_page(block->address, end, page_number),
        .class_number = block->size_class,
    };
    return REEL_OK;
}

static int note_block(struct blame_walk *walk, const struct reel_block *block)
{
    uint64_t first, last, end;
    __builtin_prefetch(&walk->blame->stacks[stack_of(walk, block)], 1);
    if (!replay_block_span(block->address, replay_usable_bytes(block), &first, &last, &end))
        return REEL_OK;
    int status = note_page(walk, block, first, end);
    return status == REEL_OK && last != first ? note_page(walk, block, last, end) : status;
}

static int add_block(struct blame_walk *walk, const struct reel_block *block)
{
    uint64_t first, last, end;
    uint64_t usable_bytes = replay_usable_bytes(block);
    bool has_pages = replay_block_span(block->address, usable_bytes, &first, &last, &end);
    uint64_t page_count = has_pages ? last - first + 1 : 0;
    count_block(&walk->blame->stacks[stack_of(walk, block)], block, page_count);
    count_block(&walk->blame->classes[block->size_class], block, page_count);
    return walk->has_headers && replay_has_header(usable_bytes) ? add_header(walk, block->address) : REEL_OK;
}

static int add_batch(struct blame_walk *walk, const struct reel_block *const *blocks, size_t count)
{
    size_t from = walk->touch_count;
    int status = REEL_OK;
    for (size_t i = 0; i < count && status == REEL_OK; i++)
        status = note_block(walk, blocks[i]);
    for (size_t i = from; i < walk->touch_count; i++)
    {
        const struct blame_touch *touch = &walk->touches[i];
        blame_page_add(touch->page, touch->stack, touch->class_number, touch->bytes);
    }
    for (size_t i = 0; i < count && status == REEL_OK; i++)
        status = add_block(walk, blocks[i]);
    return status == REEL_OK ? tick(walk, walk->touch_count - from) : status;
}

static int add_blocks(struct blame_walk *walk, const struct reel_blocks *blocks)
{
    struct reel_blocks_scan scan;
    const struct reel_block *batch[BATCH_BLOCKS];
    size_t count = 0;
    int status = reel_blocks_scan_begin(&scan, blocks) == REEL_OK ? REEL_OK : fail_memory(walk->error);
    while (status == REEL_OK && (batch[count] = reel_blocks_scan_next(&scan)) != NULL)
    {
        if (++count < BATCH_BLOCKS)
            continue;
        status = add_batch(walk, batch, count);
        count = 0;
    }
    if (status == REEL_OK)
        status = add_batch(walk, batch, count);
    reel_blocks_scan_end(&scan);
    return status;
}

// ---- between the passes: what is pinned on each page

static void settle_page(struct reel_blame *blame, struct blame_page *page)
{
    uint64_t pinned_bytes = blame_page_settle(page);
    blame->total.pinned_bytes += pinned_bytes;
    if (page->stack != BLAME_MIXED_STACK)
        blame->stacks[page->stack].alone_pages++;
    if (page->class_number != BLAME_MIXED_CLASS)
        blame->classes[page->class_number].alone_pages++;
    if (page->live_bytes >= SPARSE_BYTES)
        return;
    blame->sparse.pages++;
    blame->sparse.held_bytes += pinned_bytes;
    blame->sparse.blocks += page->blocks;
    blame->sparse.block_bytes += page->live_bytes;
}

static void settle_pages(struct blame_walk *walk)
{
    for (uint32_t leaf = 0; leaf < walk->pages.leaves.pair_count; leaf++)
        for (uint32_t i = 0; i < REPLAY_LEAF_PAGES; i++)
            if (walk->pages.pages[leaf][i].blocks != 0)
                settle_page(walk->blame, &walk->pages.pages[leaf][i]);
}

// ---- second pass: shares

static int take_shares(struct blame_walk *walk)
{
    int status = REEL_OK;
    for (size_t i = 0; i < walk->touch_count && status == REEL_OK; i++)
    {
        const struct blame_touch *touch = &walk->touches[i];
        if (i + TOUCHES_AHEAD < walk->touch_count)
        {
            __builtin_prefetch(touch[TOUCHES_AHEAD].page, 1);
            __builtin_prefetch(&walk->blame->stacks[touch[TOUCHES_AHEAD].stack], 1);
        }
        uint32_t units = blame_page_take(touch->page);
        walk->blame->stacks[touch->stack].pinned_bytes += units;
        walk->blame->classes[touch->class_number].pinned_bytes += units;
        if (i % BATCH_BLOCKS == 0)
            status = tick(walk, BATCH_BLOCKS);
    }
    return status;
}

// ---- the walk

static int visit_heap(struct blame_walk *walk, const struct replay_heap *heap)
{
    if (heap->blocks.count == 0)
        return REEL_OK;
    walk->touches = reallocarray(NULL, heap->blocks.count, 2 * sizeof *walk->touches);
    walk->touch_count = 0;
    if (walk->touches == NULL)
        return fail_memory(walk->error);
    int status = blame_pages_init(&walk->pages) == REEL_OK ? add_blocks(walk, &heap->blocks) : fail_memory(walk->error);
    if (status == REEL_OK)
    {
        settle_pages(walk);
        status = take_shares(walk);
    }
    blame_pages_fini(&walk->pages);
    free(walk->touches);
    return status;
}

static int visit_heaps(struct blame_walk *walk, const struct reel_replay *replay, uint32_t process)
{
    int status = REEL_OK;
    for (uint32_t i = 1; i < replay->state.lives.count; i++)
        if (replay_heap_of(replay, i) != NULL && (process == 0 || process == i))
            walk->touches_most += 4 * (uint64_t)replay_heap_of(replay, i)->blocks.count;
    for (uint32_t i = 1; i < replay->state.lives.count && status == REEL_OK; i++)
        if (replay_heap_of(replay, i) != NULL && (process == 0 || process == i))
            status = visit_heap(walk, replay_heap_of(replay, i));
    return status;
}

static void finish(struct reel_blame *blame)
{
    struct reel_blame_share *total = &blame->total;
    for (size_t i = 0; i < blame->stack_count; i++)
    {
        struct reel_blame_share *share = &blame->stacks[i];
        share->pinned_bytes >>= BLAME_UNITS_SHIFT;
        total->rounding_bytes += share->rounding_bytes;
        total->live_blocks += share->live_blocks;
        total->live_bytes += share->live_bytes;
        total->pinned_pages += share->pinned_pages;
        total->alone_pages += share->alone_pages;
    }
    for (size_t i = 0; i < REEL_CLASS_NUMBERS; i++)
        blame->classes[i].pinned_bytes >>= BLAME_UNITS_SHIFT;
}

// NULL: no memory.
static struct reel_blame *create(const struct reel_replay *replay, uint32_t process)
{
    struct reel_blame *blame = calloc(1, sizeof *blame);
    struct reel_blame_share *stacks = calloc(replay->state.stack_count, sizeof *stacks);
    if (blame == NULL || stacks == NULL)
    {
        free(blame);
        free(stacks);
        return NULL;
    }
    blame->events = replay->events;
    blame->process = process;
    blame->stacks = stacks;
    blame->stack_count = replay->state.stack_count;
    return blame;
}

int reel_blame_make(struct reel_blame **out, struct reel_replay *replay, uint32_t process,
                    const struct reel_progress *progress, struct reel_error *error)
{
    *out = NULL;
    if (process >= replay->state.lives.count)
        return reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has none with that number", process);
    struct reel_blame *blame = create(replay, process);
    if (blame == NULL)
        return fail_memory(error);
    struct blame_walk walk = {
        .blame = blame, .has_headers = replay->state.classes.told.count == 0, .progress = progress, .error = error};
    int status = visit_heaps(&walk, replay, process);
    if (status == REEL_OK)
    {
        finish(blame);
        *out = blame;
        return REEL_OK;
    }
    reel_blame_destroy(blame);
    return status;
}

void reel_blame_destroy(struct reel_blame *blame)
{
    if (blame == NULL)
        return;
    free(blame->stacks);
    free(blame);
}

const struct reel_blame_share *reel_blame_stacks(const struct reel_blame *blame, size_t *count)
{
    *count = blame->stack_count;
    return blame->stacks;
}

const struct reel_blame_share *reel_blame_classes(const struct reel_blame *blame, size_t *count)
{
    *count = REEL_CLASS_NUMBERS;
    return blame->classes;
}

struct reel_blame_share reel_blame_total(const struct reel_blame *blame)
{
    return blame->total;
}

struct reel_blame_sparse reel_blame_sparse(const struct reel_blame *blame)
{
    return blame->sparse;
}
