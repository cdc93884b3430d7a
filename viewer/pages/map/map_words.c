// SPDX-License-Identifier: MIT
// What the map says in words: of the heap, of the tile under the cursor, of sparse pages.
#include "viewer/pages/map/map.h"

#include "text/advice.h"
#include "text/class_size.h"
#include "text/format.h"

#define ADVICE_COLUMNS 96 // of a sentence rather than its figures

// The figure that matters first.
void map_draw_title(const struct drawing *drawing, struct area area, const struct reel_heap_state *heap)
{
    const struct map *map = drawing->map;
    char text[FORMAT_BYTES];
    uint64_t occupied = heap->occupied_pages * REEL_REPLAY_PAGE_BYTES;
    uint64_t used = heap->usable_bytes + heap->inherited_usable_bytes;
    int x = canvas_print(drawing->canvas, area, 0, 0, ROLE_TITLE, "%s full", format_share(text, used, occupied));
    x = canvas_print(drawing->canvas, area, x, 0, ROLE_TEXT, "  %s pages", format_count(text, heap->occupied_pages));
    x = canvas_print(drawing->canvas, area, x, 0, ROLE_TEXT, ", %s", format_bytes(text, occupied));
    x = canvas_print(drawing->canvas, area, x, 0, ROLE_PINNED, "  pinned %s", format_bytes(text, heap->pinned_bytes));
    x = canvas_print(drawing->canvas, area, x, 0, ROLE_LABEL, "  a tile is %s",
                     format_bytes(text, map_rows_tile_bytes(&map->rows)));
    x = canvas_text(drawing->canvas, area, x, 0, ROLE_KEY, " + -");
    if (drawing->view->state->process == 0 && map->process > 1)
        canvas_print(drawing->canvas, area, x, 0, ROLE_LABEL, "  process %u", map->process);
}

void map_draw_tile(const struct drawing *drawing, struct area area, struct map_place place)
{
    const struct map *map = drawing->map;
    const struct map_tile *tile = &map->tiles.all[map_tiles_index(&map->tiles, &map->rows, &place)];
    struct reel_class_state class = reel_replay_class(model_replay(drawing->view->model), tile->class_number);
    char text[FORMAT_BYTES];
    char size[CLASS_SIZE_BYTES];
    struct canvas *canvas = drawing->canvas;
    uint64_t address = 0;
    uint64_t bytes = tile->page_count * REEL_REPLAY_PAGE_BYTES;
    map_rows_address(&map->rows, &place, &address);
    int x = canvas_print(canvas, area, 0, 0, ROLE_CURSOR, "%llx ", (unsigned long long)address);
    if (tile->occupied_pages == 0)
    {
        canvas_text(canvas, area, x, 0, ROLE_TEXT,
                    tile->resident_pages != 0 ? " retained: resident, no live block" : " not resident, no live block");
        return;
    }
    x = canvas_print(canvas, area, x, 0, ROLE_TEXT, " %s full:", format_share(text, tile->live_bytes, bytes));
    x = canvas_print(canvas, area, x, 0, ROLE_TEXT, " %s of", format_bytes(text, tile->live_bytes));
    x = canvas_print(canvas, area, x, 0, ROLE_TEXT, " %s,", format_bytes(text, bytes));
    x = canvas_print(canvas, area, x, 0, ROLE_TEXT, " %s %s,", format_count(text, tile->blocks),
                     tile->blocks == 1 ? "block" : "blocks");
    x = canvas_print(canvas, area, x, 0, ROLE_TEXT, " class %s", class_size(size, &class));
    if (x + canvas_columns("  Enter lists") > area.width)
        return;
    x = canvas_text(canvas, area, x, 0, ROLE_KEY, "  Enter");
    canvas_text(canvas, area, x, 0, ROLE_LABEL, " lists");
}

void map_draw_sparse(const struct drawing *drawing, struct area area)
{
    const struct reel_blame *blame = NULL;
    struct model_of of = {0};
    struct reel_error error = {0};
    struct state state = *drawing->view->state;
    char held[FORMAT_BYTES];
    char pages[FORMAT_BYTES];
    char blocks[FORMAT_BYTES];
    char bytes[FORMAT_BYTES];
    char text[ADVICE_BYTES];
    state.process = drawing->map->process;
    if (model_blame(drawing->view->model, &state, &blame, &of, &error) != REEL_OK)
    {
        canvas_text(drawing->canvas, area, 0, 0, ROLE_DIM, "sparse pages are not counted yet");
        return;
    }
    struct reel_blame_sparse sparse = reel_blame_sparse(blame);
    if (sparse.pages == 0)
    {
        canvas_text(drawing->canvas, area, 0, 0, ROLE_DIM, "no page is less than 25 % full");
        return;
    }
    if (area.width >= ADVICE_COLUMNS)
        canvas_text(drawing->canvas, area, 0, 0, ROLE_PINNED, advice_sparse(text, &sparse));
    else
        canvas_print(drawing->canvas, area, 0, 0, ROLE_PINNED, "%s %s < 25 %% hold %s for %s %s, %s",
                     format_count(pages, sparse.pages), sparse.pages == 1 ? "page" : "pages",
                     format_bytes(held, sparse.held_bytes), format_count(blocks, sparse.blocks),
                     sparse.blocks == 1 ? "block" : "blocks", format_bytes(bytes, sparse.block_bytes));
    page_draw_stale(drawing->canvas, area, drawing->view->model, &of);
}
