// SPDX-License-Identifier: MIT
// Regions: opening them, finding them, carving slots in them. Knows nothing of free slots.
//
// Without a limit of address space the first region takes all windows, and further ones are never needed. Under
// RLIMIT_AS each takes a part of what is left when those before are full, so that large blocks and the program's own
// mappings have their part too.
#include "heap/bump_internal.h"
#include "heap/pages.h"

enum
{
    REGION_BYTES_MIN = 4 * SIZE_CLASS_BYTES_MAX,
    NODES_BYTES_MIN = PAGES_BYTES,
    SPACE_PART = 8, // of the address space left
};

static_assert(sizeof(struct index_queue_node) == BUMP_GRANULE, "a node for each granule is as large as a region");
static_assert(sizeof(struct bump_region) <= PAGES_BYTES, "a further region's description is one page");

struct bump_heap bump;

static size_t part_of_space(void)
{
    size_t space = pages_space_left();
    return space == SIZE_MAX ? SIZE_MAX : space / SPACE_PART;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool reserve_region(struct bump_region *region)
{
    const size_t window_bytes = (size_t)BUMP_GRANULE << BUMP_WINDOW_SHIFT;
    uint32_t windows_left = BUMP_WINDOW_COUNT - __atomic_load_n(&bump.windows_taken, __ATOMIC_RELAXED);
    size_t wanted = least(part_of_space(), windows_left * window_bytes);
    if (wanted < REGION_BYTES_MIN ||
        !bump_extent_open(&region->states, wanted / BUMP_GRANULE, REGION_BYTES_MIN / BUMP_GRANULE, HEAP_ROLE_METADATA))
        return false;
    size_t bytes_max = least(wanted, region->states.bytes * BUMP_GRANULE);
    if (!bump_extent_open(&region->slots, bytes_max, REGION_BYTES_MIN, HEAP_ROLE_BUMP))
        return false;
    region->slots.shadow = &region->states;
    region->window_count = (uint32_t)((region->slots.bytes + window_bytes - 1) / window_bytes);
    return true;
}

// False: another thread has taken too many.
static bool take_windows(struct bump_region *region)
{
    uint32_t taken = __atomic_load_n(&bump.windows_taken, __ATOMIC_RELAXED);
    do
    {
        if (region->window_count > BUMP_WINDOW_COUNT - taken)
            return false;
        region->first_window = taken;
    } while (!__atomic_compare_exchange_n(&bump.windows_taken, &taken, taken + region->window_count, false,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return true;
}

static void publish(struct bump_region *region)
{
    uintptr_t first = (uintptr_t)region->first_window << BUMP_WINDOW_SHIFT;
    for (uint32_t i = 0; i < region->window_count; i++)
    {
        struct bump_window *window = &bump.windows[region->first_window + i];
        window->slots = (uintptr_t)region->slots.address - first * BUMP_GRANULE;
        window->states = (uintptr_t)region->states.address - first;
        INDEX_STEP();
        __atomic_store_n(&window->region, region, __ATOMIC_RELEASE);
    }
}

static bool open_region(struct bump_region *region)
{
    if (!reserve_region(region) || !take_windows(region))
        return false;
    publish(region);
    return true;
}

// Where another thread opens a region too, both are used. False: no further region can be opened, now and later.
static bool open_further_region(void)
{
    if (__atomic_load_n(&bump.is_all_reserved, __ATOMIC_RELAXED))
        return false;
    size_t bytes;
    struct bump_region *region = pages_reserve(PAGES_BYTES, PAGES_BYTES, HEAP_NO_CLASS, HEAP_ROLE_METADATA, &bytes);
    if (region && pages_commit(region, PAGES_BYTES) && open_region(region))
        return true;
    __atomic_store_n(&bump.is_all_reserved, true, __ATOMIC_RELAXED);
    return false;
}

static bool has_room(const struct bump_region *region, size_t bytes, size_t alignment)
{
    return region->slots.bytes - bump_extent_taken(&region->slots) >= bytes + alignment;
}

static uint32_t carve_slot(size_t bytes, size_t alignment)
{
    uint32_t window = 0;
    for (;;)
    {
        struct bump_region *region = bump_next_region(&window);
        if (!region && !open_further_region())
            return 0;
        if (!region)
            continue;
        size_t offset = bump_extent_take(&region->slots, bytes, alignment);
        if (offset != BUMP_EXTENT_FULL)
            return bump_index(region, region->slots.address + offset);
        if (has_room(region, bytes, alignment))
            return 0; // it was memory that lacked
    }
}

static uint32_t *unused_link(uint32_t node)
{
    return &index_queue_nodes[node].spare;
}

static const struct index_links unused_links = {.at = unused_link};

// A zeroed node; 0: nowhere left.
static uint32_t carve_node(void)
{
    uint32_t unused = index_stack_pop(&bump.unused_nodes, &unused_links, NULL);
    if (unused != 0)
        return unused;
    size_t offset = bump_extent_take(&bump.nodes, sizeof(struct index_queue_node), sizeof(struct index_queue_node));
    return offset == BUMP_EXTENT_FULL ? 0 : (uint32_t)(offset / sizeof(struct index_queue_node));
}

// Nodes are numbered from 1: the first one is never used.
static bool open_queues(void)
{
    const size_t node_bytes = sizeof(struct index_queue_node);
    if (!bump_extent_open(&bump.nodes, least(part_of_space(), (size_t)UINT32_MAX * node_bytes), NODES_BYTES_MIN,
                          HEAP_ROLE_METADATA) ||
        bump_extent_take(&bump.nodes, node_bytes, node_bytes) != 0)
        return false;
    index_queue_nodes = (struct index_queue_node *)(void *)bump.nodes.address;
    for (uint32_t class_id = 0; class_id < BUMP_CLASS_COUNT; class_id++)
    {
        uint32_t dummy = carve_node();
        if (dummy == 0)
            return false;
        index_queue_open(&bump.queues[class_id], dummy);
    }
    return true;
}

bool bump_regions_open(void)
{
    return open_region(&bump.first) &&
           bump_extent_take(&bump.first.slots, BUMP_GRANULE, BUMP_GRANULE) == 0 && // index 0 is none
           (bump.kind != HEAP_BUMP_FIFO || open_queues());
}

struct bump_region *bump_next_region(uint32_t *window)
{
    while (*window < BUMP_WINDOW_COUNT)
    {
        struct bump_region *region = __atomic_load_n(&bump.windows[*window].region, __ATOMIC_ACQUIRE);
        *window += region ? region->window_count : 1; // unused, or another thread is just publishing it
        if (region)
            return region;
    }
    return NULL;
}

const struct bump_region *bump_further_region_at(const void *address)
{
    uint32_t window = 0;
    const struct bump_region *region;
    while ((region = bump_next_region(&window)))
        if ((uintptr_t)address - (uintptr_t)region->slots.address < bump_extent_committed(&region->slots))
            return region;
    return NULL;
}

uint32_t bump_carve(uint32_t class_id)
{
    bool has_queue = bump.kind == HEAP_BUMP_FIFO;
    uint32_t node = has_queue ? carve_node() : 0;
    if (has_queue && node == 0)
        return 0;
    size_t bytes = bump_slot_bytes(class_id);
    uint32_t index = carve_slot(bytes, class_id < BUMP_ALIGNED_CLASS ? BUMP_GRANULE : bytes);
    if (index != 0)
        __atomic_fetch_add(&bump.classes[class_id].carved, 1, __ATOMIC_RELAXED);
    if (index != 0 && has_queue)
        index_queue_provide(&bump.queues[class_id], node);
    else if (has_queue)
        index_stack_push(&bump.unused_nodes, &unused_links, node);
    return index;
}
