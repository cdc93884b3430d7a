// SPDX-License-Identifier: MIT
// The overview: what is missing, a verdict, where the memory goes, and the stacks to look at. How many rows each gets
// follows from the height; what is dropped first matters least.
#include "viewer/pages/overview/overview.h"
#include "viewer/pages/overview/verdict.h"

#include "text/format.h"

#include <stdio.h>
#include <string.h>

#define LISTS_LEAST 2 // rows, before anything but the verdict

// ---- the run

static void draw_facts(struct page_view *view, struct canvas *canvas, struct area area)
{
    const struct reel_summary *summary = model_summary(view->model);
    char text[OVERVIEW_TEXT_BYTES];
    char part[128];
    char duration[FORMAT_BYTES];
    char events[FORMAT_BYTES];
    int rows = area.height;
    int x = canvas_text(canvas, area, 0, 0, ROLE_LABEL, "command ");
    struct area command = area_right_of(area, x);
    overview_draw_text(canvas, area_top(command, 1), 0, 1, ROLE_TEXT, format_text(text, sizeof text, summary->command));
    if (rows < 2)
        return;
    int length = snprintf(text, sizeof text, "ran %s, %s events, %zu process%s, %llu thread%s",
                          format_duration(duration, model_end_ns(view->model)),
                          format_count(events, model_event_count(view->model)), summary->process_count,
                          summary->process_count == 1 ? "" : "es", (unsigned long long)summary->figures.threads,
                          summary->figures.threads == 1 ? "" : "s");
    length += snprintf(text + length, sizeof text - (size_t)length, "; allocator %s",
                       format_text(part, sizeof part, summary->allocator));
    bool has_no_stacks = strcmp(summary->stacks, "off") == 0;
    snprintf(text + length, sizeof text - (size_t)length, ", stacks %s%s",
             format_text(part, sizeof part, summary->stacks),
             has_no_stacks ? ": record with --stacks on to see who allocates" : "");
    overview_draw_text(canvas, area, 1, rows - 1, ROLE_LABEL, text);
}

// ---- the page

// How many rows each part may have.
struct plan
{
    int warning;
    int verdict;
    int remark;
    int identity;
    int figures;
    int run;
    int facts;
    int gaps; // blank rows between the parts
};

// By the height of the page, from which on it holds.
static const struct
{
    int height;
    struct plan plan;
} plans[] = {
    {34, {2, 3, 1, 4, 3, 2, 3, 1}}, {30, {2, 3, 1, 4, 3, 0, 3, 1}}, {24, {2, 3, 1, 4, 3, 0, 2, 1}},
    {22, {2, 3, 1, 4, 2, 0, 2, 1}}, {18, {2, 3, 1, 4, 2, 0, 2, 0}}, {16, {2, 3, 1, 4, 2, 0, 1, 0}},
    {14, {2, 2, 0, 4, 1, 0, 1, 0}}, {12, {2, 2, 0, 1, 1, 0, 1, 0}}, {8, {1, 2, 0, 1, 1, 0, 0, 0}},
    {6, {1, 2, 0, 0, 0, 0, 0, 0}},  {0, {1, 1, 0, 0, 0, 0, 0, 0}},
};

static struct plan plan_of(int height)
{
    size_t i = 0;
    while (plans[i].height > height)
        i++;
    return plans[i].plan;
}

static int draw_warning(struct canvas *canvas, struct area area, int rows, const char *warnings)
{
    int taken = overview_draw_text(canvas, area, 0, rows, ROLE_WARNING, warnings);
    for (int row = 0; row < taken; row++)
        canvas_style(canvas, area, 0, row, area.width, CELL_BOLD);
    return taken;
}

// Above the lists; gives the rows that it took.
static int draw_state(struct page_view *view, struct canvas *canvas, struct area area, const struct plan *plan)
{
    char warnings[OVERVIEW_TEXT_BYTES];
    char verdict[VERDICT_BYTES];
    bool is_lossy = overview_warnings(view, warnings);
    int room = area.height - plan->facts - LISTS_LEAST;
    int y = area.height > 1 ? draw_warning(canvas, area, plan->warning, warnings) : 0;
    enum verdict_kind kind = overview_verdict(view, is_lossy, verdict);
    int begin = y;
    y += overview_draw_text(canvas, area, y, plan->verdict, ROLE_TITLE, verdict);
    for (int row = begin; row < y; row++)
        canvas_style(canvas, area, 0, row, area.width, CELL_BOLD);
    if (plan->remark != 0)
        y += overview_draw_text(canvas, area, y, 1, ROLE_DIM,
                                verdict_remark(kind, view->state->moment == model_worst(view->model)));
    y += plan->gaps;
    int rows = room - y < plan->identity ? room - y : plan->identity;
    int taken = overview_draw_identity(view, canvas, area_below(area, y), rows);
    y += taken != 0 ? taken + plan->gaps : 0;
    rows = room - y < plan->figures ? room - y : plan->figures;
    taken = overview_draw_figures(view, canvas, area_below(area, y), rows);
    y += taken != 0 ? taken + plan->gaps : 0;
    if (plan->run == 0 || room - y < plan->run)
        return y;
    overview_draw_run(view, canvas, area_top(area_below(area, y), plan->run));
    return y + plan->run + plan->gaps;
}

static void draw(struct page_view *view, struct canvas *canvas, struct area area)
{
    if (area.width <= 0 || area.height <= 0)
        return;
    canvas_clear(canvas, area);
    overview_begin(view);
    struct plan plan = plan_of(area.height);
    int y = draw_state(view, canvas, area, &plan);
    int facts = area.height - y > plan.facts + LISTS_LEAST ? plan.facts : 0;
    int gap = facts != 0 ? plan.gaps : 0;
    overview_draw_lists(view, canvas, area, y, area.height - y - facts - gap);
    if (facts != 0)
        draw_facts(view, canvas, area_below(area, area.height - facts));
}

// ---- keys and mouse

static unsigned select_line(struct overview *own, size_t line)
{
    own->selected = own->line_count == 0 ? 0 : line < own->line_count ? line : own->line_count - 1;
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned open_line(struct page_view *view)
{
    struct overview *own = view->own;
    if (own->selected >= own->line_count)
        return REACTION_NONE;
    const struct overview_line *line = &own->lines[own->selected];
    const struct overview_list *list = &own->lists[line->list];
    if (line->row >= list->row_count)
    {
        own->is_asked = true;
        own->asked_moment = view->state->moment;
        model_ask_again(view->model);
        return REACTION_TAKEN | REACTION_DRAW;
    }
    view->state->selection.has_stack = true;
    view->state->selection.stack = list->rows[line->row].stack;
    view->state->measure = overview_measure((enum overview_list_number)line->list);
    view->state->mode = MODE_MOMENT;
    view->state->page = PAGE_STACKS;
    return REACTION_TAKEN | REACTION_DRAW;
}

static bool has_function(struct page_view *view, size_t at)
{
    const struct overview *own = view->own;
    const struct overview_line *line = &own->lines[at];
    const struct overview_list *list = &own->lists[line->list];
    return line->row < list->row_count &&
           model_stack_has(view->model, list->rows[line->row].stack, view->state->search);
}

static unsigned search(struct page_view *view, enum action action)
{
    struct overview *own = view->own;
    size_t line = page_search(view, action, own->selected, own->line_count, has_function);
    if (line != SIZE_MAX)
        return select_line(own, line);
    view->said = "no stack on this page has a function with that in its name";
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned take(struct page_view *view, enum action action)
{
    struct overview *own = view->own;
    switch (action)
    {
    case ACTION_UP:
        return select_line(own, own->selected != 0 ? own->selected - 1 : 0);
    case ACTION_DOWN:
        return select_line(own, own->selected + 1);
    case ACTION_FIRST:
    case ACTION_PAGE_UP:
        return select_line(own, 0);
    case ACTION_LAST:
    case ACTION_PAGE_DOWN:
        return select_line(own, SIZE_MAX);
    case ACTION_OPEN:
        return open_line(view);
    case ACTION_SEARCH:
    case ACTION_SEARCH_NEXT:
    case ACTION_SEARCH_PREVIOUS:
        return search(view, action);
    default:
        return REACTION_NONE;
    }
}

static unsigned point(struct page_view *view, const struct page_mouse *mouse)
{
    struct overview *own = view->own;
    if (mouse->wheel != 0)
        return take(view, mouse->wheel < 0 ? ACTION_UP : ACTION_DOWN);
    for (size_t i = 0; i < own->line_count; i++)
    {
        const struct overview_line *line = &own->lines[i];
        if (mouse->y != line->y || mouse->x < line->x || mouse->x >= line->x + line->width)
            continue;
        unsigned taken = select_line(own, i);
        return mouse->is_double ? taken | open_line(view) : taken;
    }
    return REACTION_NONE;
}

const struct page page_overview = {
    .own_bytes = sizeof(struct overview),
    .draw = draw,
    .take = take,
    .point = point,
    .explanation =
        "What is wrong with the heap at this moment, in a sentence, and where each resident byte goes: requested by "
        "the "
        "program; rounding, which the allocator added to requests; pinned, free but on pages that a live block keeps; "
        "retained, pages without a live block; metadata, the allocator's own. Below, the stacks to look at: those that "
        "pin the most, hold the most, only grew from the beginning (or A) to here, and allocated the most that was "
        "freed by the very next event of its thread. Enter opens a stack in the call tree. A * after a name: of "
        "another moment, while time moves.",
};
