// SPDX-License-Identifier: MIT
// Where the free chunks of `splitmerge` wait: bins by size, best fit. Neither cuts nor joins chunks.
//
// A bin of one size is a ring. Any other is a list of rings, sorted by size: finding a place in it passes each size
// once, however many chunks have it.
#include "heap/splitmerge_internal.h"

static bool is_exact(size_t size)
{
    return size <= SPLITMERGE_EXACT_MAX;
}

static void join_ring(struct splitmerge_chunk *first, struct splitmerge_chunk *chunk)
{
    chunk->next = first->next;
    chunk->previous = first;
    first->next->previous = chunk;
    first->next = chunk;
}

static void begin_ring(struct splitmerge_chunk **place, struct splitmerge_chunk *smaller,
                       struct splitmerge_chunk *chunk, bool is_in_list)
{
    chunk->next = chunk;
    chunk->previous = chunk;
    if (is_in_list)
    {
        chunk->larger = *place;
        chunk->smaller = smaller;
        if (*place)
            (*place)->smaller = chunk;
    }
    *place = chunk;
}

void splitmerge_bin_insert(struct splitmerge_chunk *chunk)
{
    size_t size = splitmerge_size(chunk);
    uint32_t bin = splitmerge_bin_of(size);
    struct splitmerge_chunk **place = &splitmerge.bins[bin];
    struct splitmerge_chunk *smaller = NULL;
    while (*place && splitmerge_size(*place) < size)
    {
        smaller = *place;
        place = &smaller->larger;
    }
    if (*place && splitmerge_size(*place) == size)
    {
        join_ring(*place, chunk);
        if (!is_exact(size))
            chunk->larger = chunk;
    }
    else
        begin_ring(place, smaller, chunk, !is_exact(size));
    splitmerge.filled[bin / 64] |= UINT64_C(1) << bin % 64;
    splitmerge.free_chunks++;
    splitmerge.free_bytes += size;
}

// Puts the successor in the place of the first of a ring; NULL: the ring has ended.
static void replace_first(struct splitmerge_chunk **bin, struct splitmerge_chunk *first,
                          struct splitmerge_chunk *successor)
{
    struct splitmerge_chunk *larger = first->larger;
    struct splitmerge_chunk *smaller = first->smaller;
    *(smaller ? &smaller->larger : bin) = successor ? successor : larger;
    if (larger)
        larger->smaller = successor ? successor : smaller;
    if (successor)
    {
        successor->larger = larger;
        successor->smaller = smaller;
    }
}

void splitmerge_bin_remove(struct splitmerge_chunk *chunk)
{
    size_t size = splitmerge_size(chunk);
    uint32_t bin = splitmerge_bin_of(size);
    struct splitmerge_chunk *successor = chunk->next == chunk ? NULL : chunk->next;
    chunk->previous->next = chunk->next;
    chunk->next->previous = chunk->previous;
    if (!is_exact(size) && chunk->larger != chunk)
        replace_first(&splitmerge.bins[bin], chunk, successor);
    else if (splitmerge.bins[bin] == chunk)
        splitmerge.bins[bin] = successor;
    if (!splitmerge.bins[bin])
        splitmerge.filled[bin / 64] &= ~(UINT64_C(1) << bin % 64);
    splitmerge.free_chunks--;
    splitmerge.free_bytes -= size;
}

// The first of a ring stays where it is while there are others.
static struct splitmerge_chunk *any_of_ring(struct splitmerge_chunk *first)
{
    return first->next;
}

struct splitmerge_chunk *splitmerge_bin_find(size_t size)
{
    uint32_t bin = splitmerge_bin_of(size);
    struct splitmerge_chunk *first = splitmerge.bins[bin];
    while (first && splitmerge_size(first) < size)
        first = first->larger;
    if (first)
        return any_of_ring(first);
    uint32_t word = ++bin / 64;
    if (word >= SPLITMERGE_BIN_COUNT / 64)
        return NULL;
    uint64_t filled = splitmerge.filled[word] & (~UINT64_C(0) << bin % 64);
    while (!filled && ++word < SPLITMERGE_BIN_COUNT / 64)
        filled = splitmerge.filled[word];
    return filled ? any_of_ring(splitmerge.bins[word * 64 + (uint32_t)__builtin_ctzll(filled)]) : NULL;
}
