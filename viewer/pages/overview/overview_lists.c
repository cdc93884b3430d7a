// SPDX-License-Identifier: MIT
// The stacks that matter most at the moment: who pins, who holds, who only grows, who allocates for nothing. Takes the
// first rows of the model's answers, and draws as many as there is room for.
#include "viewer/pages/overview/overview.h"

#include "text/format.h"

#include <stdio.h>
#include <string.h>

enum
{
    TITLE_COLUMNS = 10,
    BYTES_COLUMNS = 9,
    SHARE_COLUMNS = 8,
    BLOCKS_COLUMNS = 12,
    TITLE_FROM = 34, // columns of the list, from which on it has each of these
    SHARE_FROM = 60,
    BLOCKS_FROM = 90,
    TWO_BESIDE_FROM = 150,
    NAME_BYTES = 512,
};

static const struct
{
    const char *title;
    enum reel_measure measure;
    const char *empty;
} kinds[OVERVIEW_LISTS] = {
    [OVERVIEW_PINNED] = {"pinned", REEL_MEASURE_PINNED, "no free bytes are pinned"},
    [OVERVIEW_LIVE] = {"live", REEL_MEASURE_LIVE, "no block lives at this moment"},
    [OVERVIEW_GROWTH] = {"growing", REEL_MEASURE_LIVE, "no stack only grows up to here"},
    [OVERVIEW_TEMPORARY] = {"temporary", REEL_MEASURE_TEMPORARY, "no block was freed by its thread's next event"},
};

enum reel_measure overview_measure(enum overview_list_number number)
{
    return kinds[number].measure;
}

// ---- asking

static void clear(struct overview_list *list, const char *why)
{
    list->row_count = 0;
    list->total_bytes = 0;
    list->is_stale = false;
    list->empty = why;
}

static const char *failure(const struct reel_error *error)
{
    if (error->status == REEL_E_CANCELLED)
        return "stopped: Enter asks again";
    return error->status == REEL_E_DAMAGED ? "the reel is damaged: heapreel check tells where" : "cannot be read";
}

static void take_measured(struct page_view *view, struct overview_list *list, enum overview_list_number number)
{
    const struct reel_measured *rows = NULL;
    struct reel_measured total = {0};
    struct model_of of = {0};
    struct reel_error error = {0};
    size_t count = 0;
    int status = model_measured_by(view->model, view->state, kinds[number].measure, &rows, &count, &total, &of, &error);
    clear(list, status == REEL_OK ? kinds[number].empty : failure(&error));
    if (status != REEL_OK)
        return;
    list->is_stale = of.is_stale;
    list->total_bytes = total.bytes > 0 ? (uint64_t)total.bytes : 0;
    for (size_t i = 0; i < count && list->row_count < OVERVIEW_ROWS_MAX && rows[i].bytes > 0; i++)
        list->rows[list->row_count++] = (struct overview_row){
            .stack = rows[i].stack, .bytes = (uint64_t)rows[i].bytes, .blocks = (uint64_t)rows[i].blocks};
}

static void take_growth(struct page_view *view, struct overview_list *list)
{
    const struct reel_growth *rows = NULL;
    struct model_of of = {0};
    struct reel_error error = {0};
    size_t count = 0;
    int status = model_growth(view->model, view->state, &rows, &count, &of, &error);
    clear(list, status == REEL_OK ? kinds[OVERVIEW_GROWTH].empty : failure(&error));
    if (status != REEL_OK)
        return;
    list->is_stale = of.is_stale;
    for (size_t i = 0; i < count && list->row_count < OVERVIEW_ROWS_MAX; i++)
        if (rows[i].last_bytes > rows[i].first_bytes)
            list->rows[list->row_count++] = (struct overview_row){.stack = rows[i].stack,
                                                                  .bytes = rows[i].last_bytes - rows[i].first_bytes,
                                                                  .blocks = rows[i].last_blocks};
}

void overview_begin(struct page_view *view)
{
    struct overview *own = view->own;
    const struct state *state = view->state;
    struct reel_error error = {0};
    uint64_t t_ns = 0;
    model_time_of(view->model, state->moment, &t_ns, &error);
    bool is_same = own->is_followed && own->followed_process == state->process && t_ns >= own->followed_ns;
    own->is_due = !state->is_following || !is_same || t_ns - own->followed_ns >= OVERVIEW_FOLLOW_NS;
    own->is_followed = state->is_following;
    own->followed_process = state->process;
    if (own->is_due)
        own->followed_ns = t_ns;
}

void overview_take_list(struct page_view *view, enum overview_list_number number)
{
    struct overview *own = view->own;
    struct overview_list *list = &own->lists[number];
    bool is_kept = number == OVERVIEW_LIVE && view->state->process == 0; // by the engine, while it moves
    if (!own->is_due && !is_kept && list->empty != NULL)
    {
        list->is_stale = true;
        return;
    }
    bool is_long = number == OVERVIEW_GROWTH || number == OVERVIEW_TEMPORARY;
    bool is_asked = own->is_asked && own->asked_moment == view->state->moment;
    if (number == OVERVIEW_GROWTH && page_is_of_one_process(view))
        clear(list, "told of all processes together alone: 9 lets this one go");
    else if (is_long && !is_asked && view->state->moment > OVERVIEW_EVENTS_AT_ONCE)
        clear(list, "Enter reads all events up to here for it");
    else if (number == OVERVIEW_GROWTH)
        take_growth(view, list);
    else
        take_measured(view, list, number);
}

// ---- drawing

static size_t lines_of(const struct overview_list *list)
{
    return list->row_count != 0 ? list->row_count : 1;
}

// Those that have a hundredth of the whole, and the first.
static size_t lines_that_matter(const struct overview_list *list)
{
    size_t count = 1;
    while (count < list->row_count && list->rows[count].bytes >= list->total_bytes / 100)
        count++;
    return count;
}

// Each list has a line before any has two, and so on; gives the rows that are left.
static int deal(const struct overview *own, const int *numbers, int count, int rows,
                size_t (*wanted)(const struct overview_list *list), size_t *shares)
{
    bool is_given = true;
    while (rows > 0 && is_given)
    {
        is_given = false;
        for (int i = 0; i < count && rows > 0; i++)
        {
            if (shares[i] >= wanted(&own->lists[numbers[i]]))
                continue;
            shares[i]++;
            rows--;
            is_given = true;
        }
    }
    return rows;
}

static void share_out(const struct overview *own, const int *numbers, int count, int rows, size_t *shares)
{
    for (int i = 0; i < count; i++)
        shares[i] = 0;
    rows = deal(own, numbers, count, rows, lines_that_matter, shares);
    deal(own, numbers, count, rows, lines_of, shares);
}

// "a_long_function_na~ (file.c:12)": where the name does not fit, the place is worth more than its end.
static void draw_name(struct page_view *view, struct canvas *canvas, struct area cell, enum role role, uint32_t stack)
{
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "%s", model_stack_name(view->model, stack));
    const char *place = strrchr(name, '(');
    int kept = place != NULL && place != name ? canvas_columns(place) + 1 : 0;
    if (canvas_columns(name) <= cell.width || kept == 0 || kept > cell.width / 2)
    {
        page_draw_stack(view, canvas, cell, role, stack);
        return;
    }
    canvas_text(canvas, area_left(cell, cell.width - kept), 0, 0, role, name);
    canvas_text(canvas, cell, cell.width - kept + 1, 0, role, place);
}

static int draw_amounts(struct canvas *canvas, struct area line, int x, const struct overview_list *list,
                        const struct overview_row *row, bool is_growth)
{
    char text[FORMAT_BYTES];
    char grown[FORMAT_BYTES + 1];
    snprintf(grown, sizeof grown, "%s%s", is_growth ? "+" : "", format_bytes(text, row->bytes));
    x += BYTES_COLUMNS;
    canvas_text_right(canvas, line, x, 0, is_growth ? ROLE_MORE : ROLE_TEXT, grown);
    if (line.width >= SHARE_FROM)
    {
        x += SHARE_COLUMNS;
        if (list->total_bytes != 0)
            canvas_text_right(canvas, line, x, 0, ROLE_LABEL, format_share(text, row->bytes, list->total_bytes));
    }
    if (line.width >= BLOCKS_FROM)
    {
        x += BLOCKS_COLUMNS;
        canvas_text_right(canvas, line, x, 0, ROLE_LABEL, format_count(text, row->blocks));
        x = canvas_text(canvas, line, x + 1, 0, ROLE_LABEL, row->blocks == 1 ? "block " : "blocks");
    }
    return x + 2;
}

static void draw_line(struct page_view *view, struct canvas *canvas, struct area line, int number, size_t row)
{
    const struct overview *own = view->own;
    const struct overview_list *list = &own->lists[number];
    const struct selection *selection = &view->state->selection;
    int x = line.width >= TITLE_FROM ? TITLE_COLUMNS : 0;
    if (row == 0 && x != 0)
        canvas_text(canvas, line, 0, 0, ROLE_LABEL, kinds[number].title);
    if (row == 0 && x != 0 && list->is_stale)
        canvas_put(canvas, line, canvas_columns(kinds[number].title), 0, '*', ROLE_DIM, ROLE_TEXT);
    if (row >= list->row_count)
    {
        canvas_text(canvas, line, x, 0, ROLE_DIM, list->empty);
        return;
    }
    const struct overview_row *shown = &list->rows[row];
    bool is_linked = selection->has_stack && selection->stack == shown->stack;
    x = draw_amounts(canvas, line, x, list, shown, number == OVERVIEW_GROWTH);
    draw_name(view, canvas, area_right_of(line, x), is_linked || row == 0 ? ROLE_TITLE : ROLE_TEXT, shown->stack);
    if (is_linked && x > 0)
        canvas_put(canvas, line, x - 1, 0, canvas->glyphs->play, ROLE_CURSOR, ROLE_TEXT);
}

static int draw_beneath(struct page_view *view, struct canvas *canvas, struct area page, struct area column,
                        const int *numbers, int count)
{
    struct overview *own = view->own;
    size_t shares[OVERVIEW_LISTS];
    int y = 0;
    share_out(own, numbers, count, column.height, shares);
    for (int i = 0; i < count; i++)
        for (size_t row = 0; row < shares[i] && own->line_count < OVERVIEW_LINES_MAX; row++, y++)
        {
            struct area line = area_top(area_below(column, y), 1);
            own->lines[own->line_count++] = (struct overview_line){
                .list = numbers[i], .row = row, .x = line.x - page.x, .y = line.y - page.y, .width = line.width};
            draw_line(view, canvas, line, numbers[i], row);
        }
    return y;
}

void overview_draw_lists(struct page_view *view, struct canvas *canvas, struct area page, int from_row, int rows)
{
    static const int all[OVERVIEW_LISTS] = {OVERVIEW_PINNED, OVERVIEW_LIVE, OVERVIEW_GROWTH, OVERVIEW_TEMPORARY};
    struct overview *own = view->own;
    struct area area = area_top(area_below(page, from_row), rows);
    own->line_count = 0;
    // What there is no room for is not asked.
    for (int i = 0; i < OVERVIEW_LISTS && (i < rows || area.width >= TWO_BESIDE_FROM); i++)
        overview_take_list(view, (enum overview_list_number)i);
    if (area.width >= TWO_BESIDE_FROM)
    {
        int half = area.width / 2;
        draw_beneath(view, canvas, page, area_left(area, half - 1), all, 2);
        draw_beneath(view, canvas, page, area_right_of(area, half + 1), all + 2, 2);
    }
    else
        draw_beneath(view, canvas, page, area, all, rows < OVERVIEW_LISTS ? rows : OVERVIEW_LISTS);
    if (own->selected >= own->line_count)
        own->selected = own->line_count != 0 ? own->line_count - 1 : 0;
    if (own->line_count == 0)
        return;
    const struct overview_line *selected = &own->lines[own->selected];
    canvas_style(canvas, page, selected->x, selected->y, selected->width, CELL_REVERSE);
}
