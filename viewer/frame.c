// SPDX-License-Identifier: MIT
// Header, tabs and footer. What does not fit is left out, never wrapped.
#include "viewer/frame.h"

#include "text/format.h"
#include "text/stack.h"
#include "viewer/chips.h"

#include <stdio.h>
#include <string.h>

#define FIELDS_MAX 12
#define FIELD_BYTES 96
#define GAP 2
#define TAB_TITLE_BYTES 24
#define NAME_COLUMNS 24
#define BYTES_COLUMNS 8
#define SHARE_COLUMNS 6
#define SPEED_COLUMNS 6

struct field
{
    const char *label;
    char text[FIELD_BYTES];
    enum role role;
};

struct fields
{
    struct field all[FIELDS_MAX];
    int count;
};

static struct field *add(struct fields *fields, const char *label, enum role role)
{
    struct field *field = &fields->all[fields->count++];
    *field = (struct field){.label = label, .role = role};
    return field;
}

// The last part of the first word, and the pid of the first process.
static void name_program(char text[FIELD_BYTES], const struct reel_summary *summary)
{
    char command[FIELD_BYTES];
    snprintf(command, sizeof command, "%s", summary->command != NULL ? summary->command : "");
    command[strcspn(command, " ")] = '\0';
    format_text(text, NAME_COLUMNS, text_base_name(command));
    size_t length = strlen(text);
    if (summary->process_count != 0)
        snprintf(text + length, FIELD_BYTES - length, " %d", summary->processes[0].pid);
}

static void add_time(struct fields *fields, struct page_view *view)
{
    struct reel_error error = {0};
    char now[FORMAT_BYTES];
    char end[FORMAT_BYTES];
    uint64_t t_ns = 0;
    if (model_time_shown(view->model, view->state, &t_ns, &error) != REEL_OK)
        return;
    format_time(now, t_ns);
    now[strcspn(now, " ")] = '\0';
    format_time(end, model_end_ns(view->model));
    snprintf(add(fields, "t", ROLE_TITLE)->text, FIELD_BYTES, "%*s/%s", (int)strcspn(end, " "), now, end);
}

// On a wide screen figures have room for what they may become: while it plays nothing behind them moves.
static void add_figures(struct fields *fields, struct page_view *view, bool is_wide)
{
    const struct reel_heap_state *heap;
    struct reel_error error = {0};
    char bytes[FORMAT_BYTES];
    if (model_heap(view->model, view->state, &heap, &error) != REEL_OK)
    {
        format_text(add(fields, "", ROLE_WARNING)->text, FIELD_BYTES, error.text);
        return;
    }
    int bytes_columns = is_wide ? BYTES_COLUMNS : 0;
    int share_columns = is_wide ? SHARE_COLUMNS : 0;
    bool is_one = view->state->process != 0; // in the sums over all, blocks that came with forks count once
    uint64_t taken = heap->usable_bytes + heap->inherited_usable_bytes + heap->header_bytes;
    snprintf(add(fields, "live", ROLE_TITLE)->text, FIELD_BYTES, "%*s", bytes_columns,
             format_bytes(bytes, heap->requested_bytes + (is_one ? heap->inherited_requested_bytes : 0)));
    snprintf(add(fields, "pinned", ROLE_TITLE)->text, FIELD_BYTES, "%*s", share_columns,
             format_share(bytes, heap->pinned_bytes, heap->pinned_bytes + taken));
    snprintf(add(fields, "blocks", ROLE_TITLE)->text, FIELD_BYTES, "%s",
             format_count(bytes, heap->live_blocks + (is_one ? heap->inherited_blocks : 0)));
}

static uint64_t lost_events(const struct reel_summary *summary)
{
    uint64_t lost = 0;
    for (size_t i = 0; i < summary->loss_count; i++)
        lost += summary->losses[i].count;
    return lost;
}

static int columns_of(const struct field *field)
{
    int label = canvas_columns(field->label);
    return label + (label != 0) + canvas_columns(field->text);
}

static void draw_fields(struct canvas *canvas, struct area area, const struct fields *fields)
{
    int x = 0;
    for (int i = 0; i < fields->count; i++)
    {
        const struct field *field = &fields->all[i];
        if (field->text[0] == '\0')
            continue;
        x += x != 0 ? GAP : 0;
        if (x != 0 && x + columns_of(field) > area.width)
            return;
        if (field->label[0] != '\0')
            x = canvas_text(canvas, area, x, 0, ROLE_LABEL, field->label) + 1;
        x = canvas_text(canvas, area, x, 0, field->role, field->text);
    }
}

// Where there is no room for the figures behind the rest, they come first.
static const int order_narrow[] = {4, 5, 1, 3, 2, 0, 6};
#define NARROW 60
#define FIELDS_WANTED 6 // to the share that is pinned

static bool are_fitting(const struct fields *fields, int width)
{
    int x = -GAP;
    for (int i = 0; i < fields->count && i < FIELDS_WANTED; i++)
        x += fields->all[i].text[0] != '\0' ? GAP + columns_of(&fields->all[i]) : 0;
    return x <= width;
}

static void narrow(struct fields *fields)
{
    struct fields wide = *fields;
    int kept = 0;
    for (size_t i = 0; i < sizeof order_narrow / sizeof *order_narrow; i++)
        if (order_narrow[i] < wide.count)
            fields->all[kept++] = wide.all[order_narrow[i]];
    fields->count = kept;
}

void frame_draw_header(struct page_view *view, const struct transport *transport, struct canvas *canvas,
                       struct area area)
{
    struct fields fields = {0};
    const struct reel_summary *summary = model_summary(view->model);
    bool is_live = model_is_live(view->model);
    uint64_t lost = lost_events(summary);
    char count[FORMAT_BYTES];
    if (area.height <= 0)
        return;
    name_program(add(&fields, "", ROLE_TITLE)->text, summary);
    struct field *warning = add(&fields, "", ROLE_WARNING);
    if (lost != 0)
        snprintf(warning->text, FIELD_BYTES, "LOST %s", format_count(count, lost));
    else if (!summary->is_complete && !is_live)
        snprintf(warning->text, FIELD_BYTES, "CUT OFF");
    bool is_wide = area.width >= NARROW;
    snprintf(add(&fields, is_live ? "LIVE" : "REPLAY", ROLE_TEXT)->text, FIELD_BYTES, "%-*s",
             is_wide ? SPEED_COLUMNS : 0, transport_says(transport, view));
    add_time(&fields, view);
    add_figures(&fields, view, is_wide);
    if (!is_wide || !are_fitting(&fields, area.width))
        narrow(&fields);
    draw_fields(canvas, area, &fields);
}

// ---- tabs

static void title_tab(char text[TAB_TITLE_BYTES], enum page_number page, bool is_current, bool is_short)
{
    const char *title = is_short && !is_current ? "" : page_title(page);
    if (is_current)
        snprintf(text, TAB_TITLE_BYTES, "[%d %s]", (int)page + 1, title);
    else
        snprintf(text, TAB_TITLE_BYTES, " %d%s%s ", (int)page + 1, title[0] != '\0' ? " " : "", title);
}

static int tabs_width(bool is_short)
{
    char text[TAB_TITLE_BYTES];
    int width = 0;
    for (int page = 0; page < PAGE_COUNT; page++)
    {
        title_tab(text, (enum page_number)page, page == PAGE_OVERVIEW, is_short);
        width += canvas_columns(text);
    }
    return width;
}

// Brackets and blanks take the same room, so that a tab stands where it is whichever is current; but for short ones.
static int tab_column(struct area area, enum page_number current, enum page_number wanted)
{
    char text[TAB_TITLE_BYTES];
    bool is_short = tabs_width(false) > area.width;
    int x = 0;
    for (int page = 0; page < (int)wanted; page++)
    {
        title_tab(text, (enum page_number)page, page == (int)current, is_short);
        x += canvas_columns(text);
    }
    return x;
}

void frame_draw_tabs(struct page_view *view, struct canvas *canvas, struct area area)
{
    char text[TAB_TITLE_BYTES];
    bool is_short = tabs_width(false) > area.width;
    int x = 0;
    if (area.height <= 0)
        return;
    for (int page = 0; page < PAGE_COUNT; page++)
    {
        bool is_current = page == (int)view->state->page;
        title_tab(text, (enum page_number)page, is_current, is_short);
        int begin = x;
        x = canvas_text(canvas, area, x, 0, is_current ? ROLE_TITLE : ROLE_LABEL, text);
        if (is_current)
            canvas_style(canvas, area, begin, 0, x - begin, CELL_BOLD);
    }
    chips_draw(view, canvas, area, x);
}

enum page_number frame_tab_at(struct area area, enum page_number current, int column)
{
    for (int page = 0; page < PAGE_COUNT; page++)
        if (column >= tab_column(area, current, (enum page_number)page) &&
            column < tab_column(area, current, (enum page_number)(page + 1)))
            return (enum page_number)page;
    return PAGE_COUNT;
}

// ---- keys

// Room for the first of its keys and its label.
static int key_text(const struct key_row *row, char key[TAB_TITLE_BYTES])
{
    snprintf(key, TAB_TITLE_BYTES, "%.*s", (int)strcspn(row->keys, " "), row->keys);
    return canvas_columns(key) + 1 + canvas_columns(row->label);
}

static bool is_of_page(const struct key_row *row, enum page_number page)
{
    return row->rank != 0 && (row->pages[0] == '\0' || strchr(row->pages, '1' + (int)page) != NULL);
}

// The next in the order of importance, behind the row `last`; NULL: that was the last.
static const struct key_row *next_in_rank(const struct key_row *last, enum page_number page)
{
    const struct key_row *next = NULL;
    for (const struct key_row *row = key_rows; row < key_rows + key_row_count; row++)
    {
        bool is_behind = last == NULL || row->rank > last->rank || (row->rank == last->rank && row > last);
        if (is_of_page(row, page) && is_behind && (next == NULL || row->rank < next->rank))
            next = row;
    }
    return next;
}

// The last, in the order of importance, that has room. They stand in the order of the table.
static const struct key_row *last_that_fits(int width, enum page_number page)
{
    char key[TAB_TITLE_BYTES];
    const struct key_row *last = NULL;
    const struct key_row *next = next_in_rank(NULL, page);
    int x = 0;
    while (next != NULL && x + key_text(next, key) <= width)
    {
        x += key_text(next, key) + GAP;
        last = next;
        next = next_in_rank(last, page);
    }
    return last;
}

static bool is_shown(const struct key_row *row, const struct key_row *last, enum page_number page)
{
    return last != NULL && is_of_page(row, page) &&
           (row->rank < last->rank || (row->rank == last->rank && row <= last));
}

struct shown_key
{
    const struct key_row *row; // NULL: none yet
    char key[TAB_TITLE_BYTES];
    int x;
    int width;
};

// On to the next of the footer, up to `last`. False: there is none.
static bool next_shown(struct shown_key *shown, const struct key_row *last, enum page_number page)
{
    const struct key_row *row = shown->row != NULL ? shown->row + 1 : key_rows;
    while (row < key_rows + key_row_count && !is_shown(row, last, page))
        row++;
    if (row == key_rows + key_row_count)
        return false;
    shown->x += shown->row != NULL ? shown->width + GAP : 0;
    shown->row = row;
    shown->width = key_text(row, shown->key);
    return true;
}

void frame_draw_keys(struct canvas *canvas, struct area area, enum page_number page)
{
    const struct key_row *last = last_that_fits(area.width, page);
    struct shown_key shown = {0};
    while (next_shown(&shown, last, page))
    {
        int next = canvas_text(canvas, area, shown.x, 0, ROLE_KEY, shown.key);
        canvas_text(canvas, area, next + 1, 0, ROLE_TEXT, shown.row->label);
    }
}

enum action frame_key_at(struct area area, enum page_number page, int column)
{
    const struct key_row *last = last_that_fits(area.width, page);
    struct shown_key shown = {0};
    while (next_shown(&shown, last, page))
        if (column >= shown.x && column < shown.x + shown.width)
            return shown.row->action;
    return ACTION_NONE;
}
