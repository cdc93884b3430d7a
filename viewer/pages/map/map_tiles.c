// SPDX-License-Identifier: MIT
// Reads pages into tiles, and looks which of them blocks lie on. Chooses no colours.
#include "viewer/pages/map/map_tiles.h"

#include <stdlib.h>
#include <string.h>

#include "reel/error.h"

#define PAGE UINT64_C(4096)

void map_tiles_fini(struct map_tiles *tiles)
{
    free(tiles->all);
    free(tiles->marks);
    free(tiles->pages);
    *tiles = (struct map_tiles){0};
}

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the page map; make the terminal smaller");
}

static size_t tiles_a_line(const struct map_rows *rows)
{
    return (size_t)rows->columns * (size_t)rows->halves;
}

size_t map_tiles_index(const struct map_tiles *tiles, const struct map_rows *rows, const struct map_place *place)
{
    return (size_t)(place->line - tiles->first_line) * tiles_a_line(rows) +
           (size_t)place->half * (size_t)rows->columns + (size_t)place->column;
}

static bool make_room(struct map_tiles *tiles, size_t tile_count, size_t page_count)
{
    if (tile_count > tiles->max)
    {
        struct map_tile *all = reallocarray(tiles->all, tile_count, sizeof *all);
        tiles->all = all != NULL ? all : tiles->all;
        struct map_mark *marks = reallocarray(tiles->marks, tile_count, sizeof *marks);
        tiles->marks = marks != NULL ? marks : tiles->marks;
        tiles->has_marks = false;
        if (all == NULL || marks == NULL)
            return false;
        tiles->max = tile_count;
    }
    if (page_count > tiles->page_max)
    {
        struct reel_page *pages = reallocarray(tiles->pages, page_count, sizeof *pages);
        if (pages == NULL)
            return false;
        tiles->pages = pages;
        tiles->page_max = page_count;
    }
    return true;
}

static void add_page(struct map_tile *tile, const struct reel_page *page, uint32_t *most_bytes)
{
    tile->page_count++;
    tile->occupied_pages += page->blocks != 0;
    tile->resident_pages += (page->flags & REEL_PAGE_RESIDENT) != 0;
    tile->live_bytes += page->live_bytes;
    tile->blocks += page->blocks;
    if (page->blocks != 0 && page->live_bytes >= *most_bytes)
    {
        *most_bytes = page->live_bytes;
        tile->class_number = page->class_number;
    }
}

// The pages from address on, put into tiles.
static void sum_up(struct map_tile *tiles, const struct map_rows *rows, uint64_t line_begin, uint64_t address,
                   const struct reel_page *pages, size_t page_count)
{
    uint64_t bytes = map_rows_tile_bytes(rows);
    uint64_t before = UINT64_MAX;
    uint32_t most_bytes = 0;
    for (size_t i = 0; i < page_count; i++)
    {
        uint64_t tile = (address + i * PAGE - line_begin) / bytes;
        most_bytes = tile == before ? most_bytes : 0;
        before = tile;
        add_page(&tiles[tile], &pages[i], &most_bytes);
    }
}

static int read_line(struct map_tiles *tiles, const struct map_rows *rows, struct reel_replay *replay, uint32_t process,
                     uint64_t number, struct reel_error *error)
{
    struct map_line line = map_rows_line(rows, number);
    const struct reel_region *region = &rows->regions[line.region];
    uint64_t tile_count = (uint64_t)line.tiles[0] + (uint64_t)line.tiles[1];
    uint64_t begin = line.begin_address > region->used_begin_address ? line.begin_address : region->used_begin_address;
    uint64_t end = line.begin_address + tile_count * map_rows_tile_bytes(rows);
    end = end < region->used_end_address ? end : region->used_end_address;
    if (tile_count == 0 || end <= begin)
        return REEL_OK;
    size_t page_count = (size_t)((end - begin - 1) / PAGE + 1);
    int status = reel_replay_pages(replay, process, begin, page_count, tiles->pages, error);
    if (status == REEL_OK)
        sum_up(&tiles->all[(number - tiles->first_line) * tiles_a_line(rows)], rows, line.begin_address, begin,
               tiles->pages, page_count);
    return status;
}

int map_tiles_read(struct map_tiles *tiles, const struct map_rows *rows, struct reel_replay *replay, uint32_t process,
                   uint64_t first_line, uint64_t line_count, struct reel_error *error)
{
    uint64_t lines = map_rows_lines(rows);
    first_line = first_line < lines ? first_line : lines;
    line_count = line_count < lines - first_line ? line_count : lines - first_line;
    tiles->first_line = first_line;
    tiles->line_count = 0;
    if (!make_room(tiles, (size_t)line_count * tiles_a_line(rows) + 1, tiles_a_line(rows) * (size_t)rows->tile_pages))
        return fail_memory(error);
    tiles->line_count = line_count;
    memset(tiles->all, 0, (size_t)line_count * tiles_a_line(rows) * sizeof *tiles->all);
    int status = REEL_OK;
    for (uint64_t i = 0; status == REEL_OK && i < line_count; i++)
        status = read_line(tiles, rows, replay, process, first_line + i, error);
    return status;
}

// --- marks ---

struct marking
{
    struct map_tiles *tiles;
    const struct map_rows *rows;
    struct model *model;
    const struct map_question *question;
    uint64_t begin_address; // of what is in sight
    uint64_t end_address;
};

static bool is_chosen(const struct selection *selection, const struct reel_live_block *block)
{
    return (selection->has_class || selection->has_stack) &&
           (!selection->has_class || block->class_number == selection->class_number) &&
           (!selection->has_stack || block->stack == selection->stack);
}

static void mark_tile(struct map_mark *mark, const struct reel_live_block *block, bool chosen)
{
    mark->passes = true;
    mark->is_chosen |= chosen;
    if (block->birth_event < mark->oldest_birth)
        mark->oldest_birth = block->birth_event;
}

// Tile by tile; over what lies between regions in one step, however far it is.
static void mark_span(const struct marking *marking, uint64_t from, uint64_t to, const struct reel_live_block *block,
                      bool chosen)
{
    struct map_tiles *tiles = marking->tiles;
    uint64_t bytes = map_rows_tile_bytes(marking->rows);
    uint64_t next = from;
    struct map_place place;
    for (uint64_t address = from; address < to; address = next)
    {
        if (map_rows_find(marking->rows, address, &place))
        {
            if (place.line - tiles->first_line < tiles->line_count)
                mark_tile(&tiles->marks[map_tiles_index(tiles, marking->rows, &place)], block, chosen);
            next = (address / bytes + 1) * bytes;
        }
        else if (!map_rows_address(marking->rows, &place, &next))
            return;
        if (next <= address)
            return;
    }
}

static int mark_block(void *context, const struct reel_live_block *block)
{
    const struct marking *marking = context;
    uint64_t end = block->address + (block->usable_bytes != 0 ? block->usable_bytes : 1);
    if (end < block->address || block->address >= marking->end_address || end <= marking->begin_address ||
        !model_block_passes(marking->model, &marking->question->filter, block))
        return REEL_OK;
    bool chosen = is_chosen(&marking->question->selection, block);
    uint64_t from = block->address > marking->begin_address ? block->address : marking->begin_address;
    uint64_t to = end < marking->end_address ? end : marking->end_address;
    mark_span(marking, from, to, block, chosen);
    return REEL_OK;
}

static bool is_same_question(const struct map_question *a, const struct map_question *b, bool is_moving)
{
    const struct selection *left = &a->selection;
    const struct selection *right = &b->selection;
    return (is_moving || a->moment == b->moment) && a->process == b->process && left->has_class == right->has_class &&
           (!left->has_class || left->class_number == right->class_number) && left->has_stack == right->has_stack &&
           (!left->has_stack || left->stack == right->stack) && filter_is_same(&a->filter, &b->filter);
}

static bool is_marked(const struct map_tiles *tiles, const struct map_rows *rows, const struct map_question *question,
                      bool is_moving)
{
    return tiles->has_marks && tiles->marked_line == tiles->first_line && tiles->marked_lines == tiles->line_count &&
           tiles->marked_pages == rows->tile_pages && tiles->marked_columns == rows->columns &&
           is_same_question(&tiles->question, question, is_moving);
}

int map_tiles_mark(struct map_tiles *tiles, const struct map_rows *rows, struct model *model,
                   const struct map_question *question, bool is_moving, struct reel_error *error)
{
    if (tiles->line_count == 0 || is_marked(tiles, rows, question, is_moving))
        return REEL_OK;
    struct map_line last = map_rows_line(rows, tiles->first_line + tiles->line_count - 1);
    struct marking marking = {
        .tiles = tiles,
        .rows = rows,
        .model = model,
        .question = question,
        .begin_address = map_rows_line(rows, tiles->first_line).begin_address,
        .end_address = last.begin_address + tiles_a_line(rows) * map_rows_tile_bytes(rows),
    };
    size_t tile_count = (size_t)tiles->line_count * tiles_a_line(rows);
    for (size_t i = 0; i < tile_count; i++)
        tiles->marks[i] = (struct map_mark){.oldest_birth = MAP_NO_BIRTH};
    tiles->has_marks = false;
    int status = reel_replay_each_block(model_replay(model), question->process, mark_block, &marking);
    if (status != REEL_OK)
        return reel_error_set(error, status, "the blocks on the page map could not be read; press c for other colours");
    tiles->has_marks = true;
    tiles->question = *question;
    tiles->marked_line = tiles->first_line;
    tiles->marked_lines = tiles->line_count;
    tiles->marked_pages = rows->tile_pages;
    tiles->marked_columns = rows->columns;
    return REEL_OK;
}
