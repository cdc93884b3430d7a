// SPDX-License-Identifier: MIT
// Adds up neighbouring places of the answer, where the screen has less room than it, and puts them into words.
#include "viewer/pages/blocks/lifetime_grid.h"

#include <stdio.h>

#define CELL_COLUMNS_MAX 4
#define WITH_FREED 60 // columns from which on there is room for the totals of freed blocks
#define WITH_ALIVE 34
#define SIZES_BYTES (2 * FORMAT_BYTES + 16)

// --- amounts ---

uint64_t lifetime_grid_freed(const struct lifetime_grid *grid, int size, int time)
{
    return grid->is_by_bytes ? grid->answer->bytes[size][time] : grid->answer->blocks[size][time];
}

static uint64_t alive_in(const struct lifetime_grid *grid, int size)
{
    return grid->is_by_bytes ? grid->answer->alive_bytes[size] : grid->answer->alive_blocks[size];
}

uint64_t lifetime_grid_cell(const struct lifetime_grid *grid, int size, int time)
{
    uint64_t amount = 0;
    for (int s = size; s < size + grid->sizes_a_row && s < grid->last_size; s++)
        for (int t = time; t < time + grid->times_a_cell && t < grid->last_time; t++)
            amount += lifetime_grid_freed(grid, s, t);
    return amount;
}

uint64_t lifetime_grid_row(const struct lifetime_grid *grid, int size, bool is_alive)
{
    uint64_t amount = 0;
    for (int s = size; s < size + grid->sizes_a_row && s < grid->last_size; s++)
    {
        amount += is_alive ? alive_in(grid, s) : 0;
        for (int time = 0; !is_alive && time < REEL_LIFETIME_TIMES; time++)
            amount += lifetime_grid_freed(grid, s, time);
    }
    return amount;
}

uint64_t lifetime_grid_all(const struct lifetime_grid *grid, bool is_alive)
{
    uint64_t amount = 0;
    for (int size = grid->first_size; size < grid->last_size; size += grid->sizes_a_row)
        amount += lifetime_grid_row(grid, size, is_alive);
    return amount;
}

// --- the grid's place ---

static void note_used(struct lifetime_grid *grid, int size, int time)
{
    if (grid->last_size == 0)
        grid->first_size = size;
    grid->last_size = size + 1;
    if (time == LIFETIME_ALIVE)
        return;
    if (grid->last_time == 0 || time < grid->first_time)
        grid->first_time = time;
    if (time >= grid->last_time)
        grid->last_time = time + 1;
}

static void find_used(struct lifetime_grid *grid)
{
    for (int size = 0; size < REEL_LIFETIME_SIZES; size++)
    {
        for (int time = 0; time < REEL_LIFETIME_TIMES; time++)
            if (grid->answer->blocks[size][time] != 0)
                note_used(grid, size, time);
        if (grid->answer->alive_blocks[size] != 0)
            note_used(grid, size, LIFETIME_ALIVE);
    }
}

static int divided_up(int whole, int part)
{
    return part > 0 ? (whole + part - 1) / part : whole;
}

struct lifetime_grid lifetime_grid_place(const struct reel_lifetimes *answer, bool is_by_bytes, struct area area)
{
    struct lifetime_grid grid = {.answer = answer, .is_by_bytes = is_by_bytes};
    find_used(&grid);
    int end = area.width;
    if (area.width >= WITH_ALIVE)
        grid.alive_end = end--;
    if (grid.alive_end > 0)
        end = grid.alive_end - LIFETIME_TOTAL_COLUMNS;
    if (area.width >= WITH_FREED)
    {
        grid.freed_end = end;
        end -= LIFETIME_TOTAL_COLUMNS;
    }
    int times = grid.last_time - grid.first_time;
    int sizes = grid.last_size - grid.first_size;
    int rows = area.height - 3 - (area.height >= LIFETIME_HINTS_ROWS); // sentence, axis, words of the cursor, hints
    int columns = end - LIFETIME_LABEL_COLUMNS - 1 > 1 ? end - LIFETIME_LABEL_COLUMNS - 1 : 1;
    grid.times_a_cell = times > columns ? divided_up(times, columns) : 1;
    grid.sizes_a_row = sizes > rows ? divided_up(sizes, rows) : 1;
    int cells = divided_up(times, grid.times_a_cell);
    grid.cell_columns = cells > 0 ? columns / cells : 1;
    grid.cell_columns = grid.cell_columns < CELL_COLUMNS_MAX ? grid.cell_columns : CELL_COLUMNS_MAX;
    grid.cells = area_of(LIFETIME_LABEL_COLUMNS, 2, cells * grid.cell_columns, divided_up(sizes, grid.sizes_a_row));
    // What the grid does not need stands at its right: totals close to their rows are read with less effort.
    int unused = columns - grid.cells.width;
    grid.alive_end -= grid.alive_end > 0 ? unused : 0;
    grid.freed_end -= grid.freed_end > 0 ? unused : 0;
    for (int size = grid.first_size; size < grid.last_size; size += grid.sizes_a_row)
        for (int time = grid.first_time; time < grid.last_time; time += grid.times_a_cell)
            grid.greatest = lifetime_grid_cell(&grid, size, time) > grid.greatest
                                ? lifetime_grid_cell(&grid, size, time)
                                : grid.greatest;
    return grid;
}

int lifetime_grid_row_of(const struct lifetime_grid *grid, int size)
{
    return grid->first_size + (size - grid->first_size) / grid->sizes_a_row * grid->sizes_a_row;
}

int lifetime_grid_cell_of(const struct lifetime_grid *grid, int time)
{
    return time == LIFETIME_ALIVE
               ? LIFETIME_ALIVE
               : grid->first_time + (time - grid->first_time) / grid->times_a_cell * grid->times_a_cell;
}

// --- words ---

char *lifetime_grid_amount(char text[FORMAT_BYTES], const struct lifetime_grid *grid, uint64_t amount)
{
    return grid->is_by_bytes ? format_bytes(text, amount) : format_count(text, amount);
}

uint64_t lifetime_grid_least_of(int place)
{
    return place <= 0 ? 0 : UINT64_C(1) << (place - 1);
}

void lifetime_grid_time(char text[FORMAT_BYTES], int time)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    int power = time - 1;
    if (power < 0)
        snprintf(text, FORMAT_BYTES, "0");
    else if (power < 36)
        snprintf(text, FORMAT_BYTES, "%d%s", 1 << power % 10, units[power / 10]);
    else if (power < 42)
        snprintf(text, FORMAT_BYTES, "%dmin", (int)((UINT64_C(1) << power) / 60000000000));
    else
        snprintf(text, FORMAT_BYTES, "%dh", (int)((UINT64_C(1) << power) / 3600000000000));
}

static void size_words(char text[SIZES_BYTES], const struct lifetime_grid *grid, int size)
{
    char low[FORMAT_BYTES];
    char high[FORMAT_BYTES];
    int last = size + grid->sizes_a_row - 1;
    last = last < grid->last_size ? last : grid->last_size - 1;
    if (last == 0)
        snprintf(text, SIZES_BYTES, "0 B");
    else if (last == REEL_LIFETIME_SIZES - 1)
        snprintf(text, SIZES_BYTES, "%s and more", format_bytes(low, lifetime_grid_least_of(size)));
    else if (lifetime_grid_least_of(last + 1) - 1 == lifetime_grid_least_of(size))
        snprintf(text, SIZES_BYTES, "%s", format_bytes(low, lifetime_grid_least_of(size)));
    else
        snprintf(text, SIZES_BYTES, "%s to %s", format_bytes(low, lifetime_grid_least_of(size)),
                 format_bytes(high, lifetime_grid_least_of(last + 1) - (last < 11)));
}

void lifetime_grid_words(char text[LIFETIME_WORDS_BYTES], const struct lifetime_grid *grid, int size, int time)
{
    char sizes[SIZES_BYTES];
    char low[FORMAT_BYTES];
    char high[FORMAT_BYTES];
    char share[FORMAT_BYTES];
    char amount[FORMAT_BYTES];
    uint64_t part = time == LIFETIME_ALIVE ? lifetime_grid_row(grid, size, true) : lifetime_grid_cell(grid, size, time);
    uint64_t whole = lifetime_grid_all(grid, time == LIFETIME_ALIVE);
    size_words(sizes, grid, size);
    const char *what = grid->is_by_bytes ? " in blocks" : part == 1 ? " block" : " blocks";
    const char *comma = whole == 0 ? "" : format_share(share, part, whole);
    if (time == LIFETIME_ALIVE)
        snprintf(text, LIFETIME_WORDS_BYTES, "%s%s of %s still alive: %s of those",
                 lifetime_grid_amount(amount, grid, part), what, sizes, comma);
    else
        snprintf(text, LIFETIME_WORDS_BYTES, "%s%s of %s lived %s to %s: %s of the freed",
                 lifetime_grid_amount(amount, grid, part), what, sizes,
                 format_duration(low, lifetime_grid_least_of(time)),
                 format_duration(high, lifetime_grid_least_of(time + grid->times_a_cell)), comma);
}
