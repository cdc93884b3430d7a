// SPDX-License-Identifier: MIT
// Who pins memory at the moment, and what to do about it.
#include "viewer/model/model_internal.h"

#include <stdlib.h>

static int make_blame(struct model *model, const struct model_question *question, struct model_made *made,
                      const struct reel_progress *progress, struct reel_error *error)
{
    struct reel_blame *blame = NULL;
    int status = model_stand(model, question->to, error);
    if (status == REEL_OK)
        status = reel_blame_make(&blame, model->replay, question->process, progress, error);
    made->data = blame;
    return status;
}

static void destroy_blame(void *data)
{
    reel_blame_destroy(data);
}

static const struct model_subject blame_subject = {"blaming", make_blame, destroy_blame, false};

int model_blame_now(struct model *model, const struct model_question *question, const struct reel_blame **blame,
                    struct reel_error *error)
{
    const struct model_question of_moment = {
        .to = question->to, .process = question->process, .generation = question->generation};
    const struct model_made *made = NULL;
    int status = model_ask_now(model, MODEL_BLAME, &blame_subject, &of_moment, &made, error);
    *blame = status == REEL_OK ? made->data : NULL;
    return status;
}

int model_blame(struct model *model, const struct state *state, const struct reel_blame **blame, struct model_of *of,
                struct reel_error *error)
{
    const struct model_question question = model_moment_of(model, state);
    const struct model_made *made = NULL;
    int status = model_ask(model, MODEL_BLAME, &blame_subject, &question, &made, of, error);
    *blame = status == REEL_OK ? made->data : NULL;
    return status;
}

static int make_advice(struct model *model, const struct model_question *question, struct model_made *made,
                       const struct reel_progress *progress, struct reel_error *error)
{
    const struct reel_blame *blame = NULL;
    struct reel_advice *advice = NULL;
    int status = model_blame_now(model, question, &blame, error);
    if (status == REEL_OK)
        status = model_stand(model, question->to, error);
    if (status == REEL_OK)
        status = reel_blame_advice(blame, model->replay, question->process, 0, progress, &advice, &made->count, error);
    made->data = advice;
    return status;
}

int model_advice(struct model *model, const struct state *state, const struct reel_advice **advice, size_t *count,
                 struct model_of *of, struct reel_error *error)
{
    static const struct model_subject subject = {"looking for neighbours", make_advice, free, false};
    const struct model_question question = model_moment_of(model, state);
    const struct model_made *made = NULL;
    int status = model_ask(model, MODEL_ADVICE, &subject, &question, &made, of, error);
    *advice = status == REEL_OK ? made->data : NULL;
    *count = status == REEL_OK ? made->count : 0;
    return status;
}
