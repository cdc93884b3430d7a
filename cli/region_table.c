// SPDX-License-Identifier: MIT
// Columns of regions. Where the terminal is narrow, what can be told from the others goes first: the reserved range,
// and the occupied pages, which are the live bytes over their fill.
#include "cli/region_table.h"

#include <stdio.h>

#include "cli/age.h"
#include "cli/columns.h"
#include "reel/words.h"
#include "text/class_size.h"
#include "text/format.h"

enum region_column
{
    REGION_ADDRESS,
    REGION_KIND,
    REGION_CLASS,
    REGION_RESERVED,
    REGION_RESIDENT,
    REGION_OCCUPIED,
    REGION_LIVE,
    REGION_FILL,
    REGION_PINNED,
    REGION_RETAINED,
    REGION_OLDEST,
    REGION_COLUMNS
};

static const struct column all_columns[REGION_COLUMNS] = {
    [REGION_ADDRESS] = {.title = "ADDRESS", .width = 14, .narrow_width = 14},
    [REGION_KIND] = {.title = "KIND", .width = 8, .narrow_width = 8, .is_left = true},
    [REGION_CLASS] = {.title = "CLASS", .width = 9, .narrow_width = 9, .rank = 3},
    [REGION_RESERVED] = {.title = "RESERVED", .width = 10, .narrow_width = 8, .rank = 7},
    [REGION_RESIDENT] = {.title = "RESIDENT", .width = 10, .narrow_width = 8, .rank = 1},
    [REGION_OCCUPIED] = {.title = "OCCUPIED", .width = 10, .narrow_width = 8, .rank = 6},
    [REGION_LIVE] = {.title = "LIVE", .width = 10, .narrow_width = 8, .rank = 2},
    [REGION_FILL] = {.title = "FILL", .width = 7, .narrow_width = 6},
    [REGION_PINNED] = {.title = "PINNED", .width = 10, .narrow_width = 8, .rank = 2},
    [REGION_RETAINED] = {.title = "RETAINED", .width = 10, .narrow_width = 8, .rank = 3},
    [REGION_OLDEST] = {.title = "OLDEST", .width = 10, .narrow_width = 10, .rank = 4},
};
#define RANK_OF_NO_CLASS 5 // where no zone has one

static bool has_classes(const struct region_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->is_shown[i] && table->regions[i].class_number != 0)
            return true;
    return false;
}

// Of a zone that serves one class; else "".
static char *zone_class(char text[CLASS_SIZE_BYTES], const struct reel_replay *replay, const struct reel_region *region)
{
    struct reel_class_state class = reel_replay_class(replay, region->class_number);
    text[0] = '\0';
    return region->class_number != 0 ? class_size(text, &class) : text;
}

static void print_row(const struct region_table *table, size_t index, const struct column *columns)
{
    const struct reel_region *region = &table->regions[index];
    uint64_t occupied_bytes = region->occupied_pages * REEL_REPLAY_PAGE_BYTES;
    char texts[REGION_COLUMNS][CLASS_SIZE_BYTES];
    snprintf(texts[REGION_ADDRESS], CLASS_SIZE_BYTES, "%#llx", (unsigned long long)region->begin_address);
    const char *const cells[REGION_COLUMNS] = {
        [REGION_ADDRESS] = texts[REGION_ADDRESS],
        [REGION_KIND] = reel_words_of_region(region->kind),
        [REGION_CLASS] = zone_class(texts[REGION_CLASS], table->replay, region),
        [REGION_RESERVED] = format_bytes(texts[REGION_RESERVED], region->region_bytes),
        [REGION_RESIDENT] = format_bytes(texts[REGION_RESIDENT], region->resident_pages * REEL_REPLAY_PAGE_BYTES),
        [REGION_OCCUPIED] = format_bytes(texts[REGION_OCCUPIED], occupied_bytes),
        [REGION_LIVE] = format_bytes(texts[REGION_LIVE], region->live_bytes),
        [REGION_FILL] = format_share(texts[REGION_FILL], region->live_bytes, occupied_bytes),
        [REGION_PINNED] = format_bytes(texts[REGION_PINNED], region->pinned_bytes),
        [REGION_RETAINED] = format_bytes(texts[REGION_RETAINED], region->retained_bytes),
        [REGION_OLDEST] = age_format(texts[REGION_OLDEST], table->replay, table->births_ns[index]),
    };
    columns_print(stdout, columns, REGION_COLUMNS, cells);
}

void region_table_print(const struct region_table *table)
{
    struct column columns[REGION_COLUMNS];
    for (size_t i = 0; i < REGION_COLUMNS; i++)
        columns[i] = all_columns[i];
    if (!has_classes(table))
        columns[REGION_CLASS].rank = RANK_OF_NO_CLASS;
    columns_fit(columns, REGION_COLUMNS, table->width);
    columns_print_titles(stdout, columns, REGION_COLUMNS);
    for (size_t i = 0; i < table->count; i++)
        if (table->is_shown[i])
            print_row(table, i, columns);
}
