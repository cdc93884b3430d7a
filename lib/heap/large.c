// SPDX-License-Identifier: MIT
// Large blocks: one mapping each, and one atomic word that says whether the block lives, how long it is and whether it
// has guards. Whoever changes the word from live to freed is the one who frees. Keeps no list of blocks.
//
//     reserved:   [head][guard page][ block ............ ][guard page][tail]     head and tail, there for the
//                 unmapped                                            unmapped   alignment alone, go at once
//
// Blocks without guards are alike for the kernel and lie beside each other: it joins them into one mapping, so their
// number is not limited by vm.max_map_count.
#include "heap/large.h"

#include "base/memory.h"
#include "heap/large_cache.h"
#include "heap/large_kept.h"
#include "heap/large_table.h"
#include "heap/pages.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

// Shares of the limit of mappings, one in so many; what is left is the program's own.
enum
{
    GUARDED_SHARE = 4,
    MAPPINGS_OF_GUARDED = 3, // guard, block, guard
    HOLES_SHARE = 2,         // between blocks without guards
};

static const uint64_t pages_limit = UINT64_C(1) << LARGE_TABLE_PAGE_BITS;

static struct
{
    uint64_t guarded_max; // constant after large_open
    uint64_t guarded;     // atomic; at most guarded_max blocks have guards
    uint64_t longest;     // atomic; no block has ever had more pages
    uint64_t blocks;      // atomic; raised after mapping and lowered before unmapping, so the uses of an address by one
                          // thread and then another are ordered
    uint64_t pages;       // atomic, of live blocks
} large;

static uint64_t page_of(const void *address)
{
    return (uintptr_t)address / LARGE_PAGE_BYTES;
}

static uint64_t pages_for(size_t size)
{
    return size == 0 ? 1 : size / LARGE_PAGE_BYTES + (size % LARGE_PAGE_BYTES != 0);
}

static void *out_of_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

static bool claim_guards(void)
{
    if (__atomic_fetch_add(&large.guarded, 1, __ATOMIC_RELAXED) < large.guarded_max)
        return true;
    __atomic_fetch_sub(&large.guarded, 1, __ATOMIC_RELAXED);
    return false;
}

static void return_guards(void)
{
    __atomic_fetch_sub(&large.guarded, 1, __ATOMIC_RELAXED);
}

// Pages at a multiple of the alignment with guard_pages before and after them that are mapped too. is_usable: else all
// of it is inaccessible.
static char *map_aligned(uint64_t pages, size_t alignment, uint64_t guard_pages, bool is_usable)
{
    uint64_t slack = alignment / LARGE_PAGE_BYTES - 1;
    uint64_t total = pages + 2 * guard_pages + slack;
    char *mapped = base_memory_map_charged(total * LARGE_PAGE_BYTES, is_usable);
    if (!mapped || slack == 0)
        return mapped ? mapped + guard_pages * LARGE_PAGE_BYTES : NULL;
    uintptr_t lowest = (uintptr_t)mapped + guard_pages * LARGE_PAGE_BYTES;
    uintptr_t aligned = (lowest + alignment - 1) & ~(alignment - 1);
    uint64_t head = (aligned - lowest) / LARGE_PAGE_BYTES;
    char *block = mapped + (aligned - (uintptr_t)mapped);
    if (head)
        large_kept_unmap(mapped, head, guard_pages == 0);
    if (slack - head)
        large_kept_unmap(block + (pages + guard_pages) * LARGE_PAGE_BYTES, slack - head, guard_pages == 0);
    return block;
}

static char *map_guarded(uint64_t pages, size_t alignment)
{
    char *block = map_aligned(pages, alignment, 1, false);
    if (!block || base_memory_commit(block, pages * LARGE_PAGE_BYTES))
        return block;
    large_kept_unmap(block - LARGE_PAGE_BYTES, pages + 2, false);
    return NULL;
}

static char *map_plain(uint64_t pages, size_t alignment)
{
    char *block = large_kept_take(pages, alignment);
    if (block)
        return block;
    block = map_aligned(pages, alignment, 0, true);
    if (!block && large_kept_give_up())
        block = map_aligned(pages, alignment, 0, true);
    if (block)
        large_kept_note_mapped();
    return block;
}

static void unmap(char *block, uint64_t pages, bool is_guarded)
{
    if (is_guarded)
    {
        large_kept_unmap(block - LARGE_PAGE_BYTES, pages + 2, false);
        return_guards();
    }
    else
        large_kept_unmap(block, pages, true);
}

static void note_length(uint64_t pages)
{
    uint64_t longest = __atomic_load_n(&large.longest, __ATOMIC_RELAXED);
    while (pages > longest &&
           !__atomic_compare_exchange_n(&large.longest, &longest, pages, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

// Makes the mapped pages a live block. False: no memory for its entry.
static bool publish(char *block, uint64_t pages, bool is_guarded)
{
    struct large_entry *entry = large_table_make(page_of(block));
    if (!entry)
        return false;
    note_length(pages);
    __atomic_fetch_add(&large.blocks, 1, __ATOMIC_ACQ_REL);
    __atomic_fetch_add(&large.pages, pages, __ATOMIC_RELAXED);
    uint64_t word = large_word(LARGE_LIVE, pages) | (is_guarded ? LARGE_HAS_GUARDS : 0);
    __atomic_store_n(&entry->word, word, __ATOMIC_RELEASE);
    return true;
}

// Takes the block's life: only one thread succeeds. 0: it does not live; otherwise what its word was.
static uint64_t take(const void *block)
{
    struct large_entry *entry = (uintptr_t)block % LARGE_PAGE_BYTES == 0 ? large_table_find(page_of(block)) : NULL;
    uint64_t word = entry ? __atomic_load_n(&entry->word, __ATOMIC_ACQUIRE) : 0;
    do
        if ((word & LARGE_STATE_MASK) != LARGE_LIVE)
            return 0;
    while (!__atomic_compare_exchange_n(&entry->word, &word, large_word(LARGE_FREED, large_word_pages(word)), true,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
    __atomic_fetch_sub(&large.pages, large_word_pages(word), __ATOMIC_RELAXED);
    __atomic_fetch_sub(&large.blocks, 1, __ATOMIC_ACQ_REL);
    return word;
}

// Of an address where no live block begins.
static int misuse_at(const void *address)
{
    uint64_t longest = __atomic_load_n(&large.longest, __ATOMIC_RELAXED);
    struct large_entry *entry = large_table_find(page_of(address));
    if (large_table_find_around(page_of(address), longest))
        return HEAP_MISUSE_MISALIGNED_FREE;
    bool was_block = entry && (uintptr_t)address % LARGE_PAGE_BYTES == 0 &&
                     (__atomic_load_n(&entry->word, __ATOMIC_RELAXED) & LARGE_STATE_MASK) == LARGE_FREED;
    return was_block ? HEAP_MISUSE_DOUBLE_FREE : HEAP_MISUSE_INVALID_FREE;
}

// Returns how many pages are left: at the limit of mappings as many as there were, but without memory behind them.
static uint64_t shrink(char *block, uint64_t old_pages, uint64_t pages, bool is_guarded)
{
    char *end = block + pages * LARGE_PAGE_BYTES;
    uint64_t gone = old_pages - pages;
    if (!is_guarded)
        large_kept_unmap(end, gone, true);
    else
    {
        base_memory_clear(end, gone * LARGE_PAGE_BYTES);
        if (!base_memory_protect(end, LARGE_PAGE_BYTES))
            return old_pages;
        large_kept_unmap(end + LARGE_PAGE_BYTES, gone, false); // the old guard among them
    }
    return pages;
}

// Moves the pages between inaccessible ones that are mapped for them. NULL: nothing has changed.
static char *move_pages(char *block, uint64_t old_pages, uint64_t pages, bool is_guarded)
{
    uint64_t guard_pages = is_guarded ? 1 : 0;
    char *to = map_aligned(pages, LARGE_PAGE_BYTES, guard_pages, false);
    if (!to)
        return NULL;
    long result = -ENOMEM;
    if (large_table_make(page_of(to)))
        result = base_memory_move(block, old_pages * LARGE_PAGE_BYTES, to, pages * LARGE_PAGE_BYTES);
    if (result == -ENOMEM)
        large_kept_unmap(to - guard_pages * LARGE_PAGE_BYTES, pages + 2 * guard_pages, !is_guarded);
    else if (is_guarded)
    {
        char *left = result == 0 ? block : to;
        large_kept_unmap(left - LARGE_PAGE_BYTES, 1, false);
        large_kept_unmap(left + (result == 0 ? old_pages : pages) * LARGE_PAGE_BYTES, 1, false);
    }
    return result == 0 ? to : NULL;
}

// NULL: nothing has changed.
static char *grow(char *block, uint64_t old_pages, uint64_t pages, bool is_guarded)
{
    if (!is_guarded && base_memory_extend(block, old_pages * LARGE_PAGE_BYTES, pages * LARGE_PAGE_BYTES))
        return block;
    return move_pages(block, old_pages, pages, is_guarded);
}

static void unmap_guarded(char *block, uint64_t pages)
{
    unmap(block, pages, true);
}

// A block that was kept, cut to the pages that are wanted; NULL: none fits. At the limit of mappings *pages may grow.
static char *take_cached(uint64_t *pages)
{
    uint64_t wanted = *pages;
    char *block = large_cache_take(pages);
    if (block && *pages > wanted)
        *pages = shrink(block, *pages, wanted, true);
    return block;
}

// Under a limit of address space, what is kept would be missing elsewhere.
void large_open(void)
{
    size_t limit = pages_map_count_max();
    large.guarded_max = limit / GUARDED_SHARE / MAPPINGS_OF_GUARDED;
    large_kept_open(limit / HOLES_SHARE);
    if (pages_space_left() == SIZE_MAX)
        large_cache_open(unmap_guarded);
}

void *large_allocate(size_t size, size_t alignment)
{
    uint64_t pages = pages_for(size);
    if (pages >= pages_limit || alignment / LARGE_PAGE_BYTES >= pages_limit)
        return out_of_memory();
    if (alignment < LARGE_PAGE_BYTES)
        alignment = LARGE_PAGE_BYTES;
    char *block = alignment == LARGE_PAGE_BYTES ? take_cached(&pages) : NULL;
    bool is_guarded = block || claim_guards();
    if (is_guarded && !block && !(block = map_guarded(pages, alignment)))
    {
        return_guards();
        is_guarded = false;
    }
    if (!block)
        block = map_plain(pages, alignment);
    if (!block && large_cache_give_up())
        block = map_plain(pages, alignment);
    if (block && publish(block, pages, is_guarded))
        return block;
    if (block)
        unmap(block, pages, is_guarded);
    return out_of_memory();
}

size_t large_usable_size(const void *block)
{
    struct large_entry *entry = (uintptr_t)block % LARGE_PAGE_BYTES == 0 ? large_table_find(page_of(block)) : NULL;
    uint64_t word = entry ? __atomic_load_n(&entry->word, __ATOMIC_ACQUIRE) : 0;
    return (word & LARGE_STATE_MASK) == LARGE_LIVE ? large_word_pages(word) * LARGE_PAGE_BYTES : 0;
}

int large_free(void *block)
{
    uint64_t word = take(block);
    if (!word)
        return (int)misuse_at(block);
    if (!(word & LARGE_HAS_GUARDS) || !large_cache_put(block, large_word_pages(word)))
        unmap(block, large_word_pages(word), word & LARGE_HAS_GUARDS);
    return 0;
}

void *large_resize(void *block, size_t size)
{
    uint64_t pages = pages_for(size);
    uint64_t word = block && pages < pages_limit ? take(block) : 0;
    if (!word)
        return out_of_memory();
    uint64_t old_pages = large_word_pages(word);
    bool is_guarded = word & LARGE_HAS_GUARDS;
    char *resized = block;
    if (pages < old_pages)
        pages = shrink(block, old_pages, pages, is_guarded);
    else if (pages > old_pages)
        resized = grow(block, old_pages, pages, is_guarded);
    if (resized)
    {
        publish(resized, pages, is_guarded);
        return resized;
    }
    // The program has split the mapping by advice of its own, or there is no memory.
    resized = large_allocate(size, 0);
    if (resized)
    {
        memcpy(resized, block, old_pages * LARGE_PAGE_BYTES);
        unmap(block, old_pages, is_guarded);
    }
    else
        publish(block, old_pages, is_guarded);
    return resized;
}

void large_count(size_t *blocks, size_t *bytes)
{
    *blocks = __atomic_load_n(&large.blocks, __ATOMIC_RELAXED);
    *bytes = __atomic_load_n(&large.pages, __ATOMIC_RELAXED) * LARGE_PAGE_BYTES;
}

bool large_trim(void)
{
    return large_cache_give_up();
}
