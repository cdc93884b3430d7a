// SPDX-License-Identifier: MIT
// Planted culprit: vectors that grow by realloc while small blocks live between their copies. The columns of a table
// grow together, eightfold at a time. When they have 960 bytes each, an undo entry of that size is saved for one column
// in four; when they outgrow their places, those are free again but for the entries, which keep the pages and cut the
// free space into pieces that no longer column fits into.
// Watch: undo_entries, the blocks between the copies.
// Expect: under every allocator `blame` at the end names save_undo first; `top` by live bytes names grow_column.
#include "sample.h"

enum
{
    COLUMNS = 8192,
    FIRST_BYTES = 120,
    UNDO_BYTES = 960,
    LAST_BYTES = 7680,
    UNDO_IN = 4,
};

static void **columns;
static void **undo;
static size_t undo_count;

static __attribute__((noinline)) void save_undo(size_t column)
{
    undo[undo_count] = sample_touch(malloc(UNDO_BYTES), UNDO_BYTES);
    memcpy(undo[undo_count++], columns[column], UNDO_BYTES);
}

static __attribute__((noinline)) void grow_column(size_t column, size_t bytes)
{
    columns[column] = sample_touch(realloc(columns[column], bytes), bytes);
}

int main(void)
{
    sample_begin();
    columns = sample_memory(COLUMNS * sizeof *columns);
    undo = sample_memory(COLUMNS / UNDO_IN * sizeof *undo);
    for (size_t bytes = FIRST_BYTES; bytes <= LAST_BYTES; bytes *= LAST_BYTES / UNDO_BYTES)
        for (size_t i = 0; i < COLUMNS; i++)
        {
            grow_column(i, bytes);
            if (bytes == UNDO_BYTES && i % UNDO_IN == 0)
                save_undo(i);
        }
    sample_figure("undo_entries", (double)undo_count);
}
