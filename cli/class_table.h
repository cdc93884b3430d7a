// SPDX-License-Identifier: MIT
// The table of size classes that `heapreel classes` prints.
#ifndef HEAPREEL_CLI_CLASS_TABLE_H
#define HEAPREEL_CLI_CLASS_TABLE_H

#include "cli/columns.h"
#include "reel/replay.h"

enum class_column
{
    CLASS_SIZE,
    CLASS_BLOCKS,
    CLASS_REQUESTED,
    CLASS_ROUNDING,
    CLASS_ROUNDING_SHARE,
    CLASS_CARVED,
    CLASS_FREE,
    CLASS_PEAK,
    CLASS_PINNED,
    CLASS_OLDEST,
    CLASS_COLUMNS
};

struct class_table
{
    const struct reel_replay *replay; // at the moment of the classes
    struct column columns[CLASS_COLUMNS];
};

struct class_line
{
    const char *size;
    const struct reel_class_state *state; // or the sum of all
    bool is_told;                         // slots, and their peak
    bool is_peak_told;
    uint64_t pinned_bytes;
    uint64_t birth_ns; // of the oldest block; REEL_OLDEST_NONE: none, or not known
};

// Prints the titles. Without slots their columns are left out; the longest size has size_width characters, the terminal
// width, 0: there is none.
void class_table_begin(struct class_table *table, const struct reel_replay *replay, bool has_slots, size_t size_width,
                       size_t width);
void class_table_print(const struct class_table *table, const struct class_line *line);

#endif
