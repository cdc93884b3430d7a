// SPDX-License-Identifier: MIT
// Replays events against the shadows. Convicts what cannot have happened and counts what only looks so: frees of
// blocks from before the recording, blocks that a fork caught in mid-call, and anything where events are missing.
#include "reel/judge.h"

#include <stdarg.h>
#include <stdio.h>

#include "reel/status.h"

void judge_convict(struct judge *judge, enum reel_violation_kind kind, uint64_t event, uint32_t process,
                   const char *format, ...)
{
    if (judge->result.violations++ >= judge->report_limit || judge->report == NULL)
        return;
    struct reel_violation violation = {.kind = kind, .event = event, .process = process};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(violation.text, sizeof violation.text, format, arguments);
    va_end(arguments);
    judge->report(judge->context, &violation);
}

bool judge_is_lossy(const struct judge *judge, const struct judge_process *process)
{
    return judge->is_broken || process->lost_events != 0;
}

// The shadow and the writer's table go different ways from here on.
static void doubt_figures(struct judge *judge, struct judge_process *process)
{
    process->is_doubtful = true;
    judge->processes[0].is_doubtful = true;
}

static void convict_event(struct judge *judge, enum reel_violation_kind kind, uint64_t number,
                          const struct reel_event *event, const char *what)
{
    judge_convict(judge, kind, number, event->process, "%s: address 0x%llx, %llu bytes, thread %u, process %u", what,
                  (unsigned long long)event->address, (unsigned long long)event->requested_bytes, event->thread,
                  event->process);
}

// ---- the ledgers

static void ledger_grow(struct judge_ledger *ledger, uint64_t added_bytes, uint64_t number, uint64_t t_ns)
{
    ledger->live_bytes += added_bytes;
    if (ledger->live_bytes <= ledger->peak_live_bytes)
        return;
    ledger->peak_live_bytes = ledger->live_bytes;
    ledger->peak_event = number;
    ledger->peak_t_ns = t_ns;
}

static void ledger_add(struct judge_ledger *ledger, const struct reel_event *event, uint64_t number)
{
    ledger->live_blocks++;
    ledger->total_requested_bytes += event->requested_bytes;
    ledger_grow(ledger, event->requested_bytes, number, event->t_ns);
}

static void ledger_drop(struct judge_ledger *ledger, const struct shadow_block *block)
{
    if (block->is_inherited)
        return;
    ledger->live_blocks--;
    ledger->live_bytes -= block->requested_bytes;
}

static void drop_block(struct judge *judge, struct judge_process *process, const struct shadow_block *block)
{
    ledger_drop(&process->ledger, block);
    ledger_drop(&judge->run, block);
    judge_heap_leave(judge, process, block->tag);
}

// ---- forks

static bool is_uncertain(const struct judge_process *process, uint64_t address)
{
    return process->has_uncertain && reel_blocks_find(&process->uncertain, address) != NULL;
}

// From now on the child's own events tell what is at the address.
static bool take_uncertain(struct judge_process *process, uint64_t address)
{
    return process->has_uncertain && reel_blocks_remove(&process->uncertain, address, NULL);
}

static int add_uncertain(struct judge_process *child, uint64_t address)
{
    bool is_new;
    if (!child->has_uncertain && reel_blocks_init(&child->uncertain) != REEL_OK)
        return REEL_E_NO_MEMORY;
    child->has_uncertain = true;
    bool is_noted = reel_blocks_insert(&child->uncertain, address, &is_new) != NULL &&
                    shadow_mark_carved(child->shadow, address) == SHADOW_OK; // it may have been, and may be again
    return is_noted ? REEL_OK : REEL_E_NO_MEMORY;
}

// What is uncertain in a copy is so in a copy of that.
static int inherit_uncertain(struct judge_process *child, const struct judge_process *parent)
{
    if (parent->has_uncertain && reel_blocks_clone(&child->uncertain, &parent->uncertain, false) != REEL_OK)
        return REEL_E_NO_MEMORY;
    child->has_uncertain = parent->has_uncertain;
    return REEL_OK;
}

// A parent's event while a child of it is being copied; forgets the children whose copy is known to be made.
static int note_copying(struct judge *judge, const struct reel_event *event)
{
    size_t kept = 0;
    for (size_t i = 0; i < judge->copying_count; i++)
    {
        struct judge_process *child = &judge->processes[judge->copying[i]];
        if (child->shadow == NULL || event->t_ns > child->fork_end_ns)
            continue;
        judge->copying[kept++] = judge->copying[i];
        if (child->parent == event->process && add_uncertain(child, event->address) != REEL_OK)
            return REEL_E_NO_MEMORY;
    }
    judge->copying_count = kept;
    return REEL_OK;
}

// ---- starts and ends

static int start_process(struct judge *judge, uint32_t id)
{
    struct judge_process *process = &judge->processes[id];
    struct judge_process *parent = &judge->processes[process->parent];
    // Each other thread may hold a slot whose free is stamped and not yet done, and this one have seen no free slot
    // before.
    process->slack = process->ledger.threads > 1 ? process->ledger.threads : 0;
    if (process->fork_event != JUDGE_NEVER && parent->shadow != NULL)
    {
        process->shadow = shadow_clone(parent->shadow);
        judge->copying[judge->copying_count++] = id;
        process->lost_events += parent->lost_events;
        process->slack += parent->slack;
        if (judge_heap_inherit(process, parent) != REEL_OK || inherit_uncertain(process, parent) != REEL_OK)
            return REEL_E_NO_MEMORY;
    }
    else
    {
        process->shadow = shadow_create();
        process->is_blind = process->is_fork;
    }
    return process->shadow != NULL ? REEL_OK : REEL_E_NO_MEMORY;
}

// What still lives has leaked, and leaves the run's live totals.
static void end_process(struct judge *judge, uint32_t id)
{
    struct judge_process *process = &judge->processes[id];
    struct judge_ledger *ledger = &process->ledger;
    judge_heap_settle(judge, id);
    ledger->leaked_blocks = ledger->live_blocks;
    ledger->leaked_bytes = ledger->live_bytes;
    judge->run.leaked_blocks += ledger->live_blocks;
    judge->run.leaked_bytes += ledger->live_bytes;
    judge->run.live_blocks -= ledger->live_blocks;
    judge->run.live_bytes -= ledger->live_bytes;
    ledger->live_blocks = 0;
    ledger->live_bytes = 0;
    shadow_destroy(process->shadow);
    process->shadow = NULL;
}

static int take_turn(struct judge *judge, const struct judge_turn *turn)
{
    const struct judge_process *process = &judge->processes[turn->process];
    if (turn->is_end && process->shadow != NULL)
        end_process(judge, turn->process);
    return !turn->is_end && process->shadow == NULL ? start_process(judge, turn->process) : REEL_OK;
}

// Of what comes before the same event, processes start first, then their allocators tell, and they end last.
static int take_turns(struct judge *judge, uint64_t event)
{
    int status = REEL_OK;
    for (; status == REEL_OK && judge->turn_next < judge->turn_count; judge->turn_next++)
    {
        const struct judge_turn *turn = &judge->turns[judge->turn_next];
        if (turn->event > event)
            break;
        if (turn->is_end || turn->event != 0)
            status = judge_timeline_take(judge, turn->is_end ? turn->event : turn->event - 1);
        if (status == REEL_OK)
            status = take_turn(judge, turn);
    }
    if (status == REEL_OK)
        status = judge_timeline_take(judge, event);
    uint64_t turn_event = judge->turn_next < judge->turn_count ? judge->turns[judge->turn_next].event : JUDGE_NEVER;
    judge->turn_event = turn_event < judge->timeline_event ? turn_event : judge->timeline_event;
    return status;
}

// ---- events

static void judge_overlap(struct judge *judge, struct judge_process *process, const struct reel_event *event,
                          uint64_t number, const struct shadow_block *other)
{
    if (other->address != event->address)
        doubt_figures(judge, process);
    // It may be gone or have become smaller: what lies in its way says nothing of its address.
    if (is_uncertain(process, other->address))
    {
        judge->result.fork_uncertain++;
        return;
    }
    if (judge_is_lossy(judge, process))
    {
        judge->result.loss_uncertain++;
        return;
    }
    judge_convict(judge, REEL_VIOLATION_OVERLAP, number, event->process,
                  "0x%llx, %llu bytes, allocated by thread %u over the live block 0x%llx, %llu bytes, process %u",
                  (unsigned long long)event->address, (unsigned long long)event->usable_bytes, event->thread,
                  (unsigned long long)other->address, (unsigned long long)other->usable_bytes, event->process);
}

static struct shadow_block block_of(const struct reel_event *event, uint8_t class_number)
{
    bool is_sane = event->usable_bytes >= event->requested_bytes;
    return (struct shadow_block){.address = event->address,
                                 .tag = class_number,
                                 .requested_bytes = event->requested_bytes,
                                 .usable_bytes = is_sane ? event->usable_bytes : event->requested_bytes};
}

// Adds the block after taking away all that is in its way.
static int add_block(struct judge *judge, struct judge_process *process, const struct reel_event *event,
                     uint64_t number, uint8_t class_number)
{
    struct shadow_block block = block_of(event, class_number);
    struct shadow_block other;
    enum shadow_result result = shadow_add(process->shadow, &block, &other);
    while (result == SHADOW_OVERLAP)
    {
        judge_overlap(judge, process, event, number, &other);
        if (shadow_remove(process->shadow, other.address, &other) != SHADOW_OK)
        {
            // It reaches past the end of the address space: there is nothing to keep.
            doubt_figures(judge, process);
            return REEL_OK;
        }
        drop_block(judge, process, &other);
        result = shadow_add(process->shadow, &block, &other);
    }
    return result == SHADOW_OK ? REEL_OK : REEL_E_NO_MEMORY;
}

static int judge_alloc(struct judge *judge, struct judge_process *process, const struct reel_event *event,
                       uint64_t number)
{
    uint8_t class_number = judge_class_of(judge, process, event);
    if (judge_heap_place(judge, process, event, number, class_number) != REEL_OK ||
        add_block(judge, process, event, number, class_number) != REEL_OK ||
        judge_heap_join(judge, process, event, number, class_number) != REEL_OK)
        return REEL_E_NO_MEMORY;
    take_uncertain(process, event->address);
    process->ledger.allocations++;
    judge->run.allocations++;
    ledger_add(&process->ledger, event, number);
    ledger_add(&judge->run, event, number);
    judge->chunk.allocations++;
    judge->chunk.requested_bytes += event->requested_bytes;
    return REEL_OK;
}

// A free or resize of what is not live.
static int judge_unknown(struct judge *judge, struct judge_process *process, const struct reel_event *event,
                         uint64_t number)
{
    bool is_seen = shadow_has_seen(process->shadow, event->address);
    bool is_free = event->kind == REEL_EVENT_FREE;
    if (judge_is_excused(judge, event, number))
    {
        judge->result.misuse_excused++;
        return REEL_OK;
    }
    // A resized block stays uncertain, as nothing else tells that it lives.
    if (is_free ? take_uncertain(process, event->address) : is_uncertain(process, event->address))
        judge->result.fork_uncertain++;
    else if (!is_seen)
    {
        judge->result.before_recording++;
        process->has_past = true;
    }
    else if (judge_is_lossy(judge, process))
        judge->result.loss_uncertain++;
    else if (is_free)
        convict_event(judge, REEL_VIOLATION_UNKNOWN_FREE, number, event, "a free of what was freed before");
    else
        convict_event(judge, REEL_VIOLATION_RESIZE, number, event, "a resize of what was freed before");
    // A second free of a block from before the recording is as wrong as any other. A resized one may yet be freed.
    bool is_marked = is_free && !is_seen;
    return is_marked && shadow_mark_seen(process->shadow, event->address) != SHADOW_OK ? REEL_E_NO_MEMORY : REEL_OK;
}

static int judge_free(struct judge *judge, struct judge_process *process, const struct reel_event *event,
                      uint64_t number)
{
    const struct judge_thread *thread = &judge->threads[event->thread];
    struct shadow_block block;
    process->ledger.frees++;
    judge->run.frees++;
    judge->chunk.frees++;
    enum shadow_result result = shadow_remove(process->shadow, event->address, &block);
    if (result == SHADOW_NO_MEMORY)
        return REEL_E_NO_MEMORY;
    if (result == SHADOW_UNKNOWN)
    {
        process->ledger.inherited_frees += process->is_blind;
        judge->run.inherited_frees += process->is_blind;
        process->ledger.unknown_frees += !process->is_blind;
        judge->run.unknown_frees += !process->is_blind;
        return judge_unknown(judge, process, event, number);
    }
    take_uncertain(process, event->address);
    drop_block(judge, process, &block);
    bool is_temporary = thread->is_after_alloc && thread->alloc_address == event->address;
    process->ledger.temporary_allocations += is_temporary;
    judge->run.temporary_allocations += is_temporary;
    process->ledger.inherited_frees += block.is_inherited;
    judge->run.inherited_frees += block.is_inherited;
    return REEL_OK;
}

static void ledger_resize(struct judge_ledger *ledger, const struct shadow_block *block, const struct reel_event *event,
                          uint64_t number)
{
    ledger->resizes++;
    if (event->requested_bytes > block->requested_bytes)
        ledger->total_requested_bytes += event->requested_bytes - block->requested_bytes;
    if (!block->is_inherited)
        ledger_grow(ledger, event->requested_bytes - block->requested_bytes, number, event->t_ns);
}

static int resize_known(struct judge *judge, struct judge_process *process, const struct reel_event *event,
                        uint64_t number, uint8_t class_number)
{
    struct shadow_block block = block_of(event, class_number);
    struct shadow_block other;
    enum shadow_result result = shadow_resize(process->shadow, &block, &other);
    while (result == SHADOW_OVERLAP)
    {
        struct shadow_block evicted;
        if (is_uncertain(process, other.address))
            judge->result.fork_uncertain++;
        else if (judge_is_lossy(judge, process))
            judge->result.loss_uncertain++;
        else
            convict_event(judge, REEL_VIOLATION_RESIZE, number, event, "a resize into another live block");
        doubt_figures(judge, process);
        if (other.address == block.address || shadow_remove(process->shadow, other.address, &evicted) != SHADOW_OK)
            return REEL_OK;
        drop_block(judge, process, &evicted);
        result = shadow_resize(process->shadow, &block, &other);
    }
    return result == SHADOW_OK ? REEL_OK : REEL_E_NO_MEMORY;
}

static int judge_resize(struct judge *judge, struct judge_process *process, const struct reel_event *event,
                        uint64_t number)
{
    struct shadow_block block;
    judge->chunk.resizes++;
    if (shadow_find(process->shadow, event->address, &block) != SHADOW_OK)
    {
        process->ledger.resizes++;
        judge->run.resizes++;
        return judge_unknown(judge, process, event, number);
    }
    take_uncertain(process, event->address);
    if (event->requested_bytes > block.requested_bytes)
        judge->chunk.requested_bytes += event->requested_bytes - block.requested_bytes;
    ledger_resize(&process->ledger, &block, event, number);
    ledger_resize(&judge->run, &block, event, number);
    uint8_t class_number = block.tag;
    if (event->usable_bytes != block.usable_bytes)
    {
        class_number = judge_class_of(judge, process, event);
        judge_heap_leave(judge, process, block.tag);
        if (judge_heap_join(judge, process, event, number, class_number) != REEL_OK)
            return REEL_E_NO_MEMORY;
    }
    return resize_known(judge, process, event, number, class_number);
}

// Whether the event can be replayed at all; convicts it if not.
static bool is_placed(struct judge *judge, const struct reel_event *event, uint64_t number)
{
    if (event->t_ns < judge->last_t_ns)
        judge_convict(judge, REEL_VIOLATION_ORDER, number, event->process, "%llu ns, after an event at %llu ns",
                      (unsigned long long)event->t_ns, (unsigned long long)judge->last_t_ns);
    if (event->stack > judge->stack_max)
        convict_event(judge, REEL_VIOLATION_REFERENCE, number, event, "names a stack that is not in the reel");
    if (event->thread >= judge->thread_count || judge->threads[event->thread].process != event->process ||
        event->process == 0 || event->process >= judge->process_count)
    {
        convict_event(judge, REEL_VIOLATION_REFERENCE, number, event, "names a thread that is not in the reel");
        return false;
    }
    if (judge->processes[event->process].shadow == NULL)
    {
        convict_event(judge, REEL_VIOLATION_REFERENCE, number, event, "the process did not run then");
        return false;
    }
    return true;
}

static void note_in_chunk(struct judge_chunk *chunk, const struct judge_ledger *run)
{
    chunk->live_blocks = run->live_blocks;
    chunk->live_bytes = run->live_bytes;
    if (!chunk->is_begun || run->live_bytes < chunk->live_bytes_min)
        chunk->live_bytes_min = run->live_bytes;
    if (!chunk->is_begun || run->live_bytes > chunk->live_bytes_max)
        chunk->live_bytes_max = run->live_bytes;
    chunk->is_begun = true;
}

static int judge_event(struct judge *judge, const struct reel_event *event, uint64_t number)
{
    if (number >= judge->turn_event && take_turns(judge, number) != REEL_OK)
        return REEL_E_NO_MEMORY;
    judge->run.events++;
    if (!is_placed(judge, event, number))
    {
        judge->processes[0].is_doubtful = true;
        return REEL_OK;
    }
    if (judge->copying_count != 0 && note_copying(judge, event) != REEL_OK)
        return REEL_E_NO_MEMORY;
    struct judge_process *process = &judge->processes[event->process];
    struct judge_thread *thread = &judge->threads[event->thread];
    int status = event->kind == REEL_EVENT_ALLOC  ? judge_alloc(judge, process, event, number)
                 : event->kind == REEL_EVENT_FREE ? judge_free(judge, process, event, number)
                                                  : judge_resize(judge, process, event, number);
    process->ledger.events++;
    thread->is_after_alloc = event->kind == REEL_EVENT_ALLOC;
    thread->alloc_address = event->address;
    judge->last_t_ns = event->t_ns;
    note_in_chunk(&judge->chunk, &judge->run);
    return status;
}

int judge_replay(struct judge *judge, const struct reel_event *events, size_t count, uint64_t first)
{
    judge->chunk = (struct judge_chunk){0};
    int status = REEL_OK;
    for (size_t i = 0; i < count && status == REEL_OK; i++)
        status = judge_event(judge, &events[i], first + i);
    judge->result.events += count;
    return status;
}

int judge_finish(struct judge *judge)
{
    // Of a reel that grows there may be later rows, whose events are not seen here.
    int status = take_turns(judge, judge->is_consistent ? JUDGE_NEVER - 1 : reel_reader_event_count(judge->reader));
    for (uint32_t i = 1; i < judge->process_count && status == REEL_OK; i++)
        if (judge->processes[i].shadow != NULL)
            judge_heap_settle(judge, i);
    return status;
}

void judge_skip(struct judge *judge)
{
    judge->is_broken = true;
    judge->last_t_ns = 0;
}
