// SPDX-License-Identifier: MIT
// Questions about a range of events: lifetimes, growth, who had an address.
#include "viewer/model/model_internal.h"

#include <stdlib.h>

#include "reel/error.h"

static int make_lifetimes(struct model *model, const struct model_question *question, struct model_made *made,
                          const struct reel_progress *progress, struct reel_error *error)
{
    struct reel_replay *aside = NULL;
    struct reel_lifetimes *lifetimes = NULL;
    int status = model_aside(model, &aside, error);
    if (status == REEL_OK)
        status = reel_history_lifetimes(aside, question->from, question->to, progress, &lifetimes, error);
    made->data = lifetimes;
    return status;
}

int model_lifetimes(struct model *model, const struct state *state, const struct reel_lifetimes **lifetimes,
                    struct model_of *of, struct reel_error *error)
{
    static const struct model_subject subject = {"reading lifetimes", make_lifetimes, free, false};
    const struct model_question question = model_range_of(model, state);
    const struct model_made *made = NULL;
    int status = model_ask(model, MODEL_LIFETIMES, &subject, &question, &made, of, error);
    *lifetimes = status == REEL_OK ? made->data : NULL;
    return status;
}

static int make_growth(struct model *model, const struct model_question *question, struct model_made *made,
                       const struct reel_progress *progress, struct reel_error *error)
{
    struct reel_replay *aside = NULL;
    struct reel_growth *rows = NULL;
    int status = model_aside(model, &aside, error);
    if (status == REEL_OK)
        status = reel_history_growth(aside, question->from, question->to, progress, &rows, &made->count, error);
    made->data = rows;
    return status;
}

int model_growth(struct model *model, const struct state *state, const struct reel_growth **rows, size_t *count,
                 struct model_of *of, struct reel_error *error)
{
    static const struct model_subject subject = {"looking for growth", make_growth, free, false};
    const struct model_question question = model_range_of(model, state);
    const struct model_made *made = NULL;
    int status = model_ask(model, MODEL_GROWTH, &subject, &question, &made, of, error);
    *rows = status == REEL_OK ? made->data : NULL;
    *count = status == REEL_OK ? made->count : 0;
    return status;
}

static int make_history(struct model *model, const struct model_question *question, struct model_made *made,
                        const struct reel_progress *progress, struct reel_error *error)
{
    struct reel_tenant *tenants = NULL;
    int status = reel_history_of_address(model->reader, question->process, question->address, question->to, progress,
                                         &tenants, &made->count, error);
    made->data = tenants;
    return status;
}

// Up to the end that was known when it was asked, as long as that is enough: on a recording that goes on each new event
// would cost a pass over all.
static struct model_question question_of_address(const struct model *model, const struct state *state)
{
    const struct model_answer *answer = &model->answers[MODEL_HISTORY];
    const struct selection *selection = &state->selection;
    struct model_question question = {.to = model_event_count(model),
                                      .address = selection->address,
                                      .process = selection->process,
                                      .generation = model->settled};
    if (answer->is_kept && answer->of.generation == model->settled &&
        answer->of.to >= model_within(model, state->moment))
        question.to = answer->of.to;
    return question;
}

int model_history(struct model *model, const struct state *state, const struct reel_tenant **tenants, size_t *count,
                  struct model_of *of, struct reel_error *error)
{
    static const struct model_subject subject = {"looking for the address", make_history, free, false};
    const struct model_made *made = NULL;
    *tenants = NULL;
    *count = 0;
    if (!state->selection.has_address)
        return reel_error_set(error, REEL_E_ARGUMENT, "no address is selected: press : and type one, as 0x7f001000");
    const struct model_question question = question_of_address(model, state);
    int status = model_ask(model, MODEL_HISTORY, &subject, &question, &made, of, error);
    if (status != REEL_OK)
        return status;
    *tenants = made->data;
    *count = made->count;
    return REEL_OK;
}
