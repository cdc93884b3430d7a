// SPDX-License-Identifier: MIT
// The invariants of chunks, bins and regions, checked one by one: sizes add up, no two neighbours are free, the two
// bits and the footers agree, and the bins hold exactly the free chunks, sorted.
#include "splitmerge_check.h"

#include "heap/splitmerge_internal.h"

struct walk
{
    size_t free_chunks;
    size_t free_bytes;
};

static const char *check_chunk(struct splitmerge_region *region, struct splitmerge_chunk *chunk,
                               bool is_previous_in_use)
{
    size_t size = splitmerge_size(chunk);
    if (size < SPLITMERGE_CHUNK_MIN || size > (size_t)(region->top - (char *)chunk))
        return "a chunk's size leads out of the heap";
    if (((chunk->head & SPLITMERGE_PREVIOUS_IN_USE) != 0) != is_previous_in_use)
        return "a head does not tell the truth about the chunk before it";
    if (chunk->head & SPLITMERGE_IN_USE)
        return NULL;
    if (!is_previous_in_use)
        return "two free chunks are neighbours";
    if (*splitmerge_footer(chunk, size) != size)
        return "a free chunk ends with another size than it begins with";
    return (char *)splitmerge_at(chunk, size) == region->top ? "a free chunk lies before the top" : NULL;
}

static const char *walk_region(struct splitmerge_region *region, struct walk *walk)
{
    if (region->top > region->touched || region->touched > region->committed || region->committed > region->end ||
        region->top > region->highest)
        return "a region's limits are out of order";
    bool is_previous_in_use = true;
    struct splitmerge_chunk *chunk = splitmerge_first(region);
    while ((char *)chunk != region->top)
    {
        const char *fault = check_chunk(region, chunk, is_previous_in_use);
        if (fault)
            return fault;
        is_previous_in_use = chunk->head & SPLITMERGE_IN_USE;
        if (!is_previous_in_use)
        {
            walk->free_chunks++;
            walk->free_bytes += splitmerge_size(chunk);
        }
        chunk = splitmerge_at(chunk, splitmerge_size(chunk));
    }
    for (const char *byte = region->touched; byte < region->committed; byte++)
        if (*byte)
            return "a byte above the touched ones is not zero";
    return NULL;
}

static const char *walk_ring(struct splitmerge_chunk *first, uint32_t bin, struct walk *walk)
{
    struct splitmerge_chunk *chunk = first;
    do
    {
        if (chunk->head & SPLITMERGE_IN_USE)
            return "a bin holds a chunk in use";
        if (splitmerge_size(chunk) != splitmerge_size(first) || splitmerge_bin_of(splitmerge_size(chunk)) != bin)
            return "a chunk is in the wrong bin";
        if (chunk->next->previous != chunk)
            return "a ring does not close";
        if (chunk != first && splitmerge_size(chunk) > SPLITMERGE_EXACT_MAX && chunk->larger != chunk)
            return "two chunks of a ring think that they are its first";
        walk->free_chunks++;
        walk->free_bytes += splitmerge_size(chunk);
        chunk = chunk->next;
    } while (chunk != first && walk->free_chunks <= splitmerge.free_chunks);
    return NULL;
}

static const char *walk_bin(uint32_t bin, struct walk *walk)
{
    struct splitmerge_chunk *first = splitmerge.bins[bin];
    if ((first != NULL) != (splitmerge.filled[bin / 64] >> bin % 64 & 1))
        return "the bitmap and a bin disagree";
    struct splitmerge_chunk *smaller = NULL;
    while (first)
    {
        const char *fault = walk_ring(first, bin, walk);
        if (fault || splitmerge_size(first) <= SPLITMERGE_EXACT_MAX)
            return fault;
        if (first->smaller != smaller || (smaller && splitmerge_size(smaller) >= splitmerge_size(first)))
            return "a bin is not sorted";
        smaller = first;
        first = first->larger;
    }
    return NULL;
}

const char *splitmerge_find_fault(void)
{
    struct walk chunks = {0}, bins = {0};
    const char *fault = NULL;
    for (uint32_t i = 0; i < splitmerge.region_count && !fault; i++)
        fault = walk_region(&splitmerge.regions[i], &chunks);
    for (uint32_t bin = 0; bin < SPLITMERGE_BIN_COUNT && !fault; bin++)
        fault = walk_bin(bin, &bins);
    if (fault)
        return fault;
    if (chunks.free_chunks != bins.free_chunks || chunks.free_bytes != bins.free_bytes)
        return "the bins do not hold exactly the free chunks";
    bool is_counted = chunks.free_chunks == splitmerge.free_chunks && chunks.free_bytes == splitmerge.free_bytes;
    return is_counted ? NULL : "free chunks are counted wrongly";
}
