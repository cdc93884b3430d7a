// SPDX-License-Identifier: MIT
// Draws the frames of a stack, the innermost first as in all lists of frames.
#include "viewer/pages/stacks/stack_card.h"

#include "text/format.h"
#include "text/stack.h"

#include <stdio.h>
#include <stdlib.h>

enum
{
    LINES_ABOVE = 2, // title and figures
    COVERS_ALL_BELOW = 14,
    FUNCTION_COLUMNS_MIN = 16,
    FIGURES_BYTES = 256,
};

void stack_card_open(struct stack_card *card, struct page_view *view, uint32_t stack)
{
    *card = (struct stack_card){.is_open = true, .stack = stack};
    view->state->selection.has_stack = true;
    view->state->selection.stack = stack;
}

// ---- drawing

static void draw_rule(struct canvas *canvas, struct area area, const char *title)
{
    for (int x = 0; x < area.width; x++)
        canvas_put(canvas, area, x, 0, canvas->glyphs->line, ROLE_DIM, ROLE_TEXT);
    int x = canvas_text(canvas, area, area.width > 20 ? 2 : 0, 0, ROLE_TITLE, title);
    const char *keys = " Enter closes ";
    if (x + canvas_columns(keys) + 3 < area.width)
        canvas_text_right(canvas, area, area.width - 2, 0, ROLE_DIM, keys);
}

// Of the moment, whatever the page shows; nothing where it cannot be told.
static void print_figures(char text[FIGURES_BYTES], const struct stack_card *card, struct page_view *view)
{
    const struct reel_blame *blame = NULL;
    struct reel_error error = {0};
    struct model_of of;
    size_t count = 0;
    char live[FORMAT_BYTES];
    char blocks[FORMAT_BYTES];
    char pinned[FORMAT_BYTES];
    char rounding[FORMAT_BYTES];
    char pages[FORMAT_BYTES];
    text[0] = '\0';
    if (model_blame(view->model, view->state, &blame, &of, &error) != REEL_OK || blame == NULL)
        return;
    const struct reel_blame_share *shares = reel_blame_stacks(blame, &count);
    const struct reel_blame_share none = {0};
    const struct reel_blame_share *share = card->stack < count ? &shares[card->stack] : &none;
    int length = snprintf(text, FIGURES_BYTES, "live %s in %s block%s  pinned %s",
                          format_bytes(live, share->live_bytes), format_count(blocks, share->live_blocks),
                          share->live_blocks == 1 ? "" : "s", format_bytes(pinned, share->pinned_bytes));
    if (share->alone_pages != 0)
        length += snprintf(text + length, FIGURES_BYTES - (size_t)length, "  alone on %s page%s",
                           format_count(pages, share->alone_pages), share->alone_pages == 1 ? "" : "s");
    if (share->rounding_bytes != 0)
        snprintf(text + length, FIGURES_BYTES - (size_t)length, "  rounding %s",
                 format_bytes(rounding, share->rounding_bytes));
}

static int longest_function(const struct text_stack *stack, int width)
{
    char function[STACK_TEXT_BYTES];
    int longest = FUNCTION_COLUMNS_MIN;
    for (size_t i = 0; i < stack->count; i++)
    {
        text_function(function, &stack->frames[i]);
        int columns = canvas_columns(function);
        longest = columns > longest ? columns : longest;
    }
    return longest < width / 2 ? longest : width / 2;
}

static void draw_frame(struct canvas *canvas, struct area row, const struct reel_frame *frame, int function_columns)
{
    char function[STACK_TEXT_BYTES];
    char place[STACK_TEXT_BYTES];
    char module[STACK_TEXT_BYTES];
    text_function(function, frame);
    text_place(place, frame);
    format_text(module, sizeof module, text_base_name(frame->module));
    canvas_text(canvas, area_left(row, function_columns), 0, 0, ROLE_TEXT, function);
    int x = canvas_text(canvas, row, function_columns + 2, 0, ROLE_TITLE, place);
    canvas_text(canvas, row, place[0] != '\0' ? x + 2 : x, 0, ROLE_DIM, module);
}

// Lines after the frames; "" : there is none.
static void print_rest(char text[FORMAT_BYTES + 32], const struct text_stack *stack, uint32_t id)
{
    text[0] = '\0';
    if (stack->count == 0)
        snprintf(text, FORMAT_BYTES + 32, "%s", text_nameless(id));
    else if (stack->is_cut)
        snprintf(text, FORMAT_BYTES + 32, "... deeper frames were cut (record --depth)");
    else if (stack->beyond != 0)
        snprintf(text, FORMAT_BYTES + 32, "... and %zu frames further out", stack->beyond);
}

static void draw_frames(struct stack_card *card, const struct text_stack *stack, struct canvas *canvas,
                        struct area area)
{
    char rest[FORMAT_BYTES + 32];
    print_rest(rest, stack, card->stack);
    card->line_count = (int)stack->count + (rest[0] != '\0');
    card->rows_shown = area.height;
    int last = card->line_count > area.height ? card->line_count - area.height : 0;
    card->first = card->first < last ? card->first : last;
    int columns = longest_function(stack, area.width);
    for (int y = 0; y < area.height && card->first + y < card->line_count; y++)
    {
        size_t line = (size_t)(card->first + y);
        struct area row = area_of(area.x, area.y + y, area.width, 1);
        if (line < stack->count)
            draw_frame(canvas, row, &stack->frames[line], columns);
        else
            canvas_text(canvas, row, 0, 0, ROLE_DIM, rest);
    }
}

// The lower part of a page that is high enough, so that the row is seen that it is of.
static struct area area_of_card(struct area area, int line_count)
{
    int wanted = line_count + LINES_ABOVE;
    int most = area.height - area.height / 3;
    if (area.height < COVERS_ALL_BELOW)
        return area;
    return area_below(area, area.height - (wanted < most ? wanted : most));
}

void stack_card_draw(struct stack_card *card, struct page_view *view, struct canvas *canvas, struct area area)
{
    struct text_stack *stack = NULL;
    struct reel_error error = {0};
    char title[48];
    char figures[FIGURES_BYTES];
    if (text_stack_read(&stack, model_reader(view->model), card->stack, &error) != REEL_OK)
    {
        page_draw_failure(canvas, area, &error);
        return;
    }
    area = area_of_card(area, (int)stack->count + 1);
    canvas_clear(canvas, area);
    snprintf(title, sizeof title, " stack %u ", card->stack);
    print_figures(figures, card, view);
    if (area.height > LINES_ABOVE + 1)
    {
        draw_rule(canvas, area_top(area, 1), title);
        canvas_text(canvas, area, 0, 1, ROLE_LABEL, figures);
        area = area_below(area, LINES_ABOVE);
    }
    draw_frames(card, stack, canvas, area);
    free(stack);
}

// ---- keys

static void scroll(struct stack_card *card, int lines)
{
    int last = card->line_count > card->rows_shown ? card->line_count - card->rows_shown : 0;
    int first = card->first + lines;
    card->first = first < 0 ? 0 : first > last ? last : first;
}

unsigned stack_card_take(struct stack_card *card, enum action action)
{
    if (!card->is_open)
        return REACTION_NONE;
    switch (action)
    {
    case ACTION_UP:
        scroll(card, -1);
        break;
    case ACTION_DOWN:
        scroll(card, 1);
        break;
    case ACTION_PAGE_UP:
        scroll(card, -card->rows_shown);
        break;
    case ACTION_PAGE_DOWN:
        scroll(card, card->rows_shown);
        break;
    case ACTION_FIRST:
        card->first = 0;
        break;
    case ACTION_LAST:
        scroll(card, card->line_count);
        break;
    case ACTION_BACK:
    case ACTION_UP_LEVEL:
    case ACTION_LEFT:
    case ACTION_OPEN:
        card->is_open = false;
        break;
    default:
        return REACTION_NONE;
    }
    return REACTION_TAKEN | REACTION_DRAW;
}

unsigned stack_card_point(struct stack_card *card, const struct page_mouse *mouse)
{
    return stack_card_take(card, mouse->wheel < 0 ? ACTION_UP : mouse->wheel > 0 ? ACTION_DOWN : ACTION_OPEN);
}
