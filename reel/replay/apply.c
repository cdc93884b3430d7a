// SPDX-License-Identifier: MIT
// What events do to the state, and how they are undone. An alloc at the address of a live block takes its place; a free
// or resize of an address without a live block does nothing; a block that is born and dies on the way is passed.
//
// Each function is compiled for each mode: none asks for each event.
#include "reel/replay/state.h"

#include "reel/codec.h"

#define GROUP_AHEAD 48
#define BLOCK_AHEAD 20
#define STACK_AHEAD 8
#define FETCHED_BLOCKS_MIN 8192 // with fewer the tables stay in the cache

#define APPLY_INLINE static inline __attribute__((always_inline))

enum mode
{
    MODE_BARE,    // blocks and classes alone
    MODE_WRITTEN, // the same, and the journal
    MODE_COUNTED, // everything
};

// Events of a run, and the heap of the one at hand.
struct row
{
    struct replay_state *state;
    const struct replay_run *run;
    size_t begin;
    size_t end;
    struct replay_heap *heap;
    uint32_t process;
    bool is_followed; // the process has a heap, and its events count
};

APPLY_INLINE uint32_t slack_of(const struct reel_event *event)
{
    uint64_t slack = event->usable_bytes - event->requested_bytes;
    return slack < REEL_BLOCK_SLACK_UNKNOWN ? (uint32_t)slack : REEL_BLOCK_SLACK_UNKNOWN;
}

// A block that is in the table comes to the sums, or goes from them.
APPLY_INLINE int count_in(struct row *row, const struct reel_block *block)
{
    const struct replay_state *state = row->state;
    uint64_t usable_bytes = replay_usable_bytes(block);
    int status = replay_heap_add(row->heap, block, usable_bytes, state->classes.slot_bytes[block->size_class]);
    if (__builtin_expect(status == REEL_OK, 1) && !block->is_inherited)
        replay_stack_add(state->stacks, state->stack_count, block, usable_bytes);
    return status;
}

APPLY_INLINE void count_out(struct row *row, const struct reel_block *block)
{
    const struct replay_state *state = row->state;
    uint64_t usable_bytes = replay_usable_bytes(block);
    replay_heap_remove(row->heap, block, usable_bytes, state->classes.slot_bytes[block->size_class]);
    if (!block->is_inherited)
        replay_stack_remove(state->stacks, state->stack_count, block, usable_bytes);
}

// Of a bare state: classes, whose peaks of slots must not be missed.
APPLY_INLINE int enter(struct row *row, const struct reel_block *block, enum mode mode)
{
    if (mode == MODE_COUNTED)
        return count_in(row, block);
    replay_sums_add(&row->heap->classes[block->size_class].live, block, replay_usable_bytes(block));
    row->heap->live_slot_bytes += row->state->classes.slot_bytes[block->size_class];
    return REEL_OK;
}

APPLY_INLINE void leave(struct row *row, const struct reel_block *block, enum mode mode)
{
    if (mode == MODE_COUNTED)
    {
        count_out(row, block);
        return;
    }
    replay_sums_remove(&row->heap->classes[block->size_class].live, block, replay_usable_bytes(block));
    row->heap->live_slot_bytes -= row->state->classes.slot_bytes[block->size_class];
}

// The slot of a class with slots of a known size was taken.
static void note_peaks(struct row *row, const struct reel_block *block, uint64_t number, enum mode mode)
{
    struct replay_heap *heap = row->heap;
    struct replay_class *class = &heap->classes[block->size_class];
    if (class->live.blocks > class->peak_live_slots)
    {
        class->peak_live_slots = class->live.blocks;
        if (mode != MODE_BARE)
            replay_journal_put(&row->state->journal, number, REPLAY_UNDO_CLASS_PEAK,
                               &(struct reel_block){.address = block->size_class});
    }
    if (heap->live_slot_bytes > heap->peak_slot_bytes)
    {
        if (mode != MODE_BARE)
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

APPLY_INLINE int apply_alloc(struct row *row, const struct reel_event *event, uint64_t number, enum mode mode)
{
    bool is_new;
    struct reel_block *block = blocks_enter(&row->heap->blocks, event->address, &is_new);
    if (__builtin_expect(block == NULL, 0))
        return REEL_E_NO_MEMORY;
    if (__builtin_expect(!is_new, 0))
    {
        if (mode != MODE_BARE)
            replay_journal_put(&row->state->journal, number, REPLAY_UNDO_BLOCK, block);
        leave(row, block, mode);
    }
    row->state->live_blocks += is_new;
    *block = (struct reel_block){.address = event->address,
                                 .requested_bytes = event->requested_bytes,
                                 .birth_event = number & REEL_BLOCK_EVENT_MASK,
                                 .size_class = class_of(row, event),
                                 .stack = event->stack,
                                 .slack = slack_of(event)};
    int status = enter(row, block, mode);
    if (row->state->classes.slot_bytes[block->size_class] != 0)
    {
        row->heap->classes[block->size_class].carved_slots += (event->flags & REEL_EVENT_CARVED) != 0;
        note_peaks(row, block, number, mode);
    }
    return status;
}

APPLY_INLINE void apply_free(struct row *row, const struct reel_event *event, uint64_t number, enum mode mode)
{
    const struct reel_block *block = blocks_leave(&row->heap->blocks, event->address);
    if (__builtin_expect(block == NULL, 0))
        return;
    row->state->live_blocks--;
    if (mode != MODE_BARE)
        replay_journal_put(&row->state->journal, number, REPLAY_UNDO_BLOCK, block);
    leave(row, block, mode);
}

APPLY_INLINE int apply_resize(struct row *row, const struct reel_event *event, uint64_t number, enum mode mode)
{
    struct reel_block *block = reel_blocks_find(&row->heap->blocks, event->address);
    if (block == NULL)
        return REEL_OK;
    if (mode != MODE_BARE)
        replay_journal_put(&row->state->journal, number, REPLAY_UNDO_BLOCK, block);
    leave(row, block, mode);
    if (event->usable_bytes != replay_usable_bytes(block))
        block->size_class = class_of(row, event);
    block->requested_bytes = event->requested_bytes;
    block->slack = slack_of(event);
    int status = enter(row, block, mode);
    if (row->state->classes.slot_bytes[block->size_class] != 0)
        note_peaks(row, block, number, mode);
    return status;
}

// Whether a block is born and dies between the ends of the row, so that nothing remains of it there.
APPLY_INLINE bool is_passing(const struct row *row, size_t index)
{
    uint32_t link = row->run->links[index];
    if (__builtin_expect(link == REEL_BIRTH_ELSEWHERE, 0))
        return false;
    switch (row->run->events[index].kind)
    {
    case REEL_EVENT_ALLOC:
        return link < row->end;
    case REEL_EVENT_FREE:
        return link >= row->begin;
    default:
        return link >= row->begin && row->run->links[link] < row->end;
    }
}

// Of a block that passes: its slot is one at a time, and may be the one that makes a peak. To a class with slots of a
// size that is known; way is 1 for its birth and -1 for its death.
static void pass_slot(struct row *row, const struct reel_event *birth, uint64_t number, int64_t way, enum mode mode)
{
    const struct reel_block block = {.size_class = class_of(row, birth)};
    struct replay_class *class = &row->heap->classes[block.size_class];
    uint64_t slot_bytes = row->state->classes.slot_bytes[block.size_class];
    if (slot_bytes == 0)
        return;
    class->live.blocks += (uint64_t)way;
    row->heap->live_slot_bytes += slot_bytes * (uint64_t)way;
    if (way < 0)
        return;
    class->carved_slots += (birth->flags & REEL_EVENT_CARVED) != 0;
    note_peaks(row, &block, number, mode);
}

static void pass(struct row *row, size_t index, enum mode mode)
{
    const struct reel_event *event = &row->run->events[index];
    if (event->kind == REEL_EVENT_ALLOC)
        pass_slot(row, event, row->run->first + index, 1, mode);
    else if (event->kind == REEL_EVENT_FREE)
        pass_slot(row, &row->run->events[row->run->links[index]], row->run->first + index, -1, mode);
}

APPLY_INLINE void fetch(const struct row *row, size_t index, enum mode mode)
{
    const struct reel_event *events = &row->run->events[index];
    if (row->end - index <= GROUP_AHEAD)
        return;
    blocks_prefetch_group(&row->heap->blocks, events[GROUP_AHEAD].address);
    blocks_prefetch_block(&row->heap->blocks, events[BLOCK_AHEAD].address);
    uint32_t stack = events[STACK_AHEAD].stack;
    if (mode == MODE_COUNTED && stack < row->state->stack_count)
        __builtin_prefetch(&row->state->stacks[stack]);
}

// The same on the way back.
APPLY_INLINE void fetch_back(const struct row *row, size_t index)
{
    if (index - row->begin <= GROUP_AHEAD)
        return;
    const struct reel_event *events = &row->run->events[index];
    blocks_prefetch_group(&row->heap->blocks, events[-GROUP_AHEAD].address);
    blocks_prefetch_block(&row->heap->blocks, events[-BLOCK_AHEAD].address);
}

// A process that the rows do not know, or that has ended, has no events. Rows may begin one later than its events do.
static int enter_process(struct row *row, size_t index, bool is_made)
{
    struct replay_state *state = row->state;
    uint32_t process = row->run->events[index].process;
    row->process = process;
    row->is_followed =
        process != 0 && process < state->lives.count && state->lives.all[process].end_event > row->run->first + index;
    if (!row->is_followed)
        return REEL_OK;
    if (state->heaps[process] == NULL && is_made)
    {
        state->heaps[process] = replay_heap_create();
        state->processes[process].is_running = true;
        if (state->heaps[process] == NULL)
            return REEL_E_NO_MEMORY;
    }
    row->heap = state->heaps[process];
    row->is_followed = row->heap != NULL;
    return REEL_OK;
}

APPLY_INLINE int apply(struct row *row, size_t index, enum mode mode)
{
    const struct reel_event *event = &row->run->events[index];
    uint64_t number = row->run->first + index;
    if (event->kind == REEL_EVENT_ALLOC)
        return apply_alloc(row, event, number, mode);
    if (event->kind != REEL_EVENT_FREE)
        return apply_resize(row, event, number, mode);
    apply_free(row, event, number, mode);
    return REEL_OK;
}

APPLY_INLINE int apply_all(struct row *row, enum mode mode)
{
    bool has_slots = row->state->classes.told.count != 0;
    bool is_fetching = row->state->live_blocks >= FETCHED_BLOCKS_MIN;
    int status = enter_process(row, row->begin, true);
    for (size_t i = row->begin; i < row->end && status == REEL_OK; i++)
    {
        if (__builtin_expect(row->run->events[i].process != row->process, 0))
            status = enter_process(row, i, true);
        if (__builtin_expect(status != REEL_OK || !row->is_followed, 0))
            continue;
        if (is_fetching)
            fetch(row, i, mode);
        if (!is_passing(row, i))
            status = apply(row, i, mode);
        else if (has_slots)
            pass(row, i, mode);
    }
    return status;
}

static int apply_bare(struct row *row)
{
    return apply_all(row, MODE_BARE);
}

static int apply_written(struct row *row)
{
    return apply_all(row, MODE_WRITTEN);
}

static int apply_counted(struct row *row)
{
    return apply_all(row, MODE_COUNTED);
}

int replay_state_forward(struct replay_state *state, const struct replay_run *run, size_t begin, size_t end)
{
    struct row row = {.state = state, .run = run, .begin = begin, .end = end};
    if (begin >= end)
        return REEL_OK;
    if (!state->is_bare)
        return apply_counted(&row);
    return state->is_written ? apply_written(&row) : apply_bare(&row);
}

// A bit for each event of a run: its block is resized within the run.
struct resized
{
    uint64_t words[REEL_CHUNK_EVENTS_MAX / 64];
};

static void find_resized(struct resized *resized, const struct replay_run *run, size_t end)
{
    *resized = (struct resized){0};
    for (size_t i = 0; i < end; i++)
    {
        uint32_t birth = run->links[i];
        if (run->events[i].kind == REEL_EVENT_RESIZE && birth != REEL_BIRTH_ELSEWHERE)
            resized->words[birth / 64] |= UINT64_C(1) << birth % 64;
    }
}

// The block of an alloc of the run as it was before the event with that index. A resize that leaves its usable size
// leaves its class.
static struct reel_block block_before(const struct row *row, const struct resized *resized, size_t birth, size_t index)
{
    bool is_resized = (resized->words[birth / 64] >> birth % 64 & 1) != 0;
    const struct replay_run *run = row->run;
    const struct reel_event *last = &run->events[birth];
    uint8_t class_number = class_of(row, last);
    for (size_t i = birth + 1; is_resized && i < index; i++)
    {
        const struct reel_event *event = &run->events[i];
        if (event->kind != REEL_EVENT_RESIZE || run->links[i] != birth)
            continue;
        if (event->usable_bytes != last->usable_bytes)
            class_number = class_of(row, event);
        last = event;
    }
    return (struct reel_block){.address = run->events[birth].address,
                               .requested_bytes = last->requested_bytes,
                               .birth_event = (run->first + birth) & REEL_BLOCK_EVENT_MASK,
                               .size_class = class_number,
                               .stack = run->events[birth].stack,
                               .slack = slack_of(last)};
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

// Undoes what the journal has of the event. *is_any: the block that was there is back.
static int undo_written(struct row *row, uint64_t number, bool *is_any)
{
    int status = REEL_OK;
    const struct replay_undo *entry;
    *is_any = false;
    while (status == REEL_OK && (entry = replay_journal_take(&row->state->journal, number)) != NULL)
    {
        if (entry->kind == REPLAY_UNDO_CLASS_PEAK)
            row->heap->classes[entry->block.address % REEL_CLASS_NUMBERS].peak_live_slots--;
        else if (entry->kind == REPLAY_UNDO_SLOT_PEAK)
            row->heap->peak_slot_bytes = entry->block.requested_bytes;
        else
        {
            status = restore(row, &entry->block);
            *is_any = true;
        }
    }
    return status;
}

static int undo(struct row *row, const struct resized *resized, size_t index)
{
    const struct reel_event *event = &row->run->events[index];
    uint32_t link = row->run->links[index];
    bool is_restored;
    if (event->kind == REEL_EVENT_ALLOC)
        undo_alloc(row, event);
    int status = undo_written(row, row->run->first + index, &is_restored);
    // It was passed on the way here, and its block is not in the journal.
    if (status == REEL_OK && !is_restored && event->kind != REEL_EVENT_ALLOC && link != REEL_BIRTH_ELSEWHERE)
    {
        const struct reel_block before = block_before(row, resized, link, index);
        status = restore(row, &before);
    }
    return status;
}

// The slot of a block that passes comes back at its death, and goes at its birth.
static int undo_passing(struct row *row, size_t index)
{
    const struct reel_event *event = &row->run->events[index];
    bool is_restored;
    if (event->kind == REEL_EVENT_RESIZE)
        return REEL_OK;
    bool is_birth = event->kind == REEL_EVENT_ALLOC;
    const struct reel_event *birth = is_birth ? event : &row->run->events[row->run->links[index]];
    const uint8_t number = class_of(row, birth);
    uint64_t slot_bytes = row->state->classes.slot_bytes[number];
    if (slot_bytes == 0)
        return REEL_OK;
    row->heap->classes[number].live.blocks += is_birth ? UINT64_MAX : 1;
    row->heap->live_slot_bytes += is_birth ? -slot_bytes : slot_bytes;
    row->heap->classes[number].carved_slots -= is_birth && (event->flags & REEL_EVENT_CARVED) != 0;
    return is_birth ? undo_written(row, row->run->first + index, &is_restored) : REEL_OK;
}

int replay_state_back(struct replay_state *state, const struct replay_run *run, size_t begin, size_t end)
{
    struct row row = {.state = state, .run = run, .begin = begin, .end = end};
    bool has_slots = state->classes.told.count != 0;
    bool is_fetching = state->live_blocks >= FETCHED_BLOCKS_MIN;
    struct resized resized;
    int status = REEL_OK;
    find_resized(&resized, run, end);
    for (size_t i = end; i-- > begin && status == REEL_OK;)
    {
        if (i + 1 == end || run->events[i].process != row.process)
            status = enter_process(&row, i, false);
        if (!row.is_followed)
            continue;
        if (is_fetching)
            fetch_back(&row, i);
        if (!is_passing(&row, i))
            status = undo(&row, &resized, i);
        else if (has_slots)
            status = undo_passing(&row, i);
    }
    return status;
}
