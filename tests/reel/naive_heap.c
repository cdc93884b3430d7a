// SPDX-License-Identifier: MIT
// The naive model of a heap. Each figure is computed when asked, from all blocks.
#include "naive_heap.h"

#include <stdlib.h>
#include <string.h>

#define PAGE REEL_REPLAY_PAGE_BYTES

void naive_init(struct naive *naive, const struct random_reel *reel)
{
    *naive = (struct naive){.reel = reel};
}

void naive_fini(struct naive *naive)
{
    for (size_t i = 0; i < RANDOM_PROCESSES_MAX; i++)
        free(naive->processes[i]);
    free(naive->copies);
}

// ---- steps

static void join(const struct naive *naive, struct naive_process *process, struct naive_block *block, uint32_t place,
                 bool is_carved)
{
    block->class_id = naive->reel->has_classes ? random_class_of_place(place) : RANDOM_CLASSES;
    if (block->class_id == RANDOM_CLASSES)
        return;
    struct naive_slots *slots = &process->slots[block->class_id];
    slots->carved += is_carved;
    slots->live++;
    slots->peak = slots->live > slots->peak ? slots->live : slots->peak;
    process->live_slot_bytes += random_classes[block->class_id].slot_bytes;
    if (process->live_slot_bytes > process->peak_slot_bytes)
        process->peak_slot_bytes = process->live_slot_bytes;
}

static void leave(struct naive_process *process, const struct naive_block *block)
{
    if (block->class_id == RANDOM_CLASSES)
        return;
    process->slots[block->class_id].live--;
    process->live_slot_bytes -= random_classes[block->class_id].slot_bytes;
}

static void set_sizes(struct naive_block *block, const struct reel_event *event)
{
    block->requested_bytes = event->requested_bytes;
    block->usable_bytes = event->usable_bytes;
    if (event->usable_bytes > block->greatest_usable_bytes)
        block->greatest_usable_bytes = event->usable_bytes;
}

static void take_event(struct naive *naive, const struct random_step *step)
{
    const struct reel_event *event = &step->event;
    struct naive_process *process = naive->processes[event->process - 1];
    struct naive_block *block = &process->blocks[step->place];
    if (event->kind == REEL_EVENT_RESIZE && block->is_live)
    {
        bool keeps_class = block->usable_bytes == event->usable_bytes;
        set_sizes(block, event);
        if (keeps_class)
            return;
        leave(process, block);
        join(naive, process, block, step->place, false);
        return;
    }
    if (event->kind == REEL_EVENT_RESIZE)
        return;
    if (block->is_live)
        leave(process, block);
    *block = (struct naive_block){.is_live = event->kind == REEL_EVENT_ALLOC,
                                  .address = event->address,
                                  .stack = event->stack,
                                  .alloc_thread = event->thread,
                                  .birth_event = naive->events,
                                  .birth_ns = event->t_ns};
    if (event->kind == REEL_EVENT_FREE)
        return;
    set_sizes(block, event);
    join(naive, process, block, step->place, (event->flags & REEL_EVENT_CARVED) != 0);
}

static void keep_copy(struct naive *naive, const struct random_step *step)
{
    naive->copies = reallocarray(naive->copies, naive->copy_count + 1, sizeof *naive->copies);
    assert_non_null(naive->copies);
    naive->copies[naive->copy_count++] = (struct naive_copy){
        .state = *naive->processes[step->process - 1], .parent = step->process, .serial = step->fork_serial};
}

static void start(struct naive *naive, const struct random_step *step)
{
    struct naive_process *process = calloc(1, sizeof *process);
    assert_non_null(process);
    for (size_t i = 0; i < naive->copy_count && step->fork_serial != 0; i++)
        if (naive->copies[i].parent == step->parent && naive->copies[i].serial == step->fork_serial)
        {
            *process = naive->copies[i].state;
            naive->copies[i].is_taken = true;
        }
    for (size_t i = 0; i < RANDOM_PLACES; i++)
        process->blocks[i].is_inherited = true;
    process->begin_event = naive->events;
    process->end_event = UINT64_MAX;
    process->is_fork = step->is_fork;
    naive->processes[step->process - 1] = process;
}

static const struct naive_block *block_of(const struct naive *naive, const struct random_step *step)
{
    const struct naive_block *block =
        step->kind == RANDOM_EVENT ? &naive->processes[step->process - 1]->blocks[step->place] : NULL;
    return block != NULL && block->is_live ? block : NULL;
}

void naive_move(struct naive *naive, uint64_t events)
{
    for (; naive->step_next < naive->reel->step_count && naive->events < events; naive->step_next++)
    {
        const struct random_step *step = &naive->reel->steps[naive->step_next];
        if (naive->watch != NULL)
            naive->watch(naive->context, naive, step, block_of(naive, step));
        if (step->kind == RANDOM_EVENT)
        {
            take_event(naive, step);
            naive->t_ns = step->event.t_ns;
            naive->events++;
        }
        else if (step->kind == RANDOM_FORK)
            keep_copy(naive, step);
        else if (step->kind == RANDOM_START)
            start(naive, step);
        else
            naive->processes[step->process - 1]->end_event = naive->events;
    }
}

// ---- answers

bool naive_is_running(const struct naive *naive, uint32_t process)
{
    const struct naive_process *state = naive->processes[process - 1];
    return state != NULL && state->begin_event < naive->events && state->end_event >= naive->events;
}

// Calls for each live block of a process that runs, process 0: of all.
static void each_block(const struct naive *naive, uint32_t process,
                       void (*take)(void *context, const struct naive_block *block), void *context)
{
    for (uint32_t i = 1; i <= RANDOM_PROCESSES_MAX; i++)
    {
        bool is_asked = process == 0 || process == i;
        for (uint32_t place = 0; is_asked && naive_is_running(naive, i) && place < RANDOM_PLACES; place++)
        {
            const struct naive_block *block = &naive->processes[i - 1]->blocks[place];
            if (block->is_live)
                take(context, block);
        }
    }
}

// What a block takes of a page.
struct piece
{
    uint64_t page;
    uint64_t bytes;
};

struct pieces
{
    struct piece *all;
    size_t count, max;
};

static void add_pieces(void *context, const struct naive_block *block)
{
    struct pieces *pieces = context;
    uint64_t end = block->address + block->usable_bytes;
    for (uint64_t at = block->address; at < end;)
    {
        uint64_t next = (at / PAGE + 1) * PAGE;
        next = next < end ? next : end;
        if (pieces->count == pieces->max)
        {
            pieces->max = pieces->max * 2 + 1024;
            pieces->all = reallocarray(pieces->all, pieces->max, sizeof *pieces->all);
            assert_non_null(pieces->all);
        }
        pieces->all[pieces->count++] = (struct piece){at / PAGE, next - at};
        at = next;
    }
}

static int compare_pieces(const void *left, const void *right)
{
    const struct piece *a = left;
    const struct piece *b = right;
    return a->page < b->page ? -1 : a->page > b->page;
}

static void add_block(void *context, const struct naive_block *block)
{
    struct reel_heap_state *heap = context;
    heap->header_bytes += block->usable_bytes % 16 == 8 ? 8 : 0; // glibc's word before the block
    if (block->is_inherited)
    {
        heap->inherited_blocks++;
        heap->inherited_requested_bytes += block->requested_bytes;
        heap->inherited_usable_bytes += block->usable_bytes;
        return;
    }
    heap->live_blocks++;
    heap->requested_bytes += block->requested_bytes;
    heap->usable_bytes += block->usable_bytes;
}

static void add_pages(const struct naive *naive, uint32_t process, struct reel_heap_state *heap)
{
    struct pieces pieces = {0};
    each_block(naive, process, add_pieces, &pieces);
    if (pieces.count != 0)
        qsort(pieces.all, pieces.count, sizeof *pieces.all, compare_pieces);
    for (size_t i = 0; i < pieces.count;)
    {
        uint64_t page = pieces.all[i].page;
        uint64_t bytes = 0;
        for (; i < pieces.count && pieces.all[i].page == page; i++)
            bytes += pieces.all[i].bytes;
        heap->occupied_pages++;
        heap->pinned_bytes += PAGE - bytes;
        heap->pages_by_fill[(bytes * REEL_FILL_STEPS - 1) / PAGE]++;
    }
    free(pieces.all);
}

static void add_slots(const struct naive *naive, const struct naive_process *process, struct reel_heap_state *heap)
{
    for (uint32_t i = 0; naive->reel->has_classes && i < RANDOM_CLASSES; i++)
    {
        heap->carved_slots += process->slots[i].carved;
        heap->carved_bytes += process->slots[i].carved * random_classes[i].slot_bytes;
        heap->class_peak_bytes += process->slots[i].peak * random_classes[i].slot_bytes;
    }
    heap->peak_slot_bytes += process->peak_slot_bytes;
    heap->live_slot_bytes += process->live_slot_bytes;
}

struct reel_heap_state naive_heap(const struct naive *naive, uint32_t process)
{
    struct reel_heap_state heap = {0};
    each_block(naive, process, add_block, &heap);
    heap.pinned_bytes -= heap.header_bytes;
    for (uint32_t i = 1; i <= RANDOM_PROCESSES_MAX; i++)
        if ((process == 0 || process == i) && naive_is_running(naive, i))
        {
            add_pages(naive, i, &heap);
            add_slots(naive, naive->processes[i - 1], &heap);
        }
    return heap;
}

static void add_to_stack(void *context, const struct naive_block *block)
{
    struct reel_stack_state *stacks = context;
    if (block->is_inherited)
        return;
    stacks[block->stack].live_blocks++;
    stacks[block->stack].requested_bytes += block->requested_bytes;
    stacks[block->stack].rounding_bytes += block->usable_bytes - block->requested_bytes;
}

void naive_stacks(const struct naive *naive, struct reel_stack_state *stacks)
{
    memset(stacks, 0, (RANDOM_STACKS + 1) * sizeof *stacks);
    each_block(naive, 0, add_to_stack, stacks);
}

struct class_sum
{
    struct reel_class_state sum;
    uint32_t class_id;
};

static void add_to_class(void *context, const struct naive_block *block)
{
    struct class_sum *class = context;
    if (block->class_id != class->class_id)
        return;
    class->sum.live_blocks++;
    class->sum.requested_bytes += block->requested_bytes;
    class->sum.usable_bytes += block->usable_bytes;
}

struct reel_class_state naive_class(const struct naive *naive, uint32_t process, uint32_t class_id)
{
    struct class_sum class = {.class_id = class_id};
    each_block(naive, process, add_to_class, &class);
    for (uint32_t i = 1; class_id != RANDOM_CLASSES && i <= RANDOM_PROCESSES_MAX; i++)
        if ((process == 0 || process == i) && naive_is_running(naive, i))
        {
            class.sum.carved_slots += naive->processes[i - 1]->slots[class_id].carved;
            class.sum.peak_live_slots += naive->processes[i - 1]->slots[class_id].peak;
        }
    return class.sum;
}

const struct naive_block *naive_block_at(const struct naive *naive, uint32_t process, uint64_t address)
{
    const struct naive_process *state = naive->processes[process - 1];
    for (size_t i = 0; state != NULL && i < RANDOM_PLACES; i++)
        if (state->blocks[i].is_live && state->blocks[i].address == address)
            return &state->blocks[i];
    return NULL;
}

struct page_sum
{
    uint64_t begin;
    uint64_t bytes;
    uint64_t blocks;
};

static void add_to_page(void *context, const struct naive_block *block)
{
    struct page_sum *page = context;
    uint64_t from = block->address > page->begin ? block->address : page->begin;
    uint64_t end = block->address + block->usable_bytes;
    uint64_t to = end < page->begin + PAGE ? end : page->begin + PAGE;
    if (from >= to)
        return;
    page->bytes += to - from;
    page->blocks++;
}

void naive_page(const struct naive *naive, uint32_t process, uint64_t address, uint64_t *bytes, uint64_t *blocks)
{
    struct page_sum page = {.begin = address};
    each_block(naive, process, add_to_page, &page);
    *bytes = page.bytes;
    *blocks = page.blocks;
}

struct oldest
{
    bool (*is_meant)(const void *key, const struct naive_block *block);
    const void *key;
    const struct naive_block *found;
};

static void keep_oldest(void *context, const struct naive_block *block)
{
    struct oldest *oldest = context;
    if (oldest->is_meant(oldest->key, block) &&
        (oldest->found == NULL || block->birth_event < oldest->found->birth_event))
        oldest->found = block;
}

const struct naive_block *naive_oldest(const struct naive *naive, uint32_t process,
                                       bool (*is_meant)(const void *key, const struct naive_block *block),
                                       const void *key)
{
    struct oldest oldest = {is_meant, key, NULL};
    each_block(naive, process, keep_oldest, &oldest);
    return oldest.found;
}
