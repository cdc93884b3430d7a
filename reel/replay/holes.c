// SPDX-License-Identifier: MIT
// The holes of a heap: its blocks by address, and what lies between each and the next. Counts pages from the blocks
// themselves, not from the page table.
#include "reel/holes.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/replay/history_read.h"
#include "reel/replay/replay_internal.h"

#define PAGE_MASK ((uint64_t)REEL_REPLAY_PAGE_BYTES - 1)
#define BLOCKS_BETWEEN_TICKS 65536u

struct span
{
    uint64_t begin;
    uint64_t end;
};

struct search
{
    struct reel_holes *holes;
    struct span *blocks; // with room for all of a heap
    size_t count;
    bool has_headers;
    uint64_t hole_begin; // one past the last byte that is taken
    uint64_t pages_end;  // one past the pages that lie side by side so far
};

static void add_hole(struct search *search, uint64_t begin, uint64_t end)
{
    if (begin >= end)
        return;
    uint64_t bytes = end - begin;
    int size = 63 - __builtin_clzll(bytes);
    search->holes->holes[size]++;
    search->holes->bytes[size] += bytes;
    search->holes->free_bytes += bytes;
    if (bytes > search->holes->greatest_bytes)
        search->holes->greatest_bytes = bytes;
}

// The block comes after all that came before, or over them. A header before it is taken as well, if its page is.
static void add_block(struct search *search, const struct span *block)
{
    uint64_t first_page = block->begin & ~PAGE_MASK;
    uint64_t begin = block->begin;
    if (search->has_headers && replay_has_header(block->end - block->begin) && begin >= REPLAY_HEADER_BYTES)
        begin -= REPLAY_HEADER_BYTES;
    if (first_page > search->pages_end)
    {
        add_hole(search, search->hole_begin, search->pages_end);
        search->hole_begin = first_page;
    }
    add_hole(search, search->hole_begin, begin);
    if (block->end > search->hole_begin)
        search->hole_begin = block->end;
    uint64_t last_page = (block->end - 1) & ~PAGE_MASK;
    uint64_t pages_end = last_page + PAGE_MASK < UINT64_MAX ? last_page + PAGE_MASK + 1 : UINT64_MAX;
    if (pages_end > search->pages_end)
        search->pages_end = pages_end;
}

static void collect(struct search *search, const struct replay_heap *heap)
{
    const struct reel_block *block;
    size_t position = 0;
    search->count = 0;
    while ((block = reel_blocks_next(&heap->blocks, &position)) != NULL)
    {
        uint64_t first, last, end;
        if (replay_block_span(block->address, replay_usable_bytes(block), &first, &last, &end))
            search->blocks[search->count++] = (struct span){block->address, end};
    }
}

static int compare_spans(const void *left, const void *right)
{
    const struct span *a = left;
    const struct span *b = right;
    return a->begin < b->begin ? -1 : a->begin > b->begin;
}

static int tick(const struct reel_progress *progress, size_t done, size_t all, struct reel_error *error)
{
    bool is_cancelled = progress != NULL && progress->tick != NULL &&
                        progress->tick(progress->context, (double)done / (double)all) != 0;
    return is_cancelled ? reel_error_set(error, REEL_E_CANCELLED, "cancelled") : REEL_OK;
}

static int search_heap(struct search *search, const struct replay_heap *heap, const struct reel_progress *progress,
                       struct reel_error *error)
{
    int status = REEL_OK;
    search->blocks = malloc((heap->blocks.count + 1) * sizeof *search->blocks);
    if (search->blocks == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the blocks of the heap");
    search->hole_begin = 0;
    search->pages_end = 0;
    collect(search, heap);
    qsort(search->blocks, search->count, sizeof *search->blocks, compare_spans);
    for (size_t i = 0; i < search->count && status == REEL_OK; i++)
    {
        add_block(search, &search->blocks[i]);
        if (i % BLOCKS_BETWEEN_TICKS == 0)
            status = tick(progress, i + 1, search->count, error);
    }
    add_hole(search, search->hole_begin, search->pages_end);
    free(search->blocks);
    return status;
}

int reel_holes_find(const struct reel_replay *replay, uint32_t process, struct reel_holes *holes,
                    const struct reel_progress *progress, struct reel_error *error)
{
    struct search search = {.holes = holes, .has_headers = replay_has_headers(replay)};
    size_t heap_count = replay->state.lives.count;
    int status = REEL_OK;
    *holes = (struct reel_holes){0};
    if (process >= heap_count)
        return reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has none with that number", process);
    for (uint32_t i = 1; i < heap_count && status == REEL_OK; i++)
    {
        const struct replay_heap *heap = replay_heap_of(replay, i);
        if (heap == NULL || (process != 0 && process != i))
            continue;
        struct history_part part = {progress, process != 0 ? 0 : (double)(i - 1) / (double)heap_count,
                                    process != 0 ? 1 : (double)i / (double)heap_count};
        struct reel_progress own = history_part_progress(&part);
        status = search_heap(&search, heap, &own, error);
    }
    return status;
}
