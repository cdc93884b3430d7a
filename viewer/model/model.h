// SPDX-License-Identifier: MIT
// The reel that is looked at, and the answers that the pages draw: asked of the engine when a page needs them, kept
// until the moment, the process or the recording goes on. Analyses nothing itself.
//
// Answers belong to the model. One is valid until the same function is asked for another state, and until model_seek or
// model_refresh. A question that was stopped by the watcher gives what it gave last, as stale, or REEL_E_CANCELLED if
// that was of other things; one that failed gives its failure again. Neither is made anew at the same moment, unless
// model_ask_again was called.
#ifndef HEAPREEL_VIEWER_MODEL_H
#define HEAPREEL_VIEWER_MODEL_H

#include "viewer/state/state.h"

#include "reel/blame.h"
#include "reel/flame.h"
#include "reel/history.h"
#include "reel/replay.h"
#include "reel/summary.h"
#include "reel/timeline.h"

struct model;

// Called while the engine works, about 30 times a second: what it does, 0..1. Returns true to stop it.
struct model_watcher
{
    bool (*tick)(void *context, const char *what, double fraction);
    void *context;
};

int model_open(struct model **out, const char *path, struct reel_error *error);
void model_close(struct model *model); // NULL is allowed
void model_watch(struct model *model, struct model_watcher watcher);

struct reel_reader *model_reader(const struct model *model);
struct reel_replay *model_replay(const struct model *model);
const struct reel_summary *model_summary(const struct model *model);
const char *model_path(const struct model *model);
// It is still being recorded. Neither this nor complete (model_summary): it was cut off.
bool model_is_live(const struct model *model);
uint64_t model_event_count(const struct model *model);
// The moment for who follows: the newest, or, where that costs much, one that is less than half a second before it.
uint64_t model_newest(struct model *model);
uint64_t model_end_ns(const struct model *model);
uint64_t model_peak(const struct model *model); // events
uint64_t model_worst(const struct model *model);
int model_time_of(struct model *model, uint64_t events, uint64_t *t_ns, struct reel_error *error);
// Of the state's moment. Who follows a program and has seen all its events is at the end of what is recorded, which
// goes on without events.
int model_time_shown(struct model *model, const struct state *state, uint64_t *t_ns, struct reel_error *error);
// The last event not after a time, as a number of events.
int model_events_at(struct model *model, uint64_t t_ns, uint64_t *events, struct reel_error *error);

// Whether events or the end have come that a refresh would see. Costs next to nothing; that of a refresh is of the
// whole summary.
bool model_has_grown(const struct model *model);
// Looks what has been recorded since. *is_more: something has, or the recording has ended.
int model_refresh(struct model *model, bool *is_more, struct reel_error *error);

// Moves to the state's moment. All answers below are of there.
int model_seek(struct model *model, const struct state *state, struct reel_error *error);
// While the moment moves (playing, a key held down) answers that cost a pass over all blocks or events are not made
// anew: the last ones are given, and model_is_stale tells that an answer was not of this moment.
void model_set_moving(struct model *model, bool is_moving);
bool model_is_moving(const struct model *model);
// What was stopped, or failed, is made when it is asked for next: after Enter, or when work was stopped only because a
// key had come.
void model_ask_again(struct model *model);

// An answer and the moment that it is of.
struct model_of
{
    uint64_t moment;
    bool is_stale; // not of the state's moment
};

int model_heap(struct model *model, const struct state *state, const struct reel_heap_state **heap,
               struct reel_error *error);
int model_identity(struct model *model, const struct state *state, const struct reel_identity **identity,
                   struct model_of *of, struct reel_error *error);
int model_classes(struct model *model, const struct state *state, const struct reel_class_state **classes,
                  size_t *count, struct reel_error *error);
// Of the state's process; of process 0 the regions of the process with the most live bytes, whose number is *process.
int model_regions(struct model *model, const struct state *state, uint32_t *process, const struct reel_region **regions,
                  size_t *count, struct model_of *of, struct reel_error *error);
int model_blame(struct model *model, const struct state *state, const struct reel_blame **blame, struct model_of *of,
                struct reel_error *error);
int model_advice(struct model *model, const struct state *state, const struct reel_advice **advice, size_t *count,
                 struct model_of *of, struct reel_error *error);
// Amounts of stacks by the state's mode and measure; *total over all of them.
int model_measured(struct model *model, const struct state *state, const struct reel_measured **rows, size_t *count,
                   struct reel_measured *total, struct model_of *of, struct reel_error *error);
// The same of any measure at the moment.
int model_measured_by(struct model *model, const struct state *state, enum reel_measure measure,
                      const struct reel_measured **rows, size_t *count, struct reel_measured *total,
                      struct model_of *of, struct reel_error *error);
// The tree of model_measured's rows, in the state's direction.
int model_flame(struct model *model, const struct state *state, const struct reel_flame **flame, struct model_of *of,
                struct reel_error *error);
// From A to B; what is not set is the beginning, or the moment.
int model_lifetimes(struct model *model, const struct state *state, const struct reel_lifetimes **lifetimes,
                    struct model_of *of, struct reel_error *error);
int model_growth(struct model *model, const struct state *state, const struct reel_growth **rows, size_t *count,
                 struct model_of *of, struct reel_error *error);
// Of the selection's address, in the selection's process: all that had it until the end of the reel, as it was when the
// question was asked; not of the moment. Made anew when the moment lies after that.
int model_history(struct model *model, const struct state *state, const struct reel_tenant **tenants, size_t *count,
                  struct model_of *of, struct reel_error *error);
// The state's zoom in that many points.
int model_timeline(struct model *model, const struct state *state, size_t point_count,
                   const struct reel_timeline_point **points, struct reel_error *error);

// "f (file.c:12)", safe for a terminal; of a stack's innermost frame. Kept by stack.
const char *model_stack_name(struct model *model, uint32_t stack);
// Whether a function with that part in its name, whatever the case, is in the stack. Kept by stack for the last two
// texts.
bool model_stack_has(struct model *model, uint32_t stack, const char *part);
bool model_block_passes(struct model *model, const struct filter *filter, const struct reel_live_block *block);

#endif
