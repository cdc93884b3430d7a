// SPDX-License-Identifier: MIT
// The reel that is looked at: opens it, stands at the moment, sees what has come.
#include "viewer/model/model_internal.h"

#include <stdlib.h>
#include <string.h>

#include "reel/error.h"
#include "reel/moment.h"

// --- what is known without an event

// To find the worst moment is a pass over the rows of all chunks: while a recording goes on it is looked for when a
// part more has come, and at the end.
#define WORST_PART 64

#define BEHIND_NS UINT64_C(400000000) // what a recorder has committed is a little old, too

static int find_moments(struct model *model, struct reel_error *error)
{
    uint64_t event_count = model_event_count(model);
    bool is_due = reel_reader_is_complete(model->reader) || model->worst_seen == 0 ||
                  event_count - model->worst_seen >= event_count / WORST_PART;
    int status = reel_moment_parse(model->reader, "peak", &model->peak, error);
    if (status == REEL_OK && is_due)
        status = reel_moment_parse(model->reader, "worst", &model->worst, error);
    if (status == REEL_OK && is_due)
        model->worst_seen = event_count;
    model->end_ns = model->summary->figures.duration_ns;
    return status;
}

static int read_summary(struct model *model, struct reel_error *error)
{
    struct reel_summary *summary = NULL;
    int status = reel_summary_read(&summary, model->reader, error);
    if (status != REEL_OK)
        return status;
    reel_summary_destroy(model->summary);
    model->summary = summary;
    return find_moments(model, error);
}

static int open_parts(struct model *model, const char *path, struct reel_error *error)
{
    model->path = strdup(path);
    if (model->path == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory to open %s", path);
    model->witness = model_witness_open(path);
    bool is_written = model_is_open_elsewhere(model->witness); // asked first: what it wrote last is seen then
    int status = reel_reader_open(&model->reader, path, error);
    model->is_live = status == REEL_OK && is_written && !reel_reader_is_complete(model->reader);
    if (status == REEL_OK)
        status = reel_replay_open(&model->replay, model->reader, error);
    return status == REEL_OK ? read_summary(model, error) : status;
}

int model_open(struct model **out, const char *path, struct reel_error *error)
{
    struct model *model = calloc(1, sizeof *model);
    if (model == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory to open %s", path);
    model->generation = 1;
    model->witness = -1;
    int status = open_parts(model, path, error);
    if (status == REEL_OK)
        *out = model;
    else
        model_close(model);
    return status;
}

void model_close(struct model *model)
{
    if (model == NULL)
        return;
    for (size_t i = 0; i < MODEL_SLOTS; i++)
        model_answer_drop(&model->answers[i]);
    for (size_t i = 0; i < model->heap_count; i++)
        free(model->heaps[i]);
    free(model->heaps);
    model_names_drop(&model->names);
    reel_summary_destroy(model->summary);
    reel_replay_close(model->aside);
    reel_replay_close(model->replay);
    reel_reader_close(model->reader);
    model_witness_close(model->witness);
    free(model->path);
    free(model);
}

void model_watch(struct model *model, struct model_watcher watcher)
{
    model->watcher = watcher;
    model->ticked_ns = 0;
}

struct reel_reader *model_reader(const struct model *model)
{
    return model->reader;
}

struct reel_replay *model_replay(const struct model *model)
{
    return model->replay;
}

const struct reel_summary *model_summary(const struct model *model)
{
    return model->summary;
}

const char *model_path(const struct model *model)
{
    return model->path;
}

bool model_is_live(const struct model *model)
{
    return model->is_live;
}

uint64_t model_event_count(const struct model *model)
{
    return reel_reader_event_count(model->reader);
}

uint64_t model_newest(struct model *model)
{
    uint64_t oldest_ns = model->end_ns > BEHIND_NS ? model->end_ns - BEHIND_NS : 0;
    return model_is_live(model) ? reel_replay_newest(model->replay, oldest_ns) : model_event_count(model);
}

uint64_t model_end_ns(const struct model *model)
{
    return model->end_ns;
}

uint64_t model_peak(const struct model *model)
{
    return model->peak;
}

uint64_t model_worst(const struct model *model)
{
    return model->worst;
}

void model_set_moving(struct model *model, bool is_moving)
{
    model->is_moving = is_moving;
}

bool model_is_moving(const struct model *model)
{
    return model->is_moving;
}

// --- moments

uint64_t model_within(const struct model *model, uint64_t events)
{
    uint64_t event_count = model_event_count(model);
    return events < event_count ? events : event_count;
}

uint64_t model_generation_at(const struct model *model, uint64_t moment)
{
    return moment >= model_event_count(model) ? model->generation : model->settled;
}

struct model_question model_moment_of(const struct model *model, const struct state *state)
{
    uint64_t moment = model_within(model, state->moment);
    return (struct model_question){
        .to = moment, .process = state->process, .generation = model_generation_at(model, moment)};
}

struct model_question model_range_of(const struct model *model, const struct state *state)
{
    uint64_t from = state->mark_a != STATE_NO_EVENT ? model_within(model, state->mark_a) : 0;
    uint64_t to = model_within(model, state->mark_b != STATE_NO_EVENT ? state->mark_b : state->moment);
    struct model_question question = {.from = from < to ? from : to, .to = from < to ? to : from};
    question.generation = model_generation_at(model, question.to);
    return question;
}

// The seek is kept by the replay itself; only that it was stopped is remembered.
int model_stand(struct model *model, uint64_t moment, struct reel_error *error)
{
    struct model_work work;
    struct reel_progress progress = model_progress(&work, model, "moving");
    struct model_answer *moved = &model->moved;
    moment = model_within(model, moment);
    if (!moved->is_refused || moved->refused.to != moment)
    {
        int status = reel_replay_seek(model->replay, moment, &progress, &moved->failure);
        moved->is_refused = status != REEL_OK;
        moved->refused.to = moment;
        moved->failure.status = (enum reel_status)status;
    }
    if (moved->is_refused && error != NULL)
        *error = moved->failure;
    return moved->failure.status;
}

int model_seek(struct model *model, const struct state *state, struct reel_error *error)
{
    return model_stand(model, state->moment, error);
}

int model_aside(struct model *model, struct reel_replay **aside, struct reel_error *error)
{
    int status = model->aside != NULL ? REEL_OK : reel_replay_open(&model->aside, model->reader, error);
    *aside = model->aside;
    return status;
}

// --- what has come

static int refresh_replays(struct model *model, struct reel_error *error)
{
    int status = reel_replay_refresh(model->replay, error);
    if (status == REEL_OK && model->aside != NULL)
        status = reel_replay_refresh(model->aside, error);
    return status;
}

bool model_has_grown(const struct model *model)
{
    return model->is_behind || reel_reader_has_grown(model->reader);
}

// What shows that something has come.
struct seen
{
    uint64_t events;
    uint64_t end_ns;
    size_t processes;
    bool is_live;
};

static struct seen see(const struct model *model)
{
    return (struct seen){model_event_count(model), model->end_ns, model->summary->process_count, model_is_live(model)};
}

int model_refresh(struct model *model, bool *is_more, struct reel_error *error)
{
    const struct seen before = see(model);
    *is_more = false;
    if (reel_reader_is_complete(model->reader) && !model->is_behind)
        return REEL_OK;
    model->is_behind = true;
    bool is_written = model_is_open_elsewhere(model->witness);
    int status = refresh_replays(model, error); // and with them the reader
    if (status == REEL_OK)
        status = read_summary(model, error);
    if (status != REEL_OK)
        return status;
    model->is_live = is_written && !reel_reader_is_complete(model->reader);
    model->is_behind = false;
    struct seen now = see(model);
    *is_more = now.events != before.events || now.end_ns != before.end_ns || now.processes != before.processes ||
               now.is_live != before.is_live;
    if (!*is_more)
        return REEL_OK;
    model->generation++;
    model->settled = reel_reader_is_complete(model->reader) ? model->generation : 0;
    model_ask_again(model);
    model_names_refresh(&model->names);
    return REEL_OK;
}
