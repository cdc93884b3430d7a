// SPDX-License-Identifier: MIT
// Where the moment goes. Every way ends at a moment of the reel; what the moment was before is left alone when the reel
// cannot be read there.
#include "viewer/time/transport.h"

#include "viewer/time/timeline.h"

#include <stddef.h>

enum
{
    COLUMNS_FAR = 10,
    ZOOM_NS_LEAST = 1000,
    MARKS = 4,
};

#define FILM_NS_LEAST 10e9
#define FILM_NS_MOST 60e9

static const char unreadable[] = "the reel cannot be read there: heapreel check tells what is damaged";

void transport_init(struct transport *transport)
{
    *transport = (struct transport){.speed = 1};
}

// A tenth of a second at the speed of the run would be over before it is seen.
void transport_fit(struct transport *transport, uint64_t run_ns)
{
    double film_ns = (double)run_ns / transport->speed;
    while (film_ns < FILM_NS_LEAST && transport->speed > TRANSPORT_SPEED_LEAST)
    {
        transport->speed /= 2;
        film_ns *= 2;
    }
    while (film_ns > FILM_NS_MOST && transport->speed < TRANSPORT_SPEED_MOST)
    {
        transport->speed *= 2;
        film_ns /= 2;
    }
}

// ---- moving

// A zoom that the moment has left is shifted after it.
static void keep_in_sight(struct page_view *view)
{
    struct reel_error error = {0};
    struct state *state = view->state;
    uint64_t end_ns = model_end_ns(view->model);
    uint64_t t_ns = 0;
    struct timeline_span span = timeline_span_of(view->model, state, 1);
    uint64_t width_ns = span.end_ns - span.begin_ns;
    if (width_ns >= end_ns || model_time_of(view->model, state->moment, &t_ns, &error) != REEL_OK ||
        (t_ns >= span.begin_ns && t_ns <= span.end_ns))
        return;
    uint64_t begin_ns = t_ns > width_ns / 2 ? t_ns - width_ns / 2 : 0;
    state->zoom_begin_ns = begin_ns < end_ns - width_ns ? begin_ns : end_ns - width_ns;
    state->zoom_end_ns = state->zoom_begin_ns + width_ns;
}

static unsigned move_to(struct page_view *view, uint64_t events)
{
    uint64_t count = model_event_count(view->model);
    view->state->is_following = false;
    view->state->moment = events < count ? events : count;
    keep_in_sight(view);
    return REACTION_TAKEN | REACTION_DRAW | REACTION_MOVE;
}

static unsigned say(struct page_view *view, const char *text)
{
    view->said = text;
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned stop_and_move(struct transport *transport, struct page_view *view, uint64_t events)
{
    transport->is_playing = false;
    return move_to(view, events);
}

// ---- steps

static unsigned step_event(struct transport *transport, struct page_view *view, bool is_on)
{
    uint64_t moment = view->state->moment;
    if (is_on)
        return stop_and_move(transport, view, moment < UINT64_MAX ? moment + 1 : moment);
    return stop_and_move(transport, view, moment > 0 ? moment - 1 : 0);
}

// To the end of the first column, so many away, at which something else has happened: where the run was quiet, single
// columns would lead nowhere.
static int columns_on(struct page_view *view, const struct timeline_span *span, int64_t columns, uint64_t t_ns,
                      uint64_t *events, struct reel_error *error)
{
    uint64_t moment = view->state->moment;
    int64_t column = timeline_column_at(span, t_ns) + columns;
    int status = model_events_at(view->model, timeline_column_end(span, column), events, error);
    if (status != REEL_OK || *events > moment || moment >= model_event_count(view->model))
        return status;
    status = model_time_of(view->model, moment + 1, &t_ns, error);
    if (status == REEL_OK)
        status = model_events_at(view->model, timeline_column_end(span, timeline_column_at(span, t_ns)), events, error);
    return status;
}

static unsigned step_columns(struct transport *transport, struct page_view *view, int64_t steps, int columns)
{
    struct reel_error error = {0};
    struct timeline_span span = timeline_span_of(view->model, view->state, columns);
    uint64_t t_ns = 0;
    uint64_t events = 0;
    int status = model_time_of(view->model, view->state->moment, &t_ns, &error);
    int64_t to = timeline_column_at(&span, t_ns) + steps;
    transport->is_playing = false;
    if (status == REEL_OK && steps > 0)
        status = columns_on(view, &span, steps, t_ns, &events, &error);
    else if (status == REEL_OK && timeline_column_end(&span, to) != 0)
        status = model_events_at(view->model, timeline_column_end(&span, to), &events, &error);
    return status == REEL_OK ? move_to(view, events) : say(view, unreadable);
}

static unsigned step_mark(struct transport *transport, struct page_view *view, bool is_on)
{
    const struct state *state = view->state;
    const uint64_t marks[MARKS] = {state->mark_a, state->mark_b, model_peak(view->model), model_worst(view->model)};
    uint64_t found = STATE_NO_EVENT;
    for (int i = 0; i < MARKS; i++)
    {
        bool is_beyond = is_on ? marks[i] > state->moment : marks[i] < state->moment;
        bool is_nearer = found == STATE_NO_EVENT || (is_on ? marks[i] < found : marks[i] > found);
        if (marks[i] != STATE_NO_EVENT && is_beyond && is_nearer)
            found = marks[i];
    }
    if (found == STATE_NO_EVENT)
        return say(view, is_on ? "no mark after this moment" : "no mark before this moment");
    return stop_and_move(transport, view, found);
}

// With the question that one goes there for.
static unsigned go_and_ask(struct transport *transport, struct page_view *view, uint64_t events,
                           enum reel_measure measure)
{
    view->state->measure = measure;
    view->state->mode = MODE_MOMENT;
    return stop_and_move(transport, view, events);
}

// ---- marks and zoom

static unsigned set_mark(struct page_view *view, uint64_t *mark, const char *set, const char *cleared)
{
    bool is_there = *mark == view->state->moment;
    *mark = is_there ? STATE_NO_EVENT : view->state->moment;
    return say(view, is_there ? cleared : set);
}

static unsigned zoom_to(struct page_view *view, uint64_t begin_ns, uint64_t end_ns)
{
    bool is_whole = begin_ns == 0 && end_ns >= model_end_ns(view->model);
    view->state->zoom_begin_ns = begin_ns;
    view->state->zoom_end_ns = is_whole ? UINT64_MAX : end_ns;
    return REACTION_TAKEN | REACTION_DRAW;
}

static unsigned zoom_to_marks(struct page_view *view)
{
    struct reel_error error = {0};
    uint64_t a_ns = 0;
    uint64_t b_ns = 0;
    if (model_time_of(view->model, view->state->mark_a, &a_ns, &error) != REEL_OK ||
        model_time_of(view->model, view->state->mark_b, &b_ns, &error) != REEL_OK)
        return say(view, unreadable);
    uint64_t begin_ns = a_ns < b_ns ? a_ns : b_ns;
    uint64_t end_ns = a_ns < b_ns ? b_ns : a_ns;
    return zoom_to(view, begin_ns, end_ns - begin_ns > ZOOM_NS_LEAST ? end_ns : begin_ns + ZOOM_NS_LEAST);
}

// Around the moment, which stays where it is on the screen.
static unsigned zoom_by(struct page_view *view, bool is_nearer)
{
    struct reel_error error = {0};
    struct timeline_span span = timeline_span_of(view->model, view->state, 1);
    uint64_t end_ns = model_end_ns(view->model);
    uint64_t width_ns = span.end_ns - span.begin_ns;
    uint64_t t_ns = 0;
    if (model_time_of(view->model, view->state->moment, &t_ns, &error) != REEL_OK)
        return say(view, unreadable);
    uint64_t wanted_ns = is_nearer ? width_ns / 2 : width_ns < UINT64_MAX / 2 ? width_ns * 2 : UINT64_MAX;
    if (is_nearer && wanted_ns < ZOOM_NS_LEAST)
        return say(view, "the timeline is as near as it gets");
    if (wanted_ns >= end_ns)
        return zoom_to(view, 0, UINT64_MAX);
    bool is_inside = t_ns >= span.begin_ns && t_ns <= span.end_ns;
    double part = is_inside ? (double)(t_ns - span.begin_ns) / (double)width_ns : 0.5;
    uint64_t before_ns = (uint64_t)((double)wanted_ns * part);
    uint64_t begin_ns = t_ns > before_ns ? t_ns - before_ns : 0;
    begin_ns = begin_ns < end_ns - wanted_ns ? begin_ns : end_ns - wanted_ns;
    return zoom_to(view, begin_ns, begin_ns + wanted_ns);
}

static unsigned take_zoom(struct page_view *view, enum action action)
{
    const struct state *state = view->state;
    if (action == ACTION_ZOOM_ALL)
        return zoom_to(view, 0, UINT64_MAX);
    if (action == ACTION_UNZOOM)
        return zoom_by(view, false);
    bool has_marks = state->mark_a != STATE_NO_EVENT && state->mark_b != STATE_NO_EVENT;
    struct timeline_span before = timeline_span_of(view->model, state, 1);
    if (!has_marks)
        return zoom_by(view, true);
    unsigned taken = zoom_to_marks(view);
    struct timeline_span after = timeline_span_of(view->model, state, 1);
    // Once between the marks, the key goes on nearer.
    bool is_there = before.begin_ns >= after.begin_ns && before.end_ns <= after.end_ns;
    if (!is_there || view->said != NULL)
        return taken;
    zoom_to(view, before.begin_ns, before.end_ns);
    return zoom_by(view, true);
}

// ---- playing

static unsigned play(struct transport *transport, struct page_view *view, uint64_t clock_ns)
{
    struct reel_error error = {0};
    struct state *state = view->state;
    bool is_at_end = state->moment >= model_event_count(view->model);
    unsigned taken = REACTION_TAKEN | REACTION_DRAW;
    if (transport->is_playing)
    {
        transport->is_playing = false;
        return taken;
    }
    if (is_at_end && model_is_live(view->model))
    {
        state->is_following = true;
        return taken | REACTION_MOVE;
    }
    if (is_at_end)
        taken |= move_to(view, 0);
    if (model_time_of(view->model, state->moment, &transport->played_ns, &error) != REEL_OK)
        return say(view, unreadable);
    transport->is_playing = true;
    transport->clock_ns = clock_ns;
    return taken;
}

static unsigned follow(struct transport *transport, struct page_view *view)
{
    transport->is_playing = false;
    if (!model_is_live(view->model))
        return say(view, "the recording has ended: there is nothing to follow");
    unsigned taken = move_to(view, model_event_count(view->model));
    view->state->is_following = true;
    return taken;
}

static unsigned play_or_freeze(struct transport *transport, struct page_view *view, uint64_t clock_ns)
{
    bool was_frozen = transport->is_frozen;
    transport->is_frozen = false;
    if (view->state->is_following)
    {
        view->state->is_following = false;
        transport->is_frozen = true;
        return REACTION_TAKEN | REACTION_DRAW;
    }
    if (was_frozen && model_is_live(view->model))
        return follow(transport, view);
    return play(transport, view, clock_ns);
}

static unsigned set_speed(struct transport *transport, double speed)
{
    if (speed >= TRANSPORT_SPEED_LEAST && speed <= TRANSPORT_SPEED_MOST)
        transport->speed = speed;
    return REACTION_TAKEN | REACTION_DRAW;
}

unsigned transport_advance(struct transport *transport, struct page_view *view, uint64_t clock_ns)
{
    struct reel_error error = {0};
    uint64_t events = 0;
    if (!transport->is_playing)
        return REACTION_NONE;
    double passed = clock_ns > transport->clock_ns ? (double)(clock_ns - transport->clock_ns) * transport->speed : 0;
    double left = (double)model_end_ns(view->model) - (double)transport->played_ns;
    bool is_at_end = passed >= left;
    transport->clock_ns = clock_ns;
    transport->played_ns = is_at_end ? model_end_ns(view->model) : transport->played_ns + (uint64_t)passed;
    if (is_at_end)
    {
        unsigned taken = stop_and_move(transport, view, model_event_count(view->model));
        view->state->is_following = model_is_live(view->model);
        return taken;
    }
    if (model_events_at(view->model, transport->played_ns, &events, &error) != REEL_OK)
    {
        transport->is_playing = false;
        return say(view, unreadable);
    }
    return events == view->state->moment ? REACTION_NONE : move_to(view, events);
}

// ---- actions

static unsigned take_step(struct transport *transport, struct page_view *view, enum action action, int columns)
{
    struct model *model = view->model;
    switch (action)
    {
    case ACTION_BACK_COLUMN:
        return step_columns(transport, view, -1, columns);
    case ACTION_ON_COLUMN:
        return step_columns(transport, view, 1, columns);
    case ACTION_BACK_COLUMNS:
        return step_columns(transport, view, -COLUMNS_FAR, columns);
    case ACTION_ON_COLUMNS:
        return step_columns(transport, view, COLUMNS_FAR, columns);
    case ACTION_BACK_EVENT:
    case ACTION_ON_EVENT:
        return step_event(transport, view, action == ACTION_ON_EVENT);
    case ACTION_BACK_MARK:
    case ACTION_ON_MARK:
        return step_mark(transport, view, action == ACTION_ON_MARK);
    case ACTION_BEGIN:
        return stop_and_move(transport, view, 0);
    case ACTION_END:
        return stop_and_move(transport, view, model_event_count(model));
    case ACTION_PEAK:
        return go_and_ask(transport, view, model_peak(model), REEL_MEASURE_LIVE);
    case ACTION_WORST:
        return go_and_ask(transport, view, model_worst(model), REEL_MEASURE_PINNED);
    default:
        return REACTION_NONE;
    }
}

unsigned transport_take(struct transport *transport, struct page_view *view, enum action action, int columns,
                        uint64_t clock_ns)
{
    struct state *state = view->state;
    switch (action)
    {
    case ACTION_PLAY:
        return play_or_freeze(transport, view, clock_ns);
    case ACTION_SLOWER:
        return set_speed(transport, transport->speed / 2);
    case ACTION_FASTER:
        return set_speed(transport, transport->speed * 2);
    case ACTION_FOLLOW:
        transport->is_frozen = false;
        return follow(transport, view);
    case ACTION_SET_A:
        return set_mark(view, &state->mark_a, "mark A set: a again clears it", "mark A cleared");
    case ACTION_SET_B:
        return set_mark(view, &state->mark_b, "mark B set: b again clears it", "mark B cleared");
    case ACTION_ZOOM:
    case ACTION_UNZOOM:
    case ACTION_ZOOM_ALL:
        return take_zoom(view, action);
    default:
        break;
    }
    unsigned taken = take_step(transport, view, action, columns);
    transport->is_frozen = transport->is_frozen && !(taken & REACTION_MOVE);
    return taken;
}

// The speeds are the powers of two from the least on.
const char *transport_says(const struct transport *transport, const struct page_view *view)
{
    static const char *const speeds[] = {"1/64x", "1/32x", "1/16x", "1/8x", "1/4x", "1/2x", "1x",   "2x",   "4x",
                                         "8x",    "16x",   "32x",   "64x",  "128x", "256x", "512x", "1024x"};
    if (view->state->is_following && model_is_live(view->model))
        return "following";
    if (!transport->is_playing)
        return "paused";
    unsigned long sixty_fourths = (unsigned long)(transport->speed * 64);
    size_t step = 0;
    while (sixty_fourths > 1UL << step)
        step++;
    return step < sizeof speeds / sizeof *speeds ? speeds[step] : "";
}
