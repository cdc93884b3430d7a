// SPDX-License-Identifier: MIT
// The backends `bump:lifo`, `bump:fifo` and `bump:none`: slots of size classes, carved one by one from a bump offset,
// never split, merged or given to another class. Refuses to lock, to keep blocks per thread, and to give pages back.
//
// Where no slot can be carved, address space being all reserved, a small request becomes a large block.
#include "heap/arguments.h"
#include "heap/bump_internal.h"
#include "heap/large.h"
#include "heap/misuse.h"

#include <string.h>

#define LIKELY(condition) __builtin_expect(!!(condition), 1)

static inline uint32_t *link_of(uint32_t index)
{
    return bump_address(index);
}

// What stands after the link of a free slot: a stale write does not leave both right. Addresses differ from run to run.
static inline uint32_t seal_of(const uint32_t *at, uint32_t link)
{
    const uint32_t spread = 0x9e3779b1; // 2^32 over the golden ratio
    return (uint32_t)((uintptr_t)at / BUMP_GRANULE) * spread ^ link;
}

static inline void seal_link(uint32_t *at, uint32_t link)
{
    __atomic_store_n(at + 1, seal_of(at, link), __ATOMIC_RELAXED);
}

static inline bool is_sealed(const uint32_t *at, uint32_t link)
{
    return index_link_load(at + 1) == seal_of(at, link);
}

static const struct index_links slot_links = {.at = link_of, .seal = seal_link, .is_sound = is_sealed};

static struct heap_grant allocate_large(size_t alignment, size_t size)
{
    if (!heap_size_is_sane(size))
        return heap_no_memory(true);
    void *block = large_allocate(size, alignment);
    return block ? heap_grant_of(block, large_usable_size(block), 0) : heap_no_memory(false);
}

// The slot, whose address is block, becomes the program's.
static inline struct heap_grant grant_slot(uint32_t index, void *block, uint32_t class_id, size_t slot_bytes,
                                           uint32_t bits)
{
    INDEX_STEP();
    __atomic_store_n(bump_state(index), (uint8_t)(BUMP_LIVE | class_id), __ATOMIC_RELAXED);
    return heap_grant_of(block, slot_bytes, bits);
}

// A free slot whose first bytes, the link to the others, were overwritten.
static __attribute__((cold, noinline)) struct heap_grant grant_written_slot(uint32_t index, uint32_t class_id)
{
    heap_misuse_note(HEAP_MISUSE_WRITE_AFTER_FREE, bump_address(index), 0, bump_slot_bytes(class_id));
    return grant_slot(index, bump_address(index), class_id, bump_slot_bytes(class_id), HEAP_GRANT_MISUSE);
}

static __attribute__((noinline)) struct heap_grant allocate_from_queue_or_carve(uint32_t class_id, size_t alignment,
                                                                                size_t size)
{
    size_t slot_bytes = bump_slot_bytes(class_id);
    uint32_t index = bump.kind == HEAP_BUMP_FIFO ? index_queue_take(&bump.queues[class_id]) : 0;
    if (index != 0)
        return grant_slot(index, bump_address(index), class_id, slot_bytes, 0);
    index = bump_carve(class_id);
    if (index != 0)
        return grant_slot(index, bump_address(index), class_id, slot_bytes, HEAP_GRANT_CARVED);
    return allocate_large(alignment, size);
}

// alignment and size are what the class was chosen for. What is rare goes to functions of its own at the very end, so
// that the common way saves no registers.
static inline __attribute__((always_inline)) struct heap_grant allocate_slot(uint32_t class_id, size_t slot_bytes,
                                                                             size_t alignment, size_t size)
{
    if (LIKELY(bump.kind == HEAP_BUMP_LIFO))
    {
        bool is_broken = false;
        uint32_t *block;
        uint32_t index = index_stack_pop_at(&bump.classes[class_id].free, &slot_links, &is_broken, &block);
        if (!LIKELY(!is_broken))
            return grant_written_slot(index, class_id);
        if (LIKELY(index != 0))
            return grant_slot(index, block, class_id, slot_bytes, 0);
    }
    return allocate_from_queue_or_carve(class_id, alignment, size);
}

static struct heap_grant bump_malloc(size_t size)
{
    if (!LIKELY(size <= SIZE_CLASS_BYTES_MAX))
        return allocate_large(0, size);
    uint32_t class_id = size_class_of(size);
    return allocate_slot(class_id, size_class_bytes[class_id], 0, size);
}

static struct heap_grant bump_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        bytes = SIZE_MAX; // refused as absurd
    struct heap_grant grant = bump_malloc(bytes);
    if (grant.block && bytes <= SIZE_CLASS_BYTES_MAX && !(grant.about & HEAP_GRANT_CARVED))
        memset(grant.block, 0, bytes);
    return grant;
}

// Smallest class of slots that lie at multiples of the alignment and hold size, both at most the greatest slot.
static uint32_t aligned_class_of(size_t alignment, size_t size)
{
    size_t bytes = size > alignment ? size : alignment;
    uint32_t class_id = BUMP_ALIGNED_CLASS;
    while (bump_slot_bytes(class_id) < bytes)
        class_id++;
    return class_id;
}

static struct heap_grant allocate_aligned(size_t alignment, size_t size)
{
    if (alignment <= BUMP_GRANULE)
        return bump_malloc(size);
    if (alignment > SIZE_CLASS_BYTES_MAX || size > SIZE_CLASS_BYTES_MAX)
        return allocate_large(alignment, size);
    uint32_t class_id = aligned_class_of(alignment, size);
    return allocate_slot(class_id, bump_slot_bytes(class_id), alignment, size);
}

static struct heap_grant bump_memalign(size_t alignment, size_t size)
{
    return heap_memalign(allocate_aligned, alignment, size);
}

static struct heap_grant bump_aligned_alloc(size_t alignment, size_t size)
{
    return heap_aligned_alloc(allocate_aligned, alignment, size);
}

static int bump_posix_memalign(struct heap_grant *grant, size_t alignment, size_t size)
{
    return heap_posix_memalign(allocate_aligned, grant, alignment, size);
}

static struct heap_grant bump_valloc(size_t size)
{
    return heap_valloc(allocate_aligned, size);
}

static struct heap_grant bump_pvalloc(size_t size)
{
    return heap_pvalloc(allocate_aligned, size);
}

// Of the slot that begins at the address; 0: none does.
static inline uint8_t state_at(const struct bump_region *region, const void *address)
{
    uint8_t state = __atomic_load_n(bump_state(bump_index(region, address)), __ATOMIC_RELAXED);
    return LIKELY((uintptr_t)address % BUMP_GRANULE == 0) ? state : 0;
}

static bool refuse(enum heap_misuse_kind kind, const void *block)
{
    heap_misuse_note(kind, block, 0, 0);
    return true;
}

static bool free_large(void *block)
{
    int misuse = large_free(block);
    return misuse != 0 && refuse((enum heap_misuse_kind)misuse, block);
}

static __attribute__((cold, noinline)) bool refuse_in(const struct bump_region *region, const void *block)
{
    return refuse(bump_misuse_at(region, block), block);
}

static inline __attribute__((always_inline)) bool free_in(const struct bump_region *region, void *block)
{
    uint32_t index = bump_index(region, block);
    uint8_t *at =
        (uint8_t *)region->states.address + ((uintptr_t)block - (uintptr_t)region->slots.address) / BUMP_GRANULE;
    uint8_t state = __atomic_load_n(at, __ATOMIC_RELAXED);
    uint8_t class_id = state & BUMP_STATE_CLASS;
    INDEX_STEP();
    if (!LIKELY((state & BUMP_LIVE) && (uintptr_t)block % BUMP_GRANULE == 0) ||
        !LIKELY(
            __atomic_compare_exchange_n(at, &state, BUMP_FREE | class_id, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)))
        return refuse_in(region, block);
    INDEX_STEP();
    if (LIKELY(bump.kind == HEAP_BUMP_LIFO))
        index_stack_push_at(&bump.classes[class_id].free, &slot_links, index, block);
    else if (bump.kind == HEAP_BUMP_FIFO)
        index_queue_put(&bump.queues[class_id], index);
    return false;
}

static __attribute__((noinline)) bool free_elsewhere(void *block)
{
    const struct bump_region *region = bump_further_region_at(block);
    if (region)
        return free_in(region, block);
    return block && free_large(block);
}

static bool bump_free(void *block)
{
    size_t offset = (uintptr_t)block - (uintptr_t)bump.first.slots.address;
    if (LIKELY(offset < bump_extent_committed(&bump.first.slots)))
        return free_in(&bump.first, block);
    return free_elsewhere(block);
}

static size_t bump_usable_size(void *block)
{
    const struct bump_region *region = bump_region_at(block);
    if (!region)
        return large_usable_size(block);
    uint8_t state = state_at(region, block);
    return state & BUMP_LIVE ? bump_slot_bytes(state & BUMP_STATE_CLASS) : 0;
}

// Whether a request of that size may have got this live block. Blocks of aligned classes are judged without the
// alignment if the caller does not tell it.
static bool is_size_of(const void *block, size_t usable, size_t size, size_t alignment)
{
    const struct bump_region *region = bump_region_at(block);
    if (!region)
        return size <= usable && usable - (size == 0 ? 1 : size) < LARGE_PAGE_BYTES;
    uint32_t class_id = state_at(region, block) & BUMP_STATE_CLASS;
    if (size > usable)
        return false;
    if (class_id < BUMP_ALIGNED_CLASS)
        return size_class_of(size) == class_id;
    return alignment <= BUMP_GRANULE || (alignment <= usable && aligned_class_of(alignment, size) == class_id);
}

static bool bump_free_sized(void *block, size_t size, size_t alignment)
{
    size_t usable = bump_usable_size(block);
    bool is_wrong = usable != 0 && !is_size_of(block, usable, size, alignment);
    bool is_misuse = bump_free(block);
    if (is_wrong && !is_misuse)
        heap_misuse_note(HEAP_MISUSE_WRONG_SIZE, block, size, usable);
    return is_misuse || is_wrong;
}

// The old block is freed last: it stays if there is no memory, and where it was to shrink, that will do.
static struct heap_grant move(void *block, size_t usable, size_t size)
{
    struct heap_grant grant = bump_malloc(size);
    if (!grant.block)
        return size <= usable ? heap_grant_of(block, usable, 0) : grant;
    memcpy(grant.block, block, size < usable ? size : usable);
    if (bump_free(block))
        grant.about |= HEAP_GRANT_MISUSE;
    return grant;
}

static struct heap_grant resize_large(void *block, size_t usable, size_t size)
{
    if (size <= SIZE_CLASS_BYTES_MAX)
        return move(block, usable, size);
    void *resized = large_resize(block, size);
    return resized ? heap_grant_of(resized, large_usable_size(resized), 0) : heap_no_memory(false);
}

static struct heap_grant bump_realloc(void *block, size_t size)
{
    if (!block)
        return bump_malloc(size);
    size_t usable = bump_usable_size(block);
    if (usable == 0) // no live block: freeing it tells what is wrong with it
        return heap_no_memory(bump_free(block));
    if (size == 0)
        return heap_grant_of(NULL, 0, bump_free(block) ? HEAP_GRANT_MISUSE : 0);
    if (!heap_size_is_sane(size))
        return heap_no_memory(true);
    const struct bump_region *region = bump_region_at(block);
    if (!region)
        return resize_large(block, usable, size);
    uint32_t class_id = state_at(region, block) & BUMP_STATE_CLASS;
    bool is_aligned = class_id >= BUMP_ALIGNED_CLASS;
    if (size <= usable && (is_aligned ? size > usable / 2 : size_class_of(size) == class_id))
        return heap_grant_of(block, usable, 0);
    return move(block, usable, size);
}

static int bump_trim(size_t pad)
{
    (void)pad;
    return large_trim();
}

static bool bump_open(const struct heap_options *options)
{
    bump.kind = options->kind;
    if (bump_regions_open())
        return true;
    base_text_complain("bump: no address space for the first blocks; raise RLIMIT_AS (ulimit -v)");
    return false;
}

#define BUMP_BACKEND(text)                                                                                             \
    {                                                                                                                  \
        .name = (text), .malloc = bump_malloc, .calloc = bump_calloc, .realloc = bump_realloc,                         \
        .memalign = bump_memalign, .aligned_alloc = bump_aligned_alloc, .posix_memalign = bump_posix_memalign,         \
        .valloc = bump_valloc, .pvalloc = bump_pvalloc, .free = bump_free, .free_sized = bump_free_sized,              \
        .usable_size = bump_usable_size, .trim = bump_trim, .mallinfo2 = bump_mallinfo2, .open = bump_open,            \
        .describe = bump_describe, .census = bump_census,                                                              \
    }

const struct heap_backend heap_bump_lifo = BUMP_BACKEND("bump:lifo");
const struct heap_backend heap_bump_fifo = BUMP_BACKEND("bump:fifo");
const struct heap_backend heap_bump_none = BUMP_BACKEND("bump:none");
