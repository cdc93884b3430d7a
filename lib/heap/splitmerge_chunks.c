// SPDX-License-Identifier: MIT
// Cuts chunks and joins them, and moves the top of a region up and down. Knows no requests, only chunk sizes.
#include "heap/splitmerge_internal.h"

#include "heap/misuse.h"
#include "heap/pages.h"

static const size_t region_bytes = (size_t)64 << 30;

enum
{
    REGION_SHARE = 8, // of a limited address space, one in so many: large blocks and others need it too
    COMMIT_BYTES = 256 * 1024,
    TRIM_BYTES = 512 * 1024, // above the top before pages go back
    TRIM_PAD = 128 * 1024,
};

struct splitmerge_heap splitmerge;

static char *page_up(char *address)
{
    return address + (-(uintptr_t)address & (PAGES_BYTES - 1));
}

static bool commit_up_to(struct splitmerge_region *region, char *end)
{
    if (end <= region->committed)
        return true;
    char *needed = page_up(end);
    char *wanted = (size_t)(region->end - needed) > COMMIT_BYTES ? needed + COMMIT_BYTES : region->end;
    if (!pages_commit(region->committed, (size_t)(wanted - region->committed)))
    {
        wanted = needed;
        if (!pages_commit(region->committed, (size_t)(wanted - region->committed)))
            return false;
    }
    region->committed = wanted;
    return true;
}

bool splitmerge_open_region(size_t bytes_needed)
{
    if (splitmerge.region_count == SPLITMERGE_REGION_COUNT_MAX)
        return false;
    size_t left = pages_space_left() / REGION_SHARE;
    size_t bytes;
    char *begin = pages_reserve(left < region_bytes ? left : region_bytes, bytes_needed + SPLITMERGE_GRAIN,
                                HEAP_NO_CLASS, HEAP_ROLE_CHUNKS, &bytes);
    if (!begin)
        return false;
    char *top = begin + SPLITMERGE_HEAD_BYTES;
    struct splitmerge_region *region = &splitmerge.regions[splitmerge.region_count++];
    *region = (struct splitmerge_region){begin, top, top, begin, begin + bytes, top};
    return commit_up_to(region, top);
}

static bool has_room(const struct splitmerge_region *region, size_t bytes)
{
    return (size_t)(region->end - region->top) >= bytes;
}

static bool raise_top(struct splitmerge_region *region, size_t bytes)
{
    if (!has_room(region, bytes) || !commit_up_to(region, region->top + bytes))
        return false;
    region->top += bytes;
    if (region->touched < region->top)
        region->touched = region->top;
    if (region->highest < region->top)
        region->highest = region->top;
    return true;
}

static struct splitmerge_chunk *take_from_top(struct splitmerge_region *region, size_t size, char **zero_from)
{
    struct splitmerge_chunk *chunk = (struct splitmerge_chunk *)region->top;
    char *touched = region->touched;
    if (!raise_top(region, size))
        return NULL;
    *zero_from = touched;
    chunk->head = size | SPLITMERGE_IN_USE | SPLITMERGE_PREVIOUS_IN_USE;
    return chunk;
}

// A free chunk with its head, its footer and its place in a bin. The chunk before it is in use.
static void make_free(struct splitmerge_chunk *chunk, size_t size)
{
    chunk->head = size | SPLITMERGE_PREVIOUS_IN_USE;
    *splitmerge_footer(chunk, size) = size;
    splitmerge_at(chunk, size)->head &= ~(size_t)SPLITMERGE_PREVIOUS_IN_USE;
    splitmerge_bin_insert(chunk);
}

// A chunk that has been given all these bytes, taken out of the bins, keeps size of them and frees the rest.
static void use(struct splitmerge_chunk *chunk, size_t all_bytes, size_t size)
{
    size_t previous_bit = chunk->head & SPLITMERGE_PREVIOUS_IN_USE;
    splitmerge_at(chunk, all_bytes)->head |= SPLITMERGE_PREVIOUS_IN_USE;
    if (all_bytes - size < SPLITMERGE_CHUNK_MIN)
        size = all_bytes;
    chunk->head = size | SPLITMERGE_IN_USE | previous_bit;
    if (size < all_bytes)
        make_free(splitmerge_at(chunk, size), all_bytes - size);
}

struct splitmerge_region *splitmerge_region_of(const void *block)
{
    for (uint32_t i = 0; i < splitmerge.region_count; i++)
    {
        struct splitmerge_region *region = &splitmerge.regions[i];
        if ((uintptr_t)block - (uintptr_t)region->begin < (uintptr_t)(region->end - region->begin))
            return region;
    }
    return NULL;
}

struct splitmerge_chunk *splitmerge_take(size_t size, char **zero_from)
{
    struct splitmerge_chunk *chunk = splitmerge_bin_find(size);
    if (chunk)
    {
        splitmerge_bin_remove(chunk);
        use(chunk, splitmerge_size(chunk), size);
        *zero_from = (char *)UINTPTR_MAX;
        return chunk;
    }
    for (uint32_t i = splitmerge.region_count; i-- > 0;)
        if (has_room(&splitmerge.regions[i], size))
            return take_from_top(&splitmerge.regions[i], size, zero_from);
    bool is_open = splitmerge_open_region(size);
    return is_open ? take_from_top(&splitmerge.regions[splitmerge.region_count - 1], size, zero_from) : NULL;
}

bool splitmerge_trim(struct splitmerge_region *region, size_t pad)
{
    if ((size_t)(region->committed - region->top) <= pad)
        return false;
    char *from = page_up(region->top + pad);
    if (from >= region->committed)
        return false;
    bool is_backed = from < region->touched;
    pages_return(from, (size_t)(region->committed - from));
    region->committed = from;
    if (is_backed)
        region->touched = from;
    return is_backed;
}

void splitmerge_give_back(struct splitmerge_region *region, struct splitmerge_chunk *chunk)
{
    size_t size = splitmerge_size(chunk);
    chunk->head &= ~(size_t)SPLITMERGE_IN_USE;
    if (!(chunk->head & SPLITMERGE_PREVIOUS_IN_USE))
    {
        size_t previous_size = *splitmerge_footer(chunk, 0);
        chunk = (struct splitmerge_chunk *)((char *)chunk - previous_size);
        splitmerge_bin_remove(chunk);
        size += previous_size;
    }
    struct splitmerge_chunk *next = splitmerge_at(chunk, size);
    if ((char *)next == region->top)
    {
        region->top = (char *)chunk;
        if (region->touched - region->top > TRIM_BYTES)
            splitmerge_trim(region, TRIM_PAD);
        return;
    }
    if (!(next->head & SPLITMERGE_IN_USE))
    {
        splitmerge_bin_remove(next);
        size += splitmerge_size(next);
    }
    make_free(chunk, size);
}

bool splitmerge_extend(struct splitmerge_region *region, struct splitmerge_chunk *chunk, size_t size)
{
    size_t old_size = splitmerge_size(chunk);
    struct splitmerge_chunk *next = splitmerge_at(chunk, old_size);
    if ((char *)next == region->top)
    {
        if (!raise_top(region, size - old_size))
            return false;
        chunk->head += size - old_size;
        return true;
    }
    if (next->head & SPLITMERGE_IN_USE || old_size + splitmerge_size(next) < size)
        return false;
    splitmerge_bin_remove(next);
    use(chunk, old_size + splitmerge_size(next), size);
    return true;
}

void splitmerge_shorten(struct splitmerge_region *region, struct splitmerge_chunk *chunk, size_t size)
{
    size_t rest_size = splitmerge_size(chunk) - size;
    if (rest_size < SPLITMERGE_CHUNK_MIN)
        return;
    struct splitmerge_chunk *rest = splitmerge_at(chunk, size);
    chunk->head -= rest_size;
    rest->head = rest_size | SPLITMERGE_IN_USE | SPLITMERGE_PREVIOUS_IN_USE;
    splitmerge_give_back(region, rest);
}

static bool is_size(size_t size, size_t room)
{
    return size >= SPLITMERGE_CHUNK_MIN && size <= room;
}

static bool has_sound_neighbours(struct splitmerge_region *region, struct splitmerge_chunk *chunk)
{
    struct splitmerge_chunk *next = splitmerge_at(chunk, splitmerge_size(chunk));
    if ((char *)next != region->top && (!(next->head & SPLITMERGE_PREVIOUS_IN_USE) ||
                                        !is_size(splitmerge_size(next), (size_t)(region->top - (char *)next))))
        return false;
    if (chunk->head & SPLITMERGE_PREVIOUS_IN_USE)
        return true;
    size_t previous_size = *splitmerge_footer(chunk, 0);
    return is_size(previous_size, (size_t)((char *)chunk - (char *)splitmerge_first(region))) &&
           ((struct splitmerge_chunk *)((char *)chunk - previous_size))->head ==
               (previous_size | SPLITMERGE_PREVIOUS_IN_USE);
}

struct splitmerge_chunk *splitmerge_find_live(struct splitmerge_region *region, void *block)
{
    struct splitmerge_chunk *chunk = splitmerge_chunk(block);
    bool is_live = (uintptr_t)block % SPLITMERGE_GRAIN == 0 && (char *)chunk >= region->begin + SPLITMERGE_HEAD_BYTES &&
                   (char *)chunk < region->top && chunk->head & SPLITMERGE_IN_USE &&
                   is_size(splitmerge_size(chunk), (size_t)(region->top - (char *)chunk)) &&
                   has_sound_neighbours(region, chunk);
    return is_live ? chunk : NULL;
}

// What lies above the top or in a free chunk was a block once, or part of one: a second free is likelier than anything.
int splitmerge_judge(struct splitmerge_region *region, const void *block)
{
    const char *address = block;
    if (address >= region->highest || address < region->begin + SPLITMERGE_GRAIN)
        return HEAP_MISUSE_INVALID_FREE;
    if (address >= region->top)
        return HEAP_MISUSE_DOUBLE_FREE;
    struct splitmerge_chunk *chunk = splitmerge_first(region);
    while ((char *)splitmerge_at(chunk, splitmerge_size(chunk)) < address)
    {
        if (!is_size(splitmerge_size(chunk), (size_t)(region->top - (char *)chunk)))
            return HEAP_MISUSE_INVALID_FREE; // the program has overwritten a head
        chunk = splitmerge_at(chunk, splitmerge_size(chunk));
    }
    if (chunk->head & SPLITMERGE_IN_USE)
        return address == splitmerge_block(chunk) ? HEAP_MISUSE_INVALID_FREE : HEAP_MISUSE_MISALIGNED_FREE;
    return HEAP_MISUSE_DOUBLE_FREE;
}
