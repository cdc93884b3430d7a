// SPDX-License-Identifier: MIT
// Regions: opening them, finding them, carving slots in them. Knows nothing of free slots.
//
// Without a limit of address space the first region takes all 2^32 granules, and further ones are never needed. Under
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
    uint32_t left = UINT32_MAX - __atomic_load_n(&bump.numbered, __ATOMIC_RELAXED);
    size_t wanted = least(part_of_space(), (size_t)left * BUMP_GRANULE & ~(size_t)(PAGES_BYTES - 1));
    if (wanted < REGION_BYTES_MIN ||
        !bump_extent_open(&region->states, wanted / BUMP_GRANULE, REGION_BYTES_MIN / BUMP_GRANULE, HEAP_ROLE_METADATA))
        return false;
    size_t bytes_max = least(wanted, region->states.bytes * BUMP_GRANULE);
    if (!bump_extent_open(&region->slots, bytes_max, REGION_BYTES_MIN, HEAP_ROLE_BUMP))
        return false;
    region->slots.shadow = &region->states;
    return true;
}

// Gives its granules the next numbers. False: there are not so many.
static bool number_granules(struct bump_region *region)
{
    region->granules = (uint32_t)(region->slots.bytes / BUMP_GRANULE);
    uint32_t numbered = __atomic_load_n(&bump.numbered, __ATOMIC_RELAXED);
    do
    {
        if (region->granules > UINT32_MAX - numbered)
            return false;
        region->first = numbered + 1;
    } while (!__atomic_compare_exchange_n(&bump.numbered, &numbered, numbered + region->granules, false,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return true;
}

static bool open_region(struct bump_region *region)
{
    return reserve_region(region) && number_granules(region);
}

static struct bump_region *new_region(void)
{
    size_t bytes;
    struct bump_region *region = pages_reserve(PAGES_BYTES, PAGES_BYTES, HEAP_NO_CLASS, HEAP_ROLE_METADATA, &bytes);
    if (!region || !pages_commit(region, PAGES_BYTES) || !open_region(region))
        return NULL;
    return region;
}

// Where another thread opens a region too, both are used. False: no further region can be opened, now and later.
static bool open_further_region(void)
{
    if (__atomic_load_n(&bump.is_all_reserved, __ATOMIC_RELAXED))
        return false;
    struct bump_region *region = new_region();
    for (uint32_t i = 0; region && i < BUMP_REGIONS_MAX; i++)
    {
        struct bump_region *taken = NULL;
        if (__atomic_compare_exchange_n(&bump.more[i], &taken, region, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            return true;
    }
    __atomic_store_n(&bump.is_all_reserved, true, __ATOMIC_RELAXED);
    return false;
}

static uint32_t carve_in(struct bump_region *region, size_t bytes, size_t alignment)
{
    size_t offset = bump_extent_take(&region->slots, bytes, alignment);
    return offset == BUMP_EXTENT_FULL ? 0 : region->first + (uint32_t)(offset / BUMP_GRANULE);
}

static bool has_room(const struct bump_region *region, size_t bytes, size_t alignment)
{
    return region->slots.bytes - bump_extent_taken(&region->slots) >= bytes + alignment;
}

static uint32_t carve_slot(size_t bytes, size_t alignment)
{
    struct bump_region *region = &bump.first;
    for (uint32_t number = 1;; number++)
    {
        uint32_t index = carve_in(region, bytes, alignment);
        if (index != 0)
            return index;
        if (has_room(region, bytes, alignment))
            return 0; // it was memory that lacked, not room
        if (!bump_region_number(number) && !open_further_region())
            return 0;
        region = bump_region_number(number);
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
        index_queue_open(&bump.classes[class_id].queue, dummy);
    }
    return true;
}

bool bump_regions_open(void)
{
    return open_region(&bump.first) && (bump.kind != HEAP_BUMP_FIFO || open_queues());
}

struct bump_region *bump_region_number(uint32_t number)
{
    if (number == 0)
        return &bump.first;
    return number <= BUMP_REGIONS_MAX ? __atomic_load_n(&bump.more[number - 1], __ATOMIC_ACQUIRE) : NULL;
}

const struct bump_region *bump_further_region_of(uint32_t index)
{
    const struct bump_region *region;
    for (uint32_t number = 1; (region = bump_region_number(number)); number++)
        if (index - region->first < region->granules)
            return region;
    return NULL;
}

const struct bump_region *bump_further_region_at(const void *address)
{
    const struct bump_region *region;
    for (uint32_t number = 1; (region = bump_region_number(number)); number++)
        if ((uintptr_t)address - (uintptr_t)region->slots.address < bump_extent_committed(&region->slots))
            return region;
    return NULL;
}

uint32_t bump_carve(uint32_t class_id)
{
    struct bump_class *books = &bump.classes[class_id];
    bool has_queue = bump.kind == HEAP_BUMP_FIFO;
    uint32_t node = has_queue ? carve_node() : 0;
    if (has_queue && node == 0)
        return 0;
    size_t bytes = bump_slot_bytes(class_id);
    uint32_t index = carve_slot(bytes, class_id < BUMP_ALIGNED_CLASS ? BUMP_GRANULE : bytes);
    if (index != 0)
        __atomic_fetch_add(&books->carved, 1, __ATOMIC_RELAXED);
    if (index != 0 && has_queue)
        index_queue_provide(&books->queue, node);
    else if (has_queue)
        index_stack_push(&bump.unused_nodes, &unused_links, node);
    return index;
}
