// SPDX-License-Identifier: MIT
// One pass over a range of events against its own tables of live blocks, which begin with those that the replay has.
// The replay's own sums would cost more than all that is asked here.
#include "reel/replay/measure_pass.h"

#include <stdlib.h>

#include "reel/blocks_groups.h"
#include "reel/error.h"
#include "reel/reader_internal.h"
#include "reel/replay/history_read.h"
#include "reel/replay/replay_internal.h"

#define GROUP_AHEAD 48          // events, whose groups are fetched
#define BLOCK_AHEAD 20          // whose blocks and sums are
#define FETCHED_BLOCKS_MIN 2048 // with fewer the table stays in the cache

struct pass_process
{
    struct reel_blocks blocks;
    bool has_blocks;
    uint64_t live_bytes;
};

// The event that a thread made last.
struct pass_thread
{
    bool is_after_alloc;
    uint64_t alloc_address;
};

struct pass
{
    const struct replay_lives *lives;
    uint32_t process;         // whose events count; 0: all
    enum measure_tally tally; // 0: the peak alone
    struct measure_sums *sums;
    struct pass_process *processes; // [process]
    struct pass_thread *threads;    // [thread], with 0
    size_t thread_count;
    size_t turn_next; // of the lives
    uint64_t live_bytes;
    uint64_t peak_bytes;
    uint64_t peak_moment;
};

static int fail_memory(struct reel_error *error)
{
    return reel_error_set(error, REEL_E_NO_MEMORY, "out of memory for the blocks of the reel");
}

// A block that came with a fork counts for nothing here.
static uint64_t own_bytes(const struct reel_block *block)
{
    return block->is_inherited ? 0 : block->requested_bytes;
}

// A block over a live one takes its place.
static int take_alloc(struct pass *pass, struct pass_process *process, const struct reel_event *event)
{
    bool is_new;
    if (__builtin_expect(!process->has_blocks, 0))
    {
        if (reel_blocks_init(&process->blocks) != REEL_OK)
            return REEL_E_NO_MEMORY;
        process->has_blocks = true;
    }
    struct reel_block *block = blocks_enter(&process->blocks, event->address, &is_new);
    if (block == NULL)
        return REEL_E_NO_MEMORY;
    uint64_t gained_bytes = event->requested_bytes - (is_new ? 0 : own_bytes(block));
    process->live_bytes += gained_bytes;
    pass->live_bytes += gained_bytes;
    *block = (struct reel_block){
        .address = event->address, .requested_bytes = event->requested_bytes, .stack = event->stack};
    if (pass->tally == MEASURE_ALLOCATED)
        measure_add(pass->sums, event->stack, event->requested_bytes, 1);
    return REEL_OK;
}

static void take_free(struct pass *pass, struct pass_process *process, const struct reel_event *event,
                      bool is_temporary)
{
    const struct reel_block *block = process->has_blocks ? blocks_leave(&process->blocks, event->address) : NULL;
    if (block == NULL || block->is_inherited)
        return;
    process->live_bytes -= block->requested_bytes;
    pass->live_bytes -= block->requested_bytes;
    if (pass->tally == MEASURE_FREED || (pass->tally == MEASURE_TEMPORARY && is_temporary))
        measure_add(pass->sums, block->stack, block->requested_bytes, 1);
}

static void take_resize(struct pass *pass, struct pass_process *process, const struct reel_event *event)
{
    struct reel_block *block = process->has_blocks ? reel_blocks_find(&process->blocks, event->address) : NULL;
    if (block == NULL || block->is_inherited)
        return;
    uint64_t before = block->requested_bytes;
    block->requested_bytes = event->requested_bytes;
    process->live_bytes += event->requested_bytes - before;
    pass->live_bytes += event->requested_bytes - before;
    if (pass->tally == MEASURE_ALLOCATED && event->requested_bytes > before)
        measure_add(pass->sums, block->stack, event->requested_bytes - before, 0);
}

static int take_event(struct pass *pass, const struct reel_event *event)
{
    struct pass_process *process = &pass->processes[event->process];
    struct pass_thread *thread = &pass->threads[event->thread < pass->thread_count ? event->thread : 0];
    bool was_after_alloc = thread->is_after_alloc && thread->alloc_address == event->address;
    thread->is_after_alloc = event->kind == REEL_EVENT_ALLOC;
    thread->alloc_address = event->address;
    if (event->kind == REEL_EVENT_ALLOC)
        return take_alloc(pass, process, event);
    if (event->kind == REEL_EVENT_FREE)
        take_free(pass, process, event, was_after_alloc);
    else
        take_resize(pass, process, event);
    return REEL_OK;
}

// What a process that has ended held is gone.
static void take_ends(struct pass *pass, uint64_t number)
{
    for (; pass->turn_next < pass->lives->turn_count && pass->lives->turns[pass->turn_next].event <= number;
         pass->turn_next++)
    {
        const struct replay_turn *turn = &pass->lives->turns[pass->turn_next];
        struct pass_process *process = &pass->processes[turn->process];
        if (turn->kind != REPLAY_TURN_END || !process->has_blocks)
            continue;
        pass->live_bytes -= process->live_bytes;
        reel_blocks_fini(&process->blocks);
        *process = (struct pass_process){0};
    }
}

// The table of an event's blocks, if it is worth fetching from.
static const struct reel_blocks *large_table(const struct pass *pass, const struct reel_event *event)
{
    if (event->process >= pass->lives->count)
        return NULL;
    const struct pass_process *process = &pass->processes[event->process];
    return process->has_blocks && process->blocks.count >= FETCHED_BLOCKS_MIN ? &process->blocks : NULL;
}

static void fetch(const struct pass *pass, const struct reel_event *events, size_t left)
{
    if (left <= GROUP_AHEAD)
        return;
    const struct reel_blocks *later = large_table(pass, &events[GROUP_AHEAD]);
    const struct reel_blocks *soon = large_table(pass, &events[BLOCK_AHEAD]);
    uint32_t stack = events[BLOCK_AHEAD].stack;
    if (later != NULL)
        blocks_prefetch_group(later, events[GROUP_AHEAD].address);
    if (soon != NULL)
        blocks_prefetch_block(soon, events[BLOCK_AHEAD].address);
    if (pass->tally == MEASURE_ALLOCATED && stack < pass->sums->count)
        __builtin_prefetch(&pass->sums->stacks[stack]);
}

// As the replay does, an event of a process that is not known or has ended is none.
static bool is_counted(const struct pass *pass, const struct reel_event *event, uint64_t number)
{
    const struct replay_lives *lives = pass->lives;
    return event->process != 0 && event->process < lives->count && lives->all[event->process].end_event > number &&
           (pass->process == 0 || pass->process == event->process);
}

static int take_run(void *context, const struct reel_event *events, size_t count, uint64_t first)
{
    struct pass *pass = context;
    const struct replay_lives *lives = pass->lives;
    int status = REEL_OK;
    for (size_t i = 0; i < count && status == REEL_OK; i++)
    {
        const struct reel_event *event = &events[i];
        fetch(pass, event, count - i);
        if (pass->turn_next < lives->turn_count && lives->turns[pass->turn_next].event <= first + i)
            take_ends(pass, first + i);
        if (is_counted(pass, event, first + i))
            status = take_event(pass, event);
        if (pass->live_bytes > pass->peak_bytes)
        {
            pass->peak_bytes = pass->live_bytes;
            pass->peak_moment = first + i + 1;
        }
    }
    return status;
}

// The replay's own tables are copied: to enter their blocks one by one, in the order in which they lie there, would
// fill the new ones from one end to the other, and each search would pass all that came before.
static int copy_blocks(struct pass *pass, const struct reel_replay *replay)
{
    for (uint32_t i = 1; i < pass->lives->count; i++)
    {
        const struct replay_heap *heap = replay_heap_of(replay, i);
        struct pass_process *process = &pass->processes[i];
        if (heap == NULL || (pass->process != 0 && pass->process != i))
            continue;
        if (reel_blocks_clone(&process->blocks, &heap->blocks, false) != REEL_OK)
            return REEL_E_NO_MEMORY;
        process->has_blocks = true;
        process->live_bytes = heap->own.requested_bytes;
        pass->live_bytes += process->live_bytes;
    }
    return REEL_OK;
}

// The moment at which whoever is asked about has no block of his own yet.
static uint64_t birth_of(const struct pass *pass)
{
    return pass->process != 0 ? pass->lives->all[pass->process].begin_event : 0;
}

static int begin_pass(struct pass *pass, struct reel_replay *replay, uint64_t begin,
                      const struct reel_progress *progress, struct reel_error *error)
{
    pass->thread_count = replay->reader->thread_count;
    pass->processes = calloc(pass->lives->count, sizeof *pass->processes);
    pass->threads = calloc(pass->thread_count + 1, sizeof *pass->threads);
    if (pass->processes == NULL || pass->threads == NULL)
        return fail_memory(error);
    if (begin <= birth_of(pass))
        return REEL_OK;
    int status = reel_replay_seek(replay, begin, progress, error);
    history_count_way(replay);
    if (status != REEL_OK)
        return status;
    // Processes that end at the moment are there, and go before its next event.
    pass->turn_next = replay_lives_turn_at(pass->lives, begin);
    return copy_blocks(pass, replay) == REEL_OK ? REEL_OK : fail_memory(error);
}

// Of one process only its own time is read.
static int run_pass(struct pass *pass, struct reel_replay *replay, uint64_t begin, uint64_t end,
                    const struct reel_progress *progress, struct reel_error *error)
{
    pass->lives = &replay->state.lives;
    uint64_t birth = birth_of(pass);
    uint64_t death = pass->process != 0 ? pass->lives->all[pass->process].end_event : UINT64_MAX;
    begin = begin > birth ? begin : birth;
    end = end < death ? end : death;
    double middle = begin > birth ? 0.5 : 0;
    struct history_part parts[] = {{progress, 0, middle}, {progress, middle, 1}};
    struct reel_progress before = history_part_progress(&parts[0]);
    struct reel_progress within = history_part_progress(&parts[1]);
    int status = begin_pass(pass, replay, begin, &before, error);
    if (status == REEL_OK)
        status = history_read(replay->reader, begin, end, &within, take_run, pass, error);
    for (size_t i = 0; pass->processes != NULL && i < pass->lives->count; i++)
        if (pass->processes[i].has_blocks)
            reel_blocks_fini(&pass->processes[i].blocks);
    free(pass->processes);
    free(pass->threads);
    return status;
}

int measure_pass(struct reel_replay *replay, uint32_t process, enum measure_tally tally, uint64_t begin, uint64_t end,
                 struct measure_sums *sums, const struct reel_progress *progress, struct reel_error *error)
{
    struct pass pass = {.process = process, .tally = tally, .sums = sums};
    return run_pass(&pass, replay, begin, end, progress, error);
}

int measure_pass_peak(struct reel_replay *replay, uint32_t process, uint64_t begin, uint64_t end, uint64_t *moment,
                      uint64_t *bytes, const struct reel_progress *progress, struct reel_error *error)
{
    struct pass pass = {.process = process};
    int status = run_pass(&pass, replay, begin, end, progress, error);
    *moment = pass.peak_moment;
    *bytes = pass.peak_bytes;
    return status;
}
