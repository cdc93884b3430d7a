// SPDX-License-Identifier: MIT
// Amounts of stacks by measure and mode, and the tree of them. What moves a replay is asked of the one that stands
// aside; pinned bytes are those of the blame, which other pages want as well.
#include "viewer/model/model_internal.h"

#include <stdlib.h>

#include "reel/error.h"

#define FLAME_NODES_MAX 32768

// --- rows

static int compare_rows(const void *left, const void *right)
{
    const struct reel_measured *a = left;
    const struct reel_measured *b = right;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    if (a->blocks != b->blocks)
        return a->blocks > b->blocks ? -1 : 1;
    return a->stack < b->stack ? -1 : a->stack > b->stack;
}

static int make_pinned(struct model *model, const struct model_question *question, struct model_made *made,
                       const struct reel_progress *progress, struct reel_error *error)
{
    (void)progress;
    const struct reel_blame *blame = NULL;
    size_t count = 0;
    int status = model_blame_now(model, question, &blame, error);
    if (status != REEL_OK)
        return status;
    const struct reel_blame_share *shares = reel_blame_stacks(blame, &count);
    struct reel_measured *rows = calloc(count + 1, sizeof *rows);
    if (rows == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the sums of stacks");
    for (size_t i = 0; i < count; i++)
    {
        if (shares[i].pinned_bytes == 0)
            continue;
        struct reel_measured row = {(uint32_t)i, (int64_t)shares[i].pinned_bytes, (int64_t)shares[i].live_blocks};
        made->total.bytes += row.bytes;
        made->total.blocks += row.blocks;
        rows[made->count++] = row;
    }
    qsort(rows, made->count, sizeof *rows, compare_rows);
    made->data = rows;
    return REEL_OK;
}

// Live and rounding bytes are sums that the replay keeps.
static int make_here(struct model *model, const struct model_question *question, struct model_made *made,
                     const struct reel_progress *progress, struct reel_error *error)
{
    struct reel_measured *rows = NULL;
    int status = model_stand(model, question->to, error);
    if (status == REEL_OK)
        status = reel_measure_at(model->replay, question->process, question->measure, question->to, progress, &rows,
                                 &made->count, &made->total, error);
    made->data = rows;
    return status;
}

static int make_aside(struct model *model, const struct model_question *question, struct model_made *made,
                      const struct reel_progress *progress, struct reel_error *error)
{
    struct reel_replay *aside = NULL;
    struct reel_measured *rows = NULL;
    int status = model_aside(model, &aside, error);
    if (status != REEL_OK)
        return status;
    if (question->mode == MODE_MOMENT)
        status = reel_measure_at(aside, question->process, question->measure, question->to, progress, &rows,
                                 &made->count, &made->total, error);
    else if (question->mode == MODE_DIFFERENCE)
        status = reel_measure_difference(aside, question->process, question->measure, question->from, question->to,
                                         progress, &rows, &made->count, &made->total, error);
    else
        status = reel_measure_range(aside, question->process, (enum reel_range_verb)(question->mode - 1),
                                    question->from, question->to, progress, &rows, &made->count, &made->total, error);
    made->data = rows;
    return status;
}

// --- which of them

static const struct model_subject kept_sums = {"adding up stacks", make_here, free, true};
static const struct model_subject block_sums = {"adding up blocks", make_here, free, false};
static const struct model_subject pinned_sums = {"blaming", make_pinned, free, false};
static const struct model_subject event_sums = {"adding up events", make_aside, free, false};
static const struct model_subject difference_sums = {"comparing A and B", make_aside, free, false};

static enum model_slot slot_of(const struct model_question *question)
{
    if (question->mode == MODE_MOMENT)
        return (enum model_slot)(MODEL_MEASURED + question->measure);
    return question->mode == MODE_DIFFERENCE ? MODEL_DIFFERENCE : MODEL_RANGE;
}

static const struct model_subject *subject_of(const struct model_question *question)
{
    if (question->mode != MODE_MOMENT)
        return question->mode == MODE_DIFFERENCE ? &difference_sums : &event_sums;
    if (question->measure == REEL_MEASURE_PINNED)
        return &pinned_sums;
    if (question->measure == REEL_MEASURE_LIVE || question->measure == REEL_MEASURE_ROUNDING)
        return question->process == 0 ? &kept_sums : &block_sums;
    return &event_sums;
}

static struct model_question question_of_moment(const struct model *model, const struct state *state,
                                                enum reel_measure measure)
{
    struct model_question question = model_moment_of(model, state);
    question.measure = measure;
    return question;
}

// B may lie before A: then what had come is what is gone.
static struct model_question question_of_difference(const struct model *model, const struct state *state)
{
    struct model_question question = question_of_moment(model, state, state->measure);
    uint64_t moment = question.to;
    question.mode = MODE_DIFFERENCE;
    question.from = state->mark_a != STATE_NO_EVENT ? model_within(model, state->mark_a) : moment;
    question.to = state->mark_b != STATE_NO_EVENT ? model_within(model, state->mark_b) : moment;
    question.generation = model_generation_at(model, question.from > question.to ? question.from : question.to);
    return question;
}

static struct model_question question_of(const struct model *model, const struct state *state)
{
    if (state->mode == MODE_MOMENT)
        return question_of_moment(model, state, state->measure);
    if (state->mode == MODE_DIFFERENCE)
        return question_of_difference(model, state);
    struct model_question question = model_range_of(model, state);
    question.process = state->process;
    question.mode = state->mode;
    return question;
}

static int ask(struct model *model, const struct model_question *question, const struct reel_measured **rows,
               size_t *count, struct reel_measured *total, struct model_of *of, struct reel_error *error)
{
    const struct model_made *made = NULL;
    int status = model_ask(model, slot_of(question), subject_of(question), question, &made, of, error);
    *rows = status == REEL_OK ? made->data : NULL;
    *count = status == REEL_OK ? made->count : 0;
    *total = status == REEL_OK ? made->total : (struct reel_measured){0};
    return status;
}

static bool is_measure(enum reel_measure measure, struct reel_error *error)
{
    bool is_known = measure >= REEL_MEASURE_LIVE && measure < REEL_MEASURE_COUNT;
    if (!is_known)
        reel_error_set(error, REEL_E_ARGUMENT, "there is no measure with number %d", (int)measure);
    return is_known;
}

int model_measured(struct model *model, const struct state *state, const struct reel_measured **rows, size_t *count,
                   struct reel_measured *total, struct model_of *of, struct reel_error *error)
{
    if (!is_measure(state->measure, error))
        return REEL_E_ARGUMENT;
    const struct model_question question = question_of(model, state);
    return ask(model, &question, rows, count, total, of, error);
}

int model_measured_by(struct model *model, const struct state *state, enum reel_measure measure,
                      const struct reel_measured **rows, size_t *count, struct reel_measured *total,
                      struct model_of *of, struct reel_error *error)
{
    if (!is_measure(measure, error))
        return REEL_E_ARGUMENT;
    const struct model_question question = question_of_moment(model, state, measure);
    return ask(model, &question, rows, count, total, of, error);
}

// --- the tree

static int make_flame(struct model *model, const struct model_question *question, struct model_made *made,
                      const struct reel_progress *progress, struct reel_error *error)
{
    (void)progress;
    struct model_question rows = *question;
    const struct model_made *measured = NULL;
    struct reel_flame *flame = NULL;
    rows.is_inverted = false;
    int status = model_ask_now(model, slot_of(&rows), subject_of(&rows), &rows, &measured, error);
    if (status == REEL_OK)
        status = reel_flame_make(&flame, model->reader, measured->data, measured->count,
                                 question->is_inverted ? REEL_FLAME_CALLEES_FIRST : REEL_FLAME_CALLERS_FIRST,
                                 FLAME_NODES_MAX, error);
    made->data = flame;
    return status;
}

static void destroy_flame(void *data)
{
    reel_flame_destroy(data);
}

int model_flame(struct model *model, const struct state *state, const struct reel_flame **flame, struct model_of *of,
                struct reel_error *error)
{
    static const struct model_subject subject = {"growing the tree", make_flame, destroy_flame, false};
    const struct model_made *made = NULL;
    *flame = NULL;
    if (!is_measure(state->measure, error))
        return REEL_E_ARGUMENT;
    struct model_question question = question_of(model, state);
    question.is_inverted = state->is_inverted;
    int status = model_ask(model, MODEL_FLAME, &subject, &question, &made, of, error);
    if (status == REEL_OK)
        *flame = made->data;
    return status;
}
