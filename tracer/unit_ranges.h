// SPDX-License-Identifier: MIT
// Which unit of debug information is about an address: by .debug_aranges, which not all compilers write, or by what the
// units say of themselves.
#ifndef HEAPREEL_TRACER_UNIT_RANGES_H
#define HEAPREEL_TRACER_UNIT_RANGES_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct unit_range
{
    uint64_t begin;
    uint64_t end;
    uint64_t reach; // greatest end of this range and all before it
    uint64_t unit;  // offset of its header in .debug_info
};

struct unit_ranges
{
    struct unit_range *ranges; // by begin
    size_t count;
    size_t capacity;
};

// Both fill ranges that are empty. Reads a whole .debug_aranges of 64-bit addresses in this machine's byte order.
// False: it is damaged, or there is no memory.
bool unit_ranges_read(struct unit_ranges *ranges, const uint8_t *bytes, size_t byte_count);
// Asks all units. What cannot be read is left out.
void unit_ranges_scan(struct unit_ranges *ranges, Dwarf *dwarf);
void unit_ranges_clean_up(struct unit_ranges *ranges);
// The innermost range that holds an address; NULL: none.
const struct unit_range *unit_ranges_find(const struct unit_ranges *ranges, uint64_t address);
// The first DIE of a unit; false: it cannot be read.
bool unit_ranges_die(Dwarf *dwarf, const struct unit_range *range, Dwarf_Die *die);

#endif
