// SPDX-License-Identifier: MIT
// Life of a replay, and the way to a moment: over events forward, or back over those that the journal can undo.
#include "reel/replay/replay_internal.h"

#include <stdlib.h>

#include "reel/error.h"
#include "reel/reader_internal.h"

#define STACKS_MAX (1u << 28)

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the blocks of the reel");
}

int replay_read_stack_count(struct reel_reader *reader, size_t *count, struct reel_error *error)
{
    int64_t greatest = 0;
    int status = reader_query_integer(reader, "SELECT coalesce(max(stack), 0) FROM main.stack", &greatest, error);
    if (greatest < 0 || greatest > STACKS_MAX)
        return reel_error_set(error, REEL_E_DAMAGED, "the reel is damaged: a stack has an impossible number");
    *count = (size_t)greatest + 1;
    return status;
}

static int open_parts(struct reel_replay *replay, struct reel_error *error)
{
    size_t stack_count = 0;
    struct replay_state *state = &replay->state;
    int status = replay_lives_read(&state->lives, replay->reader, error);
    if (status == REEL_OK)
        status = replay_classes_read(&state->classes, replay->reader, state->lives.count, error);
    if (status == REEL_OK)
        status = replay_read_stack_count(replay->reader, &stack_count, error);
    if (status == REEL_OK && replay_state_open(state, stack_count) != REEL_OK)
        status = fail_memory(error);
    if (status == REEL_OK)
        status = replay_window_open(&replay->window, replay->reader, error);
    return status;
}

int reel_replay_open(struct reel_replay **out, struct reel_reader *reader, struct reel_error *error)
{
    struct reel_replay *replay = calloc(1, sizeof *replay);
    if (replay == NULL)
        return fail_memory(error);
    replay->reader = reader;
    replay->event_count = reel_reader_event_count(reader);
    replay->is_settled = reel_reader_is_complete(reader);
    int status = open_parts(replay, error);
    if (status == REEL_OK)
        *out = replay;
    else
        reel_replay_close(replay);
    return status;
}

void reel_replay_close(struct reel_replay *replay)
{
    if (replay == NULL)
        return;
    replay_rear_close(replay);
    replay_window_close(&replay->window);
    replay_backed_clear(&replay->backed);
    replay_state_close(&replay->state);
    free(replay);
}

static int report(const struct reel_progress *progress, uint64_t done, uint64_t all, struct reel_error *error)
{
    bool is_cancelled = progress != NULL && progress->tick != NULL && all != 0 &&
                        progress->tick(progress->context, (double)done / (double)all) != 0;
    return is_cancelled ? reel_error_set(error, REEL_E_CANCELLED, "cancelled") : REEL_OK;
}

// Passes over events that cannot be read. What they did is not known: nothing before them can be gone back to.
static void pass_over(struct reel_replay *replay, uint64_t events)
{
    replay->damaged_events += events - replay->events;
    replay->events = events;
    replay_journal_begin(&replay->state.journal, events);
}

// Applies events of the window up to the end, or up to the next turn. There is one at least.
static int apply_some(struct reel_replay *replay, uint64_t end)
{
    struct replay_window *window = &replay->window;
    uint64_t window_end = window->first + window->count;
    uint64_t turn = replay_state_next_turn(&replay->state);
    end = window_end < end ? window_end : end;
    end = turn < end ? turn : end;
    const struct replay_run run = {window->events, window->links, window->first};
    int status = replay_state_forward(&replay->state, &run, (size_t)(replay->events - window->first),
                                      (size_t)(end - window->first));
    replay->t_ns = window->events[end - window->first - 1].t_ns;
    replay->events = end;
    return status;
}

// Where the journal was not kept nothing can be gone back to.
static int count_blocks(struct reel_replay *replay, struct reel_error *error)
{
    if (!replay->state.is_written)
        replay_journal_begin(&replay->state.journal, replay->events);
    replay_rear_go(replay);
    return replay_state_count(&replay->state) == REEL_OK ? REEL_OK : fail_memory(error);
}

// How far a bare state goes in the same manner; from some moment on the journal is kept.
static uint64_t bare_end(struct reel_replay *replay)
{
    struct replay_state *state = &replay->state;
    if (!state->is_written && replay->events >= replay->written_from)
    {
        state->is_written = true;
        replay_journal_begin(&state->journal, replay->events);
    }
    return state->is_written ? replay->bare_until : replay->written_from;
}

// One step forward: turns, and the events of a chunk that follow.
static int step_forward(struct reel_replay *replay, uint64_t end, struct reel_error *error)
{
    bool is_turn;
    if (replay->state.is_bare)
        end = bare_end(replay);
    if (replay_state_turn(&replay->state, replay->events, &is_turn) != REEL_OK)
        return fail_memory(error);
    if (is_turn) // the state before it is gone
        replay_journal_begin(&replay->state.journal, replay->events + 1);
    int status = replay_window_move(&replay->window, replay->events, error);
    if (status != REEL_OK)
        return status;
    if (replay->window.count == 0 || replay->window.first > replay->events)
    {
        bool is_within = replay->window.count != 0 && replay->window.first < end;
        pass_over(replay, is_within ? replay->window.first : end);
        return REEL_OK;
    }
    return apply_some(replay, end) == REEL_OK ? REEL_OK : fail_memory(error);
}

// The time of the event before the moment; 0 at the beginning.
static int find_time(struct reel_replay *replay, struct reel_error *error)
{
    struct replay_window *window = &replay->window;
    replay->t_ns = 0;
    if (replay->events == 0)
        return REEL_OK;
    uint64_t last = replay->events - 1;
    int status = replay_window_move(window, last, error);
    if (status == REEL_OK && window->count != 0 && window->first <= last)
        replay->t_ns = window->events[last - window->first].t_ns;
    return status;
}

static int step_back(struct reel_replay *replay, uint64_t events, struct reel_error *error)
{
    struct replay_window *window = &replay->window;
    int status = replay_window_move(window, replay->events - 1, error);
    if (status != REEL_OK)
        return status;
    if (window->count == 0 || window->first > replay->events - 1) // it was read on the way here
        return reel_error_set(error, REEL_E_DAMAGED, "event %llu cannot be read any more",
                              (unsigned long long)replay->events - 1);
    uint64_t begin = window->first > events ? window->first : events;
    const struct replay_run run = {window->events, window->links, window->first};
    if (replay_state_back(&replay->state, &run, (size_t)(begin - window->first),
                          (size_t)(replay->events - window->first)) != REEL_OK)
        return fail_memory(error);
    replay->events = begin;
    return REEL_OK;
}

static int go(struct reel_replay *replay, uint64_t events, const struct reel_progress *progress,
              struct reel_error *error)
{
    uint64_t from = replay->events;
    bool is_back = events < from;
    int status = REEL_OK;
    while (status == REEL_OK && replay->events != events)
    {
        status = is_back ? step_back(replay, events, error) : step_forward(replay, events, error);
        uint64_t done = is_back ? from - replay->events : replay->events - from;
        if (status == REEL_OK)
            status = report(progress, done, is_back ? from - events : events - from, error);
    }
    if (status == REEL_OK && replay->state.is_bare)
        status = count_blocks(replay, error);
    if (is_back && status == REEL_OK)
        status = find_time(replay, error);
    return status;
}

// On the way to the first moment, or at a keyframe of it; then bare up to the second.
static int begin_bare(struct reel_replay *replay, uint64_t from, uint64_t to, struct reel_error *error)
{
    int status = replay_start(replay, from + 1, error);
    replay->state.is_bare = true;
    replay->state.is_written = false;
    replay->bare_until = to;
    if (status == REEL_OK)
        replay_window_begin_ahead(&replay->window, replay->events, to);
    return status;
}

int replay_begin_bare(struct reel_replay *replay, uint64_t from, struct reel_error *error)
{
    return begin_bare(replay, from, replay->event_count, error);
}

// The moment of a time, as far as the chunk goes that the state stands in; past events that cannot be read.
static uint64_t moment_in_window(const struct reel_replay *replay, uint64_t t_ns)
{
    uint64_t moment = replay_window_not_later(&replay->window, replay->events, t_ns);
    return moment > replay->window.first ? moment : replay->events;
}

int replay_go_bare(struct reel_replay *replay, uint64_t t_ns, const struct reel_progress *progress,
                   struct reel_error *error)
{
    int status = replay_window_move(&replay->window, replay->events, error);
    uint64_t until = status == REEL_OK ? moment_in_window(replay, t_ns) : 0;
    while (status == REEL_OK && until > replay->events)
    {
        replay->written_from = until;
        status = step_forward(replay, until, error);
        if (status == REEL_OK)
            status = report(progress, replay->events, replay->event_count, error);
        if (status == REEL_OK && replay->events >= until)
        {
            status = replay_window_move(&replay->window, replay->events, error);
            until = moment_in_window(replay, t_ns);
        }
    }
    return status;
}

int replay_write_journal(struct reel_replay *replay, uint64_t from, uint64_t to, const struct reel_progress *progress,
                         struct reel_error *error)
{
    int status = begin_bare(replay, from, to, error);
    replay->written_from = from;
    while (status == REEL_OK && replay->events < to)
        if ((status = step_forward(replay, to, error)) == REEL_OK)
            status = report(progress, 0, 1, error);
    replay_window_end_ahead(&replay->window);
    return status;
}

// Back by what the journal has, and where a thread has prepared more, by that.
static int go_back(struct reel_replay *replay, uint64_t events, const struct reel_progress *progress,
                   struct reel_error *error)
{
    if (events >= replay->state.journal.from || !replay_is_step(replay, events) || !replay_rear_reaches(replay, events))
        return REEL_OK;
    int status = go(replay, replay->state.journal.from, progress, error);
    if (status == REEL_OK)
        replay_rear_take(replay);
    return status;
}

int reel_replay_seek(struct reel_replay *replay, uint64_t events, const struct reel_progress *progress,
                     struct reel_error *error)
{
    events = events < replay->event_count ? events : replay->event_count;
    if (events == replay->events && !replay->is_broken)
        return REEL_OK;
    uint64_t before = replay->events;
    bool is_step = replay_is_step(replay, events);
    if (events < before && is_step)
        replay_rear_ask(replay, events);
    int status = replay->is_broken || events > before ? REEL_OK : go_back(replay, events, progress, error);
    if (status == REEL_OK)
        status = replay_start(replay, events, error);
    if (status == REEL_OK)
        status = go(replay, events, progress, error);
    replay_window_end_ahead(&replay->window);
    replay_rear_go(replay);
    if (status != REEL_OK && !replay->is_broken && replay->state.is_bare && count_blocks(replay, NULL) != REEL_OK)
        status = REEL_E_NO_MEMORY;
    if (status == REEL_E_NO_MEMORY)
        replay->is_broken = true;
    return status;
}

uint64_t reel_replay_events(const struct reel_replay *replay)
{
    return replay->events;
}

uint64_t reel_replay_t_ns(const struct reel_replay *replay)
{
    return replay->t_ns;
}

uint64_t reel_replay_damaged_events(const struct reel_replay *replay)
{
    return replay->damaged_events;
}

struct reel_reader *reel_replay_reader(const struct reel_replay *replay)
{
    return replay->reader;
}
