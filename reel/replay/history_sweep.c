// SPDX-License-Identifier: MIT
// Reads a range of events against the blocks that live in it. Begins with those that live at its beginning; what the
// replay does not know of their births is read from the chunks that hold these.
//
// A block is an entry of the table of live blocks: `slack` and the lower half of `birth_event` hold the birthmark,
// `is_over` says that it was born in the range.
#include "reel/replay/history_sweep.h"

#include <stdlib.h>

#include "reel/blocks_groups.h"
#include "reel/error.h"
#include "reel/replay/history_births.h"
#include "reel/replay/history_read.h"

#define AHEAD 16                // events, whose groups are fetched
#define FETCHED_BLOCKS_MIN 2048 // with fewer the table stays in the cache

struct sweep_process
{
    struct reel_blocks blocks;
    bool has_blocks; // the table is there
    bool is_gone;
};

struct sweep
{
    const struct history_question *question;
    struct sweep_process *processes; // [id], 0 is unused
    struct history_turns turns;
    size_t turn_next;
};

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
}

// ---- blocks

static uint64_t mark_of(const struct sweep *sweep, const struct reel_event *event)
{
    return sweep->question->birthmark == HISTORY_BIRTH_NS ? event->t_ns : event->thread;
}

static struct history_life life_of(const struct reel_block *block)
{
    return (struct history_life){.birthmark = (uint64_t)block->slack << 32 | block->birth_event,
                                 .requested_bytes = block->requested_bytes,
                                 .stack = block->stack,
                                 .is_of_range = block->is_over};
}

static int enter(struct sweep_process *process, uint64_t address, const struct history_life *life)
{
    bool is_new;
    if (__builtin_expect(!process->has_blocks, 0))
    {
        if (reel_blocks_init(&process->blocks) != REEL_OK)
            return REEL_E_NO_MEMORY;
        process->has_blocks = true;
    }
    struct reel_block *block = blocks_enter(&process->blocks, address, &is_new);
    if (block == NULL)
        return REEL_E_NO_MEMORY;
    *block = (struct reel_block){.address = address,
                                 .requested_bytes = life->requested_bytes,
                                 .birth_event = (uint32_t)life->birthmark,
                                 .is_over = life->is_of_range,
                                 .stack = life->stack,
                                 .slack = (uint32_t)(life->birthmark >> 32)};
    return REEL_OK;
}

// ---- the blocks at the beginning

static int take_birth(void *context, const struct history_birth *birth, const struct reel_event *event)
{
    struct sweep *sweep = context;
    const struct history_life life = {mark_of(sweep, event), birth->requested_bytes, event->stack, false};
    if (birth->process > sweep->turns.process_count)
        return REEL_OK;
    return enter(&sweep->processes[birth->process], birth->address, &life);
}

static int make_room(struct sweep *sweep, const struct reel_replay *replay, struct reel_error *error)
{
    struct reel_heap_state heap;
    size_t process_count = 0;
    reel_replay_processes(replay, &process_count);
    for (uint32_t i = 1; i <= process_count && i <= sweep->turns.process_count; i++)
    {
        struct sweep_process *process = &sweep->processes[i];
        int status = reel_replay_heap(replay, i, &heap, error);
        if (status != REEL_OK)
            return status;
        if (heap.live_blocks == 0)
            continue;
        process->has_blocks = reel_blocks_init(&process->blocks) == REEL_OK;
        if (!process->has_blocks || reel_blocks_reserve(&process->blocks, heap.live_blocks) != REEL_OK)
            return fail_memory(error);
    }
    return REEL_OK;
}

static int begin(struct sweep *sweep, struct reel_replay *replay, uint64_t begin, const struct reel_progress *progress,
                 struct reel_error *error)
{
    struct history_part parts[] = {{progress, 0, 0.5}, {progress, 0.5, 1}};
    struct reel_progress seek = history_part_progress(&parts[0]);
    struct reel_progress read = history_part_progress(&parts[1]);
    int status = reel_replay_seek(replay, begin, &seek, error);
    history_count_way(replay);
    if (status == REEL_OK)
        status = make_room(sweep, replay, error);
    return status == REEL_OK ? history_births_read(replay, &read, take_birth, sweep, error) : status;
}

// ---- the range

static void take_turns(struct sweep *sweep, uint64_t events)
{
    for (; sweep->turn_next < sweep->turns.count && sweep->turns.turns[sweep->turn_next].event <= events;
         sweep->turn_next++)
    {
        const struct history_turn *turn = &sweep->turns.turns[sweep->turn_next];
        struct sweep_process *process = &sweep->processes[turn->process];
        if (turn->parent != 0)
            continue;
        process->is_gone = true;
        if (process->has_blocks)
            reel_blocks_fini(&process->blocks);
        process->has_blocks = false;
    }
}

static int take_event(struct sweep *sweep, const struct reel_event *event)
{
    struct sweep_process *process = &sweep->processes[event->process];
    if (event->kind == REEL_EVENT_ALLOC)
    {
        const struct history_life life = {mark_of(sweep, event), event->requested_bytes, event->stack, true};
        return enter(process, event->address, &life);
    }
    if (!process->has_blocks)
        return REEL_OK;
    if (event->kind == REEL_EVENT_RESIZE)
    {
        struct reel_block *resized = reel_blocks_find(&process->blocks, event->address);
        if (resized != NULL)
            resized->requested_bytes = event->requested_bytes;
        return REEL_OK;
    }
    const struct reel_block *freed = blocks_leave(&process->blocks, event->address);
    if (freed == NULL)
        return REEL_OK;
    const struct history_life life = life_of(freed);
    return sweep->question->take_free(sweep->question->context, &life, event);
}

static void fetch(const struct sweep *sweep, const struct reel_event *event)
{
    if (event->process > sweep->turns.process_count)
        return;
    const struct sweep_process *process = &sweep->processes[event->process];
    if (process->has_blocks && process->blocks.count >= FETCHED_BLOCKS_MIN)
        blocks_prefetch_group(&process->blocks, event->address);
}

static int take_run(void *context, const struct reel_event *events, size_t count, uint64_t first)
{
    struct sweep *sweep = context;
    int status = REEL_OK;
    for (size_t i = 0; i < count && status == REEL_OK; i++)
    {
        if (i + AHEAD < count)
            fetch(sweep, &events[i + AHEAD]);
        if (sweep->turn_next < sweep->turns.count && sweep->turns.turns[sweep->turn_next].event <= first + i)
            take_turns(sweep, first + i);
        if (events[i].process <= sweep->turns.process_count && !sweep->processes[events[i].process].is_gone)
            status = take_event(sweep, &events[i]);
    }
    return status;
}

static void give_survivors(struct sweep *sweep)
{
    for (size_t i = 1; sweep->question->take_survivor != NULL && i <= sweep->turns.process_count; i++)
    {
        const struct sweep_process *process = &sweep->processes[i];
        const struct reel_block *block;
        size_t position = 0;
        while (process->has_blocks && (block = reel_blocks_next(&process->blocks, &position)) != NULL)
        {
            const struct history_life life = life_of(block);
            sweep->question->take_survivor(sweep->question->context, &life);
        }
    }
}

static void fini(struct sweep *sweep)
{
    for (size_t i = 0; sweep->processes != NULL && i <= sweep->turns.process_count; i++)
        if (sweep->processes[i].has_blocks)
            reel_blocks_fini(&sweep->processes[i].blocks);
    free(sweep->processes);
    free(sweep->turns.turns);
}

static int ask(struct sweep *sweep, struct reel_replay *replay, uint64_t begin_event, uint64_t end_event,
               const struct reel_progress *progress, struct reel_error *error)
{
    double border = begin_event != 0 ? 0.5 : 0;
    struct history_part parts[] = {{progress, 0, border}, {progress, border, 1}};
    struct reel_progress before = history_part_progress(&parts[0]);
    struct reel_progress within = history_part_progress(&parts[1]);
    int status = begin(sweep, replay, begin_event, &before, error);
    if (status == REEL_OK)
        status = history_read(reel_replay_reader(replay), begin_event, end_event, &within, take_run, sweep, error);
    if (status != REEL_OK)
        return status;
    take_turns(sweep, end_event);
    give_survivors(sweep);
    return REEL_OK;
}

int history_sweep(struct reel_replay *replay, uint64_t begin_event, uint64_t end_event,
                  const struct history_question *question, const struct reel_progress *progress,
                  struct reel_error *error)
{
    struct reel_reader *reader = reel_replay_reader(replay);
    struct sweep sweep = {.question = question};
    uint64_t event_count = reel_reader_event_count(reader);
    end_event = end_event < event_count ? end_event : event_count;
    if (begin_event > end_event)
        return reel_error_set(error, REEL_E_ARGUMENT, "the range begins at event %llu, after its end at event %llu",
                              (unsigned long long)begin_event, (unsigned long long)end_event);
    history_begin_count(reader);
    int status = history_turns_read(&sweep.turns, reader, end_event, error);
    sweep.processes = calloc(sweep.turns.process_count + 1, sizeof *sweep.processes);
    if (status == REEL_OK && sweep.processes != NULL)
        status = ask(&sweep, replay, begin_event, end_event, progress, error);
    else if (status == REEL_OK)
        status = fail_memory(error);
    fini(&sweep);
    return status;
}
