// SPDX-License-Identifier: MIT
// Findings: what is wrong, ranked, each with its evidence. Draws the lines and moves among the items.
#include "viewer/page.h"

#include "viewer/pages/findings/findings_sections.h"

#include <string.h>

enum
{
    STEP_ITEMS = 5, // of a page up or down
    MARGIN = 2,     // marker of the tree, mark of the selection
};

struct findings
{
    struct findings_lines lines;
    size_t selected;  // item
    size_t first;     // line at the top
    size_t rows;      // when last drawn
    bool is_scrolled; // by lines, within an item that is longer than the screen
};

static void clamp_selected(struct findings *own)
{
    size_t count = own->lines.item_count;
    if (own->selected >= count)
        own->selected = count != 0 ? count - 1 : 0;
}

// All of the selected item, its first line above all; at the first item also what stands before it.
static void keep_in_sight(struct findings *own, size_t rows)
{
    size_t last_first = own->lines.line_count > rows ? own->lines.line_count - rows : 0;
    own->rows = rows;
    if (own->lines.item_count == 0 || own->is_scrolled)
    {
        own->first = own->first < last_first ? own->first : last_first;
        return;
    }
    const struct finding_item *item = &own->lines.items[own->selected];
    size_t end = item->first_line + item->line_count;
    if (end > own->first + rows)
        own->first = end - rows;
    if (own->first > item->first_line)
        own->first = item->first_line;
    if (own->selected == 0 && item->first_line < rows)
        own->first = 0;
    own->first = own->first < last_first ? own->first : last_first;
}

static void draw_item_marks(const struct findings *own, const struct page_view *view, struct canvas *canvas,
                            struct area row, const struct finding_line *line)
{
    const struct finding_item *item = &own->lines.items[line->item];
    const struct selection *selection = &view->state->selection;
    bool is_linked = selection->has_stack && selection->stack == item->stack;
    if (row.width > 2 * MARGIN)
        canvas_put(canvas, row, 0, 0,
                   findings_is_open(&own->lines, item->key) ? canvas->glyphs->expanded : canvas->glyphs->collapsed,
                   ROLE_LABEL, ROLE_TEXT);
    if (is_linked && row.width > 2 * MARGIN)
        canvas_put(canvas, row, 1, 0, canvas->glyphs->play, ROLE_CURSOR, ROLE_TEXT);
}

static void draw_line(const struct findings *own, const struct page_view *view, struct canvas *canvas, struct area row,
                      size_t index)
{
    const struct finding_line *line = &own->lines.lines[index];
    int margin = row.width > 2 * MARGIN ? MARGIN : 0;
    canvas_text(canvas, area_right_of(row, margin), line->indent, 0, line->role, line->text);
    if (!line->is_first)
        return;
    draw_item_marks(own, view, canvas, row, line);
    if (line->item == own->selected)
        canvas_style(canvas, row, 0, 0, row.width, CELL_REVERSE);
}

static void draw(struct page_view *view, struct canvas *canvas, struct area area)
{
    struct findings *own = view->own;
    struct model_of of;
    findings_lines_begin(&own->lines, area.width > 2 * MARGIN ? area.width - MARGIN : area.width);
    findings_fill(&own->lines, view, &of);
    clamp_selected(own);
    if (own->lines.is_lacking)
    {
        const struct reel_error error = {.status = REEL_E_NO_MEMORY, .text = "out of memory for the findings"};
        page_draw_failure(canvas, area, &error);
        return;
    }
    if (own->lines.line_count == 0)
        findings_add_text(&own->lines, ROLE_LABEL, 0, 0,
                          "nothing is found at this moment: no misuse, nothing missing, and no stack whose blocks pin "
                          "more than they hold; press W for the moment of most waste, $ for the end");
    keep_in_sight(own, (size_t)area.height);
    for (int y = 0; y < area.height && own->first + (size_t)y < own->lines.line_count; y++)
        draw_line(own, view, canvas, area_of(area.x, area.y + y, area.width, 1), own->first + (size_t)y);
    page_draw_stale(canvas, area, view->model, &of);
}

// ---- keys and mouse

static unsigned select_item(struct findings *own, size_t item)
{
    own->selected = item;
    own->is_scrolled = false;
    clamp_selected(own);
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned move(struct findings *own, size_t items, bool is_up)
{
    if (is_up)
        return select_item(own, own->selected > items ? own->selected - items : 0);
    return select_item(own, items < SIZE_MAX - own->selected ? own->selected + items : SIZE_MAX);
}

// Lines of the selected item that are out of sight, in that direction.
static size_t lines_beyond(const struct findings *own, bool is_up)
{
    if (own->selected >= own->lines.item_count)
        return 0;
    const struct finding_item *item = &own->lines.items[own->selected];
    size_t bottom = own->first + own->rows;
    size_t end = item->first_line + item->line_count;
    if (is_up)
        return own->first > item->first_line ? own->first - item->first_line : 0;
    return end > bottom ? end - bottom : 0;
}

// First to the end of what is opened.
static unsigned step(struct findings *own, bool is_up, bool is_page)
{
    size_t beyond = lines_beyond(own, is_up);
    size_t lines = is_page && own->rows > 1 ? own->rows - 1 : 1;
    if (beyond == 0)
        return move(own, is_page ? STEP_ITEMS : 1, is_up);
    lines = lines < beyond ? lines : beyond;
    own->first = is_up ? own->first - lines : own->first + lines;
    own->is_scrolled = true;
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned toggle(struct page_view *view, const struct finding_item *item)
{
    struct findings *own = view->own;
    findings_toggle(&own->lines, item->key);
    own->is_scrolled = false;
    view->state->selection.has_stack = true;
    view->state->selection.stack = item->stack;
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned open_item(struct page_view *view, enum action action)
{
    struct findings *own = view->own;
    model_ask_again(view->model);
    if (own->selected >= own->lines.item_count)
        return REACTION_TAKEN | REACTION_DRAW;
    const struct finding_item *item = &own->lines.items[own->selected];
    bool is_open = findings_is_open(&own->lines, item->key);
    bool wants_open = action == ACTION_RIGHT || action == ACTION_EXPAND;
    if (action == ACTION_OPEN || is_open != wants_open)
        return toggle(view, item);
    return REACTION_TAKEN;
}

static bool has_text(struct page_view *view, size_t item)
{
    const struct findings *own = view->own;
    const struct finding_item *at = &own->lines.items[item];
    for (size_t i = 0; i < at->line_count; i++)
        if (strcasestr(own->lines.lines[at->first_line + i].text, view->state->search) != NULL)
            return true;
    return false;
}

static unsigned search(struct page_view *view, enum action action)
{
    struct findings *own = view->own;
    size_t item = page_search(view, action, own->selected, own->lines.item_count, has_text);
    if (item != SIZE_MAX)
        return select_item(own, item);
    if (view->state->search[0] != '\0')
        view->said = "no finding has that";
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned take(struct page_view *view, enum action action)
{
    struct findings *own = view->own;
    switch (action)
    {
    case ACTION_UP:
    case ACTION_DOWN:
        return step(own, action == ACTION_UP, false);
    case ACTION_PAGE_UP:
    case ACTION_PAGE_DOWN:
        return step(own, action == ACTION_PAGE_UP, true);
    case ACTION_FIRST:
    case ACTION_LAST:
        return move(own, SIZE_MAX, action == ACTION_FIRST);
    case ACTION_OPEN:
    case ACTION_RIGHT:
    case ACTION_EXPAND:
    case ACTION_LEFT:
    case ACTION_COLLAPSE:
    case ACTION_UP_LEVEL:
        return open_item(view, action);
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
    struct findings *own = view->own;
    size_t line = own->first + (size_t)(mouse->y < 0 ? 0 : mouse->y);
    if (mouse->wheel != 0)
        return step(own, mouse->wheel < 0, false);
    if (line >= own->lines.line_count || own->lines.lines[line].item >= own->lines.item_count)
        return REACTION_TAKEN;
    size_t item = own->lines.lines[line].item;
    if (item == own->selected || mouse->is_double)
        return toggle(view, &own->lines.items[item]);
    return select_item(own, item);
}

static void fini(void *memory)
{
    struct findings *own = memory;
    findings_lines_fini(&own->lines);
}

const struct page page_findings = {
    .own_bytes = sizeof(struct findings),
    .draw = draw,
    .take = take,
    .point = point,
    .fini = fini,
    .explanation =
        "What is wrong, the worst first: what the recording lacks, what the program did wrong with its memory, which "
        "stacks pin more memory than they hold, with what proves it, and which only grow from A to B. Enter shows the "
        "evidence and selects the stack in all pages. Advice is of this moment: W goes to the one of most waste.",
};
