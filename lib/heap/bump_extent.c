// SPDX-License-Identifier: MIT
// Moves the bump offset, and commits pages ahead of it. Knows nothing of what they are used for.
#include "heap/bump_extent.h"

#include "heap/index_step.h"
#include "heap/pages.h"

enum
{
    STEP_BYTES_MIN = 1 << 16,
    STEP_BYTES_MAX = 1 << 25,
    STEP_PART = 8, // of what is committed
};

static size_t page_end(size_t bytes)
{
    return (bytes + PAGES_BYTES - 1) & ~(size_t)(PAGES_BYTES - 1);
}

static size_t end_of_step(const struct bump_extent *extent, size_t bytes)
{
    size_t step = bytes / STEP_PART;
    if (step < STEP_BYTES_MIN)
        step = STEP_BYTES_MIN;
    if (step > STEP_BYTES_MAX)
        step = STEP_BYTES_MAX;
    size_t end = page_end(bytes + step);
    return end < extent->bytes ? end : extent->bytes;
}

// Makes the first bytes usable, end a multiple of the page.
static bool commit(struct bump_extent *extent, size_t end)
{
    size_t committed = bump_extent_committed(extent);
    if (end <= committed)
        return true;
    if (!pages_commit(extent->address + committed, end - committed))
        return false;
    INDEX_STEP();
    while (committed < end &&
           !__atomic_compare_exchange_n(&extent->committed, &committed, end, false, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE))
        continue;
    return true;
}

static bool commit_with_shadow(struct bump_extent *extent, size_t end)
{
    if (extent->shadow && !commit(extent->shadow, page_end(end / BUMP_EXTENT_GRAIN)))
        return false;
    return commit(extent, end);
}

bool bump_extent_open(struct bump_extent *extent, size_t bytes_wanted, size_t bytes_min, enum heap_role role)
{
    size_t bytes;
    char *address = pages_reserve(bytes_wanted, bytes_min, HEAP_NO_CLASS, role, &bytes);
    if (!address)
        return false;
    *extent = (struct bump_extent){.address = address, .bytes = bytes, .role = role};
    return true;
}

size_t bump_extent_take(struct bump_extent *extent, size_t bytes, size_t alignment)
{
    size_t taken = bump_extent_taken(extent);
    size_t start;
    do
    {
        uintptr_t lowest = (uintptr_t)extent->address + taken;
        start = taken + (-lowest & (alignment - 1));
        size_t end = start + bytes;
        if (end > extent->bytes)
            return BUMP_EXTENT_FULL;
        if (end > bump_extent_committed(extent) && !commit_with_shadow(extent, end_of_step(extent, end)) &&
            !commit_with_shadow(extent, page_end(end)))
            return BUMP_EXTENT_FULL;
        INDEX_STEP();
    } while (
        !__atomic_compare_exchange_n(&extent->taken, &taken, start + bytes, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
    return start;
}

void bump_extent_describe(const struct bump_extent *extent, const struct heap_observer *observer)
{
    observer->zone(&(struct heap_zone){extent->address, extent->bytes, HEAP_NO_CLASS, extent->role});
    size_t committed = bump_extent_committed(extent);
    if (committed != 0)
        observer->committed(extent->address, committed);
}
