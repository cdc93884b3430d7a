// SPDX-License-Identifier: MIT
// The backend `splitmerge`, the baseline that the other designs are compared with: one heap, boundary tags, bins, best
// fit; chunks are split when they are taken and merged with free neighbours when they are given back. One lock. This
// file turns requests into chunks; requests above SIZE_CLASS_BYTES_MAX are large blocks.
#include "heap/splitmerge_internal.h"

#include "base/text.h"
#include "heap/arguments.h"
#include "heap/backend.h"
#include "heap/large.h"
#include "heap/misuse.h"
#include "heap/size_class.h"

#include <string.h>
#include <sys/single_threaded.h>

enum
{
    LARGEST = SIZE_CLASS_BYTES_MAX,
};

static bool is_held_for_fork;

static void lock(void)
{
    heap_lock_acquire(&splitmerge.lock);
}

static void unlock(void)
{
    heap_lock_release(&splitmerge.lock);
}

static size_t chunk_size_for(size_t size)
{
    size_t bytes = (size + SPLITMERGE_HEAD_BYTES + SPLITMERGE_GRAIN - 1) & ~(size_t)(SPLITMERGE_GRAIN - 1);
    return bytes < SPLITMERGE_CHUNK_MIN ? SPLITMERGE_CHUNK_MIN : bytes;
}

static size_t usable_of(const struct splitmerge_chunk *chunk)
{
    return splitmerge_size(chunk) - SPLITMERGE_HEAD_BYTES;
}

static struct heap_grant grant_large(void *block)
{
    return block ? heap_grant_of(block, large_usable_size(block), 0) : heap_no_memory(false);
}

static bool note(int misuse, const void *block)
{
    heap_misuse_note((enum heap_misuse_kind)misuse, block, 0, 0);
    return true;
}

static struct heap_grant allocate(size_t size, char **zero_from)
{
    lock();
    struct splitmerge_chunk *chunk = splitmerge_take(chunk_size_for(size), zero_from);
    size_t usable = chunk ? usable_of(chunk) : 0;
    unlock();
    return chunk ? heap_grant_of(splitmerge_block(chunk), usable, 0) : heap_no_memory(false);
}

static struct heap_grant splitmerge_malloc(size_t size)
{
    char *zero_from;
    if (__builtin_expect(size <= LARGEST, 1))
        return allocate(size, &zero_from);
    return heap_size_is_sane(size) ? grant_large(large_allocate(size, 0)) : heap_no_memory(true);
}

static struct heap_grant splitmerge_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        bytes = SIZE_MAX;
    if (bytes > LARGEST)
        return splitmerge_malloc(bytes);
    char *zero_from;
    struct heap_grant grant = allocate(bytes, &zero_from);
    char *block = grant.block;
    if (block && block < zero_from)
        memset(block, 0, (size_t)(zero_from - block) < bytes ? (size_t)(zero_from - block) : bytes);
    return grant;
}

// Cuts the chunk so that a block at the alignment begins in it; what is before and behind becomes free.
static struct splitmerge_chunk *align(struct splitmerge_chunk *chunk, size_t alignment, size_t size)
{
    struct splitmerge_region *region = splitmerge_region_of(chunk);
    size_t gap = -(uintptr_t)splitmerge_block(chunk) & (alignment - 1);
    while (gap != 0 && gap < SPLITMERGE_CHUNK_MIN)
        gap += alignment;
    if (gap != 0)
    {
        struct splitmerge_chunk *aligned = splitmerge_at(chunk, gap);
        aligned->head = (splitmerge_size(chunk) - gap) | SPLITMERGE_IN_USE | SPLITMERGE_PREVIOUS_IN_USE;
        chunk->head -= splitmerge_size(aligned);
        splitmerge_give_back(region, chunk);
        chunk = aligned;
    }
    splitmerge_shorten(region, chunk, size);
    return chunk;
}

static struct heap_grant allocate_aligned(size_t alignment, size_t size)
{
    if (alignment <= SPLITMERGE_GRAIN)
        return splitmerge_malloc(size);
    if (size > LARGEST || alignment > LARGEST)
        return grant_large(large_allocate(size, alignment));
    char *zero_from;
    lock();
    struct splitmerge_chunk *chunk =
        splitmerge_take(chunk_size_for(size) + alignment + SPLITMERGE_CHUNK_MIN, &zero_from);
    if (chunk)
        chunk = align(chunk, alignment, chunk_size_for(size));
    size_t usable = chunk ? usable_of(chunk) : 0;
    unlock();
    return chunk ? heap_grant_of(splitmerge_block(chunk), usable, 0) : heap_no_memory(false);
}

static struct heap_grant splitmerge_memalign(size_t alignment, size_t size)
{
    return heap_memalign(allocate_aligned, alignment, size);
}

static struct heap_grant splitmerge_aligned_alloc(size_t alignment, size_t size)
{
    return heap_aligned_alloc(allocate_aligned, alignment, size);
}

static int splitmerge_posix_memalign(struct heap_grant *grant, size_t alignment, size_t size)
{
    return heap_posix_memalign(allocate_aligned, grant, alignment, size);
}

static struct heap_grant splitmerge_valloc(size_t size)
{
    return heap_valloc(allocate_aligned, size);
}

static struct heap_grant splitmerge_pvalloc(size_t size)
{
    return heap_pvalloc(allocate_aligned, size);
}

// Of a block in no region: a large one, or none.
static bool free_large(void *block)
{
    int misuse = large_free(block);
    return misuse && note(misuse, block);
}

static bool splitmerge_free(void *block)
{
    if (!block)
        return false;
    int misuse = 0;
    lock();
    struct splitmerge_region *region = splitmerge_region_of(block);
    struct splitmerge_chunk *chunk = region ? splitmerge_find_live(region, block) : NULL;
    if (chunk)
        splitmerge_give_back(region, chunk);
    else if (region)
        misuse = splitmerge_judge(region, block);
    unlock();
    if (region)
        return misuse && note(misuse, block);
    return free_large(block);
}

static size_t splitmerge_usable_size(void *block)
{
    lock();
    struct splitmerge_region *region = splitmerge_region_of(block);
    struct splitmerge_chunk *chunk = region ? splitmerge_find_live(region, block) : NULL;
    size_t usable = chunk ? usable_of(chunk) : 0;
    unlock();
    return region ? usable : large_usable_size(block);
}

static bool splitmerge_free_sized(void *block, size_t size, size_t alignment)
{
    (void)alignment; // a chunk does not know with which one it was asked for
    size_t usable = block ? splitmerge_usable_size(block) : 0;
    bool is_misuse = splitmerge_free(block);
    if (usable && size > usable)
    {
        heap_misuse_note(HEAP_MISUSE_WRONG_SIZE, block, size, usable);
        is_misuse = true;
    }
    return is_misuse;
}

static struct heap_grant move(void *block, size_t usable, size_t size)
{
    struct heap_grant grant = splitmerge_malloc(size);
    if (grant.block)
    {
        memcpy(grant.block, block, usable < size ? usable : size);
        splitmerge_free(block);
    }
    return grant;
}

// 0: not possible. Otherwise the usable size that the chunk has then.
static size_t resize_in_place(struct splitmerge_region *region, struct splitmerge_chunk *chunk, size_t size)
{
    size_t wanted = chunk_size_for(size);
    if (wanted > splitmerge_size(chunk) && !splitmerge_extend(region, chunk, wanted))
        return 0;
    splitmerge_shorten(region, chunk, wanted);
    return usable_of(chunk);
}

static struct heap_grant realloc_large(void *block, size_t size)
{
    size_t usable = large_usable_size(block);
    if (!usable)
        return heap_no_memory(free_large(block)); // which frees nothing, and tells why
    return size > LARGEST ? grant_large(large_resize(block, size)) : move(block, usable, size);
}

static struct heap_grant realloc_live(void *block, size_t size)
{
    size_t usable = 0, resized = 0;
    int misuse = 0;
    lock();
    struct splitmerge_region *region = splitmerge_region_of(block);
    struct splitmerge_chunk *chunk = region ? splitmerge_find_live(region, block) : NULL;
    if (chunk)
    {
        usable = usable_of(chunk);
        resized = size <= LARGEST ? resize_in_place(region, chunk, size) : 0;
    }
    else if (region)
        misuse = splitmerge_judge(region, block);
    unlock();
    if (!region)
        return realloc_large(block, size);
    if (misuse)
        return heap_no_memory(note(misuse, block));
    return resized ? heap_grant_of(block, resized, 0) : move(block, usable, size);
}

static struct heap_grant splitmerge_realloc(void *block, size_t size)
{
    if (!block)
        return splitmerge_malloc(size);
    if (size == 0)
        return heap_grant_of(NULL, 0, splitmerge_free(block) ? HEAP_GRANT_MISUSE : 0);
    return heap_size_is_sane(size) ? realloc_live(block, size) : heap_no_memory(true);
}

static int splitmerge_trim_all(size_t pad)
{
    bool is_any = false;
    lock();
    for (uint32_t i = 0; i < splitmerge.region_count; i++)
        is_any |= splitmerge_trim(&splitmerge.regions[i], pad);
    unlock();
    return large_trim() || is_any;
}

static struct mallinfo2 splitmerge_mallinfo2(void)
{
    struct mallinfo2 info = {0};
    lock();
    for (uint32_t i = 0; i < splitmerge.region_count; i++)
    {
        const struct splitmerge_region *region = &splitmerge.regions[i];
        info.arena += (size_t)(region->committed - region->begin);
        info.uordblks += (size_t)(region->top - region->begin) - SPLITMERGE_HEAD_BYTES;
        if (region->committed > region->top)
            info.keepcost += (size_t)(region->committed - region->top);
    }
    info.uordblks -= splitmerge.free_bytes;
    info.ordblks = splitmerge.free_chunks + splitmerge.region_count; // tops count, as in glibc
    unlock();
    info.fordblks = info.arena - info.uordblks;
    large_count(&info.hblks, &info.hblkhd);
    return info;
}

static bool splitmerge_open(const struct heap_options *options)
{
    (void)options;
    bool is_open = splitmerge_open_region(0);
    if (!is_open)
        base_text_complain("splitmerge: no memory for a heap");
    return is_open;
}

static void splitmerge_describe(const struct heap_observer *observer)
{
    lock();
    for (uint32_t i = 0; i < splitmerge.region_count; i++)
    {
        const struct splitmerge_region *region = &splitmerge.regions[i];
        observer->zone(
            &(struct heap_zone){region->begin, (size_t)(region->end - region->begin), HEAP_NO_CLASS, HEAP_ROLE_CHUNKS});
        observer->committed(region->begin, (size_t)(region->committed - region->begin));
    }
    unlock();
}

static void splitmerge_census(const struct heap_observer *observer)
{
    (void)observer; // there are no classes
}

// A fork in a signal handler that has interrupted this very allocator must not wait for itself. With one thread there
// is nobody to keep out; that thread goes on in the child where it was.
static void fork_prepare(void)
{
    is_held_for_fork = !__libc_single_threaded;
    if (is_held_for_fork)
        lock();
}

static void fork_end(void)
{
    if (is_held_for_fork)
        unlock();
}

const struct heap_backend heap_splitmerge = {
    .name = "splitmerge",
    .malloc = splitmerge_malloc,
    .calloc = splitmerge_calloc,
    .realloc = splitmerge_realloc,
    .memalign = splitmerge_memalign,
    .aligned_alloc = splitmerge_aligned_alloc,
    .posix_memalign = splitmerge_posix_memalign,
    .valloc = splitmerge_valloc,
    .pvalloc = splitmerge_pvalloc,
    .free = splitmerge_free,
    .free_sized = splitmerge_free_sized,
    .usable_size = splitmerge_usable_size,
    .trim = splitmerge_trim_all,
    .mallinfo2 = splitmerge_mallinfo2,
    .open = splitmerge_open,
    .describe = splitmerge_describe,
    .census = splitmerge_census,
    .fork_prepare = fork_prepare,
    .fork_parent = fork_end,
    .fork_child = fork_end,
};
