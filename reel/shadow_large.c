// SPDX-License-Identifier: MIT
// A sorted array with binary search. Inserting moves what follows: blocks of a MiB and more are too few to matter.
#include "reel/shadow_large.h"

#include <stdlib.h>
#include <string.h>

#include "reel/shadow_leaf.h"

// Index of the first block that ends after the granule.
static size_t index_after(const struct shadow_large *large, uint64_t granule)
{
    size_t low = 0;
    size_t high = large->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (shadow_block_span(&large->blocks[middle]).end > granule)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static bool reserve(struct shadow_large *large)
{
    if (large->count < large->capacity)
        return true;
    size_t capacity = large->capacity != 0 ? large->capacity * 2 : 16;
    struct shadow_block *wider = reallocarray(large->blocks, capacity, sizeof *wider);
    if (wider == NULL)
        return false;
    large->blocks = wider;
    large->capacity = capacity;
    return true;
}

struct shadow_span shadow_block_span(const struct shadow_block *block)
{
    uint64_t last = block->address + (block->usable_bytes != 0 ? block->usable_bytes - 1 : 0);
    return (struct shadow_span){block->address / SHADOW_GRANULE_BYTES, last / SHADOW_GRANULE_BYTES + 1};
}

void shadow_large_fini(struct shadow_large *large)
{
    free(large->blocks);
    *large = (struct shadow_large){0};
}

bool shadow_large_copy_inherited(struct shadow_large *copy, const struct shadow_large *large)
{
    *copy = (struct shadow_large){.capacity = large->count, .count = large->count};
    if (large->count == 0)
        return true;
    copy->blocks = calloc(large->count, sizeof *copy->blocks);
    if (copy->blocks == NULL)
        return false;
    for (size_t i = 0; i < large->count; i++)
    {
        copy->blocks[i] = large->blocks[i];
        copy->blocks[i].is_inherited = true;
    }
    return true;
}

const struct shadow_block *shadow_large_touching(const struct shadow_large *large, struct shadow_span span)
{
    size_t i = index_after(large, span.first);
    if (i == large->count || shadow_block_span(&large->blocks[i]).first >= span.end)
        return NULL;
    return &large->blocks[i];
}

const struct shadow_block *shadow_large_at(const struct shadow_large *large, uint64_t address)
{
    size_t i = index_after(large, address / SHADOW_GRANULE_BYTES);
    return i < large->count && large->blocks[i].address == address ? &large->blocks[i] : NULL;
}

bool shadow_large_insert(struct shadow_large *large, const struct shadow_block *block)
{
    if (!reserve(large))
        return false;
    size_t i = index_after(large, shadow_block_span(block).first);
    memmove(&large->blocks[i + 1], &large->blocks[i], (large->count - i) * sizeof *large->blocks);
    large->blocks[i] = *block;
    large->blocks[i].is_inherited = false;
    large->count++;
    return true;
}

void shadow_large_remove(struct shadow_large *large, const struct shadow_block *block)
{
    size_t i = (size_t)(block - large->blocks);
    large->count--;
    memmove(&large->blocks[i], &large->blocks[i + 1], (large->count - i) * sizeof *large->blocks);
}

void shadow_large_set_inherited(struct shadow_large *large, uint64_t address)
{
    const struct shadow_block *block = shadow_large_at(large, address);
    if (block != NULL)
        large->blocks[block - large->blocks].is_inherited = true;
}
