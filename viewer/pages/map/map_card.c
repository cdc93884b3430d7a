// SPDX-License-Identifier: MIT
// Reads, orders and draws the blocks of a few pages.
#include "viewer/pages/map/map_card.h"

#include "reel/error.h"
#include "reel/words.h"
#include "text/class_size.h"
#include "text/format.h"

#include <stdio.h>
#include <stdlib.h>

enum column
{
    COLUMN_AGE,
    COLUMN_SIZE,
    COLUMN_STACK,
    COLUMN_CLASS, // where there is room
    COLUMN_ADDRESS,
    COLUMN_COUNT,
};

#define WIDTH_WITH_CLASS 64 // from which on there is room for it beside the stack
#define WIDTH_WITH_ADDRESS 80

static const struct table_column columns[COLUMN_COUNT] = {
    [COLUMN_AGE] = {.title = "AGE", .width = 12, .importance = 5},
    [COLUMN_SIZE] = {.title = "SIZE", .width = 9, .importance = 4},
    [COLUMN_STACK] = {.title = "ALLOCATED BY", .width = 0, .importance = 3, .is_left = true},
    [COLUMN_CLASS] = {.title = "CLASS", .width = 10, .importance = 1},
    [COLUMN_ADDRESS] = {.title = "ADDRESS", .width = 14, .importance = 2},
};

static int column_count(const struct map_card *card)
{
    int width = card->table_area.width;
    return width >= WIDTH_WITH_ADDRESS ? COLUMN_COUNT : width >= WIDTH_WITH_CLASS ? COLUMN_ADDRESS : COLUMN_CLASS;
}

void map_card_fini(struct map_card *card)
{
    free(card->blocks);
    *card = (struct map_card){0};
}

void map_card_open(struct map_card *card, uint32_t process, uint64_t begin_address, uint64_t end_address)
{
    card->is_open = true;
    card->is_read = false;
    card->process = process;
    card->begin_address = begin_address;
    card->end_address = end_address;
    card->table = (struct table){0};
}

// --- the blocks, and their order ---

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_age(const void *left, const void *right)
{
    const struct reel_live_block *a = &((const struct map_card_block *)left)->block;
    const struct reel_live_block *b = &((const struct map_card_block *)right)->block;
    return compare_numbers(a->birth_event, b->birth_event);
}

static int compare_size(const void *left, const void *right)
{
    const struct reel_live_block *a = &((const struct map_card_block *)left)->block;
    const struct reel_live_block *b = &((const struct map_card_block *)right)->block;
    int order = compare_numbers(b->requested_bytes, a->requested_bytes);
    return order != 0 ? order : compare_age(left, right);
}

static int compare_stack(const void *left, const void *right)
{
    const struct reel_live_block *a = &((const struct map_card_block *)left)->block;
    const struct reel_live_block *b = &((const struct map_card_block *)right)->block;
    int order = compare_numbers(a->stack, b->stack);
    return order != 0 ? order : compare_age(left, right);
}

static int compare_class(const void *left, const void *right)
{
    const struct reel_live_block *a = &((const struct map_card_block *)left)->block;
    const struct reel_live_block *b = &((const struct map_card_block *)right)->block;
    int order = compare_numbers(a->class_number, b->class_number);
    return order != 0 ? order : compare_age(left, right);
}

static int compare_address(const void *left, const void *right)
{
    const struct reel_live_block *a = &((const struct map_card_block *)left)->block;
    const struct reel_live_block *b = &((const struct map_card_block *)right)->block;
    return compare_numbers(a->address, b->address);
}

static void sort(struct map_card *card)
{
    static int (*const orders[COLUMN_COUNT])(const void *, const void *) = {
        [COLUMN_AGE] = compare_age,     [COLUMN_SIZE] = compare_size,       [COLUMN_STACK] = compare_stack,
        [COLUMN_CLASS] = compare_class, [COLUMN_ADDRESS] = compare_address,
    };
    int column = card->table.sort_column;
    if (card->count != 0 && column >= 0 && column < COLUMN_COUNT)
        qsort(card->blocks, card->count, sizeof *card->blocks, orders[column]);
    for (size_t i = 0; card->table.is_reversed && i < card->count / 2; i++)
    {
        struct map_card_block moved = card->blocks[i];
        card->blocks[i] = card->blocks[card->count - 1 - i];
        card->blocks[card->count - 1 - i] = moved;
    }
    card->sorted_column = column;
    card->is_sorted_reversed = card->table.is_reversed;
}

static uint64_t bytes_on_pages(const struct map_card *card, const struct reel_live_block *block)
{
    uint64_t end = block->address + block->usable_bytes;
    uint64_t from = block->address > card->begin_address ? block->address : card->begin_address;
    uint64_t to = end < card->end_address ? end : card->end_address;
    return to > from ? to - from : 0;
}

static void add(struct map_card *card, const struct reel_live_block *block)
{
    card->bytes += bytes_on_pages(card, block);
    card->blocks[card->count++] = (struct map_card_block){.block = *block};
}

// Those that begin on the pages, and the one that comes to them from before.
static int read_blocks(struct map_card *card, const struct reel_replay *replay, struct reel_error *error)
{
    const struct reel_block_filter filter = {.process = card->process,
                                             .class_number = -1,
                                             .address_from = card->begin_address,
                                             .address_before = card->end_address};
    struct reel_live_block *found = NULL;
    struct reel_live_block first;
    size_t count = 0;
    int status = reel_replay_blocks(replay, &filter, 0, 0, MAP_CARD_BLOCKS + 1, &found, &count, error);
    if (status != REEL_OK)
        return status;
    struct map_card_block *blocks = reallocarray(card->blocks, count + 1, sizeof *blocks);
    if (blocks == NULL)
    {
        free(found);
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the blocks of a page");
    }
    card->blocks = blocks;
    card->count = 0;
    card->bytes = 0;
    card->is_more = count > MAP_CARD_BLOCKS;
    if (reel_replay_block_at(replay, card->process, card->begin_address, &first) && first.address < card->begin_address)
        add(card, &first);
    for (size_t i = 0; i < count && i < MAP_CARD_BLOCKS; i++)
        add(card, &found[i]);
    free(found);
    return REEL_OK;
}

static int read(struct map_card *card, struct page_view *view, bool is_moving, struct reel_error *error)
{
    struct model *model = view->model;
    uint64_t moment = reel_replay_events(model_replay(model));
    if (card->is_read && (is_moving || card->moment == moment))
        return REEL_OK;
    card->is_read = false;
    card->t_ns = reel_replay_t_ns(model_replay(model));
    int status = read_blocks(card, model_replay(model), error);
    if (status != REEL_OK)
        return status;
    card->moment = moment;
    card->is_read = true;
    sort(card);
    return REEL_OK;
}

// --- drawing ---

struct drawing
{
    struct map_card *card;
    struct page_view *view;
};

// Found when it is drawn, as a time costs reading events.
static void draw_age(const struct drawing *drawing, struct canvas *canvas, struct area cell, struct map_card_block *row)
{
    char text[FORMAT_BYTES];
    struct reel_error error = {0};
    if (!row->has_birth)
        row->has_birth =
            model_time_of(drawing->view->model, row->block.birth_event + 1, &row->birth_ns, &error) == REEL_OK;
    if (!row->has_birth)
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_DIM, "?");
    else
        canvas_text_right(
            canvas, cell, cell.width, 0, ROLE_TEXT,
            format_duration(text, drawing->card->t_ns > row->birth_ns ? drawing->card->t_ns - row->birth_ns : 0));
}

static void draw_cell(void *context, struct canvas *canvas, struct area cell, size_t row, int column)
{
    const struct drawing *drawing = context;
    struct map_card_block *shown = &drawing->card->blocks[row];
    const struct reel_live_block *block = &shown->block;
    char text[CLASS_SIZE_BYTES > FORMAT_BYTES ? CLASS_SIZE_BYTES : FORMAT_BYTES];
    struct reel_class_state class;
    switch (column)
    {
    case COLUMN_AGE:
        draw_age(drawing, canvas, cell, shown);
        break;
    case COLUMN_SIZE:
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT, format_bytes(text, block->requested_bytes));
        break;
    case COLUMN_STACK:
        page_draw_stack(drawing->view, canvas, cell, ROLE_TEXT, block->stack);
        break;
    case COLUMN_CLASS:
        class = reel_replay_class(model_replay(drawing->view->model), block->class_number);
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_LABEL, class_size(text, &class));
        break;
    case COLUMN_ADDRESS:
        snprintf(text, sizeof text, "%llx", (unsigned long long)block->address);
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_LABEL, text);
        break;
    default:
        break;
    }
}

static bool is_marked(void *context, size_t row)
{
    const struct drawing *drawing = context;
    const struct selection *selection = &drawing->view->state->selection;
    const struct reel_live_block *block = &drawing->card->blocks[row].block;
    return (selection->has_stack && block->stack == selection->stack) ||
           (selection->has_class && block->class_number == selection->class_number);
}

static const struct map_card_block *oldest_of(const struct map_card *card)
{
    const struct map_card_block *oldest = NULL;
    for (size_t i = 0; i < card->count; i++)
        if (oldest == NULL || card->blocks[i].block.birth_event < oldest->block.birth_event)
            oldest = &card->blocks[i];
    return oldest;
}

// "1 page at 7f.. of the heap", "12 blocks take 2.5 KiB of 4.0 KiB, 61 %", "oldest: f (a.c:1)"
static int draw_words(const struct map_card *card, struct page_view *view, struct canvas *canvas, struct area area,
                      const struct reel_region *region)
{
    char bytes[FORMAT_BYTES];
    char whole[FORMAT_BYTES];
    char share[FORMAT_BYTES];
    char count[FORMAT_BYTES];
    char class_text[CLASS_SIZE_BYTES];
    uint64_t size = card->end_address - card->begin_address;
    const struct map_card_block *oldest = oldest_of(card);
    uint64_t pages = (size + REEL_REPLAY_PAGE_BYTES - 1) / REEL_REPLAY_PAGE_BYTES;
    int x = canvas_print(canvas, area, 0, 0, ROLE_TITLE, "%s %s at %llx", format_count(count, pages),
                         pages == 1 ? "page" : "pages", (unsigned long long)card->begin_address);
    if (region != NULL)
        x = canvas_print(canvas, area, x, 0, ROLE_LABEL, "  %s", reel_words_of_region(region->kind));
    if (region != NULL && region->class_number != 0)
    {
        struct reel_class_state class = reel_replay_class(model_replay(view->model), region->class_number);
        canvas_print(canvas, area, x, 0, ROLE_LABEL, " %s", class_size(class_text, &class));
    }
    canvas_print(canvas, area, 0, 1, ROLE_TEXT, "%s full: %s%s %s hold %s of %s",
                 format_share(share, card->bytes, size), card->is_more ? "more than " : "",
                 format_count(count, card->count), card->count == 1 ? "block" : "blocks",
                 format_bytes(bytes, card->bytes), format_bytes(whole, size));
    if (oldest == NULL)
        return 2;
    x = canvas_text(canvas, area, 0, 2, ROLE_LABEL, "oldest: ");
    page_draw_stack(view, canvas, area_right_of(area_below(area, 2), x), ROLE_TEXT, oldest->block.stack);
    return 3;
}

void map_card_draw(struct map_card *card, struct page_view *view, struct canvas *canvas, struct area area,
                   const struct reel_region *region, bool is_moving)
{
    struct reel_error error = {0};
    canvas_clear(canvas, area);
    card->area = area;
    card->table_area = (struct area){0};
    int status = read(card, view, is_moving, &error);
    if (status != REEL_OK)
    {
        error.status = status;
        page_draw_failure(canvas, area, &error);
        return;
    }
    if (card->sorted_column != card->table.sort_column || card->is_sorted_reversed != card->table.is_reversed)
        sort(card);
    int rows = draw_words(card, view, canvas, area, region);
    const struct model_of of = {card->moment, card->moment != reel_replay_events(model_replay(view->model))};
    page_draw_stale(canvas, area, view->model, &of);
    if (card->count == 0)
    {
        canvas_text(canvas, area, 0, rows, ROLE_DIM, "no live block is here at this moment");
        return;
    }
    struct drawing drawing = {card, view};
    const struct table_cells cells = {.draw = draw_cell, .is_marked = is_marked, .context = &drawing};
    card->table_area = area_below(area, rows);
    if (card->table_area.height > 1)
        table_draw(&card->table, canvas, card->table_area, columns, column_count(card), card->count, &cells);
}

// --- keys ---

static unsigned choose(struct map_card *card, struct page_view *view)
{
    struct selection *selection = &view->state->selection;
    if (card->table.selected >= card->count)
        return REACTION_TAKEN;
    const struct reel_live_block *block = &card->blocks[card->table.selected].block;
    bool is_chosen = selection->has_stack && selection->stack == block->stack;
    selection->has_stack = !is_chosen;
    selection->stack = is_chosen ? 0 : block->stack;
    view->said = is_chosen ? "the stack is no longer selected"
                           : "the stack is selected: all pages show where its blocks are; Enter again lets it go";
    return REACTION_TAKEN | REACTION_DRAW;
}

unsigned map_card_take(struct map_card *card, struct page_view *view, enum action action)
{
    if (action == ACTION_BACK || action == ACTION_UP_LEVEL)
    {
        card->is_open = false;
        return REACTION_TAKEN | REACTION_DRAW;
    }
    if (action == ACTION_OPEN)
        return choose(card, view);
    return table_take(&card->table, action, card->count, column_count(card));
}

unsigned map_card_point(struct map_card *card, struct page_view *view, const struct page_mouse *mouse,
                        struct area page_area)
{
    size_t row = SIZE_MAX;
    struct area table = card->table_area;
    struct page_mouse at = *mouse; // in the table
    at.x += page_area.x - table.x;
    at.y += page_area.y - table.y;
    if (table.height <= 1)
        return REACTION_TAKEN;
    unsigned taken = table_point(&card->table, &at, table, columns, column_count(card), card->count, &row);
    if (row != SIZE_MAX && mouse->is_double)
        taken |= choose(card, view);
    return taken | REACTION_TAKEN;
}
