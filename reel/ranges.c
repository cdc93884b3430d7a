// SPDX-License-Identifier: MIT
// Ranges in a sorted array: a lookup halves, a change moves what is behind it.
#include "reel/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "reel/status.h"

// The first range that ends at or after the address.
static size_t first_ending_from(const struct reel_ranges *ranges, uint64_t address)
{
    size_t low = 0;
    size_t high = ranges->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (ranges->all[middle].end < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Puts count new ranges in the place of those from first to the one before end.
static int replace(struct reel_ranges *ranges, size_t first, size_t end, const struct reel_range *added, size_t count)
{
    if (ranges->count + count > ranges->max)
    {
        size_t max = ranges->max == 0 ? 16 : ranges->max * 2;
        struct reel_range *moved = reallocarray(ranges->all, max, sizeof *moved);
        if (moved == NULL)
            return REEL_E_NO_MEMORY;
        ranges->all = moved;
        ranges->max = max;
    }
    for (size_t i = first; i < end; i++)
        ranges->bytes -= ranges->all[i].end - ranges->all[i].begin;
    memmove(ranges->all + first + count, ranges->all + end, (ranges->count - end) * sizeof *ranges->all);
    for (size_t i = 0; i < count; i++)
    {
        ranges->all[first + i] = added[i];
        ranges->bytes += added[i].end - added[i].begin;
    }
    ranges->count += count - (end - first);
    return REEL_OK;
}

int reel_ranges_add(struct reel_ranges *ranges, uint64_t begin, uint64_t end)
{
    struct reel_range added = {begin, end};
    size_t first = first_ending_from(ranges, begin);
    size_t last = first;
    for (; last < ranges->count && ranges->all[last].begin <= end; last++)
    {
        added.begin = ranges->all[last].begin < added.begin ? ranges->all[last].begin : added.begin;
        added.end = ranges->all[last].end > added.end ? ranges->all[last].end : added.end;
    }
    return replace(ranges, first, last, &added, 1);
}

int reel_ranges_remove(struct reel_ranges *ranges, uint64_t begin, uint64_t end)
{
    struct reel_range left[2];
    size_t left_count = 0;
    size_t first = first_ending_from(ranges, begin + 1);
    size_t last = first;
    for (; last < ranges->count && ranges->all[last].begin < end; last++)
    {
        const struct reel_range *range = &ranges->all[last];
        if (range->begin < begin)
            left[left_count++] = (struct reel_range){range->begin, begin};
        if (range->end > end)
            left[left_count++] = (struct reel_range){end, range->end};
    }
    return first == last ? REEL_OK : replace(ranges, first, last, left, left_count);
}

bool reel_ranges_cover(const struct reel_ranges *ranges, uint64_t begin, uint64_t end)
{
    size_t first = first_ending_from(ranges, end);
    return first < ranges->count && ranges->all[first].begin <= begin;
}

static bool is_first_ending_from(const struct reel_ranges *ranges, size_t at, uint64_t address)
{
    return at <= ranges->count && (at == ranges->count || ranges->all[at].end >= address) &&
           (at == 0 || ranges->all[at - 1].end < address);
}

bool reel_ranges_cover_near(const struct reel_ranges *ranges, size_t *near, uint64_t begin, uint64_t end)
{
    if (!is_first_ending_from(ranges, *near, end))
        *near = is_first_ending_from(ranges, *near + 1, end) ? *near + 1 : first_ending_from(ranges, end);
    return *near < ranges->count && ranges->all[*near].begin <= begin;
}

void reel_ranges_fini(struct reel_ranges *ranges)
{
    free(ranges->all);
    *ranges = (struct reel_ranges){0};
}
