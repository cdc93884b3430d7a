// SPDX-License-Identifier: MIT
// What lies in the regions of a heap: blocks, occupied pages and backed ones, in one pass over each.
#include "reel/replay/regions.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/replay/block_walk.h"

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the regions of the heap");
}

void replay_regions_fini(struct replay_regions *regions)
{
    free(regions->all);
    reel_ranges_fini(&regions->untouched);
    *regions = (struct replay_regions){0};
}

static bool is_backed(const struct reel_ranges *backed, uint64_t address)
{
    return reel_ranges_cover(backed, address, address + REEL_REPLAY_PAGE_BYTES);
}

static bool is_in(const struct replay_region *region, uint64_t address)
{
    return region != NULL && address - region->seen.begin_address < region->seen.region_bytes;
}

static void use(struct reel_region *region, uint64_t begin, uint64_t end)
{
    bool is_first = region->used_end_address == 0;
    region->used_begin_address = is_first || begin < region->used_begin_address ? begin : region->used_begin_address;
    region->used_end_address = end > region->used_end_address ? end : region->used_end_address;
}

// An occupied page; those of a region come one after the other.
static int count_page(struct replay_regions *regions, struct replay_region *region, bool is_page_backed,
                      uint64_t address, uint32_t page)
{
    if (is_in(region, address))
    {
        region->seen.occupied_pages++;
        region->seen.live_bytes += replay_page_bytes(page);
        region->backed_occupied_pages += is_page_backed;
        region->backed_live_bytes += is_page_backed ? replay_page_bytes(page) : 0;
        use(&region->seen, address, address + REEL_REPLAY_PAGE_BYTES);
    }
    return is_page_backed ? REEL_OK
                          : replay_ranges_append(&regions->untouched, address, address + REEL_REPLAY_PAGE_BYTES);
}

static int each_occupied(const struct replay_leaf *const *leaves, size_t leaf_count,
                         int (*take)(void *context, uint64_t address, uint32_t page), void *context)
{
    int status = REEL_OK;
    for (size_t i = 0; i < leaf_count; i++)
        for (uint64_t k = 0; status == REEL_OK && k < REPLAY_LEAF_PAGES; k++)
            if (replay_page_blocks(leaves[i]->pages[k]) != 0)
                status = take(context, (leaves[i]->number * REPLAY_LEAF_PAGES + k) * REEL_REPLAY_PAGE_BYTES,
                              leaves[i]->pages[k]);
    return status;
}

static int take_occupied(void *context, uint64_t address, uint32_t page)
{
    (void)page;
    return replay_ranges_append(context, address, address + REEL_REPLAY_PAGE_BYTES);
}

struct page_count
{
    struct replay_regions *regions;
    const struct reel_ranges *backed;
    struct replay_region *region; // of the page before
    size_t near;                  // its place among the backed ones
};

static int take_page(void *context, uint64_t address, uint32_t page)
{
    struct page_count *count = context;
    if (!is_in(count->region, address))
        count->region = replay_regions_before(count->regions, address);
    bool is_page_backed =
        reel_ranges_cover_near(count->backed, &count->near, address, address + REEL_REPLAY_PAGE_BYTES);
    return count_page(count->regions, count->region, is_page_backed, address, page);
}

// Calls use for what each range has in common with a region.
static void count_ranges(struct replay_regions *regions, const struct reel_ranges *ranges, bool is_asked)
{
    size_t at = 0;
    for (size_t i = 0; i < regions->count; i++)
    {
        struct replay_region *region = &regions->all[i];
        uint64_t begin = region->seen.begin_address;
        uint64_t end = begin + region->seen.region_bytes;
        while (at < ranges->count && ranges->all[at].end <= begin)
            at++;
        for (size_t k = at; k < ranges->count && ranges->all[k].begin < end; k++)
        {
            uint64_t from = ranges->all[k].begin > begin ? ranges->all[k].begin : begin;
            uint64_t to = ranges->all[k].end < end ? ranges->all[k].end : end;
            uint64_t pages = (to - from) / REEL_REPLAY_PAGE_BYTES;
            region->asked_pages += is_asked ? pages : 0;
            region->seen.resident_pages += is_asked ? 0 : pages;
            if (!is_asked)
                use(&region->seen, from, to);
        }
    }
}

static void count_retained(struct replay_regions *regions)
{
    for (size_t i = 0; i < regions->count; i++)
    {
        struct replay_region *region = &regions->all[i];
        if (region->seen.kind != REEL_REGION_METADATA)
            region->seen.retained_bytes =
                replay_minus(region->seen.resident_pages, region->backed_occupied_pages) * REEL_REPLAY_PAGE_BYTES;
    }
}

struct block_count
{
    struct replay_regions *regions;
    const struct reel_ranges *backed;
    bool has_headers;
    struct replay_region *region; // of the block before
};

static void take_block(void *context, const struct reel_block *block)
{
    struct block_count *count = context;
    uint64_t address = block->address;
    if (!is_in(count->region, address))
        count->region = replay_regions_before(count->regions, address);
    struct replay_region *region = count->region;
    if (!is_in(region, address))
        return;
    region->seen.live_blocks++;
    if (block->birth_event < region->seen.oldest_birth_event)
        region->seen.oldest_birth_event = block->birth_event;
    uint64_t header_page = (address - REPLAY_HEADER_BYTES) / REEL_REPLAY_PAGE_BYTES * REEL_REPLAY_PAGE_BYTES;
    if (count->has_headers && replay_has_header(replay_usable_bytes(block)) &&
        (count->regions->untouched.count == 0 || is_backed(count->backed, header_page)))
        region->seen.pinned_bytes = replay_minus(region->seen.pinned_bytes, REPLAY_HEADER_BYTES);
}

// Of a region's occupied and backed pages, what is of no block and no header; and of its blocks how many there are and
// which is the oldest.
static int count_blocks(struct replay_regions *regions, const struct reel_replay *replay, uint32_t process,
                        struct reel_error *error)
{
    struct block_count count = {
        .regions = regions, .backed = &replay->backed.backed, .has_headers = replay_has_headers(replay)};
    for (size_t i = 0; i < regions->count; i++)
    {
        regions->all[i].seen.oldest_birth_event = UINT64_MAX;
        regions->all[i].seen.pinned_bytes = replay_minus(regions->all[i].backed_occupied_pages * REEL_REPLAY_PAGE_BYTES,
                                                         regions->all[i].backed_live_bytes);
    }
    return replay_walk_blocks(replay, process, take_block, &count, NULL, error);
}

static int make(struct replay_regions *regions, struct reel_replay *replay, uint32_t process,
                const struct replay_heap *heap, const struct replay_backed *backed, struct reel_error *error)
{
    size_t leaf_count;
    struct reel_ranges occupied = {0};
    const struct replay_leaf **leaves = replay_pages_sorted(&heap->pages, &leaf_count);
    int status = leaf_count != 0 && leaves == NULL ? REEL_E_NO_MEMORY : REEL_OK;
    if (status == REEL_OK)
        status = each_occupied(leaves, leaf_count, take_occupied, &occupied);
    if (status != REEL_OK)
        fail_memory(error);
    else
        status = replay_regions_find(regions, replay, process, backed, &occupied, error);
    if (status == REEL_OK)
    {
        struct page_count count = {.regions = regions, .backed = &backed->backed};
        status = each_occupied(leaves, leaf_count, take_page, &count);
        if (status != REEL_OK)
            fail_memory(error);
    }
    free(leaves);
    reel_ranges_fini(&occupied);
    return status;
}

int replay_regions_make(struct replay_regions *regions, struct reel_replay *replay, uint32_t process,
                        struct reel_error *error)
{
    const struct replay_heap *heap = replay_heap_of(replay, process);
    const struct replay_backed *backed;
    *regions = (struct replay_regions){0};
    if (process == 0 || process >= replay->state.lives.count)
        return reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has none with that number", process);
    if (heap == NULL)
        return REEL_OK;
    int status = replay_backed_at(replay, process, &backed, error);
    if (status == REEL_OK)
        status = make(regions, replay, process, heap, backed, error);
    if (status != REEL_OK)
        return status;
    count_ranges(regions, &backed->backed, false);
    count_ranges(regions, &backed->asked, true);
    count_retained(regions);
    return REEL_OK;
}

static int answer(struct reel_replay *replay, uint32_t process, bool has_blocks, struct reel_region **regions,
                  size_t *count, struct reel_error *error)
{
    struct replay_regions made;
    *regions = NULL;
    *count = 0;
    int status = replay_regions_make(&made, replay, process, error);
    if (status == REEL_OK && made.count != 0)
    {
        status = has_blocks ? count_blocks(&made, replay, process, error) : REEL_OK;
        *regions = status == REEL_OK ? calloc(made.count, sizeof **regions) : NULL;
        if (status == REEL_OK && *regions == NULL)
            status = fail_memory(error);
    }
    for (size_t i = 0; *regions != NULL && i < made.count; i++)
        (*regions)[(*count)++] = made.all[i].seen;
    replay_regions_fini(&made);
    return status;
}

int reel_replay_regions(struct reel_replay *replay, uint32_t process, struct reel_region **regions, size_t *count,
                        struct reel_error *error)
{
    return answer(replay, process, true, regions, count, error);
}

int reel_replay_regions_of_pages(struct reel_replay *replay, uint32_t process, struct reel_region **regions,
                                 size_t *count, struct reel_error *error)
{
    return answer(replay, process, false, regions, count, error);
}
