// SPDX-License-Identifier: MIT
// The processes of the recording as a tree, and the choice of one for all pages. Sorted by a figure, they are a list.
#include "text/format.h"
#include "text/process_end.h"
#include "viewer/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column
{
    COLUMN_PROCESS,
    COLUMN_PID,
    COLUMN_LIVE,
    COLUMN_PEAK,
    COLUMN_HOW,
    COLUMN_LOST,
    COLUMN_BEGIN,
    COLUMN_END,
    COLUMN_EVENTS,
    COLUMN_COMMAND,
    COLUMN_COUNT,
};

static const struct table_column columns[COLUMN_COUNT] = {
    [COLUMN_PROCESS] = {"PROCESS", 9, 10, true}, [COLUMN_PID] = {"PID", 8, 5, false},
    [COLUMN_LIVE] = {"LIVE", 9, 9, false},       [COLUMN_PEAK] = {"PEAK", 9, 6, false},
    [COLUMN_HOW] = {"ENDED", 9, 7, true},        [COLUMN_LOST] = {"LOST", 9, 4, false},
    [COLUMN_BEGIN] = {"FROM", 10, 3, false},     [COLUMN_END] = {"TO", 10, 3, false},
    [COLUMN_EVENTS] = {"EVENTS", 12, 2, false},  [COLUMN_COMMAND] = {"COMMAND", 0, 8, true},
};

#define COMMAND_COLUMNS 24 // that times give way for
#define COMMAND_TAKES_REST 120

#define DEPTH_SHOWN 6 // deeper ones stand beneath these
#define COMMAND_BYTES 512
#define NO_ROW SIZE_MAX

// A process as a row; those with a parent stand below it, one step further in.
struct row
{
    size_t index; // in the summary
    size_t parent;
    size_t first_child;
    size_t next_sibling;
    int depth;
};

struct processes
{
    struct table table;
    struct row *rows; // [index of the summary]
    size_t *order;    // rows as they are shown, after the one for all
    size_t count;
    struct area list; // where it was drawn last, in the page's area
};

// What the table's functions are called with.
struct drawing
{
    struct page_view *view;
    const struct processes *own;
};

static const struct reel_process_summary *process_at(const struct page_view *view, size_t index)
{
    return &model_summary(view->model)->processes[index];
}

static uint64_t live_bytes(const struct page_view *view, uint32_t process)
{
    struct reel_heap_state heap;
    struct reel_error error = {0};
    if (reel_replay_heap(model_replay(view->model), process, &heap, &error) != REEL_OK)
        return 0;
    return heap.requested_bytes + heap.inherited_requested_bytes;
}

// ---- order

// In the summary they stand by number, and parents before their children: what a file says else is no parent.
static size_t find_parent(const struct reel_summary *summary, size_t index)
{
    uint32_t wanted = summary->processes[index].parent_process;
    size_t low = 0;
    size_t high = index;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (summary->processes[middle].process < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low < index && wanted != 0 && summary->processes[low].process == wanted ? low : NO_ROW;
}

// Children in the order of their numbers.
static void link_rows(struct processes *own, const struct reel_summary *summary)
{
    for (size_t i = 0; i < own->count; i++)
        own->rows[i] =
            (struct row){.index = i, .parent = find_parent(summary, i), .first_child = NO_ROW, .next_sibling = NO_ROW};
    for (size_t i = own->count; i-- > 0;)
    {
        size_t parent = own->rows[i].parent;
        if (parent == NO_ROW)
            continue;
        own->rows[i].next_sibling = own->rows[parent].first_child;
        own->rows[parent].first_child = i;
    }
    for (size_t i = 0; i < own->count; i++)
        own->rows[i].depth = own->rows[i].parent != NO_ROW ? own->rows[own->rows[i].parent].depth + 1 : 0;
}

static size_t put_tree(struct processes *own, size_t root, size_t at)
{
    for (size_t row = root; row != NO_ROW;)
    {
        own->order[at++] = row;
        if (own->rows[row].first_child != NO_ROW)
        {
            row = own->rows[row].first_child;
            continue;
        }
        while (row != root && own->rows[row].next_sibling == NO_ROW)
            row = own->rows[row].parent;
        row = row != root ? own->rows[row].next_sibling : NO_ROW;
    }
    return at;
}

static void put_in_tree_order(struct processes *own)
{
    size_t at = 0;
    for (size_t i = 0; i < own->count; i++)
        if (own->rows[i].parent == NO_ROW)
            at = put_tree(own, i, at);
}

struct sorting
{
    const struct page_view *view;
    int column;
    bool is_reversed;
};

static uint64_t sort_key(const struct page_view *view, size_t index, int column)
{
    const struct reel_process_summary *process = process_at(view, index);
    switch (column)
    {
    case COLUMN_PID:
        return (uint64_t)(int64_t)process->pid;
    case COLUMN_LIVE:
        return live_bytes(view, process->process);
    case COLUMN_PEAK:
        return process->figures.peak_live_bytes;
    case COLUMN_HOW:
        return (uint64_t)process->end;
    case COLUMN_LOST:
        return process->figures.lost_events;
    case COLUMN_BEGIN:
        return process->begin_ns;
    case COLUMN_END:
        return process->end != 0 ? process->end_ns : UINT64_MAX;
    case COLUMN_EVENTS:
        return process->figures.events;
    default:
        return index;
    }
}

// The greatest first, and equal ones by number.
static int compare(const void *left, const void *right, void *context)
{
    const struct sorting *sorting = context;
    size_t a = *(const size_t *)left;
    size_t b = *(const size_t *)right;
    int order = 0;
    if (sorting->column == COLUMN_COMMAND)
        order = strcmp(process_at(sorting->view, a)->command, process_at(sorting->view, b)->command);
    else
    {
        uint64_t of_a = sort_key(sorting->view, a, sorting->column);
        uint64_t of_b = sort_key(sorting->view, b, sorting->column);
        order = of_a > of_b ? -1 : of_a < of_b;
    }
    if (order != 0)
        return sorting->is_reversed ? -order : order;
    return a < b ? -1 : a > b;
}

static void turn_round(size_t *order, size_t count)
{
    for (size_t i = 0; i < count / 2; i++)
    {
        size_t kept = order[i];
        order[i] = order[count - 1 - i];
        order[count - 1 - i] = kept;
    }
}

static bool make_room(struct processes *own, size_t count)
{
    if (count <= own->count)
    {
        own->count = count;
        return true;
    }
    struct row *rows = reallocarray(own->rows, count, sizeof *rows);
    if (rows == NULL)
        return false;
    own->rows = rows;
    size_t *order = reallocarray(own->order, count, sizeof *order);
    if (order == NULL)
        return false;
    own->order = order;
    own->count = count;
    return true;
}

static bool put_in_order(struct page_view *view)
{
    struct processes *own = view->own;
    const struct reel_summary *summary = model_summary(view->model);
    struct sorting sorting = {view, own->table.sort_column, own->table.is_reversed};
    if (!make_room(own, summary->process_count))
        return false;
    link_rows(own, summary);
    put_in_tree_order(own);
    if (sorting.column != COLUMN_PROCESS)
        qsort_r(own->order, own->count, sizeof *own->order, compare, &sorting);
    else if (sorting.is_reversed)
        turn_round(own->order, own->count);
    return true;
}

// ---- drawing

static void draw_all(const struct page_view *view, struct canvas *canvas, struct area cell, int column)
{
    const struct reel_summary *summary = model_summary(view->model);
    char text[FORMAT_BYTES];
    if (column == COLUMN_PROCESS)
        canvas_text(canvas, cell, 0, 0, ROLE_TITLE, "all");
    else if (column == COLUMN_LIVE)
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT, format_bytes(text, live_bytes(view, 0)));
    else if (column == COLUMN_PEAK)
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT, format_bytes(text, summary->figures.peak_live_bytes));
    else if (column == COLUMN_LOST && summary->figures.lost_events != 0)
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_WARNING, format_count(text, summary->figures.lost_events));
    else if (column == COLUMN_END)
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT, format_time(text, model_end_ns(view->model)));
    else if (column == COLUMN_EVENTS)
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT, format_count(text, model_event_count(view->model)));
    else if (column == COLUMN_COMMAND)
        canvas_print(canvas, cell, 0, 0, ROLE_LABEL, "%s process%s", format_count(text, summary->process_count),
                     summary->process_count == 1 ? "" : "es");
}

static void draw_name(struct canvas *canvas, struct area cell, const struct reel_process_summary *process, int depth)
{
    int shown = depth < DEPTH_SHOWN ? depth : DEPTH_SHOWN;
    canvas_print(canvas, cell, shown, 0, ROLE_TITLE, "%u", process->process);
}

// Without the directory of the program.
static const char *name_in(const char *command)
{
    const char *name = command;
    for (const char *at = command; *at != '\0' && *at != ' '; at++)
        if (*at == '/' && at[1] != '\0' && at[1] != ' ')
            name = at + 1;
    return name;
}

static void draw_word(struct canvas *canvas, struct area cell, const struct reel_process_summary *process, int column)
{
    char end[PROCESS_END_BYTES];
    char command[COMMAND_BYTES];
    bool has_failed = process->end == REEL_END_SIGNALLED || process->exit_status > 0;
    if (column == COLUMN_HOW)
        canvas_text(canvas, cell, 0, 0, has_failed ? ROLE_WARNING : ROLE_TEXT, process_end(end, process));
    else
        canvas_text(canvas, cell, 0, 0, ROLE_TEXT, name_in(format_text(command, sizeof command, process->command)));
}

static void draw_figure(const struct page_view *view, struct canvas *canvas, struct area cell,
                        const struct reel_process_summary *process, int column)
{
    char text[FORMAT_BYTES] = "";
    uint64_t lost = process->figures.lost_events;
    switch (column)
    {
    case COLUMN_LIVE:
        format_bytes(text, live_bytes(view, process->process));
        break;
    case COLUMN_PEAK:
        format_bytes(text, process->figures.peak_live_bytes);
        break;
    case COLUMN_LOST:
        format_count(text, lost);
        break;
    case COLUMN_BEGIN:
        format_time(text, process->begin_ns);
        break;
    case COLUMN_END:
        if (process->end != 0)
            format_time(text, process->end_ns);
        break;
    default:
        format_count(text, process->figures.events);
        break;
    }
    canvas_text_right(canvas, cell, cell.width, 0, column == COLUMN_LOST && lost != 0 ? ROLE_WARNING : ROLE_TEXT, text);
}

static void draw_cell(void *context, struct canvas *canvas, struct area cell, size_t row, int column)
{
    const struct drawing *drawing = context;
    if (row == 0)
    {
        draw_all(drawing->view, canvas, cell, column);
        return;
    }
    const struct row *shown = &drawing->own->rows[drawing->own->order[row - 1]];
    const struct reel_process_summary *process = process_at(drawing->view, shown->index);
    bool is_tree = drawing->own->table.sort_column == COLUMN_PROCESS;
    char pid[16];
    if (column == COLUMN_PROCESS)
        draw_name(canvas, cell, process, is_tree ? shown->depth : 0);
    else if (column == COLUMN_PID)
    {
        snprintf(pid, sizeof pid, "%d", process->pid);
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT, pid);
    }
    else if (column == COLUMN_HOW || column == COLUMN_COMMAND)
        draw_word(canvas, cell, process, column);
    else
        draw_figure(drawing->view, canvas, cell, process, column);
}

static uint32_t process_of(const struct page_view *view, size_t row)
{
    const struct processes *own = view->own;
    return row == 0 || row > own->count ? 0 : process_at(view, own->order[row - 1])->process;
}

static bool is_marked(void *context, size_t row)
{
    const struct drawing *drawing = context;
    return process_of(drawing->view, row) == drawing->view->state->process;
}

static bool is_dim(void *context, size_t row)
{
    const struct drawing *drawing = context;
    size_t count = 0;
    uint32_t process = process_of(drawing->view, row);
    const struct reel_replay_process *all = reel_replay_processes(model_replay(drawing->view->model), &count);
    return process != 0 && process <= count && !all[process - 1].is_running;
}

// A command that took only what is left would be the first to shrink.
static void fit_columns(struct table_column fitted[COLUMN_COUNT], int width)
{
    memcpy(fitted, columns, sizeof columns);
    fitted[COLUMN_COMMAND].width = width < COMMAND_TAKES_REST && width > 2 * COMMAND_COLUMNS ? COMMAND_COLUMNS : 0;
}

static void draw(struct page_view *view, struct canvas *canvas, struct area area)
{
    struct processes *own = view->own;
    struct drawing drawing = {view, own};
    struct table_column fitted[COLUMN_COUNT];
    const struct table_cells cells = {.draw = draw_cell, .is_marked = is_marked, .is_dim = is_dim, .context = &drawing};
    const struct reel_error no_memory = {.status = REEL_E_NO_MEMORY, .text = "out of memory for the processes"};
    if (area.width <= 0 || area.height <= 0)
        return;
    if (!put_in_order(view))
    {
        page_draw_failure(canvas, area, &no_memory);
        return;
    }
    own->list = area;
    fit_columns(fitted, area.width);
    table_draw(&own->table, canvas, area, fitted, COLUMN_COUNT, own->count + 1, &cells);
}

// ---- keys and mouse

static unsigned choose(struct page_view *view)
{
    struct processes *own = view->own;
    uint32_t process = process_of(view, own->table.selected);
    bool is_chosen = process == view->state->process;
    view->state->process = is_chosen ? 0 : process;
    view->said =
        view->state->process == 0 ? "all pages are of all processes" : "all pages are of this process: Enter undoes it";
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned search(struct page_view *view, int step)
{
    struct processes *own = view->own;
    size_t count = own->count;
    for (size_t i = step == 0 ? 0 : 1; i <= count && count != 0 && view->state->search[0] != '\0'; i++)
    {
        size_t from = own->table.selected != 0 ? own->table.selected - 1 : step > 0 ? count - 1 : 0;
        size_t at = (from + (step >= 0 ? i : count - i)) % count;
        if (strcasestr(process_at(view, own->order[at])->command, view->state->search) == NULL)
            continue;
        own->table.selected = at + 1;
        return REACTION_TAKEN | REACTION_DRAW;
    }
    view->said = "no process has that in its command";
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned take(struct page_view *view, enum action action)
{
    struct processes *own = view->own;
    switch (action)
    {
    case ACTION_OPEN:
        return choose(view);
    case ACTION_SEARCH:
        return search(view, 0);
    case ACTION_SEARCH_NEXT:
        return search(view, 1);
    case ACTION_SEARCH_PREVIOUS:
        return search(view, -1);
    default:
        return table_take(&own->table, action, own->count + 1, COLUMN_COUNT);
    }
}

static unsigned point(struct page_view *view, const struct page_mouse *mouse)
{
    struct processes *own = view->own;
    struct area area = area_of(0, 0, own->list.width, own->list.height);
    struct table_column fitted[COLUMN_COUNT];
    size_t row = SIZE_MAX;
    fit_columns(fitted, area.width);
    unsigned taken = table_point(&own->table, mouse, area, fitted, COLUMN_COUNT, own->count + 1, &row);
    return row != SIZE_MAX && mouse->is_double ? taken | choose(view) : taken;
}

static void fini(void *context)
{
    struct processes *own = context;
    free(own->rows);
    free(own->order);
}

const struct page page_processes = {
    .own_bytes = sizeof(struct processes),
    .draw = draw,
    .take = take,
    .point = point,
    .fini = fini,
    .explanation =
        "Every process of the recording, below the one that started it: live bytes at this moment, those that "
        "came with its fork included, its peak, how it ended, what was lost, and when it ran. Grey: it does "
        "not run at this moment. Enter makes all pages show that process alone; once more, or on the first "
        "row, all of them. The timeline is always of all.",
};
