// SPDX-License-Identifier: MIT
// What one event does to the state, and how it is undone. An alloc at the address of a live block takes its place; a
// free or resize of an address without a live block does nothing.
//
// Each function is compiled for bare and for counted states: none asks for each event.
#include "reel/replay/state.h"

#define GROUP_AHEAD 48
#define BLOCK_AHEAD 20
#define STACK_AHEAD 8
#define FETCHED_BLOCKS_MIN 256 // with fewer the table stays in the cache

#define APPLY_INLINE static inline __attribute__((always_inline))

// A row of events of one process.
struct row
{
    struct replay_state *state;
    struct replay_heap *heap;
    uint32_t process;
};

APPLY_INLINE uint32_t slack_of(const struct reel_event *event)
{
    uint64_t slack = event->usable_bytes - event->requested_bytes;
    return slack < REEL_BLOCK_SLACK_UNKNOWN ? (uint32_t)slack : REEL_BLOCK_SLACK_UNKNOWN;
}

// A block that is in the table comes to the sums, or goes from them.
APPLY_INLINE int count_in(struct row *row, const struct reel_block *block)
{
    struct replay_heap *heap = row->heap;
    uint64_t usable_bytes = replay_usable_bytes(block);
    int status = replay_pages_add(&heap->pages, block->address, usable_bytes, block->size_class);
    if (__builtin_expect(status != REEL_OK, 0))
        return status;
    replay_sums_add(block->is_inherited ? &heap->inherited : &heap->own, block, usable_bytes);
    replay_sums_add(&heap->classes[block->size_class].live, block, usable_bytes);
    heap->headed_blocks += replay_has_header(usable_bytes);
    heap->live_slot_bytes += row->state->classes.slot_bytes[block->size_class];
    if (!block->is_inherited)
        replay_stack_add(row->state->stacks, row->state->stack_count, block, usable_bytes);
    return REEL_OK;
}

APPLY_INLINE void count_out(struct row *row, const struct reel_block *block)
{
    struct replay_heap *heap = row->heap;
    uint64_t usable_bytes = replay_usable_bytes(block);
    replay_pages_remove(&heap->pages, block->address, usable_bytes);
    replay_sums_remove(block->is_inherited ? &heap->inherited : &heap->own, block, usable_bytes);
    replay_sums_remove(&heap->classes[block->size_class].live, block, usable_bytes);
    heap->headed_blocks -= replay_has_header(usable_bytes);
    heap->live_slot_bytes -= row->state->classes.slot_bytes[block->size_class];
    if (!block->is_inherited)
        replay_stack_remove(row->state->stacks, row->state->stack_count, block, usable_bytes);
}

// Of a bare state: slots of classes, whose peaks must not be missed.
APPLY_INLINE int enter(struct row *row, const struct reel_block *block, bool is_bare)
{
    if (!is_bare)
        return count_in(row, block);
    row->heap->classes[block->size_class].live.blocks++;
    row->heap->live_slot_bytes += row->state->classes.slot_bytes[block->size_class];
    return REEL_OK;
}

APPLY_INLINE void leave(struct row *row, const struct reel_block *block, bool is_bare)
{
    if (!is_bare)
    {
        count_out(row, block);
        return;
    }
    row->heap->classes[block->size_class].live.blocks--;
    row->heap->live_slot_bytes -= row->state->classes.slot_bytes[block->size_class];
}

// The slot of a class with slots of a known size was taken.
static void note_peaks(struct row *row, const struct reel_block *block, uint64_t number, bool is_bare)
{
    struct replay_heap *heap = row->heap;
    struct replay_class *class = &heap->classes[block->size_class];
    if (class->live.blocks > class->peak_live_slots)
    {
        class->peak_live_slots = class->live.blocks;
        if (!is_bare)
            replay_journal_put(&row->state->journal, number, REPLAY_UNDO_CLASS_PEAK,
                               &(struct reel_block){.address = block->size_class});
    }
    if (heap->live_slot_bytes > heap->peak_slot_bytes)
    {
        if (!is_bare)
            replay_journal_put(&row->state->journal, number, REPLAY_UNDO_SLOT_PEAK,
                               &(struct reel_block){.requested_bytes = heap->peak_slot_bytes});
        heap->peak_slot_bytes = heap->live_slot_bytes;
    }
}

APPLY_INLINE uint8_t class_of(const struct row *row, const struct reel_event *event)
{
    return replay_class_of(&row->state->classes, row->process, event->address, event->usable_bytes,
                           (event->flags & REEL_EVENT_ALIGNED) != 0);
}

APPLY_INLINE int apply_alloc(struct row *row, const struct reel_event *event, uint64_t number, bool is_bare)
{
    bool is_new;
    struct reel_block *block = blocks_enter(&row->heap->blocks, event->address, &is_new);
    if (__builtin_expect(block == NULL, 0))
        return REEL_E_NO_MEMORY;
    if (__builtin_expect(!is_new, 0))
    {
        if (!is_bare)
            replay_journal_put(&row->state->journal, number, REPLAY_UNDO_BLOCK, block);
        leave(row, block, is_bare);
    }
    row->state->live_blocks += is_new;
    *block = (struct reel_block){.address = event->address,
                                 .requested_bytes = event->requested_bytes,
                                 .birth_event = number & REEL_BLOCK_EVENT_MASK,
                                 .size_class = class_of(row, event),
                                 .stack = event->stack,
                                 .slack = slack_of(event)};
    int status = enter(row, block, is_bare);
    if (row->state->classes.slot_bytes[block->size_class] != 0)
    {
        row->heap->classes[block->size_class].carved_slots += (event->flags & REEL_EVENT_CARVED) != 0;
        note_peaks(row, block, number, is_bare);
    }
    return status;
}

APPLY_INLINE void apply_free(struct row *row, const struct reel_event *event, uint64_t number, bool is_bare)
{
    const struct reel_block *block = blocks_leave(&row->heap->blocks, event->address);
    if (__builtin_expect(block == NULL, 0))
        return;
    row->state->live_blocks--;
    if (!is_bare)
        replay_journal_put(&row->state->journal, number, REPLAY_UNDO_BLOCK, block);
    leave(row, block, is_bare);
}

APPLY_INLINE int apply_resize(struct row *row, const struct reel_event *event, uint64_t number, bool is_bare)
{
    struct reel_block *block = reel_blocks_find(&row->heap->blocks, event->address);
    if (block == NULL)
        return REEL_OK;
    if (!is_bare)
        replay_journal_put(&row->state->journal, number, REPLAY_UNDO_BLOCK, block);
    leave(row, block, is_bare);
    if (event->usable_bytes != replay_usable_bytes(block))
        block->size_class = class_of(row, event);
    block->requested_bytes = event->requested_bytes;
    block->slack = slack_of(event);
    int status = enter(row, block, is_bare);
    if (row->state->classes.slot_bytes[block->size_class] != 0)
        note_peaks(row, block, number, is_bare);
    return status;
}

APPLY_INLINE void fetch(const struct row *row, const struct reel_event *events, size_t left, bool is_bare)
{
    if (left <= GROUP_AHEAD)
        return;
    blocks_prefetch_group(&row->heap->blocks, events[GROUP_AHEAD].address);
    blocks_prefetch_block(&row->heap->blocks, events[BLOCK_AHEAD].address);
    uint32_t stack = events[STACK_AHEAD].stack;
    if (!is_bare && stack < row->state->stack_count)
        __builtin_prefetch(&row->state->stacks[stack]);
}

APPLY_INLINE int apply_row(struct row *row, const struct reel_event *events, size_t count, uint64_t number,
                           bool is_bare)
{
    bool is_fetching = row->heap->blocks.count >= FETCHED_BLOCKS_MIN;
    int status = REEL_OK;
    for (size_t i = 0; i < count && status == REEL_OK; i++)
    {
        const struct reel_event *event = &events[i];
        if (is_fetching)
            fetch(row, event, count - i, is_bare);
        if (event->kind == REEL_EVENT_FREE)
            apply_free(row, event, number + i, is_bare);
        else if (event->kind == REEL_EVENT_ALLOC)
            status = apply_alloc(row, event, number + i, is_bare);
        else
            status = apply_resize(row, event, number + i, is_bare);
    }
    return status;
}

static int apply_bare(struct row *row, const struct reel_event *events, size_t count, uint64_t number)
{
    return apply_row(row, events, count, number, true);
}

static int apply_counted(struct row *row, const struct reel_event *events, size_t count, uint64_t number)
{
    return apply_row(row, events, count, number, false);
}

static size_t row_length(const struct reel_event *events, size_t count)
{
    size_t length = 1;
    while (length < count && events[length].process == events[0].process)
        length++;
    return length;
}

// A process that the rows do not know, or that has ended, has no events.
static bool is_believed(const struct replay_state *state, uint32_t process, uint64_t number)
{
    return process != 0 && process < state->lives.count && state->lives.all[process].end_event > number;
}

// Rows may begin a process later than its events do.
static int heap_for(struct replay_state *state, uint32_t process, struct replay_heap **heap)
{
    if (state->heaps[process] == NULL)
        state->heaps[process] = replay_heap_create();
    *heap = state->heaps[process];
    state->processes[process].is_running = true;
    return *heap != NULL ? REEL_OK : REEL_E_NO_MEMORY;
}

int replay_state_forward(struct replay_state *state, const struct reel_event *events, size_t count, uint64_t number)
{
    int status = REEL_OK;
    for (size_t i = 0, length; i < count && status == REEL_OK; i += length)
    {
        struct row row = {.state = state, .process = events[i].process};
        length = row_length(events + i, count - i);
        if (!is_believed(state, row.process, number + i))
            continue;
        status = heap_for(state, row.process, &row.heap);
        if (status == REEL_OK)
            status = state->is_bare ? apply_bare(&row, events + i, length, number + i)
                                    : apply_counted(&row, events + i, length, number + i);
    }
    return status;
}

// Puts a block back that was there before the event.
static int restore(struct row *row, const struct reel_block *before)
{
    bool is_new;
    struct reel_block *block = reel_blocks_insert(&row->heap->blocks, before->address, &is_new);
    if (block == NULL)
        return REEL_E_NO_MEMORY;
    if (!is_new)
        count_out(row, block);
    row->state->live_blocks += is_new;
    *block = *before;
    return count_in(row, block);
}

static void undo_alloc(struct row *row, const struct reel_event *event)
{
    const struct reel_block *block = reel_blocks_find(&row->heap->blocks, event->address);
    if (block == NULL)
        return;
    if (row->state->classes.slot_bytes[block->size_class] != 0)
        row->heap->classes[block->size_class].carved_slots -= (event->flags & REEL_EVENT_CARVED) != 0;
    count_out(row, block);
    reel_blocks_drop(&row->heap->blocks, event->address);
    row->state->live_blocks--;
}

static int undo(struct row *row, const struct reel_event *event, uint64_t number)
{
    int status = REEL_OK;
    const struct replay_undo *entry;
    if (event->kind == REEL_EVENT_ALLOC)
        undo_alloc(row, event);
    while (status == REEL_OK && (entry = replay_journal_take(&row->state->journal, number)) != NULL)
    {
        if (entry->kind == REPLAY_UNDO_CLASS_PEAK)
            row->heap->classes[entry->block.address % REEL_CLASS_NUMBERS].peak_live_slots--;
        else if (entry->kind == REPLAY_UNDO_SLOT_PEAK)
            row->heap->peak_slot_bytes = entry->block.requested_bytes;
        else
            status = restore(row, &entry->block);
    }
    return status;
}

int replay_state_back(struct replay_state *state, const struct reel_event *events, size_t count, uint64_t number)
{
    int status = REEL_OK;
    for (size_t i = count; i-- > 0 && status == REEL_OK;)
    {
        struct row row = {.state = state, .process = events[i].process};
        if (!is_believed(state, row.process, number + i) || state->heaps[row.process] == NULL)
            continue;
        row.heap = state->heaps[row.process];
        status = undo(&row, &events[i], number + i);
    }
    return status;
}
