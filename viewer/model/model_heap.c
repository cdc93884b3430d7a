// SPDX-License-Identifier: MIT
// The state of heaps at the moment: sums, classes, regions, and where the resident bytes go.
#include "viewer/model/model_internal.h"

#include <stdlib.h>
#include <string.h>

#include "reel/error.h"

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the figures of the heap");
}

// --- sums, of each process that was asked about

// NULL: no memory.
static struct model_heap_answer *place_of(struct model *model, uint32_t process)
{
    if (process >= model->heap_count)
    {
        struct model_heap_answer **moved = reallocarray(model->heaps, (size_t)process + 1, sizeof(void *));
        if (moved == NULL)
            return NULL;
        memset(moved + model->heap_count, 0, (process + 1 - model->heap_count) * sizeof(void *));
        model->heaps = moved;
        model->heap_count = (size_t)process + 1;
    }
    if (model->heaps[process] == NULL)
        model->heaps[process] = calloc(1, sizeof **model->heaps);
    return model->heaps[process];
}

int model_heap(struct model *model, const struct state *state, const struct reel_heap_state **heap,
               struct reel_error *error)
{
    struct model_question question = model_moment_of(model, state);
    size_t process_count = 0;
    reel_replay_processes(model->replay, &process_count);
    if (question.process > process_count)
        return reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has %zu; choose one on the page Procs",
                              question.process, process_count);
    int status = model_stand(model, question.to, error);
    if (status != REEL_OK)
        return status;
    struct model_heap_answer *place = place_of(model, question.process);
    if (place == NULL)
        return fail_memory(error);
    if (!place->is_kept || place->moment != question.to || place->generation != question.generation)
        status = reel_replay_heap(model->replay, question.process, &place->heap, error);
    place->is_kept = status == REEL_OK;
    place->moment = question.to;
    place->generation = question.generation;
    *heap = &place->heap;
    return status;
}

// --- classes

static int make_classes(struct model *model, const struct model_question *question, struct model_made *made,
                        const struct reel_progress *progress, struct reel_error *error)
{
    (void)progress;
    struct reel_class_state *classes = NULL;
    int status = model_stand(model, question->to, error);
    if (status == REEL_OK)
        status = reel_replay_classes(model->replay, question->process, &classes, &made->count, error);
    made->data = classes;
    return status;
}

int model_classes(struct model *model, const struct state *state, const struct reel_class_state **classes,
                  size_t *count, struct reel_error *error)
{
    static const struct model_subject subject = {"adding up classes", make_classes, free, true};
    const struct model_question question = model_moment_of(model, state);
    const struct model_made *made = NULL;
    int status = model_ask(model, MODEL_CLASSES, &subject, &question, &made, NULL, error);
    *classes = status == REEL_OK ? made->data : NULL;
    *count = status == REEL_OK ? made->count : 0;
    return status;
}

// --- identity

static int make_identity(struct model *model, const struct model_question *question, struct model_made *made,
                         const struct reel_progress *progress, struct reel_error *error)
{
    (void)progress;
    int status = model_stand(model, question->to, error);
    if (status != REEL_OK)
        return status;
    struct reel_identity *identity = calloc(1, sizeof *identity);
    if (identity == NULL)
        return fail_memory(error);
    status = reel_replay_identity(model->replay, question->process, identity, error);
    if (status == REEL_OK)
        made->data = identity;
    else
        free(identity);
    return status;
}

int model_identity(struct model *model, const struct state *state, const struct reel_identity **identity,
                   struct model_of *of, struct reel_error *error)
{
    static const struct model_subject subject = {"adding up pages", make_identity, free, false};
    const struct model_question question = model_moment_of(model, state);
    const struct model_made *made = NULL;
    int status = model_ask(model, MODEL_IDENTITY, &subject, &question, &made, of, error);
    *identity = status == REEL_OK ? made->data : NULL;
    return status;
}

// --- regions

// The process with the most live bytes, the first of equal ones.
static int find_greatest(const struct reel_replay *replay, uint32_t *process, struct reel_error *error)
{
    size_t count = 0;
    uint64_t most_bytes = 0;
    int status = REEL_OK;
    const struct reel_replay_process *processes = reel_replay_processes(replay, &count);
    *process = count != 0 ? 1 : 0;
    for (size_t i = 0; i < count && status == REEL_OK; i++)
    {
        struct reel_heap_state heap = {0};
        status = reel_replay_heap(replay, processes[i].process, &heap, error);
        uint64_t bytes = heap.requested_bytes + heap.inherited_requested_bytes;
        if (bytes <= most_bytes)
            continue;
        most_bytes = bytes;
        *process = processes[i].process;
    }
    return status;
}

static int make_regions(struct model *model, const struct model_question *question, struct model_made *made,
                        const struct reel_progress *progress, struct reel_error *error)
{
    (void)progress;
    struct reel_region *regions = NULL;
    int status = model_stand(model, question->to, error);
    made->process = question->process;
    if (status == REEL_OK && question->process == 0)
        status = find_greatest(model->replay, &made->process, error);
    if (status == REEL_OK && made->process == 0)
        return reel_error_set(error, REEL_E_ARGUMENT, "the reel has no process: nothing was recorded");
    if (status == REEL_OK)
        status = reel_replay_regions(model->replay, made->process, &regions, &made->count, error);
    made->data = regions;
    return status;
}

int model_regions(struct model *model, const struct state *state, uint32_t *process, const struct reel_region **regions,
                  size_t *count, struct model_of *of, struct reel_error *error)
{
    static const struct model_subject subject = {"looking for regions", make_regions, free, false};
    const struct model_question question = model_moment_of(model, state);
    const struct model_made *made = NULL;
    int status = model_ask(model, MODEL_REGIONS, &subject, &question, &made, of, error);
    *process = status == REEL_OK ? made->process : state->process;
    *regions = status == REEL_OK ? made->data : NULL;
    *count = status == REEL_OK ? made->count : 0;
    return status;
}
