// SPDX-License-Identifier: MIT
// Sums over a heap, its classes, its pages, and the processes that there are.
#include "reel/replay/replay_internal.h"

#include <stdlib.h>
#include <string.h>

#include "reel/error.h"

static int refuse_process(uint32_t process, struct reel_error *error)
{
    return reel_error_set(error, REEL_E_ARGUMENT, "process %u: the reel has none with that number", process);
}

static bool is_known(const struct reel_replay *replay, uint32_t process)
{
    return process < replay->state.lives.count;
}

const struct reel_replay_process *reel_replay_processes(const struct reel_replay *replay, size_t *count)
{
    *count = replay->state.lives.count - 1;
    return replay->state.processes + 1;
}

const struct reel_stack_state *reel_replay_stacks(const struct reel_replay *replay, size_t *count)
{
    *count = replay->state.stack_count;
    return replay->state.stacks;
}

// Header bytes are glibc's own: an allocator that tells its classes has none.
static uint64_t header_bytes(const struct reel_replay *replay, const struct replay_heap *heap)
{
    return replay->state.classes.told.count == 0 ? heap->headed_blocks * REPLAY_HEADER_BYTES : 0;
}

static void add_slots(const struct reel_replay *replay, const struct replay_heap *heap, struct reel_heap_state *sum)
{
    for (uint32_t i = 0; i < REEL_CLASS_NUMBERS; i++)
    {
        uint64_t slot_bytes = replay->state.classes.slot_bytes[i];
        sum->carved_slots += heap->classes[i].carved_slots;
        sum->carved_bytes += heap->classes[i].carved_slots * slot_bytes;
        sum->class_peak_bytes += heap->classes[i].peak_live_slots * slot_bytes;
    }
    sum->live_slot_bytes += heap->live_slot_bytes;
    sum->peak_slot_bytes += heap->peak_slot_bytes;
}

static void add_heap(const struct reel_replay *replay, const struct replay_heap *heap, struct reel_heap_state *sum)
{
    uint64_t usable_bytes = heap->own.usable_bytes + heap->inherited.usable_bytes;
    uint64_t headers = header_bytes(replay, heap);
    sum->live_blocks += heap->own.blocks;
    sum->requested_bytes += heap->own.requested_bytes;
    sum->usable_bytes += heap->own.usable_bytes;
    sum->inherited_blocks += heap->inherited.blocks;
    sum->inherited_requested_bytes += heap->inherited.requested_bytes;
    sum->inherited_usable_bytes += heap->inherited.usable_bytes;
    sum->header_bytes += headers;
    sum->occupied_pages += heap->pages.occupied;
    sum->pinned_bytes += replay_minus(heap->pages.occupied * REEL_REPLAY_PAGE_BYTES, usable_bytes + headers);
    for (size_t i = 0; i < REEL_FILL_STEPS; i++)
        sum->pages_by_fill[i] += heap->pages.by_fill[i];
    add_slots(replay, heap, sum);
}

int reel_replay_heap(const struct reel_replay *replay, uint32_t process, struct reel_heap_state *heap,
                     struct reel_error *error)
{
    *heap = (struct reel_heap_state){0};
    if (!is_known(replay, process))
        return refuse_process(process, error);
    for (uint32_t i = 1; i < replay->state.lives.count; i++)
        if (replay_heap_of(replay, i) != NULL && (process == 0 || process == i))
            add_heap(replay, replay_heap_of(replay, i), heap);
    return REEL_OK;
}

struct reel_class_state reel_replay_class(const struct reel_replay *replay, uint32_t number)
{
    return replay->state.classes.states[number < REEL_CLASS_NUMBERS ? number : 0];
}

static void add_classes(const struct replay_heap *heap, struct reel_class_state *sums)
{
    for (uint32_t i = 0; i < REEL_CLASS_NUMBERS; i++)
    {
        const struct replay_class *class = &heap->classes[i];
        sums[i].live_blocks += class->live.blocks;
        sums[i].requested_bytes += class->live.requested_bytes;
        sums[i].usable_bytes += class->live.usable_bytes;
        sums[i].carved_slots += class->carved_slots;
        sums[i].peak_live_slots += class->peak_live_slots;
    }
}

int reel_replay_classes(const struct reel_replay *replay, uint32_t process, struct reel_class_state **classes,
                        size_t *count, struct reel_error *error)
{
    *count = 0;
    *classes = NULL;
    if (!is_known(replay, process))
        return refuse_process(process, error);
    struct reel_class_state *sums = malloc(sizeof replay->state.classes.states);
    if (sums == NULL)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the classes");
    memcpy(sums, replay->state.classes.states, sizeof replay->state.classes.states);
    for (uint32_t i = 1; i < replay->state.lives.count; i++)
        if (replay_heap_of(replay, i) != NULL && (process == 0 || process == i))
            add_classes(replay_heap_of(replay, i), sums);
    for (uint32_t i = 0; i < REEL_CLASS_NUMBERS; i++)
        if ((sums[i].live_blocks | sums[i].carved_slots | sums[i].peak_live_slots) != 0)
            sums[(*count)++] = sums[i];
    *classes = sums;
    return REEL_OK;
}
