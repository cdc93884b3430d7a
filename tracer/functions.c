// SPDX-License-Identifier: MIT
// Indexes functions of compilation units. Refuses dwarf_getscopes: it walks the whole unit for each address, which in a
// unit of the size of SQLite's takes milliseconds.
#include "tracer/functions.h"

#include <dwarf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS_NESTING_MAX 64 // of namespaces and classes around functions

static void add_range(struct functions_unit *unit, Dwarf_Addr begin, Dwarf_Addr end, Dwarf_Off die)
{
    if (unit->count == unit->capacity)
    {
        size_t capacity = unit->capacity == 0 ? 256 : 2 * unit->capacity;
        struct functions_range *ranges = realloc(unit->ranges, capacity * sizeof *ranges);
        if (ranges == NULL)
            return; // the function stays unnamed by DWARF
        unit->ranges = ranges;
        unit->capacity = capacity;
    }
    unit->ranges[unit->count++] = (struct functions_range){.begin = begin, .end = end, .die = die};
}

static void add_function(struct functions_unit *unit, Dwarf_Die *die)
{
    Dwarf_Addr base;
    Dwarf_Addr begin;
    Dwarf_Addr end;
    ptrdiff_t at = 0;
    while ((at = dwarf_ranges(die, at, &base, &begin, &end)) > 0)
        add_range(unit, begin, end, dwarf_dieoffset(die));
}

static void collect(struct functions_unit *unit, Dwarf_Die *parent, int depth)
{
    Dwarf_Die die;
    if (depth == FUNCTIONS_NESTING_MAX || dwarf_child(parent, &die) != 0)
        return;
    do
    {
        switch (dwarf_tag(&die))
        {
        case DW_TAG_subprogram:
            add_function(unit, &die);
            collect(unit, &die, depth + 1); // functions within functions (Rust, Ada, GNU C)
            break;
        case DW_TAG_namespace:
        case DW_TAG_module:
        case DW_TAG_class_type:
        case DW_TAG_structure_type:
        case DW_TAG_union_type:
        case DW_TAG_enumeration_type:
        case DW_TAG_lexical_block:
            collect(unit, &die, depth + 1);
            break;
        default:
            break;
        }
    } while (dwarf_siblingof(&die, &die) == 0);
}

static int compare_ranges(const void *left, const void *right)
{
    const struct functions_range *a = left;
    const struct functions_range *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

static void index_unit(struct functions_unit *unit, Dwarf_Die *die)
{
    *unit = (struct functions_unit){.die = die->addr};
    collect(unit, die, 0);
    if (unit->count > 0)
        qsort(unit->ranges, unit->count, sizeof *unit->ranges, compare_ranges);
}

// NULL: no memory.
static struct functions_unit *insert_unit(struct functions_index *index, size_t at)
{
    if (index->count == index->capacity)
    {
        size_t capacity = index->capacity == 0 ? 16 : 2 * index->capacity;
        struct functions_unit *units = realloc(index->units, capacity * sizeof *units);
        if (units == NULL)
            return NULL;
        index->units = units;
        index->capacity = capacity;
    }
    memmove(&index->units[at + 1], &index->units[at], (index->count - at) * sizeof *index->units);
    index->count++;
    return &index->units[at];
}

static const struct functions_unit *find_unit(struct functions_index *index, Dwarf_Die *die)
{
    uintptr_t wanted = (uintptr_t)die->addr;
    size_t low = 0;
    size_t high = index->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if ((uintptr_t)index->units[middle].die < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < index->count && index->units[low].die == die->addr)
        return &index->units[low];
    struct functions_unit *unit = insert_unit(index, low);
    if (unit != NULL)
        index_unit(unit, die);
    return unit;
}

static const struct functions_range *find_range(const struct functions_unit *unit, Dwarf_Addr address)
{
    size_t low = 0;
    size_t high = unit->count;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (unit->ranges[middle].begin <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && address < unit->ranges[low - 1].end ? &unit->ranges[low - 1] : NULL;
}

size_t functions_at(struct functions_index *index, Dwarf_Die *unit, Dwarf_Addr address, Dwarf_Die *scopes,
                    size_t capacity)
{
    Dwarf_Die outermost_first[FUNCTIONS_INLINE_DEPTH_MAX];
    Dwarf_Die die;
    const struct functions_unit *indexed = find_unit(index, unit);
    const struct functions_range *range = indexed != NULL ? find_range(indexed, address) : NULL;
    if (range == NULL || dwarf_offdie(dwarf_cu_getdwarf(unit->cu), range->die, &die) == NULL)
        return 0;
    size_t count = scopes_at(&index->scopes, &die, address, outermost_first, FUNCTIONS_INLINE_DEPTH_MAX);
    size_t kept = count < capacity ? count : capacity;
    for (size_t i = 0; i < kept; i++)
        scopes[i] = outermost_first[count - 1 - i];
    return kept;
}

void functions_clean_up(struct functions_index *index)
{
    for (size_t i = 0; i < index->count; i++)
        free(index->units[i].ranges);
    free(index->units);
    scopes_clean_up(&index->scopes);
    *index = (struct functions_index){0};
}
