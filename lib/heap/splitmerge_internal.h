// SPDX-License-Identifier: MIT
// What the files of `splitmerge` share: its chunks, bins and regions.
//
// A region of address space is cut into chunks without gaps, up to its top; what lies above the top has no header.
//
//     region: [8 unused][chunk][chunk][chunk] ... [chunk] top .... touched .... committed .... end
//
//     in use  [head| the program's bytes ...............]     head: size of the chunk, a multiple of 16, and two bits
//     free    [head|next|previous|(larger|smaller) .|size]    size again at the end, so that the next chunk finds it
//
// A block begins behind the head, at a multiple of 16; the smallest chunk has 32 bytes, of which a block uses 24.
// Always: no two neighbours are free, none before the top is free, each free chunk is in the bin of its size.
// Everything here is protected by the lock, and functions are called with it held.
#ifndef HEAPREEL_HEAP_SPLITMERGE_INTERNAL_H
#define HEAPREEL_HEAP_SPLITMERGE_INTERNAL_H

#include "heap/lock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    SPLITMERGE_HEAD_BYTES = 8,
    SPLITMERGE_GRAIN = 16,
    SPLITMERGE_CHUNK_MIN = 32,
    SPLITMERGE_IN_USE = 1,          // bit of a head
    SPLITMERGE_PREVIOUS_IN_USE = 2, // bit of a head: also where there is no chunk before
    SPLITMERGE_EXACT_MAX = 1024,    // up to here a bin has one size
    SPLITMERGE_STEPS = 16,          // bins in a doubling above
    SPLITMERGE_BIN_COUNT = 512,
    SPLITMERGE_REGION_COUNT_MAX = 64,
};

struct splitmerge_chunk
{
    size_t head;
    // Of a free chunk: ring of those with the same size in its bin.
    struct splitmerge_chunk *next;
    struct splitmerge_chunk *previous;
    // Above SPLITMERGE_EXACT_MAX: the first of the ring is also in the bin's list by size. larger of another points to
    // itself.
    struct splitmerge_chunk *larger;
    struct splitmerge_chunk *smaller;
};

// begin < top <= touched <= committed <= end; highest is the greatest top there has been. Where the kernel has refused
// the first pages, committed is begin.
struct splitmerge_region
{
    char *begin;
    char *top;
    char *touched; // from here on all bytes are zero
    char *committed;
    char *end;
    char *highest;
};

struct splitmerge_heap
{
    struct heap_lock lock;
    uint32_t region_count;
    struct splitmerge_region regions[SPLITMERGE_REGION_COUNT_MAX];
    struct splitmerge_chunk *bins[SPLITMERGE_BIN_COUNT];
    uint64_t filled[SPLITMERGE_BIN_COUNT / 64]; // a bit for each bin that is not empty
    size_t free_chunks;                         // in bins
    size_t free_bytes;
};

extern struct splitmerge_heap splitmerge;

static inline size_t splitmerge_size(const struct splitmerge_chunk *chunk)
{
    return chunk->head & ~(size_t)(SPLITMERGE_GRAIN - 1);
}

static inline struct splitmerge_chunk *splitmerge_at(struct splitmerge_chunk *chunk, size_t offset)
{
    return (struct splitmerge_chunk *)((char *)chunk + offset);
}

static inline char *splitmerge_block(struct splitmerge_chunk *chunk)
{
    return (char *)chunk + SPLITMERGE_HEAD_BYTES;
}

static inline struct splitmerge_chunk *splitmerge_chunk(void *block)
{
    return (struct splitmerge_chunk *)((char *)block - SPLITMERGE_HEAD_BYTES);
}

static inline struct splitmerge_chunk *splitmerge_first(struct splitmerge_region *region)
{
    return (struct splitmerge_chunk *)(region->begin + SPLITMERGE_HEAD_BYTES);
}

// Where the size of a free chunk stands again.
static inline size_t *splitmerge_footer(struct splitmerge_chunk *chunk, size_t size)
{
    return (size_t *)((char *)chunk + size - sizeof(size_t));
}

static inline uint32_t splitmerge_bin_of(size_t size)
{
    if (size <= SPLITMERGE_EXACT_MAX)
        return (uint32_t)(size / SPLITMERGE_GRAIN);
    uint32_t doubling = 63 - (uint32_t)__builtin_clzll(size); // 10 at least
    uint32_t step = (uint32_t)(size >> (doubling - 4)) & (SPLITMERGE_STEPS - 1);
    return SPLITMERGE_EXACT_MAX / SPLITMERGE_GRAIN + 1 + (doubling - 10) * SPLITMERGE_STEPS + step;
}

// splitmerge_bins.c
void splitmerge_bin_insert(struct splitmerge_chunk *chunk); // its head has been set
void splitmerge_bin_remove(struct splitmerge_chunk *chunk);
// The smallest free chunk of at least that size, still in its bin; NULL: there is none.
struct splitmerge_chunk *splitmerge_bin_find(size_t size);

// splitmerge_chunks.c
// Reserves one more region that has room for that many bytes. False: no address space, or no memory for its beginning.
bool splitmerge_open_region(size_t bytes_needed);
// NULL: none of ours.
struct splitmerge_region *splitmerge_region_of(const void *block);
// A chunk in use. *zero_from: bytes from there on are zero. NULL: no memory.
struct splitmerge_chunk *splitmerge_take(size_t size, char **zero_from);
void splitmerge_give_back(struct splitmerge_region *region, struct splitmerge_chunk *chunk);
// Makes a chunk in use longer where it is. False: its neighbour does not let it.
bool splitmerge_extend(struct splitmerge_region *region, struct splitmerge_chunk *chunk, size_t size);
// Keeps size bytes of a chunk in use and frees the rest if it makes a chunk.
void splitmerge_shorten(struct splitmerge_region *region, struct splitmerge_chunk *chunk, size_t size);
// Returns pages above the top but for pad bytes. False: there was none to return.
bool splitmerge_trim(struct splitmerge_region *region, size_t pad);
// NULL: there is no live block at that address, as far as heads tell.
struct splitmerge_chunk *splitmerge_find_live(struct splitmerge_region *region, void *block);
// What the free of an address of the region was where no live block is: enum heap_misuse_kind. Walks all chunks.
int splitmerge_judge(struct splitmerge_region *region, const void *block);

#endif
