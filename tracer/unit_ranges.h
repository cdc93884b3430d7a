// SPDX-License-Identifier: MIT
// Which unit of debug information is about an address, by .debug_aranges.
#ifndef HEAPREEL_TRACER_UNIT_RANGES_H
#define HEAPREEL_TRACER_UNIT_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unit_range
{
    uint64_t begin;
    uint64_t end;
    uint64_t unit; // offset of its header in .debug_info
};

struct unit_ranges
{
    struct unit_range *ranges; // by begin
    size_t count;
    size_t capacity;
};

// Reads a whole section of 64-bit addresses in this machine's byte order. False: it is damaged, or there is no memory.
bool unit_ranges_read(struct unit_ranges *ranges, const uint8_t *bytes, size_t byte_count);
void unit_ranges_clean_up(struct unit_ranges *ranges);
// A gap between two ranges belongs to the one before it, as libdwfl has it. NULL: none.
const struct unit_range *unit_ranges_find(const struct unit_ranges *ranges, uint64_t address);

#endif
