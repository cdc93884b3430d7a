// SPDX-License-Identifier: MIT
// The processes of the recording as a tree, and the choice of one for all pages. Sorted by a figure, they are a list.
#include "text/format.h"
#include "text/process_end.h"
#include "viewer/pages/processes/process_rows.h"
#include "viewer/screen/table.h"

#include <stdio.h>
#include <string.h>

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

struct processes
{
    struct table table;
    struct process_rows rows; // shown after the one for all
    struct area list;         // where it was drawn last, in the page's area
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

// ---- drawing

static void draw_all(const struct page_view *view, struct canvas *canvas, struct area cell, int column)
{
    const struct reel_summary *summary = model_summary(view->model);
    char text[FORMAT_BYTES];
    if (column == COLUMN_PROCESS)
        canvas_text(canvas, cell, 0, 0, ROLE_TITLE, "all");
    else if (column == COLUMN_LIVE)
        canvas_text_right(canvas, cell, cell.width, 0, ROLE_TEXT,
                          format_bytes(text, process_rows_live_bytes(view->model, 0)));
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
        format_bytes(text, process_rows_live_bytes(view->model, process->process));
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
    const struct process_rows *rows = &drawing->own->rows;
    size_t index = rows->order[row - 1];
    const struct reel_process_summary *process = process_at(drawing->view, index);
    bool is_tree = drawing->own->table.sort_column == COLUMN_PROCESS;
    char pid[16];
    if (column == COLUMN_PROCESS)
        draw_name(canvas, cell, process, is_tree ? rows->rows[index].depth : 0);
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
    return row == 0 || row > own->rows.count ? 0 : process_at(view, own->rows.order[row - 1])->process;
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
    if (!process_rows_order(&own->rows, view->model, own->table.sort_column, own->table.is_reversed))
    {
        page_draw_failure(canvas, area, &no_memory);
        return;
    }
    own->list = area;
    fit_columns(fitted, area.width);
    table_draw(&own->table, canvas, area, fitted, COLUMN_COUNT, own->rows.count + 1, &cells);
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

static bool has_command(struct page_view *view, size_t row)
{
    const struct processes *own = view->own;
    return strcasestr(process_at(view, own->rows.order[row])->command, view->state->search) != NULL;
}

// Of the processes: the first row of the table is all of them.
static unsigned search(struct page_view *view, enum action action)
{
    struct processes *own = view->own;
    size_t count = own->rows.count;
    size_t before = action == ACTION_SEARCH_NEXT && count != 0 ? count - 1 : 0;
    size_t selected = own->table.selected != 0 ? own->table.selected - 1 : before;
    size_t row = page_search(view, action, selected, count, has_command);
    if (row != SIZE_MAX)
        own->table.selected = row + 1;
    else
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
    case ACTION_SEARCH_NEXT:
    case ACTION_SEARCH_PREVIOUS:
        return search(view, action);
    default:
        return table_take(&own->table, action, own->rows.count + 1, COLUMN_COUNT);
    }
}

static unsigned point(struct page_view *view, const struct page_mouse *mouse)
{
    struct processes *own = view->own;
    struct area area = area_of(0, 0, own->list.width, own->list.height);
    struct table_column fitted[COLUMN_COUNT];
    size_t row = SIZE_MAX;
    fit_columns(fitted, area.width);
    unsigned taken = table_point(&own->table, mouse, area, fitted, COLUMN_COUNT, own->rows.count + 1, &row);
    return row != SIZE_MAX && mouse->is_double ? taken | choose(view) : taken;
}

static void fini(void *context)
{
    struct processes *own = context;
    process_rows_fini(&own->rows);
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
