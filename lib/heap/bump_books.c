// SPDX-License-Identifier: MIT
// What the states of the granules and the counters tell about the whole heap: its description, counts of classes, and
// what an address is that no live slot begins at. Changes nothing.
#include "heap/bump_internal.h"
#include "heap/large.h"

struct free_counts
{
    uint32_t slots[BUMP_CLASS_COUNT];
};

static uint8_t state_of(const struct bump_region *region, uint32_t granule)
{
    return __atomic_load_n((uint8_t *)region->states.address + granule, __ATOMIC_RELAXED);
}

static uint32_t granules_of(uint8_t state)
{
    return (uint32_t)(bump_slot_bytes(state & BUMP_STATE_CLASS) / BUMP_GRANULE);
}

// From slot to slot; a granule at which none begins is a gap, or of a slot that another thread is just carving.
static void count_free_in(const struct bump_region *region, struct free_counts *counts)
{
    uint32_t end = (uint32_t)(bump_extent_taken(&region->slots) / BUMP_GRANULE);
    uint32_t granule = 0;
    while (granule < end)
    {
        uint8_t state = state_of(region, granule);
        if (state & BUMP_FREE)
            counts->slots[state & BUMP_STATE_CLASS]++;
        granule += state == 0 ? 1 : granules_of(state);
    }
}

static struct free_counts count_free(void)
{
    struct free_counts counts = {0};
    uint32_t window = 0;
    const struct bump_region *region;
    while ((region = bump_next_region(&window)))
        count_free_in(region, &counts);
    return counts;
}

static uint32_t carved_of(uint32_t class_id)
{
    return __atomic_load_n(&bump.classes[class_id].carved, __ATOMIC_RELAXED);
}

void bump_describe(const struct heap_observer *observer)
{
    for (uint32_t class_id = 0; class_id < BUMP_CLASS_COUNT; class_id++)
    {
        size_t bytes = bump_slot_bytes(class_id);
        observer->size_class(&(struct heap_class){class_id, class_id >= BUMP_ALIGNED_CLASS, bytes, bytes});
    }
    uint32_t window = 0;
    const struct bump_region *region;
    while ((region = bump_next_region(&window)))
    {
        bump_extent_describe(&region->slots, observer);
        bump_extent_describe(&region->states, observer);
    }
    if (bump.kind == HEAP_BUMP_FIFO)
        bump_extent_describe(&bump.nodes, observer);
}

void bump_census(const struct heap_observer *observer)
{
    struct free_counts free = count_free();
    for (uint32_t class_id = 0; class_id < BUMP_CLASS_COUNT; class_id++)
    {
        uint32_t carved = carved_of(class_id); // read after its slots were counted: at least as many
        observer->census(&(struct heap_census){class_id, carved, carved - free.slots[class_id], 0});
    }
}

struct mallinfo2 bump_mallinfo2(void)
{
    struct mallinfo2 info = {0};
    struct free_counts free = count_free();
    for (uint32_t class_id = 0; class_id < BUMP_CLASS_COUNT; class_id++)
    {
        size_t carved = carved_of(class_id);
        info.ordblks += free.slots[class_id];
        info.fordblks += free.slots[class_id] * bump_slot_bytes(class_id);
        info.uordblks += (carved - free.slots[class_id]) * bump_slot_bytes(class_id);
    }
    uint32_t window = 0;
    const struct bump_region *region;
    while ((region = bump_next_region(&window)))
        info.arena += bump_extent_taken(&region->slots);
    large_count(&info.hblks, &info.hblkhd);
    return info;
}

enum heap_misuse_kind bump_misuse_at(const struct bump_region *region, const void *address)
{
    uint32_t granule = bump_index(region, address) - (region->first_window << BUMP_WINDOW_SHIFT);
    uint8_t state = state_of(region, granule);
    if (state != 0 && (uintptr_t)address % BUMP_GRANULE == 0)
        return HEAP_MISUSE_DOUBLE_FREE;
    const uint32_t granules_max = SIZE_CLASS_BYTES_MAX / BUMP_GRANULE;
    for (uint32_t back = 0; back < granules_max && back <= granule; back++)
    {
        state = state_of(region, granule - back);
        if (state != 0)
            return granules_of(state) > back ? HEAP_MISUSE_MISALIGNED_FREE : HEAP_MISUSE_INVALID_FREE;
    }
    return HEAP_MISUSE_INVALID_FREE;
}
