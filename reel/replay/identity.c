// SPDX-License-Identifier: MIT
// Where every resident byte goes: the sums of the regions, less what live blocks have on pages that are not backed.
#include "reel/replay/regions.h"

// Bytes of blocks on pages that are not backed.
struct untouched
{
    uint64_t requested_bytes;
    uint64_t usable_bytes;
    uint64_t header_bytes; // glibc's, where it has any
};

// The first range that ends behind the address.
static size_t first_behind(const struct reel_ranges *ranges, uint64_t address)
{
    size_t low = 0;
    size_t high = ranges->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (ranges->all[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t common_bytes(const struct reel_range *range, uint64_t begin, uint64_t end)
{
    begin = begin > range->begin ? begin : range->begin;
    end = end < range->end ? end : range->end;
    return begin < end ? end - begin : 0;
}

static struct untouched sum_untouched(const struct replay_heap *heap, const struct reel_ranges *ranges)
{
    struct untouched sum = {0};
    const struct reel_block *block;
    size_t position = 0;
    while (ranges->count != 0 && (block = reel_blocks_next(&heap->blocks, &position)) != NULL)
    {
        uint64_t end = replay_block_end(block->address, replay_usable_bytes(block));
        uint64_t requested_end = replay_block_end(block->address, block->requested_bytes);
        size_t i = first_behind(ranges, block->address);
        if (i < ranges->count && ranges->all[i].begin < block->address && replay_has_header(end - block->address))
            sum.header_bytes += REPLAY_HEADER_BYTES;
        for (; i < ranges->count && ranges->all[i].begin < end; i++)
        {
            sum.requested_bytes += common_bytes(&ranges->all[i], block->address, requested_end);
            sum.usable_bytes += common_bytes(&ranges->all[i], block->address, end);
        }
    }
    return sum;
}

static struct reel_identity sum_up(const struct replay_regions *regions, const struct replay_heap *heap,
                                   bool has_headers)
{
    struct reel_identity sum = {.metadata_bytes = has_headers ? heap->headed_blocks * REPLAY_HEADER_BYTES : 0};
    struct untouched untouched = sum_untouched(heap, &regions->untouched);
    uint64_t requested_bytes = heap->own.requested_bytes + heap->inherited.requested_bytes;
    uint64_t usable_bytes = heap->own.usable_bytes + heap->inherited.usable_bytes;
    for (size_t i = 0; i < regions->count; i++)
    {
        const struct replay_region *region = &regions->all[i];
        uint64_t resident_bytes = region->seen.resident_pages * REEL_REPLAY_PAGE_BYTES;
        sum.resident_bytes += resident_bytes;
        sum.kernel_resident_bytes += region->asked_pages * REEL_REPLAY_PAGE_BYTES;
        sum.retained_bytes += region->seen.retained_bytes;
        if (region->seen.kind == REEL_REGION_METADATA)
            sum.metadata_bytes +=
                replay_minus(region->seen.resident_pages, region->backed_occupied_pages) * REEL_REPLAY_PAGE_BYTES;
    }
    sum.metadata_bytes = replay_minus(sum.metadata_bytes, untouched.header_bytes);
    sum.untouched_bytes = untouched.usable_bytes;
    sum.requested_bytes = replay_minus(requested_bytes, untouched.requested_bytes);
    sum.rounding_bytes =
        replay_minus(usable_bytes - requested_bytes, untouched.usable_bytes - untouched.requested_bytes);
    sum.pinned_bytes = replay_minus(sum.resident_bytes,
                                    sum.requested_bytes + sum.rounding_bytes + sum.retained_bytes + sum.metadata_bytes);
    return sum;
}

static int identity_of(struct reel_replay *replay, uint32_t process, struct reel_identity *identity,
                       struct reel_error *error)
{
    struct replay_regions regions;
    const struct replay_heap *heap = replay_heap_of(replay, process);
    int status = replay_regions_make(&regions, replay, process, error);
    *identity = (struct reel_identity){0};
    if (status == REEL_OK && heap != NULL)
    {
        *identity = sum_up(&regions, heap, replay_has_headers(replay));
        identity->is_sampled = replay->backed.resident != NULL;
        identity->sample_t_ns = identity->is_sampled ? replay->backed.resident->t_ns : 0;
    }
    replay_regions_fini(&regions);
    return status;
}

static void add(struct reel_identity *sum, const struct reel_identity *one)
{
    sum->resident_bytes += one->resident_bytes;
    sum->requested_bytes += one->requested_bytes;
    sum->rounding_bytes += one->rounding_bytes;
    sum->pinned_bytes += one->pinned_bytes;
    sum->retained_bytes += one->retained_bytes;
    sum->metadata_bytes += one->metadata_bytes;
    sum->untouched_bytes += one->untouched_bytes;
    sum->kernel_resident_bytes += one->kernel_resident_bytes;
    sum->is_sampled = sum->is_sampled && one->is_sampled;
    if (sum->sample_t_ns == 0 || one->sample_t_ns < sum->sample_t_ns)
        sum->sample_t_ns = one->sample_t_ns;
}

int reel_replay_identity(struct reel_replay *replay, uint32_t process, struct reel_identity *identity,
                         struct reel_error *error)
{
    struct reel_identity sum = {.is_sampled = true};
    struct reel_identity one;
    size_t process_count = 0;
    int status = REEL_OK;
    if (process != 0)
        return identity_of(replay, process, identity, error);
    for (uint32_t i = 1; status == REEL_OK && i < replay->state.lives.count; i++)
    {
        if (replay_heap_of(replay, i) == NULL)
            continue;
        status = identity_of(replay, i, &one, error);
        add(&sum, &one);
        process_count++;
    }
    sum.is_sampled = sum.is_sampled && process_count != 0;
    *identity = sum;
    return status;
}
