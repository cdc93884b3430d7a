// SPDX-License-Identifier: MIT
// A replay of a reel that grows: takes in the rows that have come, and keeps the state where it stands. What was read
// of the events beyond is forgotten; what they do, is the business of the next seek.
#include "reel/replay/replay_internal.h"

#include "reel/error.h"

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the processes of the reel");
}

// A chunk may have grown, a sample or a name of pages may have come to the moment.
static void forget_reads(struct reel_replay *replay)
{
    replay_window_forget(&replay->window);
    replay_backed_clear(&replay->backed);
    replay->timed_ns = 0;
    replay->timed_events = 0;
}

// Turns that come into the part that was passed must be taken where they belong; and no way back leads over them.
static int go_before_turns(struct reel_replay *replay, uint64_t event, struct reel_error *error)
{
    if (event >= replay->events || replay->is_broken)
        return REEL_OK;
    int status = reel_replay_seek(replay, event, NULL, error);
    if (status == REEL_OK)
        replay_rear_close(replay);
    return status;
}

static int take_processes(struct reel_replay *replay, const struct replay_fates *fates, struct reel_error *error)
{
    struct replay_state *state = &replay->state;
    size_t known = state->lives.count;
    size_t stack_count = 0;
    int status = replay_read_stack_count(replay->reader, &stack_count, error);
    if (status == REEL_OK)
        status = go_before_turns(replay, fates->from_event, error);
    if (status != REEL_OK)
        return status;
    if (replay_state_grow(state, fates->process_count, stack_count) != REEL_OK ||
        replay_lives_take(&state->lives, fates) != REEL_OK)
        return fail_memory(error);
    for (size_t i = known; i < state->lives.count; i++)
        state->processes[i] =
            (struct reel_replay_process){.process = (uint32_t)i, .is_fork = state->lives.all[i].is_fork};
    state->turn_next = replay_lives_turn_at(&state->lives, replay->events);
    return REEL_OK;
}

// With other classes the state must be made anew.
static int take_classes(struct reel_replay *replay, struct reel_error *error)
{
    struct replay_classes read;
    bool is_other = false;
    size_t process_count = replay->state.lives.count;
    int status = replay_classes_follow(&replay->state.classes, replay->reader, process_count, &is_other, error);
    if (status != REEL_OK || !is_other)
        return status;
    status = replay_classes_read(&read, replay->reader, process_count, error);
    if (status != REEL_OK)
    {
        replay_classes_fini(&read);
        return status;
    }
    replay_rear_close(replay);
    replay_classes_fini(&replay->state.classes);
    replay->state.classes = read;
    replay->is_broken = true;
    return REEL_OK;
}

int reel_replay_refresh(struct reel_replay *replay, struct reel_error *error)
{
    struct replay_fates fates = {0};
    uint64_t moment = replay->events;
    if (replay->is_settled)
        return REEL_OK;
    int status = reel_reader_refresh(replay->reader, error);
    if (status == REEL_OK)
        status = replay_lives_look(&replay->state.lives, replay->reader, &fates, error);
    if (status == REEL_OK)
        status = take_processes(replay, &fates, error);
    if (status == REEL_OK)
        status = take_classes(replay, error);
    replay_fates_fini(&fates);
    forget_reads(replay);
    if (status == REEL_OK)
        status = reel_replay_seek(replay, moment, NULL, error);
    if (status != REEL_OK)
        return status;
    replay->event_count = reel_reader_event_count(replay->reader);
    replay->is_settled = reel_reader_is_complete(replay->reader);
    return REEL_OK;
}
