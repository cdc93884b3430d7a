// SPDX-License-Identifier: MIT
// How long blocks of each size lived: a grid of sizes and lifetimes, both in powers of two, with those that were still
// alive apart.
#include "viewer/page.h"
#include "viewer/pages/blocks/lifetime_grid.h"

#include <stdio.h>

#define WITH_GRID 4   // rows
#define WITH_WORDS 50 // columns
#define LOG_STEPS 16u // of a power of two

struct lifetimes
{
    bool has_cursor;
    bool is_by_bytes;
    int size; // of the cursor's cell: as the answer has them
    int time; // LIFETIME_ALIVE: alive
    struct area area;
};

// Powers of two in sixteenths, so that ten blocks and ten million can be told from one.
static uint64_t log_of(uint64_t amount)
{
    unsigned power = 0;
    for (uint64_t rest = amount; rest > 1; rest /= 2)
        power++;
    uint64_t above = power >= 4 ? amount >> (power - 4) : amount << (4 - power);
    return (uint64_t)power * LOG_STEPS + (above - LOG_STEPS) + 1;
}

static void range_words(char text[LIFETIME_WORDS_BYTES], const struct page_view *view)
{
    const struct state *state = view->state;
    char time[FORMAT_BYTES];
    struct reel_error error = {0};
    uint64_t t_ns = 0;
    bool has_a = state->mark_a != STATE_NO_EVENT;
    bool has_b = state->mark_b != STATE_NO_EVENT;
    if (has_a && has_b)
        snprintf(text, LIFETIME_WORDS_BYTES, "from A to B");
    else if (has_b)
        snprintf(text, LIFETIME_WORDS_BYTES, "from the beginning to B");
    else if (model_time_of(view->model, state->moment, &t_ns, &error) == REEL_OK)
        snprintf(text, LIFETIME_WORDS_BYTES, "%s %s", has_a ? "from A to" : "up to", format_time(time, t_ns));
    else
        snprintf(text, LIFETIME_WORDS_BYTES, "up to here");
}

// --- drawing ---

static void draw_sentence(const struct page_view *view, struct canvas *canvas, struct area area,
                          const struct lifetime_grid *grid)
{
    char range[LIFETIME_WORDS_BYTES];
    char freed[FORMAT_BYTES];
    char alive[FORMAT_BYTES];
    range_words(range, view);
    uint64_t amount = lifetime_grid_all(grid, false);
    bool is_counted = !grid->is_by_bytes && area.width >= WITH_WORDS;
    int x = canvas_text(canvas, area, 0, 0, ROLE_TITLE, lifetime_grid_amount(freed, grid, amount));
    x = canvas_print(canvas, area, x, 0, ROLE_TEXT, "%s freed, ",
                     !is_counted   ? ""
                     : amount == 1 ? " block"
                                   : " blocks");
    x = canvas_text(canvas, area, x, 0, ROLE_TITLE, lifetime_grid_amount(alive, grid, lifetime_grid_all(grid, true)));
    x = canvas_print(canvas, area, x, 0, ROLE_TEXT, " alive, %s", range);
    if (area.width - x < GLYPHS_FILLS + 16)
        return;
    x = canvas_text(canvas, area, x, 0, ROLE_LABEL, "   few ");
    for (int fill = 1; fill < GLYPHS_FILLS; fill++, x++)
        canvas_put(canvas, area, x, 0, canvas->glyphs->fills[fill],
                   ROLE_RAMP + (enum role)(fill * (ROLE_STEPS - 1) / (GLYPHS_FILLS - 1)), ROLE_TEXT);
    canvas_text(canvas, area, x, 0, ROLE_LABEL, " many");
}

static void draw_axis(struct canvas *canvas, struct area area, const struct lifetime_grid *grid)
{
    int free_from = 0;
    canvas_text(canvas, area_left(area, LIFETIME_LABEL_COLUMNS), 0, 1, ROLE_LABEL, "SIZE");
    for (int x = 0; x < grid->cells.width; x += grid->cell_columns)
    {
        char text[FORMAT_BYTES];
        lifetime_grid_time(text, grid->first_time + x / grid->cell_columns * grid->times_a_cell);
        int columns = canvas_columns(text);
        if (x != 0 && (x < free_from || x + columns > grid->cells.width))
            continue;
        canvas_text(canvas, area, grid->cells.x + x, 1, ROLE_LABEL, text);
        free_from = x + columns + 2;
    }
    if (grid->freed_end > 0)
        canvas_text_right(canvas, area, grid->freed_end, 1, ROLE_LABEL, "FREED");
    if (grid->alive_end > 0)
        canvas_text_right(canvas, area, grid->alive_end, 1, ROLE_LABEL, "ALIVE");
}

static bool is_filtered_out(const struct filter *filter, const struct lifetime_grid *grid, int size)
{
    int last = size + grid->sizes_a_row;
    uint64_t before = last < REEL_LIFETIME_SIZES ? lifetime_grid_least_of(last) : UINT64_MAX;
    return before <= filter->least_bytes ||
           (filter->most_bytes != 0 && lifetime_grid_least_of(size) > filter->most_bytes);
}

static void draw_cell(struct canvas *canvas, struct area area, const struct lifetime_grid *grid, int x, int y,
                      uint64_t amount)
{
    if (amount == 0)
        return;
    uint64_t part = log_of(amount);
    uint64_t whole = log_of(grid->greatest);
    int fill = 1 + (int)(part * (GLYPHS_FILLS - 2) / whole);
    for (int i = 0; i < grid->cell_columns; i++)
        canvas_put(canvas, area, grid->cells.x + x + i, y, canvas->glyphs->fills[fill], canvas_ramp(part, whole),
                   ROLE_TEXT);
}

static void draw_total(struct canvas *canvas, struct area area, const struct lifetime_grid *grid, int end, int y,
                       uint64_t amount)
{
    char text[FORMAT_BYTES];
    if (end > 0)
        canvas_text_right(canvas, area, end, y, amount != 0 ? ROLE_TEXT : ROLE_DIM,
                          amount != 0 ? lifetime_grid_amount(text, grid, amount) : "-");
}

static void draw_rows(const struct page_view *view, struct canvas *canvas, struct area area,
                      const struct lifetime_grid *grid)
{
    const struct lifetimes *own = view->own;
    int y = grid->cells.y;
    for (int size = grid->first_size; size < grid->last_size; size += grid->sizes_a_row, y++)
    {
        char label[FORMAT_BYTES];
        bool is_out = is_filtered_out(&view->state->filter, grid, size);
        canvas_text_right(canvas, area, LIFETIME_LABEL_COLUMNS - 1, y, is_out ? ROLE_DIM : ROLE_LABEL,
                          format_bytes(label, lifetime_grid_least_of(size)));
        for (int time = grid->first_time; time < grid->last_time; time += grid->times_a_cell)
            draw_cell(canvas, area, grid, (time - grid->first_time) / grid->times_a_cell * grid->cell_columns, y,
                      lifetime_grid_cell(grid, size, time));
        draw_total(canvas, area, grid, grid->freed_end, y, lifetime_grid_row(grid, size, false));
        draw_total(canvas, area, grid, grid->alive_end, y, lifetime_grid_row(grid, size, true));
        if (size != lifetime_grid_row_of(grid, own->size))
            continue;
        canvas_style(canvas, area, 0, y, LIFETIME_LABEL_COLUMNS - 1, CELL_REVERSE);
        if (own->time == LIFETIME_ALIVE)
            canvas_style(canvas, area, grid->alive_end - LIFETIME_TOTAL_COLUMNS, y, LIFETIME_TOTAL_COLUMNS,
                         CELL_REVERSE);
        else
            canvas_style(canvas, area,
                         grid->cells.x + (own->time - grid->first_time) / grid->times_a_cell * grid->cell_columns, y,
                         grid->cell_columns, CELL_REVERSE);
    }
}

// At first at the fullest cell; and never where nothing is drawn.
static void keep_cursor(struct lifetimes *own, const struct lifetime_grid *grid)
{
    for (int size = grid->first_size; !own->has_cursor && size < grid->last_size; size++)
        for (int time = grid->first_time; time < grid->last_time; time++)
            if (lifetime_grid_freed(grid, size, time) > 0 &&
                (own->time == 0 ||
                 lifetime_grid_freed(grid, size, time) > lifetime_grid_freed(grid, own->size, own->time)))
            {
                own->size = size;
                own->time = time;
            }
    own->has_cursor = true;
    bool has_alive = grid->alive_end > 0;
    if (own->size < grid->first_size)
        own->size = grid->first_size;
    if (own->size >= grid->last_size)
        own->size = grid->last_size - 1;
    if (grid->last_time == 0)
        own->time = LIFETIME_ALIVE;
    else if (own->time != LIFETIME_ALIVE || !has_alive)
    {
        own->time = own->time < grid->first_time ? grid->first_time : own->time;
        own->time = own->time >= grid->last_time ? grid->last_time - 1 : own->time;
    }
}

static int ask(const struct page_view *view, const struct reel_lifetimes **answer, struct model_of *of,
               struct reel_error *error)
{
    *error = (struct reel_error){0};
    int status = model_lifetimes(view->model, view->state, answer, of, error);
    if (status != REEL_OK)
        error->status = (enum reel_status)status;
    return status;
}

static void draw(struct page_view *view, struct canvas *canvas, struct area area)
{
    struct lifetimes *own = view->own;
    const struct reel_lifetimes *answer;
    struct model_of of = {0};
    struct reel_error error;
    char words[LIFETIME_WORDS_BYTES];
    canvas_clear(canvas, area);
    own->area = area;
    if (ask(view, &answer, &of, &error) != REEL_OK)
    {
        page_draw_failure(canvas, area, &error);
        return;
    }
    struct lifetime_grid grid = lifetime_grid_place(answer, own->is_by_bytes, area);
    if (grid.last_size == 0)
    {
        error = (struct reel_error){
            .status = REEL_E_ARGUMENT,
            .text = "no block was freed or born there: $ goes to the end, Esc and a, b set another range"};
        page_draw_failure(canvas, area, &error);
        return;
    }
    keep_cursor(own, &grid);
    draw_sentence(view, canvas, area, &grid);
    page_draw_stale(canvas, area, view->model, &of);
    lifetime_grid_words(words, &grid, lifetime_grid_row_of(&grid, own->size), lifetime_grid_cell_of(&grid, own->time));
    if (area.height < WITH_GRID)
    {
        canvas_text(canvas, area, 0, 1, ROLE_TEXT, words);
        return;
    }
    draw_axis(canvas, area, &grid);
    draw_rows(view, canvas, area, &grid);
    int y = grid.cells.y + grid.cells.height;
    canvas_text(canvas, area, 0, y, ROLE_TITLE, words);
    if (area.height >= LIFETIME_HINTS_ROWS)
        canvas_print(canvas, area, 0, y + 1, ROLE_DIM,
                     "arrows: another cell   c: by %s   Enter: the live blocks of this size",
                     own->is_by_bytes ? "number" : "bytes");
}

// --- keys and mouse ---

static void step(struct lifetimes *own, const struct lifetime_grid *grid, enum action action)
{
    int size = lifetime_grid_row_of(grid, own->size);
    int time = lifetime_grid_cell_of(grid, own->time);
    int last_cell = lifetime_grid_cell_of(grid, grid->last_time - 1);
    bool has_times = grid->last_time > 0;
    switch (action)
    {
    case ACTION_UP:
        own->size = size - grid->sizes_a_row;
        break;
    case ACTION_DOWN:
        own->size = size + grid->sizes_a_row;
        break;
    case ACTION_PAGE_UP:
    case ACTION_FIRST:
        own->size = grid->first_size;
        break;
    case ACTION_PAGE_DOWN:
    case ACTION_LAST:
        own->size = grid->last_size - 1;
        break;
    case ACTION_LEFT:
        if (has_times)
            own->time = time == LIFETIME_ALIVE ? last_cell : time - grid->times_a_cell;
        break;
    default:
        own->time = time == LIFETIME_ALIVE || time >= last_cell ? LIFETIME_ALIVE : time + grid->times_a_cell;
        break;
    }
}

static unsigned show_blocks(struct page_view *view, const struct lifetime_grid *grid)
{
    const struct lifetimes *own = view->own;
    struct filter *filter = &view->state->filter;
    int size = lifetime_grid_row_of(grid, own->size);
    int last = size + grid->sizes_a_row;
    filter->least_bytes = lifetime_grid_least_of(size);
    filter->most_bytes = last < REEL_LIFETIME_SIZES ? lifetime_grid_least_of(last) - 1 : 0;
    view->state->page = PAGE_BLOCKS;
    view->said = "the live blocks of this size; Esc lets the filter go";
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned take(struct page_view *view, enum action action)
{
    struct lifetimes *own = view->own;
    const struct reel_lifetimes *answer;
    struct model_of of;
    struct reel_error error;
    bool is_step = (action >= ACTION_UP && action <= ACTION_LAST);
    if (action == ACTION_COLOUR)
    {
        own->is_by_bytes = !own->is_by_bytes;
        view->said = own->is_by_bytes ? "by bytes" : "by number of blocks";
        return REACTION_TAKEN | REACTION_DRAW;
    }
    if (!is_step && action != ACTION_OPEN)
        return REACTION_NONE;
    if (action == ACTION_OPEN)
        model_ask_again(view->model);
    if (ask(view, &answer, &of, &error) != REEL_OK)
        return REACTION_TAKEN | REACTION_DRAW;
    struct lifetime_grid grid = lifetime_grid_place(answer, own->is_by_bytes, own->area);
    if (grid.last_size == 0)
        return REACTION_TAKEN;
    keep_cursor(own, &grid);
    if (action == ACTION_OPEN)
        return show_blocks(view, &grid);
    step(own, &grid, action);
    keep_cursor(own, &grid);
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned point(struct page_view *view, const struct page_mouse *mouse)
{
    struct lifetimes *own = view->own;
    const struct reel_lifetimes *answer;
    struct model_of of;
    struct reel_error error;
    if (mouse->wheel != 0)
        return take(view, mouse->wheel < 0 ? ACTION_UP : ACTION_DOWN);
    if (ask(view, &answer, &of, &error) != REEL_OK)
        return REACTION_NONE;
    struct lifetime_grid grid = lifetime_grid_place(answer, own->is_by_bytes, own->area);
    int x = mouse->x - grid.cells.x;
    int y = mouse->y - grid.cells.y;
    if (grid.last_size == 0 || x < 0 || y < 0 || y >= grid.cells.height)
        return REACTION_NONE;
    own->size = grid.first_size + y * grid.sizes_a_row;
    own->time = x < grid.cells.width ? grid.first_time + x / grid.cell_columns * grid.times_a_cell : LIFETIME_ALIVE;
    own->has_cursor = true;
    keep_cursor(own, &grid);
    return mouse->is_double ? show_blocks(view, &grid) : REACTION_TAKEN | REACTION_DRAW;
}

const struct page page_lifetimes = {
    .own_bytes = sizeof(struct lifetimes),
    .draw = draw,
    .take = take,
    .point = point,
    .explanation =
        "How long blocks lived, by size: each row is the sizes from that one to the next, each cell the lifetimes from "
        "the one above it to the next, and the fuller or lighter it is, the more blocks were freed after that time, on "
        "a logarithmic scale. ALIVE counts those that were born in the range and still live at its end: sizes whose "
        "blocks are freed at once, but for a few that stay, are what pins pages. The range is from A to B; without "
        "marks, from the beginning to this moment; all processes are in it. c counts bytes instead; Enter lists the "
        "live blocks of the size.",
};
