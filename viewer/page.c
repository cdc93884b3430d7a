// SPDX-License-Identifier: MIT
// What all pages do in the same way: searching a list; saying that there is no answer, that an answer is of another
// moment, what a stack is.
#include "viewer/page.h"

#include "reel/error.h"
#include "text/format.h"
#include "text/stack.h"

#include <stdlib.h>
#include <string.h>

size_t page_search(struct page_view *view, enum action action, size_t selected, size_t count,
                   bool (*matches)(struct page_view *view, size_t row))
{
    bool is_up = action == ACTION_SEARCH_PREVIOUS;
    for (size_t i = action == ACTION_SEARCH ? 0 : 1; i <= count && count != 0 && view->state->search[0] != '\0'; i++)
    {
        size_t row = (selected + (is_up ? count - i : i)) % count;
        if (matches(view, row))
            return row;
    }
    return SIZE_MAX;
}

static void draw_line(struct canvas *canvas, struct area area, int row, enum role role, const char *text)
{
    int columns = canvas_columns(text);
    canvas_text(canvas, area, columns < area.width ? (area.width - columns) / 2 : 0, row, role, text);
}

void page_draw_failure(struct canvas *canvas, struct area area, const struct reel_error *error)
{
    char text[sizeof error->text];
    int row = area.height > 2 ? area.height / 2 - 1 : 0;
    canvas_clear(canvas, area);
    if (error->status == REEL_E_CANCELLED)
    {
        draw_line(canvas, area, row, ROLE_DIM, "stopped: move on, or press Enter to ask again");
        return;
    }
    format_text(text, sizeof text, error->text);
    draw_line(canvas, area, row, ROLE_WARNING, text);
}

void page_draw_no_blocks(const struct page_view *view, struct canvas *canvas, struct area area)
{
    struct reel_error error = {0};
    size_t count = 0;
    uint32_t process = view->state->process;
    const struct reel_replay_process *all = reel_replay_processes(model_replay(view->model), &count);
    if (view->state->moment == 0)
        reel_error_set(&error, REEL_E_ARGUMENT, "nothing has been allocated yet: P goes to the peak, $ to the end");
    else if (process > count || (process != 0 && !all[process - 1].is_running))
        reel_error_set(&error, REEL_E_ARGUMENT, "process %u does not run at this moment: 9 chooses another", process);
    else
        reel_error_set(&error, REEL_E_ARGUMENT, "no block lives at this moment: P goes to the peak");
    page_draw_failure(canvas, area, &error);
}

void page_draw_stack(const struct page_view *view, struct canvas *canvas, struct area line, enum role role,
                     uint32_t stack)
{
    struct text_stack *read = NULL;
    char function[STACK_TEXT_BYTES];
    struct reel_error error = {0};
    const char *name = model_stack_name(view->model, stack);
    int x = canvas_columns(name);
    canvas_text(canvas, line, 0, 0, role, name);
    if (x >= line.width || text_stack_read(&read, model_reader(view->model), stack, &error) != REEL_OK)
        return;
    for (size_t i = 1; i < read->count && x < line.width; i++)
    {
        text_function(function, &read->frames[i]);
        x = canvas_text(canvas, line, x, 0, ROLE_LABEL, TEXT_STACK_LINE_CALLER);
        x = canvas_text(canvas, line, x, 0, ROLE_LABEL, function);
    }
    free(read);
}

bool page_is_of_one_process(const struct page_view *view)
{
    size_t count = 0;
    reel_replay_processes(model_replay(view->model), &count);
    return view->state->process != 0 && count > 1;
}

void page_draw_stale(struct canvas *canvas, struct area area, struct model *model, const struct model_of *of)
{
    char time[FORMAT_BYTES];
    char text[FORMAT_BYTES + 16] = "as at ";
    struct reel_error error = {0};
    uint64_t t_ns = 0;
    if (!of->is_stale || model_time_of(model, of->moment, &t_ns, &error) != REEL_OK)
        return;
    strcat(text, format_time(time, t_ns));
    canvas_text_right(canvas, area, area.width, 0, ROLE_DIM, text);
}
