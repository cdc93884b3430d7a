// SPDX-License-Identifier: MIT
// The timeline: takes the points of the zoom, draws curves with their scale, and an axis with times, marks and the
// cursor. One row is a line with a cursor, two to five are a curve with an axis, from six on the rate is there too.
#include "viewer/time/timeline.h"

#include "viewer/time/timeline_curve.h"

#include "reel/error.h"
#include "text/format.h"

#include <stdio.h>
#include <stdlib.h>

enum
{
    LABEL_COLUMNS = 9, // bytes, and a blank
    LABEL_FROM = 30,   // narrower, time takes all columns
    RATE_FROM = 6,     // rows
    RATE_ROWS = 2,
    TICK_COLUMNS = 30,
    TICKS_MAX = 64,
    MARKS_MAX = 4,
    CHUNK_EVENTS = 65536, // at most, in a reel
    LIVE_STEPS_MIN = 3,   // of the height, that the line of resident bytes must leave the live ones
};

struct mark
{
    int64_t column;
    uint32_t character;
    enum role role;
};

struct drawing
{
    struct page_view *view;
    struct canvas *canvas;
    struct area labels; // of the width 0 where there is no room
    struct area time;   // the columns that are time
    struct timeline_span span;
    struct curve_point *points;
    uint64_t greatest_bytes;
    bool has_resident; // the line is drawn
    int64_t cursor;
    struct mark marks[MARKS_MAX];
    int mark_count;
};

int timeline_columns(struct area area, int *first)
{
    *first = area.width >= LABEL_FROM ? LABEL_COLUMNS : 0;
    return area.width > *first ? area.width - *first : 1;
}

int timeline_moment_of(struct page_view *view, struct area area, int column, uint64_t *events, struct reel_error *error)
{
    int first;
    int columns = timeline_columns(area, &first);
    struct timeline_span span = timeline_span_of(view->model, view->state, columns);
    int at = column < first ? 0 : column - first < columns ? column - first : columns - 1;
    return model_events_at(view->model, timeline_column_end(&span, at), events, error);
}

// ---- what is drawn

// Where a point holds less than a chunk, the greatest bytes of the chunk were reached nobody knows where in it: the
// line through its ends is what is known. The peak of the run is known.
static uint64_t live_of(const struct reel_timeline_point *points, size_t i, const struct reel_figures *figures)
{
    bool has_peak = figures->peak_t_ns > points[i].begin_ns && figures->peak_t_ns <= points[i].end_ns;
    bool has_chunk = i != 0 && points[i].events - points[i - 1].events >= CHUNK_EVENTS;
    uint64_t bytes = has_chunk ? points[i].live_bytes_max : points[i].live_bytes;
    return has_peak && figures->peak_live_bytes > bytes ? figures->peak_live_bytes : bytes;
}

// The scale. Resident bytes are those of whole processes: the line is left out where it would flatten the curve.
static void choose_scale(struct drawing *drawing, size_t count)
{
    uint64_t times = (uint64_t)curve_steps(drawing->canvas, drawing->time.height) / LIVE_STEPS_MIN;
    uint64_t live = 0;
    uint64_t resident = 0;
    for (size_t i = 0; i < count; i++)
    {
        live = drawing->points[i].live_bytes > live ? drawing->points[i].live_bytes : live;
        resident = drawing->points[i].resident_bytes > resident ? drawing->points[i].resident_bytes : resident;
    }
    drawing->has_resident = resident != 0 && resident / (times != 0 ? times : 1) <= live;
    drawing->greatest_bytes = drawing->has_resident && resident > live ? resident : live;
    for (size_t i = 0; i < count && !drawing->has_resident; i++)
        drawing->points[i].resident_bytes = 0;
}

static int take_points(struct drawing *drawing, struct reel_error *error)
{
    const struct reel_timeline_point *points;
    const struct reel_figures *figures = &model_summary(drawing->view->model)->figures;
    size_t count = (size_t)drawing->time.width * (size_t)curve_points_per_column(drawing->canvas);
    int status = model_timeline(drawing->view->model, drawing->view->state, count, &points, error);
    if (status != REEL_OK)
        return status;
    drawing->points = calloc(count, sizeof *drawing->points);
    if (drawing->points == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the timeline");
    for (size_t i = 0; i < count; i++)
        drawing->points[i] = (struct curve_point){.live_bytes = live_of(points, i, figures),
                                                  .resident_bytes = points[i].resident_bytes,
                                                  .allocations = points[i].allocations,
                                                  .frees = points[i].frees};
    choose_scale(drawing, count);
    return REEL_OK;
}

static int64_t column_of(struct drawing *drawing, uint64_t events)
{
    struct reel_error error = {0};
    uint64_t t_ns = 0;
    if (model_time_of(drawing->view->model, events, &t_ns, &error) != REEL_OK)
        return INT64_MIN;
    return timeline_column_at(&drawing->span, t_ns);
}

static int64_t cursor_column(struct drawing *drawing)
{
    struct reel_error error = {0};
    uint64_t t_ns = 0;
    if (model_time_shown(drawing->view->model, drawing->view->state, &t_ns, &error) != REEL_OK)
        return INT64_MIN;
    return timeline_column_at(&drawing->span, t_ns);
}

static void add_mark(struct drawing *drawing, uint64_t events, uint32_t character, enum role role)
{
    if (events != STATE_NO_EVENT)
        drawing->marks[drawing->mark_count++] =
            (struct mark){.column = column_of(drawing, events), .character = character, .role = role};
}

static void take_marks(struct drawing *drawing)
{
    const struct state *state = drawing->view->state;
    const struct model *model = drawing->view->model;
    add_mark(drawing, model_worst(model), 'w', ROLE_WARNING);
    add_mark(drawing, model_peak(model), '^', ROLE_TITLE);
    add_mark(drawing, state->mark_a, 'A', ROLE_MARK_A);
    add_mark(drawing, state->mark_b, 'B', ROLE_MARK_B);
    drawing->cursor = cursor_column(drawing);
}

// ---- axis

static bool is_free(const struct drawing *drawing, int64_t begin, int64_t end)
{
    for (int i = 0; i < drawing->mark_count; i++)
        if (drawing->marks[i].column >= begin && drawing->marks[i].column < end)
            return false;
    return begin >= 0 && end <= drawing->time.width && (drawing->cursor < begin || drawing->cursor >= end);
}

// To the millisecond where a rough time would not tell the ends apart.
static void print_time(const struct drawing *drawing, char text[FORMAT_BYTES], uint64_t t_ns)
{
    uint64_t width_ns = drawing->span.end_ns - drawing->span.begin_ns;
    if (drawing->span.end_ns / 100 < width_ns)
        format_duration(text, t_ns);
    else
        format_time(text, t_ns);
}

static void draw_time_at(struct drawing *drawing, struct area axis, int begin, const char *text)
{
    if (is_free(drawing, begin - 1, begin + canvas_columns(text) + 1) || begin + canvas_columns(text) == axis.width)
        canvas_text(drawing->canvas, axis, begin, 0, ROLE_LABEL, text);
}

static void draw_ticks(struct drawing *drawing, struct area axis)
{
    char text[FORMAT_BYTES];
    int count = axis.width / TICK_COLUMNS < TICKS_MAX ? axis.width / TICK_COLUMNS : TICKS_MAX;
    for (int i = 1; i < count; i++)
    {
        int column = axis.width * i / count;
        print_time(drawing, text, timeline_column_end(&drawing->span, column));
        draw_time_at(drawing, axis, column - canvas_columns(text) / 2, text);
    }
    print_time(drawing, text, drawing->span.end_ns);
    int begin = axis.width - canvas_columns(text);
    if (is_free(drawing, begin, axis.width) && axis.width >= 2 * canvas_columns(text))
        draw_time_at(drawing, axis, begin, text);
}

static uint64_t missing_events(const struct model *model)
{
    const struct reel_summary *summary = model_summary(model);
    return summary->figures.lost_events + reel_replay_damaged_events(model_replay(model));
}

// What is missing from the recording cannot be placed in time; that it is must not be missed.
static void draw_loss(struct drawing *drawing, struct area axis)
{
    char count[FORMAT_BYTES];
    char text[FORMAT_BYTES + 16];
    uint64_t missing = missing_events(drawing->view->model);
    if (missing == 0)
        return;
    snprintf(text, sizeof text, "! %s missing ", format_count(count, missing));
    int columns = canvas_columns(text);
    int begin = axis.width - columns - FORMAT_BYTES / 3;
    while (begin > 0 && !is_free(drawing, begin, begin + columns))
        begin--;
    canvas_text(drawing->canvas, axis, begin > 0 ? begin : 0, 0, ROLE_WARNING, text);
}

// Where the cursor stands on a mark, the mark stands above it.
static void draw_marks(struct drawing *drawing, struct area axis, struct area curves)
{
    for (int i = 0; i < drawing->mark_count; i++)
    {
        const struct mark *mark = &drawing->marks[i];
        bool is_beneath = mark->column == drawing->cursor && curves.height > 0;
        struct area row = is_beneath ? area_below(curves, curves.height - 1) : axis;
        if (mark->column >= 0 && mark->column < axis.width)
            canvas_put(drawing->canvas, row, (int)mark->column, 0, mark->character, mark->role, ROLE_TEXT);
    }
}

// Beyond what is shown, an arrow at the edge tells where the moment is.
static void draw_cursor(struct drawing *drawing, struct area axis, struct area curves)
{
    struct canvas *canvas = drawing->canvas;
    if (drawing->cursor < 0 || drawing->cursor >= axis.width)
    {
        bool is_left = drawing->cursor < 0;
        canvas_put(canvas, axis, is_left ? 0 : axis.width - 1, 0, is_left ? '<' : '>', ROLE_CURSOR, ROLE_TEXT);
        return;
    }
    int x = (int)drawing->cursor;
    for (int row = 0; row < curves.height; row++)
        canvas_style(canvas, curves, x, row, 1, CELL_REVERSE);
    canvas_put(canvas, axis, x, 0, canvas->glyphs->cursor, ROLE_CURSOR, ROLE_TEXT);
}

static void draw_axis(struct drawing *drawing, struct area axis)
{
    char text[FORMAT_BYTES];
    for (int x = 0; x < axis.width; x++)
        canvas_put(drawing->canvas, axis, x, 0, drawing->canvas->glyphs->line, ROLE_DIM, ROLE_TEXT);
    draw_ticks(drawing, axis);
    draw_loss(drawing, axis);
    print_time(drawing, text, drawing->span.begin_ns);
    struct area left = area_of(drawing->labels.x, axis.y, drawing->labels.width, 1);
    canvas_text_right(drawing->canvas, left, LABEL_COLUMNS - 1, 0, ROLE_LABEL, text);
}

// ---- the whole

static void draw_labels(struct drawing *drawing, int curve_rows, bool has_rate)
{
    char text[FORMAT_BYTES];
    struct canvas *canvas = drawing->canvas;
    struct area labels = drawing->labels;
    const int end = LABEL_COLUMNS - 1;
    canvas_text_right(canvas, labels, end, 0, ROLE_LABEL, format_bytes(text, drawing->greatest_bytes));
    if (curve_rows > 1)
        canvas_text_right(canvas, labels, end, curve_rows - 1, ROLE_REQUESTED, "live");
    if (curve_rows > 2 && drawing->has_resident)
        canvas_text_right(canvas, labels, end, 1, ROLE_RETAINED, "resident");
    if (!has_rate)
        return;
    canvas_text_right(canvas, labels, end, curve_rows, ROLE_MORE, "alloc");
    canvas_text_right(canvas, labels, end, curve_rows + 1, ROLE_LESS, "freed");
}

static void draw_rows(struct drawing *drawing)
{
    struct area time = drawing->time;
    bool has_rate = time.height >= RATE_FROM;
    int axis_rows = time.height > 1 ? 1 : 0;
    int curve_rows = time.height - axis_rows - (has_rate ? RATE_ROWS : 0);
    struct area curve = area_top(time, curve_rows);
    if (axis_rows == 0)
    {
        curve_draw_line(drawing->canvas, curve, drawing->points, drawing->greatest_bytes);
        draw_marks(drawing, curve, area_top(curve, 0));
        draw_cursor(drawing, curve, area_top(curve, 0));
    }
    else
    {
        struct area axis = area_below(time, time.height - 1);
        curve_draw_bytes(drawing->canvas, curve, drawing->points, drawing->greatest_bytes);
        if (has_rate)
            curve_draw_rate(drawing->canvas, area_top(area_below(time, curve_rows), RATE_ROWS), drawing->points);
        draw_axis(drawing, axis);
        draw_marks(drawing, axis, area_top(time, time.height - 1));
        draw_cursor(drawing, axis, area_top(time, time.height - 1));
    }
    draw_labels(drawing, curve_rows, has_rate);
}

void timeline_draw(struct page_view *view, struct canvas *canvas, struct area area)
{
    int first;
    struct reel_error error = {0};
    if (area.width <= 0 || area.height <= 0)
        return;
    int columns = timeline_columns(area, &first);
    struct drawing drawing = {.view = view, .canvas = canvas};
    drawing.labels = area_left(area, first);
    drawing.time = area_right_of(area, first);
    drawing.span = timeline_span_of(view->model, view->state, columns);
    canvas_clear(canvas, area);
    if (model_event_count(view->model) == 0)
    {
        canvas_text(canvas, area, 0, 0, ROLE_DIM,
                    model_is_live(view->model) ? "waiting for the first allocation" : "no allocation was recorded");
        return;
    }
    if (take_points(&drawing, &error) != REEL_OK)
    {
        page_draw_failure(canvas, area, &error);
        return;
    }
    take_marks(&drawing);
    draw_rows(&drawing);
    free(drawing.points);
}
