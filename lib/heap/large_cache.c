// SPDX-License-Identifier: MIT
// A ring of words, each of which names a range or is 0. Who exchanges a word for another owns the range that it named.
// Knows nothing of the table of large blocks.
#include "heap/large_cache.h"

#include "base/memory.h"
#include "base/syscall.h"
#include "heap/large.h"
#include "heap/large_table.h"

#include <stddef.h>
#include <string.h>

enum
{
    SLOTS = 32,
    BLOCK_PAGES_MIN = 32,   // below, the calls cost as much as the pages
    BLOCK_PAGES_MAX = 2048, // 8 MiB
    PAGES_MAX = 8192,       // of all, 32 MiB
    SURPLUS_PART = 2,       // of what is wanted: so much longer a block may be
    TOUCHED_PART = 4,       // all but one in so many pages must have memory: to zero the others would cost it
};

static struct
{
    void (*unmap)(char *block, uint64_t pages); // constant after large_cache_open
    uint64_t ranges[SLOTS];                     // atomic: pages << LARGE_TABLE_PAGE_BITS | page number; 0: none
    uint64_t turn;                              // atomic: counts the puts
    uint64_t pages;                             // atomic: of all ranges
} cache;

static uint64_t range_of(const char *block, uint64_t pages)
{
    return pages << LARGE_TABLE_PAGE_BITS | (uintptr_t)block / LARGE_PAGE_BYTES;
}

static uint64_t pages_of(uint64_t range)
{
    return range >> LARGE_TABLE_PAGE_BITS;
}

static char *block_of(uint64_t range)
{
    return (char *)(uintptr_t)((range & ((UINT64_C(1) << LARGE_TABLE_PAGE_BITS) - 1)) * LARGE_PAGE_BYTES);
}

static bool is_touched(char *block, uint64_t pages)
{
    unsigned char resident[BLOCK_PAGES_MAX] = {0};
    uint64_t count = 0;
    if (base_syscall3(SYS_mincore, (uintptr_t)block, pages * LARGE_PAGE_BYTES, (uintptr_t)resident) < 0)
        return false;
    for (uint64_t i = 0; i < pages; i++)
        count += resident[i] & 1;
    return count >= pages - pages / TOUCHED_PART;
}

// Puts a range, or none, where another was, and unmaps that one. True: there was one.
static bool replace(uint64_t slot, uint64_t range)
{
    uint64_t old = __atomic_exchange_n(&cache.ranges[slot], range, __ATOMIC_ACQ_REL);
    __atomic_fetch_add(&cache.pages, pages_of(range) - pages_of(old), __ATOMIC_RELAXED);
    if (old)
        cache.unmap(block_of(old), pages_of(old));
    return old != 0;
}

// The slot with the shortest range that fits; SLOTS: none does.
static uint64_t find(uint64_t pages, uint64_t *range)
{
    uint64_t best = SLOTS;
    uint64_t best_pages = pages + pages / SURPLUS_PART + 1;
    for (uint64_t i = 0; i < SLOTS; i++)
    {
        uint64_t found = __atomic_load_n(&cache.ranges[i], __ATOMIC_RELAXED);
        if (pages_of(found) < pages || pages_of(found) >= best_pages)
            continue;
        best = i;
        best_pages = pages_of(found);
        *range = found;
    }
    return best;
}

void large_cache_open(void (*unmap)(char *block, uint64_t pages))
{
    cache.unmap = unmap;
}

bool large_cache_put(char *block, uint64_t pages)
{
    if (!cache.unmap || pages < BLOCK_PAGES_MIN || pages > BLOCK_PAGES_MAX || !is_touched(block, pages) ||
        !base_memory_protect(block, pages * LARGE_PAGE_BYTES))
        return false;
    uint64_t turn = __atomic_fetch_add(&cache.turn, 1, __ATOMIC_RELAXED);
    replace(turn % SLOTS, range_of(block, pages));
    for (uint64_t i = 1; i < SLOTS && __atomic_load_n(&cache.pages, __ATOMIC_RELAXED) > PAGES_MAX; i++)
        replace((turn + i) % SLOTS, 0); // the oldest first
    return true;
}

char *large_cache_take(uint64_t *pages)
{
    uint64_t range = 0;
    uint64_t slot = *pages >= BLOCK_PAGES_MIN ? find(*pages, &range) : SLOTS;
    if (slot == SLOTS ||
        !__atomic_compare_exchange_n(&cache.ranges[slot], &range, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return NULL;
    __atomic_fetch_sub(&cache.pages, pages_of(range), __ATOMIC_RELAXED);
    char *block = block_of(range);
    if (!base_memory_commit(block, pages_of(range) * LARGE_PAGE_BYTES))
    {
        cache.unmap(block, pages_of(range));
        return NULL;
    }
    memset(block, 0, *pages * LARGE_PAGE_BYTES);
    *pages = pages_of(range);
    return block;
}

bool large_cache_give_up(void)
{
    bool is_any = false;
    for (uint64_t i = 0; i < SLOTS; i++)
        is_any |= replace(i, 0);
    return is_any;
}
