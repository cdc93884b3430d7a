// SPDX-License-Identifier: MIT
// Times and moments, one from the other, and the run as points.
#include "viewer/model/model_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "reel/moment.h"

#define NS_IN_S UINT64_C(1000000000)

int model_time_of(struct model *model, uint64_t events, uint64_t *t_ns, struct reel_error *error)
{
    events = model_within(model, events);
    struct model_moment *kept = &model->times[events % MODEL_TIMES];
    int status = REEL_OK;
    *t_ns = 0;
    if (events == 0)
        return REEL_OK;
    if (kept->events == events)
        *t_ns = kept->t_ns;
    else if (reel_replay_events(model->replay) == events)
        *t_ns = reel_replay_t_ns(model->replay);
    else
        status = reel_moment_time(model->reader, events, t_ns, error);
    if (status == REEL_OK)
        *kept = (struct model_moment){events, *t_ns};
    return status;
}

int model_time_shown(struct model *model, const struct state *state, uint64_t *t_ns, struct reel_error *error)
{
    if (!state->is_following || !model_is_live(model) || state->moment < model_event_count(model))
        return model_time_of(model, state->moment, t_ns, error);
    *t_ns = model->end_ns;
    return REEL_OK;
}

int model_events_at(struct model *model, uint64_t t_ns, uint64_t *events, struct reel_error *error)
{
    char text[48];
    *events = model_event_count(model);
    if (t_ns >= model->end_ns)
        return REEL_OK;
    // Half a nanosecond more, so that no rounding of the fraction falls below the time.
    snprintf(text, sizeof text, "%llu.%09llu5s", (unsigned long long)(t_ns / NS_IN_S),
             (unsigned long long)(t_ns % NS_IN_S));
    int status = reel_moment_parse(model->reader, text, events, error);
    if (status != REEL_E_ARGUMENT)
        return status;
    *events = model_event_count(model); // after the end that the run has by its own clock
    return REEL_OK;
}

static int make_timeline(struct model *model, const struct model_question *question, struct model_made *made,
                         const struct reel_progress *progress, struct reel_error *error)
{
    (void)progress;
    struct reel_timeline_point *points = NULL;
    int status =
        reel_timeline_read(model->reader, question->from, question->to, (size_t)question->points, &points, error);
    made->data = points;
    made->count = (size_t)question->points;
    made->end_ns = model->end_ns;
    return status;
}

// Several are kept: the frame's and a page's have different widths.
static enum model_slot slot_of(const struct model *model, const struct model_question *question)
{
    size_t slot = MODEL_TIMELINE;
    while (slot + 1 < MODEL_SLOTS && model->answers[slot].is_kept && model->answers[slot].of.points != question->points)
        slot++;
    return (enum model_slot)slot;
}

// A quarter of a column more is not seen, and to read the rows of all chunks with each commit would cost more than to
// follow the events.
static bool is_wide_enough(const struct model *model, const struct model_answer *answer,
                           const struct model_question *question)
{
    if (!answer->is_kept || answer->of.points != question->points || answer->of.from != question->from ||
        answer->of.to != question->to || model->settled != 0)
        return false;
    const struct reel_timeline_point *points = answer->made.data;
    uint64_t span_ns = points[answer->made.count - 1].end_ns - points[0].begin_ns;
    uint64_t grown_ns = model->end_ns - answer->made.end_ns;
    return question->to <= answer->made.end_ns || grown_ns < span_ns / (4 * question->points);
}

int model_timeline(struct model *model, const struct state *state, size_t point_count,
                   const struct reel_timeline_point **points, struct reel_error *error)
{
    static const struct model_subject subject = {"reading the timeline", make_timeline, free, true};
    struct model_question question = {
        .from = state->zoom_begin_ns, .to = state->zoom_end_ns, .points = point_count, .generation = model->generation};
    const struct model_made *made = NULL;
    enum model_slot slot = slot_of(model, &question);
    if (is_wide_enough(model, &model->answers[slot], &question))
        question.generation = model->answers[slot].of.generation;
    int status = model_ask(model, slot, &subject, &question, &made, NULL, error);
    *points = status == REEL_OK ? made->data : NULL;
    return status;
}
