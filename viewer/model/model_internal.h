// SPDX-License-Identifier: MIT
// How the model keeps answers. Internal to the files of the model, one for each subject:
//
//   model.c            opens, moves, sees what has come
//   model_live.c       whether it is still being recorded
//   model_ask.c        makes an answer or gives the one that is kept; progress
//   model_heap.c       heap, classes, regions, identity
//   model_blame.c      blame, advice
//   model_measured.c   amounts of stacks, their tree
//   model_history.c    lifetimes, growth, an address
//   model_time.c       times, the timeline
//   model_names.c      names of stacks
#ifndef HEAPREEL_VIEWER_MODEL_INTERNAL_H
#define HEAPREEL_VIEWER_MODEL_INTERNAL_H

#include "viewer/model/model.h"

#include "text/stack.h"

// All that an answer depends on. What a subject does not have is 0.
struct model_question
{
    uint64_t from; // events; the timeline: ns
    uint64_t to;   // the moment, where there is but one
    uint64_t address;
    uint64_t points;
    uint64_t generation; // of the reel, where more of it may change the answer
    uint32_t process;
    enum reel_measure measure;
    enum state_mode mode;
    bool is_inverted;
};

// What was made.
struct model_made
{
    void *data;
    size_t count;
    uint32_t process;
    uint64_t end_ns; // of the reel, then
    struct reel_measured total;
};

struct model_subject
{
    const char *what; // for who waits
    // May be nested: asks for other answers by model_ask_now.
    int (*make)(struct model *model, const struct model_question *question, struct model_made *made,
                const struct reel_progress *progress, struct reel_error *error);
    void (*destroy)(void *data);
    bool is_cheap; // made anew also while the moment moves
};

// is_kept: `made` answers `of`. is_refused: `refused` was stopped or failed, as `failure` says.
struct model_answer
{
    bool is_kept;
    bool is_refused;
    void (*destroy)(void *data);
    struct model_question of;
    struct model_question refused;
    struct model_made made;
    struct reel_error failure;
};

#define MODEL_TIMELINES 3

enum model_slot
{
    MODEL_CLASSES,
    MODEL_IDENTITY,
    MODEL_REGIONS,
    MODEL_BLAME,
    MODEL_ADVICE,
    MODEL_DIFFERENCE,
    MODEL_RANGE,
    MODEL_FLAME,
    MODEL_LIFETIMES,
    MODEL_GROWTH,
    MODEL_HISTORY,
    MODEL_MEASURED, // + enum reel_measure
    MODEL_TIMELINE = MODEL_MEASURED + REEL_MEASURE_COUNT,
    MODEL_SLOTS = MODEL_TIMELINE + MODEL_TIMELINES,
};

struct model_heap_answer
{
    bool is_kept;
    uint64_t moment;
    uint64_t generation;
    struct reel_heap_state heap;
};

// Times of moments that were asked for; an entry lies at the moment's remainder.
#define MODEL_TIMES 64
struct model_moment
{
    uint64_t events; // 0: none
    uint64_t t_ns;
};

// Whether stacks have a text: [stack], enum below.
struct model_search
{
    char part[STATE_SEARCH_BYTES];
    uint8_t *stacks;
    size_t stack_count;
    uint64_t used; // the clock of searches when it was asked last
};
#define MODEL_SEARCHES 2 // the search's and the filter's

enum model_found
{
    MODEL_FOUND_UNKNOWN = 0,
    MODEL_FOUND_NOT,
    MODEL_FOUND,
    MODEL_FOUND_NOT_YET, // not in the names that there are, but some are missing
};

struct model_names
{
    char **names; // [stack], NULL: not asked yet
    size_t name_count;
    char unkept[STACK_TEXT_BYTES]; // of a stack that the reel does not have, or for want of memory
    struct model_search searches[MODEL_SEARCHES];
    uint64_t search_clock;
};

struct model
{
    char *path;
    struct reel_reader *reader;
    struct reel_replay *replay; // at the moment that is looked at
    struct reel_replay *aside;  // for questions that move it; NULL until there was one
    struct reel_summary *summary;
    uint64_t peak; // events
    uint64_t worst;
    uint64_t worst_seen; // events that there were when it was looked for; 0: not yet
    uint64_t end_ns;
    uint64_t generation;       // grows with each refresh that brought something
    uint64_t settled;          // the generation at which the recording ended, 0: it goes on
    bool is_live;              // somebody writes it still
    int witness;               // by which that is known
    bool is_behind;            // a refresh has failed on its way
    struct model_answer moved; // of the seek: nothing is kept, it may be refused
    bool is_moving;
    struct model_watcher watcher;
    uint64_t ticked_ns; // of the clock; 0: not yet
    struct model_answer answers[MODEL_SLOTS];
    struct model_heap_answer **heaps; // [process], NULL: not asked yet
    size_t heap_count;
    struct model_moment times[MODEL_TIMES];
    struct model_names names;
};

// --- model_ask.c

// The answer in a slot, made if need be: *answer, and what it is of. *of may be NULL.
int model_ask(struct model *model, enum model_slot slot, const struct model_subject *subject,
              const struct model_question *question, const struct model_made **made, struct model_of *of,
              struct reel_error *error);
// The same, but never a stale answer: for what is made of it.
int model_ask_now(struct model *model, enum model_slot slot, const struct model_subject *subject,
                  const struct model_question *question, const struct model_made **made, struct reel_error *error);
void model_answer_drop(struct model_answer *answer);

struct model_work
{
    struct model *model;
    const char *what;
};
// The watcher as the engine's progress; *work must live as long.
struct reel_progress model_progress(struct model_work *work, struct model *model, const char *what);

// --- model.c

// Moves the replay to a moment, at most the end.
int model_stand(struct model *model, uint64_t moment, struct reel_error *error);
// The replay for questions that move it.
int model_aside(struct model *model, struct reel_replay **aside, struct reel_error *error);
// The state's moment, a mark: not beyond the end.
uint64_t model_within(const struct model *model, uint64_t events);
// Of an answer about that moment: more of the reel changes it only where it was the end, and when the recording ends.
uint64_t model_generation_at(const struct model *model, uint64_t moment);
// From A to B, in this order; what is not set is the beginning, or the moment.
struct model_question model_range_of(const struct model *model, const struct state *state);
struct model_question model_moment_of(const struct model *model, const struct state *state);

// --- model_live.c

// A descriptor of the reel, to be closed after all readers: closing it drops the locks that they have. -1: none.
int model_witness_open(const char *path);
void model_witness_close(int witness);
bool model_is_open_elsewhere(int witness);

// --- model_blame.c

int model_blame_now(struct model *model, const struct model_question *question, const struct reel_blame **blame,
                    struct reel_error *error);

// --- model_names.c

void model_names_drop(struct model_names *names);
// Names may have come.
void model_names_refresh(struct model_names *names);

#endif
