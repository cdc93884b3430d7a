// SPDX-License-Identifier: MIT
// Where every resident byte goes, as a bar with a legend, and the figures of the moment.
#include "viewer/pages/overview/overview.h"
#include "viewer/pages/overview/verdict.h"

#include "text/format.h"

#include <stdarg.h>
#include <stdio.h>

enum
{
    PARTS = 5,
    LEGEND_COLUMNS = 30, // of a part: its name, bytes and share
    FIGURE_COLUMNS = 26,
    FIGURE_LABEL_COLUMNS = 14,
    RUN_LABEL_COLUMNS = 10,
    RUN_POINTS_MAX = 512,
};

struct part
{
    const char *name;
    uint64_t bytes;
    enum role role;
};

static void list_parts(const struct reel_identity *identity, struct part parts[PARTS])
{
    parts[0] = (struct part){"requested", identity->requested_bytes, ROLE_REQUESTED};
    parts[1] = (struct part){"rounding", identity->rounding_bytes, ROLE_ROUNDING};
    parts[2] = (struct part){"pinned", identity->pinned_bytes, ROLE_PINNED};
    parts[3] = (struct part){"retained", identity->retained_bytes, ROLE_RETAINED};
    parts[4] = (struct part){"metadata", identity->metadata_bytes, ROLE_METADATA};
}

// Each part ends where the sum up to it does, so that the bar has its whole width.
static void draw_bar(struct canvas *canvas, struct area bar, const struct part parts[PARTS], uint64_t whole)
{
    double sum = 0;
    int x = 0;
    for (int i = 0; i < PARTS && whole != 0; i++)
    {
        sum += (double)parts[i].bytes;
        int end = (int)(sum * bar.width / (double)whole + 0.5);
        for (; x < end && x < bar.width; x++)
            canvas_put(canvas, bar, x, 0, canvas->glyphs->parts[i], parts[i].role, ROLE_TEXT);
    }
}

static void draw_part(struct canvas *canvas, struct area cell, int number, const struct part *part, uint64_t whole)
{
    char bytes[FORMAT_BYTES];
    char share[FORMAT_BYTES];
    canvas_put(canvas, cell, 0, 0, canvas->glyphs->parts[number], part->role, ROLE_TEXT);
    canvas_text(canvas, cell, 2, 0, ROLE_LABEL, part->name);
    canvas_text_right(canvas, cell, 20, 0, ROLE_TEXT, format_bytes(bytes, part->bytes));
    if (part->bytes != 0)
        canvas_text_right(canvas, cell, LEGEND_COLUMNS - 2, 0, ROLE_TEXT, format_share(share, part->bytes, whole));
}

static void draw_sum(struct canvas *canvas, struct area cell, uint64_t whole)
{
    char bytes[FORMAT_BYTES];
    canvas_text(canvas, cell, 0, 0, ROLE_LABEL, "= resident");
    canvas_text_right(canvas, cell, 20, 0, ROLE_TITLE, format_bytes(bytes, whole));
}

// Cells of one width, side by side and then beneath each other.
static struct area cell_of(struct area area, int index, int columns)
{
    int beside = area.width / columns > 0 ? area.width / columns : 1;
    return area_of(area.x + index % beside * columns, area.y + index / beside, columns, 1);
}

static int rows_of(struct area area, int count, int columns)
{
    int beside = area.width / columns > 0 ? area.width / columns : 1;
    return (count + beside - 1) / beside;
}

static void draw_source(struct canvas *canvas, struct area line, const struct reel_identity *identity)
{
    char bytes[FORMAT_BYTES];
    char time[FORMAT_BYTES];
    int x;
    if (identity->is_sampled)
        x = canvas_print(canvas, line, 0, 0, ROLE_DIM, "the kernel counted %s at %s",
                         format_bytes(bytes, identity->kernel_resident_bytes),
                         format_time(time, identity->sample_t_ns));
    else
        x = canvas_text(canvas, line, 0, 0, ROLE_DIM,
                        "all pages with blocks are taken: the kernel was not asked by then");
    if (identity->untouched_bytes != 0)
        canvas_print(canvas, line, x, 0, ROLE_DIM, "; untouched %s", format_bytes(bytes, identity->untouched_bytes));
}

int overview_draw_identity(struct page_view *view, struct canvas *canvas, struct area area, int rows)
{
    const struct reel_identity *identity = NULL;
    struct part parts[PARTS];
    struct model_of of = {0};
    struct reel_error error = {0};
    if (rows <= 0 || area.height <= 0)
        return 0;
    if (model_identity(view->model, view->state, &identity, &of, &error) != REEL_OK)
    {
        page_draw_failure(canvas, area_top(area, 1), &error);
        return 1;
    }
    if (identity->resident_bytes == 0)
        return 0;
    list_parts(identity, parts);
    draw_bar(canvas, area_top(area, 1), parts, identity->resident_bytes);
    int taken = 1;
    int legend_rows = rows_of(area, PARTS + 1, LEGEND_COLUMNS);
    if (taken + legend_rows <= rows)
    {
        struct area legend = area_below(area, taken);
        for (int i = 0; i < PARTS; i++)
            draw_part(canvas, cell_of(legend, i, LEGEND_COLUMNS), i, &parts[i], identity->resident_bytes);
        draw_sum(canvas, cell_of(legend, PARTS, LEGEND_COLUMNS), identity->resident_bytes);
        taken += legend_rows;
    }
    if (taken < rows)
    {
        struct area line = area_top(area_below(area, taken++), 1);
        draw_source(canvas, line, identity);
        page_draw_stale(canvas, line, view->model, &of);
    }
    return taken;
}

// ---- figures

const struct reel_figures *overview_figures(const struct page_view *view)
{
    const struct reel_summary *summary = model_summary(view->model);
    for (size_t i = 0; i < summary->process_count; i++)
        if (summary->processes[i].process == view->state->process)
            return &summary->processes[i].figures;
    return &summary->figures;
}

struct figures
{
    struct canvas *canvas;
    struct area area;
    int rows;
    int count;
    bool is_flowing; // too narrow for cells: each as wide as it is
    int x;
};

__attribute__((format(printf, 3, 4))) static void add(struct figures *figures, const char *label, const char *format,
                                                      ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct area cell = cell_of(figures->area, figures->count, FIGURE_COLUMNS);
    int gap = FIGURE_LABEL_COLUMNS;
    if (figures->is_flowing)
    {
        cell = area_top(area_right_of(figures->area, figures->x), 1);
        gap = canvas_columns(label) + 1;
        if (figures->x != 0 && gap + canvas_columns(text) > cell.width)
            return;
        figures->x += gap + canvas_columns(text) + 2;
    }
    if (cell.y >= figures->area.y + figures->rows)
        return;
    canvas_text(figures->canvas, cell, 0, 0, ROLE_LABEL, label);
    canvas_text(figures->canvas, cell, gap, 0, ROLE_TITLE, text);
    figures->count++;
}

static void add_run(struct figures *figures, const struct reel_heap_state *heap, const struct reel_figures *run)
{
    char text[FORMAT_BYTES];
    add(figures, "peak", "%s", format_bytes(text, run->peak_live_bytes));
    add(figures, "peak at", "%s", format_time(text, run->peak_t_ns));
    if (run->peak_resident_bytes != 0)
        add(figures, "peak resident", "%s", format_bytes(text, run->peak_resident_bytes));
    if (heap->peak_slot_bytes != 0)
        add(figures, "stranding", "%.2f", (double)heap->class_peak_bytes / (double)heap->peak_slot_bytes);
    add(figures, "leaked", "%s", format_bytes(text, run->leaked_bytes));
    add(figures, "temporary", "%s", format_share(text, run->temporary_allocations, run->allocations));
}

int overview_draw_figures(struct page_view *view, struct canvas *canvas, struct area area, int rows)
{
    const struct reel_heap_state *heap = NULL;
    const struct reel_identity *identity = NULL;
    struct model_of of = {0};
    struct reel_error error = {0};
    char text[FORMAT_BYTES];
    struct figures figures = {
        .canvas = canvas, .area = area, .rows = rows, .is_flowing = rows == 1 || area.width < 2 * FIGURE_COLUMNS};
    if (rows <= 0 || area.height <= 0)
        return 0;
    if (model_heap(view->model, view->state, &heap, &error) != REEL_OK)
    {
        page_draw_failure(canvas, area_top(area, 1), &error);
        return 1;
    }
    // What came with forks is in the sums over all processes once: where it was allocated.
    bool is_one = view->state->process != 0;
    add(&figures, "live", "%s",
        format_bytes(text, heap->requested_bytes + (is_one ? heap->inherited_requested_bytes : 0)));
    if (model_identity(view->model, view->state, &identity, &of, &error) == REEL_OK)
        add(&figures, "waste", "%s", format_share(text, verdict_waste_bytes(identity), identity->resident_bytes));
    add(&figures, "blocks", "%s", format_count(text, heap->live_blocks + (is_one ? heap->inherited_blocks : 0)));
    add_run(&figures, heap, overview_figures(view));
    if (figures.is_flowing)
        return 1;
    int taken = rows_of(area, figures.count, FIGURE_COLUMNS);
    return taken < rows ? taken : rows;
}

// ---- the run

void overview_draw_run(struct page_view *view, struct canvas *canvas, struct area area)
{
    const struct reel_timeline_point *points = NULL;
    struct reel_error error = {0};
    uint64_t live[RUN_POINTS_MAX];
    uint64_t resident[RUN_POINTS_MAX];
    uint64_t greatest = 0;
    int columns = area.width - RUN_LABEL_COLUMNS < RUN_POINTS_MAX ? area.width - RUN_LABEL_COLUMNS : RUN_POINTS_MAX;
    if (columns <= 0 || model_timeline(view->model, view->state, (size_t)columns, &points, &error) != REEL_OK)
        return;
    for (int i = 0; i < columns; i++)
    {
        live[i] = points[i].live_bytes;
        resident[i] = points[i].resident_bytes;
        greatest = live[i] > greatest ? live[i] : greatest;
        greatest = resident[i] > greatest ? resident[i] : greatest;
    }
    canvas_text(canvas, area, 0, 0, ROLE_LABEL, "live");
    canvas_text(canvas, area, 0, 1, ROLE_LABEL, "resident");
    canvas_sparkline(canvas, area, RUN_LABEL_COLUMNS, 0, live, columns, greatest, ROLE_REQUESTED);
    canvas_sparkline(canvas, area, RUN_LABEL_COLUMNS, 1, resident, columns, greatest, ROLE_RETAINED);
}
