// SPDX-License-Identifier: MIT
// Going back by steps without a pause: while the journal is being used up, a thread makes the part that comes before
// it. It has a reader and a block table of its own, goes bare from a keyframe, and writes down what the events destroy.
#define _GNU_SOURCE // gettid
#include "reel/replay/replay_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "reel/sqlite.h"
#include "reel/thread.h"

#define SPAN_STEPS 4
#define SPAN_DOUBLINGS_MAX 3
#define SPAN_EVENTS_MIN (UINT64_C(1) << 19)
#define SPAN_EVENTS_MAX (UINT64_C(1) << 24)
#define NEAR_STEPS 8 // from the beginning of the journal: it is time to ask
#define SOON_STEPS 3 // to the beginning of the journal: the part is not there in time if it waits for the jump
#define NICENESS 10  // the steps go on meanwhile, and have the processor first
#define JUMPS_MAX 8  // since the last drag: then no other is foreseen

struct replay_rear
{
    pthread_t thread;
    char *path;
    struct replay_rear *before; // cancelled; the thread waits for its end first
    uint64_t from;
    uint64_t to;               // where the journal began when it was asked for
    pthread_mutex_t lock;      // guards the next two, which the thread only reads
    pthread_cond_t is_changed; // signalled with them
    bool is_held;              // it may load a keyframe, and waits with the events
    bool is_cancelled;
    struct replay_journal journal; // the thread's until it is joined, as the status
    int status;
};

// After each chunk.
static int wait_or_end(void *context, double fraction)
{
    struct replay_rear *rear = context;
    (void)fraction;
    pthread_mutex_lock(&rear->lock);
    while (rear->is_held && !rear->is_cancelled)
        pthread_cond_wait(&rear->is_changed, &rear->lock);
    bool is_cancelled = rear->is_cancelled;
    pthread_mutex_unlock(&rear->lock);
    return is_cancelled;
}

static bool is_cancelled(struct replay_rear *rear)
{
    pthread_mutex_lock(&rear->lock);
    bool is_cancelled = rear->is_cancelled;
    pthread_mutex_unlock(&rear->lock);
    return is_cancelled;
}

static void destroy(struct replay_rear *rear)
{
    replay_journal_fini(&rear->journal);
    pthread_cond_destroy(&rear->is_changed);
    pthread_mutex_destroy(&rear->lock);
    free(rear->path);
    free(rear);
}

static void join(struct replay_rear *rear)
{
    pthread_join(rear->thread, NULL);
    destroy(rear);
}

static void *prepare(void *context)
{
    struct replay_rear *rear = context;
    struct reel_reader *reader = NULL;
    struct reel_replay *replay = NULL;
    const struct reel_progress progress = {.tick = wait_or_end, .context = rear};
    setpriority(PRIO_PROCESS, (id_t)gettid(), getpriority(PRIO_PROCESS, 0) + NICENESS);
    if (rear->before != NULL)
        join(rear->before);
    rear->status = is_cancelled(rear) ? REEL_E_CANCELLED : reel_reader_open(&reader, rear->path, NULL);
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

static void tell(struct replay_rear *rear, bool is_held, bool is_cancelled)
{
    pthread_mutex_lock(&rear->lock);
    rear->is_held = is_held;
    rear->is_cancelled = is_cancelled;
    pthread_cond_signal(&rear->is_changed);
    pthread_mutex_unlock(&rear->lock);
}

void replay_rear_close(struct reel_replay *replay)
{
    if (replay->rear == NULL)
        return;
    tell(replay->rear, false, true);
    join(replay->rear);
    replay->rear = NULL;
}

// The last turn before the moment, whose traces no journal keeps; the moment right after it.
static uint64_t after_turn(const struct replay_lives *lives, uint64_t moment)
{
    size_t turn = replay_lives_turn_at(lives, moment);
    return turn != 0 ? lives->turns[turn - 1].event + 1 : 0;
}

static struct replay_rear *create(const char *path, uint64_t from, uint64_t to)
{
    struct replay_rear *rear = calloc(1, sizeof *rear);
    if (rear == NULL)
        return NULL;
    rear->from = from;
    rear->to = to;
    rear->path = strdup(path);
    pthread_mutex_init(&rear->lock, NULL);
    pthread_cond_init(&rear->is_changed, NULL);
    return rear;
}

static void begin(struct reel_replay *replay, uint64_t from, uint64_t to, bool is_held)
{
    const char *path = sqlite3_db_filename(reel_reader_database(replay->reader), "main");
    struct replay_rear *rear = path != NULL && path[0] != '\0' ? create(path, from, to) : NULL;
    if (rear == NULL)
        return;
    rear->is_held = is_held;
    rear->before = replay->rear;
    if (rear->before != NULL)
        tell(rear->before, false, true);
    if (rear->path != NULL && reel_thread_begin(&rear->thread, prepare, rear))
        replay->rear = rear;
    else
        destroy(rear);
}

static uint64_t clamp_span(uint64_t events)
{
    return events < SPAN_EVENTS_MIN ? SPAN_EVENTS_MIN : events > SPAN_EVENTS_MAX ? SPAN_EVENTS_MAX : events;
}

// Where the part begins that ends at the beginning of the journal: at a keyframe, so that all of the way is kept; the
// first one at a near one, to be there soon. Where there is none near the way to the part's beginning costs as much as
// many steps: each part is twice as long as the one before.
static uint64_t part_begin(struct reel_replay *replay, uint64_t to, uint64_t step)
{
    uint64_t earliest = after_turn(&replay->state.lives, to);
    uint64_t span = clamp_span(replay->rear_count != 0 ? step * SPAN_STEPS : step);
    if (to - earliest <= span)
        return earliest;
    uint64_t keyframe = replay_keyframe_before(replay, to - span + 1).events;
    if (keyframe > earliest && to - keyframe <= SPAN_EVENTS_MAX)
        return keyframe;
    span = clamp_span(step * SPAN_STEPS << replay->rear_count);
    return to - earliest > span ? to - span : earliest;
}

static bool is_preparing(const struct reel_replay *replay, uint64_t to)
{
    const struct replay_rear *rear = replay->rear;
    return rear != NULL && rear->to == to && !rear->is_cancelled;
}

// Whether a drag by such steps from the moment `events`, with a journal that begins at `from`, needs more soon.
static bool is_needed(struct reel_replay *replay, uint64_t events, uint64_t from, uint64_t step)
{
    bool is_far = events > from && events - from > step * NEAR_STEPS;
    return !is_far && from > after_turn(&replay->state.lives, from) && !replay_is_near_keyframes(replay, from);
}

void replay_rear_ask(struct reel_replay *replay, uint64_t events)
{
    uint64_t from = replay->state.journal.from;
    uint64_t step = replay->events - events;
    if (replay->events == replay->rear_reached) // the second in a row: a drag
    {
        replay->rear_step = step;
        replay->rear_jumps = 0;
    }
    replay->rear_reached = events;
    if (is_preparing(replay, from) || !is_needed(replay, events, from, step))
        return;
    begin(replay, part_begin(replay, from, step), from, false);
}

void replay_rear_jump(struct reel_replay *replay, uint64_t events, uint64_t from)
{
    replay->rear_count = 0;
    if (replay->rear != NULL)
        tell(replay->rear, false, true);
    bool is_likely = replay->rear_step != 0 && replay->rear_jumps++ < JUMPS_MAX;
    if (!is_likely || !is_needed(replay, events, from, replay->rear_step))
        return;
    bool is_soon = events - from <= replay->rear_step * SOON_STEPS;
    begin(replay, part_begin(replay, from, replay->rear_step), from, !is_soon);
}

void replay_rear_go(struct reel_replay *replay)
{
    if (replay->rear != NULL && replay->rear->is_held)
        tell(replay->rear, false, false);
}

bool replay_rear_reaches(const struct reel_replay *replay, uint64_t events)
{
    return is_preparing(replay, replay->state.journal.from) && replay->rear->from <= events;
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
    destroy(rear);
    replay->rear = NULL;
    return is_there;
}
