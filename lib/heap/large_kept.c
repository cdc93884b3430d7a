// SPDX-License-Identifier: MIT
// A stack of ranges, linked through the table of large blocks and not through the pages, which may go away while
// another thread still looks at the link. Knows nothing of blocks.
#include "heap/large_kept.h"

#include "base/memory.h"
#include "heap/large.h"
#include "heap/large_table.h"

#include <string.h>

// The head: page number of the top range, 0 = none, and a tag that every change counts up, so that a pop that was put
// off notices that the same range has been taken and kept again.
enum
{
    TAG_SHIFT = LARGE_TABLE_PAGE_BITS,
    LOOKS = 8, // at ranges before asking the kernel
};

static const uint64_t page_mask = (UINT64_C(1) << TAG_SHIFT) - 1;

static uint64_t head;      // atomic
static uint64_t holes;     // atomic: unmapped minus mapped since, never negative; at most holes_max
static uint64_t holes_max; // constant after large_kept_open

static uint64_t next_head(uint64_t old, uint64_t page)
{
    return ((old >> TAG_SHIFT) + 1) << TAG_SHIFT | page;
}

static void push(uint64_t page)
{
    struct large_entry *entry = large_table_find(page);
    uint64_t old = __atomic_load_n(&head, __ATOMIC_RELAXED);
    do
        __atomic_store_n(&entry->next, old & page_mask, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&head, &old, next_head(old, page), true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

// 0: there is none.
static uint64_t pop(void)
{
    uint64_t old = __atomic_load_n(&head, __ATOMIC_ACQUIRE);
    uint64_t next;
    do
    {
        if ((old & page_mask) == 0)
            return 0;
        next = __atomic_load_n(&large_table_find(old & page_mask)->next, __ATOMIC_RELAXED);
    } while (!__atomic_compare_exchange_n(&head, &old, next_head(old, next), true, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE));
    return old & page_mask;
}

// What does not get an entry stays mapped, unbacked and unused.
static void keep(uint64_t page, uint64_t pages)
{
    struct large_entry *entry = large_table_make(page);
    if (!entry)
        return;
    uint64_t state = __atomic_load_n(&entry->word, __ATOMIC_RELAXED) & LARGE_STATE_MASK;
    __atomic_store_n(&entry->word, large_word((enum large_state)state, pages), __ATOMIC_RELAXED);
    push(page);
}

static bool claim_hole(void)
{
    if (__atomic_fetch_add(&holes, 1, __ATOMIC_RELAXED) < holes_max)
        return true;
    __atomic_fetch_sub(&holes, 1, __ATOMIC_RELAXED);
    return false;
}

static uint64_t pages_at(uint64_t page)
{
    return large_word_pages(__atomic_load_n(&large_table_find(page)->word, __ATOMIC_RELAXED));
}

// Puts a list of our own back.
static void push_all(uint64_t page)
{
    while (page)
    {
        uint64_t next = __atomic_load_n(&large_table_find(page)->next, __ATOMIC_RELAXED);
        push(page);
        page = next;
    }
}

static void put_before(uint64_t *list, uint64_t page)
{
    __atomic_store_n(&large_table_find(page)->next, *list, __ATOMIC_RELAXED);
    *list = page;
}

void large_kept_open(uint64_t new_holes_max)
{
    holes_max = new_holes_max;
}

void large_kept_unmap(void *address, uint64_t pages, bool may_be_hole)
{
    size_t bytes = pages * LARGE_PAGE_BYTES;
    bool is_allowed = !may_be_hole || claim_hole();
    if (is_allowed && base_memory_unmap(address, bytes))
        return;
    if (!base_memory_commit(address, bytes))
        return;
    if (!base_memory_clear(address, bytes))
        memset(address, 0, bytes);
    keep((uintptr_t)address / LARGE_PAGE_BYTES, pages);
}

void large_kept_note_mapped(void)
{
    uint64_t count = __atomic_load_n(&holes, __ATOMIC_RELAXED);
    while (count && !__atomic_compare_exchange_n(&holes, &count, count - 1, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

// Takes ranges off until one is large enough, and puts the others back.
void *large_kept_take(uint64_t pages, size_t alignment)
{
    uint64_t others = 0;
    uint64_t page = pop();
    for (int looks = 1; page && (pages_at(page) < pages || page * LARGE_PAGE_BYTES % alignment != 0); looks++)
    {
        put_before(&others, page);
        page = looks < LOOKS ? pop() : 0;
    }
    push_all(others);
    if (page && pages_at(page) > pages)
        keep(page + pages, pages_at(page) - pages);
    return (void *)(uintptr_t)(page * LARGE_PAGE_BYTES);
}

bool large_kept_give_up(void)
{
    uint64_t others = 0;
    bool is_any = false;
    for (uint64_t page; (page = pop());)
        if (base_memory_unmap((void *)(uintptr_t)(page * LARGE_PAGE_BYTES), pages_at(page) * LARGE_PAGE_BYTES))
            is_any = true;
        else
            put_before(&others, page);
    push_all(others);
    return is_any;
}
