// SPDX-License-Identifier: MIT
// Life of a heap, and counting it as a whole.
#include "reel/replay/heap.h"

#include <stdlib.h>
#include <string.h>

#include "reel/blocks_scan.h"
#include "reel/status.h"

struct replay_heap *replay_heap_create(void)
{
    struct replay_heap *heap = calloc(1, sizeof *heap);
    if (heap != NULL && reel_blocks_init(&heap->blocks) == REEL_OK)
        return heap;
    free(heap);
    return NULL;
}

void replay_heap_clear(struct replay_heap *heap)
{
    struct replay_heap kept = {.blocks = heap->blocks, .pages = heap->pages};
    reel_blocks_clear(&kept.blocks);
    replay_pages_clear(&kept.pages);
    *heap = kept;
}

void replay_heap_destroy(struct replay_heap *heap)
{
    if (heap == NULL)
        return;
    reel_blocks_fini(&heap->blocks);
    replay_pages_fini(&heap->pages);
    free(heap);
}

struct replay_heap *replay_heap_fork(const struct replay_heap *parent)
{
    struct replay_heap *child = malloc(sizeof *child);
    if (child == NULL)
        return NULL;
    *child = *parent;
    child->pages = (struct replay_pages){0};
    child->own = (struct replay_sums){0};
    child->inherited.blocks = parent->own.blocks + parent->inherited.blocks;
    child->inherited.requested_bytes = parent->own.requested_bytes + parent->inherited.requested_bytes;
    child->inherited.usable_bytes = parent->own.usable_bytes + parent->inherited.usable_bytes;
    if (reel_blocks_clone(&child->blocks, &parent->blocks, true) != REEL_OK)
    {
        free(child);
        return NULL;
    }
    if (replay_pages_clone(&child->pages, &parent->pages) == REEL_OK)
        return child;
    replay_heap_destroy(child);
    return NULL;
}

static void clear_counts(struct replay_heap *heap)
{
    replay_pages_clear(&heap->pages);
    heap->own = heap->inherited = (struct replay_sums){0};
    heap->headed_blocks = 0;
    heap->live_slot_bytes = 0;
    for (size_t i = 0; i < REEL_CLASS_NUMBERS; i++)
        heap->classes[i].live = (struct replay_sums){0};
}

int replay_heap_count(struct replay_heap *heap, const uint64_t *slot_bytes, struct reel_stack_state *stacks,
                      size_t stack_count)
{
    const struct reel_block *block;
    struct reel_blocks_scan scan;
    int status = reel_blocks_scan_begin(&scan, &heap->blocks);
    if (status != REEL_OK)
        return status;
    clear_counts(heap);
    while (status == REEL_OK && (block = reel_blocks_scan_next(&scan)) != NULL)
    {
        uint64_t usable_bytes = replay_usable_bytes(block);
        if (!block->is_inherited)
            replay_stack_add(stacks, stack_count, block, usable_bytes);
        status = replay_heap_add(heap, block, usable_bytes, slot_bytes[block->size_class]);
    }
    reel_blocks_scan_end(&scan);
    return status;
}
