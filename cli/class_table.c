// SPDX-License-Identifier: MIT
// Columns of size classes. Where the terminal is narrow, what follows from other columns goes first.
#include "cli/class_table.h"

#include "cli/age.h"
#include "text/format.h"

static const struct column all_columns[CLASS_COLUMNS] = {
    [CLASS_SIZE] = {.title = "SIZE", .width = 13, .narrow_width = 13},
    [CLASS_BLOCKS] = {.title = "BLOCKS", .width = 11, .narrow_width = 11},
    [CLASS_REQUESTED] = {.title = "REQUESTED", .width = 10, .narrow_width = 9, .rank = 1},
    [CLASS_ROUNDING] = {.title = "ROUNDING", .width = 10, .narrow_width = 8, .rank = 2},
    [CLASS_ROUNDING_SHARE] = {.title = "", .width = 7, .narrow_width = 7, .rank = 2},
    [CLASS_CARVED] = {.title = "CARVED", .width = 11, .narrow_width = 11, .rank = 4},
    [CLASS_FREE] = {.title = "FREE", .width = 11, .narrow_width = 11, .rank = 6},
    [CLASS_PEAK] = {.title = "PEAK", .width = 11, .narrow_width = 11, .rank = 5},
    [CLASS_PINNED] = {.title = "PINNED", .width = 10, .narrow_width = 8, .rank = 1},
    [CLASS_OLDEST] = {.title = "OLDEST", .width = 10, .narrow_width = 10, .rank = 3},
};

// The allocator's counts are "-" for a class that it does not know.
static char *format_told(char buffer[FORMAT_BYTES], bool is_told, uint64_t count)
{
    if (is_told)
        return format_count(buffer, count);
    snprintf(buffer, FORMAT_BYTES, "-");
    return buffer;
}

void class_table_begin(struct class_table *table, const struct reel_replay *replay, bool has_slots, size_t size_width,
                       size_t width)
{
    table->replay = replay;
    for (size_t i = 0; i < CLASS_COLUMNS; i++)
        table->columns[i] = all_columns[i];
    for (size_t i = CLASS_CARVED; i <= CLASS_PEAK; i++)
        table->columns[i].is_hidden = !has_slots;
    struct column *size = &table->columns[CLASS_SIZE];
    size->narrow_width = (int)size_width;
    size->width = size->width > size->narrow_width ? size->width : size->narrow_width;
    columns_fit(table->columns, CLASS_COLUMNS, width);
    columns_print_titles(stdout, table->columns, CLASS_COLUMNS);
}

void class_table_print(const struct class_table *table, const struct class_line *line)
{
    const struct reel_class_state *class = line->state;
    uint64_t lost = class->usable_bytes - class->requested_bytes;
    uint64_t unused = class->carved_slots > class->live_blocks ? class->carved_slots - class->live_blocks : 0;
    char texts[CLASS_COLUMNS][FORMAT_BYTES];
    const char *const cells[CLASS_COLUMNS] = {
        [CLASS_SIZE] = line->size,
        [CLASS_BLOCKS] = format_count(texts[CLASS_BLOCKS], class->live_blocks),
        [CLASS_REQUESTED] = format_bytes(texts[CLASS_REQUESTED], class->requested_bytes),
        [CLASS_ROUNDING] = format_bytes(texts[CLASS_ROUNDING], lost),
        [CLASS_ROUNDING_SHARE] = format_share(texts[CLASS_ROUNDING_SHARE], lost, class->usable_bytes),
        [CLASS_CARVED] = format_told(texts[CLASS_CARVED], line->is_told, class->carved_slots),
        [CLASS_FREE] = format_told(texts[CLASS_FREE], line->is_told, unused),
        [CLASS_PEAK] = format_told(texts[CLASS_PEAK], line->is_peak_told, class->peak_live_slots),
        [CLASS_PINNED] = format_bytes(texts[CLASS_PINNED], line->pinned_bytes),
        [CLASS_OLDEST] = age_format(texts[CLASS_OLDEST], table->replay, line->birth_ns),
    };
    columns_print(stdout, table->columns, CLASS_COLUMNS, cells);
}
