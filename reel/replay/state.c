// SPDX-License-Identifier: MIT
// Life of the state, and the turns of processes: beginning, fork, end.
#include "reel/replay/state.h"

#include <stdlib.h>
#include <string.h>

#define SPARE_WASTE_MAX 8 // entries of its pool for each block that it is to hold

int replay_state_open(struct replay_state *state, size_t stack_count)
{
    size_t process_count = state->lives.count;
    state->stack_count = stack_count;
    state->heaps = calloc(process_count, sizeof(struct replay_heap *));
    state->processes = calloc(process_count, sizeof *state->processes);
    state->stacks = calloc(stack_count, sizeof *state->stacks);
    if (state->heaps == NULL || state->processes == NULL || state->stacks == NULL)
        return REEL_E_NO_MEMORY;
    for (size_t i = 0; i < process_count; i++)
        state->processes[i] =
            (struct reel_replay_process){.process = (uint32_t)i, .is_fork = state->lives.all[i].is_fork};
    return REEL_OK;
}

static bool grow(void *array, size_t count, size_t grown_count, size_t element_bytes)
{
    void *elements; // copied in and out: the pointer in the struct has another type
    memcpy(&elements, array, sizeof elements);
    elements = reallocarray(elements, grown_count, element_bytes);
    if (elements == NULL)
        return false;
    memset((char *)elements + count * element_bytes, 0, (grown_count - count) * element_bytes);
    memcpy(array, &elements, sizeof elements);
    return true;
}

int replay_state_grow(struct replay_state *state, size_t process_count, size_t stack_count)
{
    size_t before = state->lives.count;
    bool has_memory =
        process_count <= before || (grow(&state->heaps, before, process_count, sizeof(struct replay_heap *)) &&
                                    grow(&state->processes, before, process_count, sizeof *state->processes));
    if (has_memory && stack_count > state->stack_count)
    {
        has_memory = grow(&state->stacks, state->stack_count, stack_count, sizeof *state->stacks);
        state->stack_count = has_memory ? stack_count : state->stack_count;
    }
    return has_memory ? REEL_OK : REEL_E_NO_MEMORY;
}

// Keeps the memory of the largest, in case that it is loaded anew from a keyframe.
static void drop_heaps(struct replay_state *state)
{
    for (size_t i = 0; state->heaps != NULL && i < state->lives.count; i++)
    {
        struct replay_heap *heap = state->heaps[i];
        bool is_larger = heap != NULL && (state->spare == NULL || heap->blocks.count > state->spare->blocks.count);
        replay_heap_destroy(is_larger ? state->spare : heap);
        state->spare = is_larger ? heap : state->spare;
        state->heaps[i] = NULL;
    }
}

struct replay_heap *replay_state_heap_for(struct replay_state *state, size_t block_count)
{
    struct replay_heap *heap = state->spare;
    if (heap == NULL || heap->blocks.pool_max / SPARE_WASTE_MAX > block_count)
        return replay_heap_create();
    state->spare = NULL;
    replay_heap_clear(heap);
    return heap;
}

void replay_state_clear(struct replay_state *state)
{
    drop_heaps(state);
    for (size_t i = 0; i < state->lives.count; i++)
        state->processes[i].is_running = false;
    memset(state->stacks, 0, state->stack_count * sizeof *state->stacks);
    state->turn_next = 0;
    state->live_blocks = 0;
    state->is_bare = state->is_written = false;
    replay_journal_begin(&state->journal, 0);
}

void replay_state_close(struct replay_state *state)
{
    drop_heaps(state);
    replay_heap_destroy(state->spare);
    free(state->heaps);
    free(state->processes);
    free(state->stacks);
    replay_journal_fini(&state->journal);
    replay_classes_fini(&state->classes);
    replay_lives_fini(&state->lives);
    *state = (struct replay_state){0};
}

static void take_from_stacks(struct replay_state *state, const struct replay_heap *heap)
{
    const struct reel_block *block;
    size_t position = 0;
    while ((block = reel_blocks_next(&heap->blocks, &position)) != NULL)
        if (!block->is_inherited)
            replay_stack_remove(state->stacks, state->stack_count, block, replay_usable_bytes(block));
}

static void end_process(struct replay_state *state, uint32_t process)
{
    struct replay_heap *heap = state->heaps[process];
    state->processes[process].is_running = false;
    if (heap == NULL)
        return;
    state->live_blocks -= heap->blocks.count;
    if (!state->is_bare)
        take_from_stacks(state, heap);
    replay_heap_destroy(heap);
    state->heaps[process] = NULL;
}

// A child that is there has come with a keyframe.
static int fork_process(struct replay_state *state, uint32_t process)
{
    const struct replay_heap *parent = state->heaps[state->lives.all[process].parent];
    if (parent == NULL || state->heaps[process] != NULL)
        return REEL_OK;
    state->heaps[process] = replay_heap_fork(parent);
    if (state->heaps[process] == NULL)
        return REEL_E_NO_MEMORY;
    state->live_blocks += state->heaps[process]->blocks.count;
    return REEL_OK;
}

static int begin_process(struct replay_state *state, uint32_t process)
{
    state->processes[process].is_running = true;
    if (state->heaps[process] == NULL)
        state->heaps[process] = replay_heap_create();
    return state->heaps[process] != NULL ? REEL_OK : REEL_E_NO_MEMORY;
}

static int take_turn(struct replay_state *state, const struct replay_turn *turn)
{
    switch (turn->kind)
    {
    case REPLAY_TURN_FORK:
        return fork_process(state, turn->process);
    case REPLAY_TURN_BEGIN:
        return begin_process(state, turn->process);
    case REPLAY_TURN_END:
        end_process(state, turn->process);
    }
    return REEL_OK;
}

int replay_state_turn(struct replay_state *state, uint64_t event, bool *is_any)
{
    int status = REEL_OK;
    *is_any = replay_state_next_turn(state) <= event;
    while (status == REEL_OK && replay_state_next_turn(state) <= event)
        status = take_turn(state, &state->lives.turns[state->turn_next++]);
    return status;
}

uint64_t replay_state_next_turn(const struct replay_state *state)
{
    return state->turn_next < state->lives.turn_count ? state->lives.turns[state->turn_next].event : REPLAY_NEVER;
}

int replay_state_count(struct replay_state *state)
{
    int status = REEL_OK;
    memset(state->stacks, 0, state->stack_count * sizeof *state->stacks);
    for (size_t i = 1; i < state->lives.count && status == REEL_OK; i++)
        if (state->heaps[i] != NULL)
            status = replay_heap_count(state->heaps[i], state->classes.slot_bytes, state->stacks, state->stack_count);
    state->is_bare = false;
    return status;
}
