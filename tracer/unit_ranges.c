// SPDX-License-Identifier: MIT
// Reads .debug_aranges (DWARF 5, 6.1.2) and the ranges of units. Refuses segments and addresses of other sizes than 8
// in the former, and code at address 0, where linkers put what they have left out.
#include "tracer/unit_ranges.h"

#include <stdlib.h>
#include <string.h>

#define UNIT_RANGES_VERSION 2
#define UNIT_RANGES_LONG 0xffffffffu // the length follows in 8 bytes: 64-bit DWARF
#define UNIT_RANGES_PAIR_BYTES 16
#define UNIT_RANGES_MAX (1u << 22) // damaged units could refer to one long list many times

struct cursor
{
    const uint8_t *at;
    const uint8_t *end;
};

static bool take(struct cursor *cursor, void *value, size_t bytes)
{
    if ((size_t)(cursor->end - cursor->at) < bytes)
        return false;
    memcpy(value, cursor->at, bytes);
    cursor->at += bytes;
    return true;
}

// A number of 4 bytes, or 8 in 64-bit DWARF.
static bool take_offset(struct cursor *cursor, bool is_long, uint64_t *value)
{
    uint32_t narrow = 0;
    bool is_taken = is_long ? take(cursor, value, sizeof *value) : take(cursor, &narrow, sizeof narrow);
    if (!is_long)
        *value = narrow;
    return is_taken;
}

static bool add(struct unit_ranges *ranges, struct unit_range range)
{
    if (range.begin == 0 || range.begin >= range.end)
        return true;
    if (ranges->count == UNIT_RANGES_MAX)
        return false;
    if (ranges->count == ranges->capacity)
    {
        size_t capacity = ranges->capacity == 0 ? 256 : 2 * ranges->capacity;
        struct unit_range *bigger = realloc(ranges->ranges, capacity * sizeof *bigger);
        if (bigger == NULL)
            return false;
        ranges->ranges = bigger;
        ranges->capacity = capacity;
    }
    ranges->ranges[ranges->count++] = range;
    return true;
}

static bool read_pairs(struct unit_ranges *ranges, struct cursor *pairs, uint64_t unit)
{
    uint64_t pair[2];
    while (take(pairs, pair, sizeof pair) && (pair[0] != 0 || pair[1] != 0))
        if (!add(ranges, (struct unit_range){.begin = pair[0], .end = pair[0] + pair[1], .unit = unit}))
            return false;
    return true;
}

static bool read_set(struct unit_ranges *ranges, struct cursor *section)
{
    const uint8_t *begin = section->at;
    uint32_t short_length = 0;
    uint64_t length = 0;
    uint64_t unit = 0;
    uint16_t version = 0;
    uint8_t sizes[2] = {0}; // of an address, of a segment
    if (!take(section, &short_length, sizeof short_length))
        return false;
    bool is_long = short_length == UNIT_RANGES_LONG;
    length = short_length;
    if ((is_long && !take(section, &length, sizeof length)) || length > (size_t)(section->end - section->at))
        return false;
    struct cursor set = {section->at, section->at + length};
    section->at = set.end;
    if (!take(&set, &version, sizeof version) || !take_offset(&set, is_long, &unit) || !take(&set, sizes, sizeof sizes))
        return false;
    if (version != UNIT_RANGES_VERSION || sizes[0] != sizeof(uint64_t) || sizes[1] != 0)
        return false;
    size_t header_bytes = (size_t)(set.at - begin);
    size_t padding = -header_bytes % UNIT_RANGES_PAIR_BYTES;
    if (padding > (size_t)(set.end - set.at))
        return true;
    set.at += padding;
    return read_pairs(ranges, &set, unit);
}

// Of ranges with the same begin the innermost comes last, of the same ranges that of the first unit.
static int compare(const void *left, const void *right)
{
    const struct unit_range *a = left;
    const struct unit_range *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    if (a->end != b->end)
        return a->end > b->end ? -1 : 1;
    return (a->unit < b->unit) - (a->unit > b->unit);
}

static void sort(struct unit_ranges *ranges)
{
    uint64_t reach = 0;
    if (ranges->count > 0)
        qsort(ranges->ranges, ranges->count, sizeof *ranges->ranges, compare);
    for (size_t i = 0; i < ranges->count; i++)
    {
        reach = ranges->ranges[i].end > reach ? ranges->ranges[i].end : reach;
        ranges->ranges[i].reach = reach;
    }
}

bool unit_ranges_read(struct unit_ranges *ranges, const uint8_t *bytes, size_t byte_count)
{
    struct cursor section = {bytes, bytes + byte_count};
    while (section.at < section.end)
        if (!read_set(ranges, &section))
            return false;
    sort(ranges);
    return true;
}

void unit_ranges_scan(struct unit_ranges *ranges, Dwarf *dwarf)
{
    Dwarf_Off unit = 0;
    Dwarf_Off next;
    size_t header_bytes;
    bool has_room = true;
    for (; has_room && dwarf_nextcu(dwarf, unit, &next, &header_bytes, NULL, NULL, NULL) == 0; unit = next)
    {
        Dwarf_Die die;
        Dwarf_Addr base;
        struct unit_range range = {.unit = unit};
        ptrdiff_t at = 0;
        if (next <= unit + header_bytes)
            break; // damaged: one without length could follow another to the end of the section
        if (dwarf_offdie(dwarf, unit + header_bytes, &die) == NULL)
            continue;
        while (has_room && (at = dwarf_ranges(&die, at, &base, &range.begin, &range.end)) > 0)
            has_room = add(ranges, range);
    }
    sort(ranges);
}

void unit_ranges_clean_up(struct unit_ranges *ranges)
{
    free(ranges->ranges);
    *ranges = (struct unit_ranges){0};
}

const struct unit_range *unit_ranges_find(const struct unit_ranges *ranges, uint64_t address)
{
    size_t low = 0;
    size_t high = ranges->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (ranges->ranges[middle].begin <= address)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low > 0 && address < ranges->ranges[low - 1].reach; low--)
        if (address < ranges->ranges[low - 1].end)
            return &ranges->ranges[low - 1];
    return NULL;
}

bool unit_ranges_die(Dwarf *dwarf, const struct unit_range *range, Dwarf_Die *die)
{
    Dwarf_Off next;
    size_t header_bytes;
    return dwarf_nextcu(dwarf, range->unit, &next, &header_bytes, NULL, NULL, NULL) == 0 &&
           dwarf_offdie(dwarf, range->unit + header_bytes, die) != NULL;
}
