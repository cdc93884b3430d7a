// SPDX-License-Identifier: MIT
// Drawing of pages. Rows in which nothing is are left out; reads the pages of one row at a time.
#include "cli/page_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/question.h"
#include "cli/terminal.h"
#include "text/format.h"

#define COLUMNS_DEFAULT 80
#define ADDRESS_COLUMNS 19
#define CELLS_MAX 512
#define ROWS_WANTED 20
#define CELL_PAGES_MAX (1u << 14) // 64 MiB a character
#define RAMP ":-=+*#%@"           // by eighths
#define ABSENT ' '
#define RETAINED '.'

struct map
{
    struct reel_replay *replay;
    uint32_t process;
    size_t cells;      // a row
    size_t cell_pages; // a power of two
    struct reel_page *pages;
};

char page_map_character(const struct reel_page *pages, size_t count)
{
    uint64_t live = 0;
    bool is_resident = false;
    bool is_occupied = false;
    for (size_t i = 0; i < count; i++)
    {
        live += pages[i].live_bytes;
        is_occupied |= pages[i].blocks != 0;
        is_resident |= (pages[i].flags & REEL_PAGE_RESIDENT) != 0;
    }
    if (!is_occupied)
        return is_resident ? RETAINED : ABSENT;
    size_t steps = sizeof RAMP - 1;
    size_t step = (size_t)(live * steps / ((uint64_t)count * REEL_REPLAY_PAGE_BYTES));
    return RAMP[step < steps ? step : steps - 1];
}

// The allocator's own tables lie scattered over a large range, and there is nothing to see in them.
static bool is_drawn(const struct reel_region *region, bool is_shown)
{
    return is_shown && region->kind != REEL_REGION_METADATA;
}

static uint64_t pages_of(const struct reel_region *region)
{
    return region->used_end_address > region->used_begin_address
               ? (region->used_end_address - region->used_begin_address - 1) / REEL_REPLAY_PAGE_BYTES + 1
               : 0;
}

static void choose_scale(struct map *map, const struct reel_region *regions, const bool *is_shown, size_t count)
{
    size_t width = terminal_width(stdout);
    uint64_t pages = 0;
    width = width != 0 ? width : COLUMNS_DEFAULT;
    map->cells = width - ADDRESS_COLUMNS < CELLS_MAX ? width - ADDRESS_COLUMNS : CELLS_MAX;
    for (size_t i = 0; i < count; i++)
        pages += is_drawn(&regions[i], is_shown[i]) ? pages_of(&regions[i]) : 0;
    map->cell_pages = 1;
    while (map->cell_pages < CELL_PAGES_MAX && pages / map->cell_pages > map->cells * ROWS_WANTED)
        map->cell_pages *= 2;
}

static void print_legend(const struct map *map)
{
    char bytes[FORMAT_BYTES];
    format_bytes(bytes, (uint64_t)map->cell_pages * REEL_REPLAY_PAGE_BYTES);
    if (map->cell_pages == 1)
        printf("  a character is a page of %s", bytes);
    else
        printf("  a character is %zu pages, %s", map->cell_pages, bytes);
    printf("; filled by live blocks from %c up to an eighth to %c;\n"
           "  '%c' resident without a live block, blank not resident\n",
           RAMP[0], RAMP[sizeof RAMP - 2], RETAINED);
}

// Draws the cells of one row. False: nothing is there.
static int draw(const struct map *map, uint64_t address, size_t cells, char *row, bool *is_blank,
                struct reel_error *error)
{
    size_t columns = 0;
    *is_blank = true;
    for (size_t i = 0; i < cells; i++)
    {
        uint64_t begin = address + (uint64_t)i * map->cell_pages * REEL_REPLAY_PAGE_BYTES;
        int status = reel_replay_pages(map->replay, map->process, begin, map->cell_pages, map->pages, error);
        if (status != REEL_OK)
            return status;
        row[i] = page_map_character(map->pages, map->cell_pages);
        columns = row[i] != ABSENT ? i + 1 : columns;
    }
    row[columns] = '\0';
    *is_blank = columns == 0;
    return REEL_OK;
}

static int print_region(const struct map *map, const struct reel_region *region, struct reel_error *error)
{
    char row[CELLS_MAX + 1];
    char bytes[FORMAT_BYTES];
    uint64_t pages = pages_of(region);
    uint64_t blank_bytes = 0;
    for (uint64_t page = 0; page < pages; page += (uint64_t)map->cells * map->cell_pages)
    {
        uint64_t address = region->used_begin_address + page * REEL_REPLAY_PAGE_BYTES;
        uint64_t left = (pages - page - 1) / map->cell_pages + 1;
        bool is_blank = true;
        int status = draw(map, address, left < map->cells ? (size_t)left : map->cells, row, &is_blank, error);
        if (status != REEL_OK)
            return status;
        blank_bytes += is_blank ? (uint64_t)map->cells * map->cell_pages * REEL_REPLAY_PAGE_BYTES : 0;
        if (is_blank)
            continue;
        if (blank_bytes != 0)
            printf("  %*s  %s without a resident page\n", ADDRESS_COLUMNS - 4, "...", format_bytes(bytes, blank_bytes));
        blank_bytes = 0;
        printf("  %#*llx  %s\n", ADDRESS_COLUMNS - 4, (unsigned long long)address, row);
    }
    return REEL_OK;
}

int page_map_print(struct reel_replay *replay, uint32_t process, const struct reel_region *regions,
                   const bool *is_shown, size_t count, struct reel_error *error)
{
    struct map map = {.replay = replay, .process = process};
    int status = REEL_OK;
    choose_scale(&map, regions, is_shown, count);
    map.pages = malloc(map.cell_pages * sizeof *map.pages);
    if (map.pages == NULL)
        return question_fail_memory(error);
    print_legend(&map);
    for (size_t i = 0; i < count && status == REEL_OK; i++)
    {
        bool is_too_wide = pages_of(&regions[i]) / map.cell_pages > map.cells * ROWS_WANTED;
        if (is_drawn(&regions[i], is_shown[i]) && is_too_wide)
            printf("  %#*llx  too wide to be drawn\n", ADDRESS_COLUMNS - 4,
                   (unsigned long long)regions[i].begin_address);
        else if (is_drawn(&regions[i], is_shown[i]))
            status = print_region(&map, &regions[i], error);
    }
    free(map.pages);
    return status;
}
