// SPDX-License-Identifier: MIT
// Who lived at an address: reads the events once and keeps only the blocks that hold the byte. A block that came to
// hold it by growing in place was not kept when it was born: such addresses are noted, and the events read once more,
// with all blocks at these addresses kept.
#include "reel/history.h"

#include <stdlib.h>

#include "reel/blocks.h"
#include "reel/error.h"
#include "reel/replay/history_read.h"

// A block that lives, and holds the byte or may come to it.
struct candidate
{
    struct reel_tenant tenant;
    bool has_held;
};

struct address_process
{
    struct reel_blocks blocks; // candidates by address: stack is the candidate's index
    uint32_t parent;           // whose blocks it inherits, 0 = none
    bool has_blocks;           // the table is there
    bool is_followed;          // asked for, or an ancestor of such a one
    bool is_asked;
};

struct history_address
{
    uint64_t address;
    struct address_process *processes; // [id], 0 is unused
    struct history_turns turns;
    size_t turn_next;

    struct candidate *candidates;
    uint32_t *vacant; // indexes of candidates that are gone; as long as the candidates
    size_t candidate_count, candidate_max, vacant_count;

    struct reel_tenant *tenants; // that are gone
    size_t tenant_count, tenant_max;

    struct reel_blocks grown; // addresses of blocks that came to the byte by growing
    bool is_second;           // reading
};

static bool is_holder(const struct history_address *history, const struct reel_event *event)
{
    uint64_t offset = history->address - event->address;
    return offset == 0 || (event->address < history->address && offset < event->usable_bytes);
}

// ---- candidates

static bool grow_candidates(struct history_address *history)
{
    size_t bigger = history->candidate_max == 0 ? 16 : history->candidate_max * 2;
    if (bigger > UINT32_MAX)
        return false;
    struct candidate *moved = reallocarray(history->candidates, bigger, sizeof *moved);
    if (moved == NULL)
        return false;
    history->candidates = moved;
    uint32_t *vacant = reallocarray(history->vacant, bigger, sizeof *vacant);
    if (vacant == NULL)
        return false;
    history->vacant = vacant;
    history->candidate_max = bigger;
    return true;
}

// A place for a candidate; NULL: no memory.
static struct candidate *take_place(struct history_address *history)
{
    if (history->vacant_count != 0)
        return &history->candidates[history->vacant[--history->vacant_count]];
    if (history->candidate_count == history->candidate_max && !grow_candidates(history))
        return NULL;
    return &history->candidates[history->candidate_count++];
}

static bool keep_tenant(struct history_address *history, const struct reel_tenant *tenant)
{
    if (history->tenant_count == history->tenant_max)
    {
        size_t bigger = history->tenant_max == 0 ? 16 : history->tenant_max * 2;
        struct reel_tenant *moved = reallocarray(history->tenants, bigger, sizeof *moved);
        if (moved == NULL)
            return false;
        history->tenants = moved;
        history->tenant_max = bigger;
    }
    history->tenants[history->tenant_count++] = *tenant;
    return true;
}

static struct candidate *find(const struct history_address *history, uint32_t process, uint64_t address)
{
    const struct address_process *owner = &history->processes[process];
    if (!owner->has_blocks || owner->blocks.count == 0)
        return NULL;
    const struct reel_block *block = reel_blocks_find(&owner->blocks, address);
    return block != NULL ? &history->candidates[block->stack] : NULL;
}

// The candidate is not in its process's table any more.
static int end(struct history_address *history, struct candidate *candidate)
{
    bool is_asked = history->processes[candidate->tenant.process].is_asked;
    if (is_asked && candidate->has_held && !keep_tenant(history, &candidate->tenant))
        return REEL_E_NO_MEMORY;
    history->vacant[history->vacant_count++] = (uint32_t)(candidate - history->candidates);
    return REEL_OK;
}

static int begin(struct history_address *history, const struct candidate *candidate)
{
    bool is_new;
    const struct reel_tenant *tenant = &candidate->tenant;
    struct address_process *owner = &history->processes[tenant->process];
    if (!owner->has_blocks && reel_blocks_init(&owner->blocks) != REEL_OK)
        return REEL_E_NO_MEMORY;
    owner->has_blocks = true;
    struct candidate *place = take_place(history);
    struct reel_block *block = place != NULL ? reel_blocks_insert(&owner->blocks, tenant->address, &is_new) : NULL;
    if (block == NULL)
        return REEL_E_NO_MEMORY;
    block->stack = (uint32_t)(place - history->candidates);
    *place = *candidate;
    return REEL_OK;
}

// ---- events

static int take_free(struct history_address *history, const struct reel_event *event, uint64_t number)
{
    struct candidate *candidate = find(history, event->process, event->address);
    if (candidate == NULL)
        return REEL_OK;
    reel_blocks_remove(&history->processes[event->process].blocks, event->address, NULL);
    candidate->tenant.free_event = number;
    candidate->tenant.free_ns = event->t_ns;
    candidate->tenant.free_stack = event->stack;
    candidate->tenant.free_thread = event->thread;
    return end(history, candidate);
}

// A block that was there is lost.
static int take_alloc(struct history_address *history, const struct reel_event *event, uint64_t number)
{
    struct candidate *lost = find(history, event->process, event->address);
    if (lost != NULL)
    {
        reel_blocks_remove(&history->processes[event->process].blocks, event->address, NULL);
        if (end(history, lost) != REEL_OK)
            return REEL_E_NO_MEMORY;
    }
    bool has_held = is_holder(history, event);
    if (!has_held && (!history->is_second || reel_blocks_find(&history->grown, event->address) == NULL))
        return REEL_OK;
    const struct candidate candidate = {.tenant = {.process = event->process,
                                                   .address = event->address,
                                                   .requested_bytes = event->requested_bytes,
                                                   .usable_bytes = event->usable_bytes,
                                                   .birth_event = number,
                                                   .birth_ns = event->t_ns,
                                                   .alloc_stack = event->stack,
                                                   .alloc_thread = event->thread,
                                                   .free_event = UINT64_MAX},
                                        .has_held = has_held};
    return begin(history, &candidate);
}

static int take_resize(struct history_address *history, const struct reel_event *event)
{
    bool is_new;
    struct candidate *candidate = find(history, event->process, event->address);
    if (candidate != NULL)
    {
        struct reel_tenant *tenant = &candidate->tenant;
        tenant->requested_bytes = event->requested_bytes;
        tenant->usable_bytes = event->usable_bytes > tenant->usable_bytes ? event->usable_bytes : tenant->usable_bytes;
        candidate->has_held |= is_holder(history, event);
        return REEL_OK;
    }
    if (history->is_second || !is_holder(history, event))
        return REEL_OK;
    return reel_blocks_insert(&history->grown, event->address, &is_new) != NULL ? REEL_OK : REEL_E_NO_MEMORY;
}

// The child's view begins with its parent's blocks.
static int copy(struct history_address *history, const struct history_turn *turn)
{
    const struct address_process *parent = &history->processes[turn->parent];
    const struct reel_block *block;
    size_t position = 0;
    if (!history->processes[turn->process].is_followed)
        return REEL_OK;
    while (parent->has_blocks && (block = reel_blocks_next(&parent->blocks, &position)) != NULL)
    {
        struct candidate candidate = history->candidates[block->stack];
        candidate.tenant.process = turn->process;
        if (begin(history, &candidate) != REEL_OK)
            return REEL_E_NO_MEMORY;
    }
    return REEL_OK;
}

// The process is gone, or the reading is at its end.
static int end_all(struct history_address *history, uint32_t process)
{
    struct address_process *owner = &history->processes[process];
    const struct reel_block *block;
    size_t position = 0;
    int status = REEL_OK;
    while (owner->has_blocks && status == REEL_OK && (block = reel_blocks_next(&owner->blocks, &position)) != NULL)
        status = end(history, &history->candidates[block->stack]);
    if (owner->has_blocks)
        reel_blocks_fini(&owner->blocks);
    owner->has_blocks = false;
    return status;
}

// All turns up to so many events.
static int take_turns(struct history_address *history, uint64_t events)
{
    int status = REEL_OK;
    for (; status == REEL_OK && history->turn_next < history->turns.count; history->turn_next++)
    {
        const struct history_turn *turn = &history->turns.turns[history->turn_next];
        if (turn->event > events)
            break;
        status = turn->parent != 0 ? copy(history, turn) : end_all(history, turn->process);
    }
    return status;
}

static int take_event(struct history_address *history, const struct reel_event *event, uint64_t number)
{
    if (event->process > history->turns.process_count || !history->processes[event->process].is_followed)
        return REEL_OK;
    if (event->kind == REEL_EVENT_FREE)
        return take_free(history, event, number);
    return event->kind == REEL_EVENT_ALLOC ? take_alloc(history, event, number) : take_resize(history, event);
}

static int take_run(void *context, const struct reel_event *events, size_t count, uint64_t first)
{
    struct history_address *history = context;
    int status = REEL_OK;
    for (size_t i = 0; i < count && status == REEL_OK; i++)
    {
        bool is_turn =
            history->turn_next < history->turns.count && history->turns.turns[history->turn_next].event <= first + i;
        if (is_turn)
            status = take_turns(history, first + i);
        if (status == REEL_OK)
            status = take_event(history, &events[i], first + i);
    }
    return status;
}

// ---- the question

// Follows the process and those whose blocks it has inherited: of a fork the parent's number is the smaller.
static void follow(struct history_address *history, uint32_t process)
{
    size_t process_count = history->turns.process_count;
    for (size_t i = 0; i < history->turns.count; i++)
        if (history->turns.turns[i].parent != 0)
            history->processes[history->turns.turns[i].process].parent = history->turns.turns[i].parent;
    for (size_t i = process_count; i >= 1; i--)
    {
        struct address_process *followed = &history->processes[i];
        followed->is_asked = process == 0 || process == i;
        followed->is_followed |= followed->is_asked;
        if (followed->is_followed)
            history->processes[followed->parent].is_followed = true;
    }
    history->processes[0].is_followed = false;
}

static int read_through(struct history_address *history, struct reel_reader *reader, uint64_t events,
                        const struct reel_progress *progress, struct reel_error *error)
{
    int status = history_read(reader, 0, events, progress, take_run, history, error);
    if (status != REEL_OK)
        return status;
    status = take_turns(history, events);
    for (uint32_t i = 1; i <= history->turns.process_count && status == REEL_OK; i++)
        status = end_all(history, i);
    return status == REEL_OK ? REEL_OK : reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
}

static int read_all(struct history_address *history, struct reel_reader *reader, uint64_t events,
                    const struct reel_progress *progress, struct reel_error *error)
{
    struct history_part parts[] = {{progress, 0, 0.5}, {progress, 0.5, 1}};
    struct reel_progress first = history_part_progress(&parts[0]);
    struct reel_progress second = history_part_progress(&parts[1]);
    history_begin_count(reader);
    int status = read_through(history, reader, events, &first, error);
    if (status != REEL_OK || history->grown.count == 0)
        return status;
    history->tenant_count = history->candidate_count = history->vacant_count = history->turn_next = 0;
    history->is_second = true;
    history_begin_count(reader); // it meets the same damage
    return read_through(history, reader, events, &second, error);
}

static int compare_tenants(const void *left, const void *right)
{
    const struct reel_tenant *a = left;
    const struct reel_tenant *b = right;
    if (a->birth_event != b->birth_event)
        return a->birth_event < b->birth_event ? -1 : 1;
    return a->process < b->process ? -1 : a->process > b->process;
}

static void fini(struct history_address *history)
{
    for (size_t i = 0; history->processes != NULL && i <= history->turns.process_count; i++)
        if (history->processes[i].has_blocks)
            reel_blocks_fini(&history->processes[i].blocks);
    reel_blocks_fini(&history->grown);
    free(history->processes);
    free(history->turns.turns);
    free(history->candidates);
    free(history->vacant);
    free(history->tenants);
}

int reel_history_of_address(struct reel_reader *reader, uint32_t process, uint64_t address, uint64_t events,
                            const struct reel_progress *progress, struct reel_tenant **tenants, size_t *count,
                            struct reel_error *error)
{
    struct history_address history = {.address = address};
    if (reel_blocks_init(&history.grown) != REEL_OK)
        return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    int status = history_turns_read(&history.turns, reader, events, error);
    history.processes = calloc(history.turns.process_count + 1, sizeof *history.processes);
    if (status == REEL_OK && history.processes != NULL)
    {
        follow(&history, process);
        status = read_all(&history, reader, events, progress, error);
    }
    else if (status == REEL_OK)
        status = reel_error_set(error, REEL_E_NO_MEMORY, "out of memory");
    if (status == REEL_OK)
    {
        if (history.tenant_count != 0)
            qsort(history.tenants, history.tenant_count, sizeof *history.tenants, compare_tenants);
        *tenants = history.tenants;
        *count = history.tenant_count;
        history.tenants = NULL;
    }
    fini(&history);
    return status;
}
