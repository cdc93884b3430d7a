// SPDX-License-Identifier: MIT
// Going back by steps without a pause: while the journal is being used up, a thread makes the part that comes before
// it. It has a reader and a block table of its own, goes bare from a keyframe, and writes down what the events destroy.
#include "reel/replay/replay_internal.h"

#include <stdlib.h>
#include <string.h>

#include "reel/sqlite.h"
#include "reel/thread.h"

#define SPAN_STEPS 4
#define SPAN_DOUBLINGS_MAX 3
#define SPAN_EVENTS_MIN (UINT64_C(1) << 19)
#define SPAN_EVENTS_MAX (UINT64_C(1) << 24)
#define NEAR_STEPS 8 // from the beginning of the journal: it is time to ask

struct replay_rear
{
    pthread_t thread;
    char *path;
    uint64_t from;
    uint64_t to;                   // where the journal began when it was asked for
    uint32_t is_cancelled;         // atomic flag
    struct replay_journal journal; // the thread's until it is joined
    int status;
};

static int is_cancelled(void *context, double fraction)
{
    const struct replay_rear *rear = context;
    (void)fraction;
    return (int)__atomic_load_n(&rear->is_cancelled, __ATOMIC_RELAXED);
}

static void *prepare(void *context)
{
    struct replay_rear *rear = context;
    struct reel_reader *reader = NULL;
    struct reel_replay *replay = NULL;
    const struct reel_progress progress = {.tick = is_cancelled, .context = rear};
    rear->status = reel_reader_open(&reader, rear->path, NULL);
    if (rear->status == REEL_OK)
        rear->status = reel_replay_open(&replay, reader, NULL);
    if (rear->status == REEL_OK)
        rear->status = replay_write_journal(replay, rear->from, rear->to, &progress, NULL);
    if (rear->status == REEL_OK && replay->damaged_events != 0)
        rear->status = REEL_E_DAMAGED;
    if (rear->status == REEL_OK)
    {
        rear->journal = replay->state.journal;
        replay->state.journal = (struct replay_journal){0};
    }
    reel_replay_close(replay);
    reel_reader_close(reader);
    return NULL;
}

void replay_rear_close(struct reel_replay *replay)
{
    struct replay_rear *rear = replay->rear;
    if (rear == NULL)
        return;
    __atomic_store_n(&rear->is_cancelled, 1, __ATOMIC_RELAXED);
    pthread_join(rear->thread, NULL);
    replay_journal_fini(&rear->journal);
    free(rear->path);
    free(rear);
    replay->rear = NULL;
}

// The last turn before the moment, whose traces no journal keeps; the moment right after it.
static uint64_t after_turn(const struct replay_lives *lives, uint64_t moment)
{
    size_t turn = replay_lives_turn_at(lives, moment);
    return turn != 0 ? lives->turns[turn - 1].event + 1 : 0;
}

static void begin(struct reel_replay *replay, uint64_t from, uint64_t to)
{
    const char *path = sqlite3_db_filename(reel_reader_database(replay->reader), "main");
    struct replay_rear *rear = calloc(1, sizeof *rear);
    if (rear != NULL && path != NULL && path[0] != '\0')
        rear->path = strdup(path);
    if (rear == NULL || rear->path == NULL)
    {
        free(rear);
        return;
    }
    rear->from = from;
    rear->to = to;
    if (reel_thread_begin(&rear->thread, prepare, rear))
        replay->rear = rear;
    else
    {
        free(rear->path);
        free(rear);
    }
}

static uint64_t clamp_span(uint64_t events)
{
    return events < SPAN_EVENTS_MIN ? SPAN_EVENTS_MIN : events > SPAN_EVENTS_MAX ? SPAN_EVENTS_MAX : events;
}

// Where the part begins that ends at the beginning of the journal: at a keyframe, so that all of the way is kept.
// Where there is none near the way to the part's beginning costs as much as many steps: each part is twice as long as
// the one before.
static uint64_t part_begin(struct reel_replay *replay, uint64_t step)
{
    uint64_t to = replay->state.journal.from;
    uint64_t earliest = after_turn(&replay->state.lives, to);
    uint64_t span = clamp_span(step * SPAN_STEPS);
    if (to - earliest <= span)
        return earliest;
    uint64_t keyframe = replay_keyframe_before(replay, to - span + 1).events;
    if (keyframe > earliest && to - keyframe <= SPAN_EVENTS_MAX)
        return keyframe;
    span = clamp_span(step * SPAN_STEPS << replay->rear_count);
    return to - earliest > span ? to - span : earliest;
}

void replay_rear_ask(struct reel_replay *replay, uint64_t events)
{
    uint64_t to = replay->state.journal.from;
    uint64_t step = replay->events - events;
    bool is_far = events > to && events - to > step * NEAR_STEPS;
    if (is_far || to <= after_turn(&replay->state.lives, to) || (replay->rear != NULL && replay->rear->to == to))
        return;
    replay_rear_close(replay);
    begin(replay, part_begin(replay, step), to);
}

bool replay_rear_reaches(const struct reel_replay *replay, uint64_t events)
{
    const struct replay_rear *rear = replay->rear;
    return rear != NULL && rear->to == replay->state.journal.from && rear->from <= events;
}

bool replay_rear_take(struct reel_replay *replay)
{
    struct replay_rear *rear = replay->rear;
    pthread_join(rear->thread, NULL);
    bool is_there = rear->status == REEL_OK && rear->journal.from < rear->to;
    if (is_there)
    {
        replay_journal_fini(&replay->state.journal);
        replay->state.journal = rear->journal;
        rear->journal = (struct replay_journal){0};
        replay->rear_count += replay->rear_count < SPAN_DOUBLINGS_MAX;
    }
    replay_journal_fini(&rear->journal);
    free(rear->path);
    free(rear);
    replay->rear = NULL;
    return is_there;
}
