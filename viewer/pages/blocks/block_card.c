// SPDX-License-Identifier: MIT
// Draws the history of an address, and goes to the moments in it.
#include "viewer/pages/blocks/block_card.h"

#include "text/class_size.h"
#include "text/format.h"
#include "text/stack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum column
{
    COLUMN_BORN,
    COLUMN_LIVED,
    COLUMN_SIZE,
    COLUMN_ALLOC,
    COLUMN_FREE,
    COLUMN_COUNT,
};

#define STACKS_BESIDE 100 // columns from which on both stacks stand side by side
#define STACKS_ROWS 9     // of the page from which on there is room for stacks
#define FIXED_COLUMNS 36  // of the first three
#define BOTH_NAMES 70     // columns from which on there is room for who freed it

struct drawing
{
    struct page_view *view;
    const struct reel_tenant *tenants;
    uint64_t moment;
};

void block_card_open(struct block_card *card)
{
    *card = (struct block_card){.is_open = true, .table.sort_column = -1};
}

static bool is_alive_at(const struct reel_tenant *tenant, uint64_t moment)
{
    return tenant->birth_event < moment && tenant->free_event >= moment;
}

// --- the table of tenants ---

static void draw_cell(void *context, struct canvas *canvas, struct area cell, size_t row, int column)
{
    const struct drawing *drawing = context;
    const struct reel_tenant *tenant = &drawing->tenants[row];
    char text[FORMAT_BYTES];
    bool is_freed = tenant->free_event != UINT64_MAX;
    if (column == COLUMN_BORN)
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_LABEL, format_time(text, tenant->birth_ns));
    else if (column == COLUMN_LIVED)
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT,
                          is_freed ? format_duration(text, tenant->free_ns - tenant->birth_ns) : "not freed");
    else if (column == COLUMN_SIZE)
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT, format_bytes(text, tenant->requested_bytes));
    else if (column == COLUMN_ALLOC)
        page_draw_stack(drawing->view, canvas, cell, ROLE_TEXT, tenant->alloc_stack);
    else if (is_freed)
        page_draw_stack(drawing->view, canvas, cell, ROLE_TEXT, tenant->free_stack);
}

static bool is_marked(void *context, size_t row)
{
    const struct drawing *drawing = context;
    return is_alive_at(&drawing->tenants[row], drawing->moment);
}

static bool is_later(void *context, size_t row)
{
    const struct drawing *drawing = context;
    return drawing->tenants[row].birth_event >= drawing->moment;
}

static void draw_table(struct block_card *card, struct canvas *canvas, struct area area, struct drawing *drawing)
{
    struct table_column columns[COLUMN_COUNT] = {
        [COLUMN_BORN] = {.title = "BORN", .width = 12, .importance = 9},
        [COLUMN_LIVED] = {.title = "LIVED", .width = 11, .importance = 8},
        [COLUMN_SIZE] = {.title = "SIZE", .width = 9, .importance = 6},
        [COLUMN_ALLOC] = {.title = "ALLOCATED BY", .width = 0, .importance = 7, .is_left = true},
        [COLUMN_FREE] = {.title = "FREED BY", .importance = 5, .is_left = true},
    };
    bool has_both = area.width >= BOTH_NAMES;
    const struct table_cells cells = {draw_cell, is_marked, is_later, drawing};
    columns[COLUMN_FREE].width = (area.width - FIXED_COLUMNS) / 2;
    card->table_area = area;
    table_draw(&card->table, canvas, area, columns, has_both ? COLUMN_COUNT : COLUMN_FREE, card->count, &cells);
}

// --- words and stacks ---

static void draw_now(struct page_view *view, struct canvas *canvas, struct area area)
{
    const struct selection *selection = &view->state->selection;
    const struct reel_replay *replay = model_replay(view->model);
    struct reel_live_block block;
    char size[FORMAT_BYTES];
    char usable[FORMAT_BYTES];
    char offset[FORMAT_BYTES + 32] = "";
    char class[CLASS_SIZE_BYTES];
    if (!reel_replay_block_at(replay, selection->process, selection->address, &block))
    {
        canvas_text(canvas, area, 0, 1, ROLE_DIM, "no live block holds it at this moment");
        return;
    }
    struct reel_class_state state = reel_replay_class(replay, block.class_number);
    if (block.address != selection->address)
        snprintf(offset, sizeof offset, ", %s from its beginning",
                 format_bytes(usable, selection->address - block.address));
    canvas_print(canvas, area, 0, 1, ROLE_TEXT,
                 "now in a block of %s (%s usable), class %s, process %u, event #%" PRIu64 "%s",
                 format_bytes(size, block.requested_bytes), format_bytes(usable, block.usable_bytes),
                 class_size(class, &state), block.process, block.birth_event, offset);
}

static void draw_words(const struct block_card *card, struct page_view *view, struct canvas *canvas, struct area area)
{
    char count[FORMAT_BYTES];
    int x = canvas_print(canvas, area, 0, 0, ROLE_TITLE, "address 0x%" PRIx64, view->state->selection.address);
    canvas_print(canvas, area, x, 0, ROLE_TEXT, ": %s block%s held it in this reel", format_count(count, card->count),
                 card->count == 1 ? "" : "s");
    draw_now(view, canvas, area);
}

static void draw_stack(struct page_view *view, struct canvas *canvas, struct area area, const char *title,
                       uint32_t stack)
{
    struct text_stack *read = NULL;
    struct reel_error error = {0};
    char function[STACK_TEXT_BYTES];
    char place[STACK_TEXT_BYTES];
    canvas_text(canvas, area, 0, 0, ROLE_LABEL, title);
    canvas_style(canvas, area, 0, 0, area.width, CELL_UNDERLINE);
    if (text_stack_read(&read, model_reader(view->model), stack, &error) != REEL_OK)
    {
        canvas_text(canvas, area, 0, 1, ROLE_WARNING, error.text);
        return;
    }
    if (read->count == 0)
        canvas_text(canvas, area, 0, 1, ROLE_DIM, text_nameless(stack));
    for (size_t i = 0; i < read->count && (int)i + 1 < area.height; i++)
    {
        text_function(function, &read->frames[i]);
        text_place(place, &read->frames[i]);
        int x = canvas_text(canvas, area, 0, (int)i + 1, ROLE_TEXT, function);
        canvas_text(canvas, area, x + 1, (int)i + 1, ROLE_DIM, place);
    }
    free(read);
}

static void draw_stacks(struct page_view *view, struct canvas *canvas, struct area area,
                        const struct reel_tenant *tenant)
{
    bool is_beside = area.width >= STACKS_BESIDE;
    bool is_freed = tenant->free_event != UINT64_MAX;
    int half = is_beside ? area.width / 2 : (area.height + 1) / 2;
    struct area first = is_beside ? area_left(area, half - 1) : area_top(area, is_freed ? half : area.height);
    struct area second = is_beside ? area_right_of(area, half) : area_below(area, half);
    draw_stack(view, canvas, first, "ALLOCATED BY", tenant->alloc_stack);
    if (is_freed && second.height > 1)
        draw_stack(view, canvas, second, "FREED BY", tenant->free_stack);
}

// The one that holds the address at the moment; else the last before it.
static void place(struct block_card *card, const struct drawing *drawing)
{
    for (size_t i = 0; !card->is_placed && i < card->count; i++)
        if (drawing->tenants[i].birth_event < drawing->moment)
            card->table.selected = i;
    card->is_placed = true;
}

void block_card_draw(struct block_card *card, struct page_view *view, struct canvas *canvas, struct area area)
{
    struct drawing drawing = {.view = view, .moment = reel_replay_events(model_replay(view->model))};
    struct model_of of = {0};
    struct reel_error error = {0};
    canvas_clear(canvas, area);
    card->table_area = (struct area){0};
    int status = model_history(view->model, view->state, &drawing.tenants, &card->count, &of, &error);
    if (status != REEL_OK)
    {
        error.status = (enum reel_status)status;
        page_draw_failure(canvas, area, &error);
        draw_now(view, canvas, area);
        return;
    }
    draw_words(card, view, canvas, area);
    if (card->count == 0)
    {
        canvas_text(canvas, area, 0, 2, ROLE_DIM,
                    "no block has ever held it; : goes to another address, Esc to the list");
        return;
    }
    place(card, &drawing);
    struct area rest = area_below(area, 2);
    int rows = rest.height;
    if (area.height >= STACKS_ROWS)
        rows = card->count + 1 < (size_t)rest.height / 2 ? (int)card->count + 1 : rest.height / 2;
    if (rows > 0)
        draw_table(card, canvas, area_top(rest, rows), &drawing);
    if (area.height >= STACKS_ROWS)
        draw_stacks(view, canvas, area_below(rest, rows + 1), &drawing.tenants[card->table.selected]);
}

// --- keys ---

static unsigned go_to_birth(struct block_card *card, struct page_view *view)
{
    const struct reel_tenant *tenants = NULL;
    struct model_of of;
    struct reel_error error;
    model_ask_again(view->model);
    if (model_history(view->model, view->state, &tenants, &card->count, &of, &error) != REEL_OK ||
        card->table.selected >= card->count)
        return REACTION_TAKEN | REACTION_DRAW;
    view->state->moment = tenants[card->table.selected].birth_event + 1;
    view->state->is_following = false;
    view->said = "at the birth of that block; , and . step by event";
    return REACTION_TAKEN | REACTION_DRAW | REACTION_MOVE;
}

unsigned block_card_take(struct block_card *card, struct page_view *view, enum action action)
{
    if (action == ACTION_BACK || action == ACTION_UP_LEVEL)
    {
        card->is_open = false;
        return REACTION_TAKEN | REACTION_DRAW;
    }
    if (action == ACTION_OPEN)
        return go_to_birth(card, view);
    return table_take(&card->table, action, card->count, 0);
}

unsigned block_card_point(struct block_card *card, struct page_view *view, const struct page_mouse *mouse)
{
    struct page_mouse inside = *mouse;
    size_t row = SIZE_MAX;
    inside.y -= card->table_area.y;
    if (card->table_area.height <= 0 || inside.y == 0)
        return REACTION_NONE;
    unsigned taken = table_point(&card->table, &inside, card->table_area, NULL, 0, card->count, &row);
    return row != SIZE_MAX && mouse->is_double ? taken | go_to_birth(card, view) : taken;
}
