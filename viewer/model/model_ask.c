// SPDX-License-Identifier: MIT
// Makes answers, keeps them, and tells who waits how far it is. Knows nothing of what the answers are about.
#include "viewer/model/model_internal.h"

#include <stdlib.h>
#include <time.h>

#include "reel/error.h"

#define TICK_NS (UINT64_C(1000000000) / 30)
#define NS_IN_S UINT64_C(1000000000)

static uint64_t clock_ns(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_IN_S + (uint64_t)now.tv_nsec;
}

static int tick(void *context, double fraction)
{
    const struct model_work *work = context;
    struct model *model = work->model;
    uint64_t now_ns = clock_ns();
    if (model->watcher.tick == NULL || (model->ticked_ns != 0 && now_ns - model->ticked_ns < TICK_NS))
        return 0;
    model->ticked_ns = now_ns;
    return model->watcher.tick(model->watcher.context, work->what, fraction);
}

struct reel_progress model_progress(struct model_work *work, struct model *model, const char *what)
{
    *work = (struct model_work){.model = model, .what = what};
    return (struct reel_progress){.tick = tick, .context = work};
}

// The same question, perhaps at another time.
static bool is_alike(const struct model_question *left, const struct model_question *right)
{
    return left->address == right->address && left->points == right->points && left->process == right->process &&
           left->measure == right->measure && left->mode == right->mode && left->is_inverted == right->is_inverted;
}

static bool is_same(const struct model_question *left, const struct model_question *right)
{
    return is_alike(left, right) && left->from == right->from && left->to == right->to &&
           left->generation == right->generation;
}

void model_answer_drop(struct model_answer *answer)
{
    if (answer->is_kept)
        answer->destroy(answer->made.data);
    answer->made = (struct model_made){0};
    answer->is_kept = false;
    answer->is_refused = false;
}

static int give(const struct model_answer *answer, const struct model_question *question,
                const struct model_made **made, struct model_of *of)
{
    *made = &answer->made;
    if (of != NULL)
        *of = (struct model_of){.moment = answer->of.to, .is_stale = !is_same(&answer->of, question)};
    return REEL_OK;
}

// What was stopped still has its last answer.
static int give_refused(const struct model_answer *answer, const struct model_question *question,
                        const struct model_made **made, struct model_of *of, struct reel_error *error)
{
    if (answer->failure.status == REEL_E_CANCELLED && answer->is_kept && is_alike(&answer->of, question))
        return give(answer, question, made, of);
    if (error != NULL)
        *error = answer->failure;
    return answer->failure.status;
}

static void make(struct model *model, struct model_answer *answer, const struct model_subject *subject,
                 const struct model_question *question)
{
    struct model_work work;
    struct model_made made = {0};
    struct reel_error failure = {0};
    struct reel_progress progress = model_progress(&work, model, subject->what);
    int status = subject->make(model, question, &made, &progress, &failure);
    answer->is_refused = status != REEL_OK;
    if (status != REEL_OK)
    {
        failure.status = (enum reel_status)status;
        answer->failure = failure;
        answer->refused = *question;
        return;
    }
    model_answer_drop(answer);
    answer->is_kept = true;
    answer->of = *question;
    answer->made = made;
    answer->destroy = subject->destroy;
}

int model_ask(struct model *model, enum model_slot slot, const struct model_subject *subject,
              const struct model_question *question, const struct model_made **made, struct model_of *of,
              struct reel_error *error)
{
    struct model_answer *answer = &model->answers[slot];
    bool is_kept = answer->is_kept && is_same(&answer->of, question);
    bool is_enough = answer->is_kept && model->is_moving && !subject->is_cheap && is_alike(&answer->of, question);
    if (is_kept || is_enough)
        return give(answer, question, made, of);
    if (!answer->is_refused || !is_same(&answer->refused, question))
        make(model, answer, subject, question);
    return answer->is_refused ? give_refused(answer, question, made, of, error) : give(answer, question, made, of);
}

int model_ask_now(struct model *model, enum model_slot slot, const struct model_subject *subject,
                  const struct model_question *question, const struct model_made **made, struct reel_error *error)
{
    struct model_of of = {0};
    bool was_moving = model->is_moving;
    model->is_moving = false;
    int status = model_ask(model, slot, subject, question, made, &of, error);
    model->is_moving = was_moving;
    return status == REEL_OK && of.is_stale ? reel_error_set(error, REEL_E_CANCELLED, "%s: stopped", subject->what)
                                            : status;
}

void model_ask_again(struct model *model)
{
    for (size_t i = 0; i < MODEL_SLOTS; i++)
        model->answers[i].is_refused = false;
    model->moved.is_refused = false;
}
