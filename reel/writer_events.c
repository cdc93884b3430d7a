// SPDX-License-Identifier: MIT
// The event stream: what each event does to the live blocks and to the totals, and the chunks that it fills.
//
// Events are taken in slices: first the blocks and totals of all of them, then their encoding, each with its own tables
// in the cache. Events of one process in a row are counted in a tally of their own, and its sums go to the process and
// to the run.
//
// An alloc at the address of a live block takes its place: the old one is no longer live (the call that freed it was
// not seen). A free or resize of an address without a live block changes no total but its own count.
#include "reel/writer_totals.h"

#include <stddef.h>
#include <string.h>

#include "reel/blocks_groups.h"
#include "reel/error.h"

#define SLICE_EVENTS 1024
#define GROUP_AHEAD 48
#define BLOCK_AHEAD 20
#define FETCHED_BLOCKS_MIN 256 // with fewer the table stays in the cache

#define EVENTS_INLINE static inline __attribute__((always_inline))

// What a row of events of one process did. Bytes and blocks are differences to the beginning of the row.
struct tally
{
    uint64_t frees;
    uint64_t resizes;
    uint64_t requested_bytes;
    uint64_t temporary;
    uint64_t missed_frees; // of addresses without a live block
    uint64_t inherited_frees;
    uint64_t lost_blocks; // not inherited: their place was taken
    int64_t live_bytes;
    int64_t least_bytes; // after any event
    int64_t greatest_bytes;
    size_t greatest_at; // the event that reached it first
};

// A row of events of one process while it is taken in: a loop's own, so that the compiler keeps most of it in
// registers. Never passed to a function that is not inlined.
struct row
{
    struct reel_writer *writer;
    struct writer_process *process;
    struct writer_totals *totals; // the process's
    struct tally tally;
    struct writer_thread *thread; // of the event
    uint64_t origin;              // its thread and process
    bool has_classes;
    uint64_t chunk_begin;
    uint64_t last_ns; // of the event before

    // What the thread's event before did is here, and goes to the thread when another one comes.
    bool is_after_alloc;
    uint64_t alloc_address;
};

// Thread and process, compared at once.
EVENTS_INLINE uint64_t origin_of(const struct reel_event *event)
{
    uint64_t origin;
    memcpy(&origin, &event->thread, sizeof origin);
    return origin;
}

static_assert(offsetof(struct reel_event, process) == offsetof(struct reel_event, thread) + sizeof(uint32_t),
              "they lie together");

// A block that took the place of a live one is not named by its birth, so that readers which pass over the lives within
// a chunk do not pass over the end of the other one.
EVENTS_INLINE uint32_t birth_in_chunk(const struct row *row, const struct reel_block *block)
{
    uint64_t birth = block->birth_event - row->chunk_begin; // before the chunk: wraps around
    return birth < REEL_CHUNK_EVENTS_MAX && !block->is_over ? (uint32_t)birth : REEL_BIRTH_ELSEWHERE;
}

EVENTS_INLINE uint32_t slack_of(const struct reel_event *event)
{
    uint64_t slack = event->usable_bytes - event->requested_bytes;
    return slack < REEL_BLOCK_SLACK_UNKNOWN ? (uint32_t)slack : REEL_BLOCK_SLACK_UNKNOWN;
}

static void lose_block(struct reel_writer *writer, struct writer_process *process, struct tally *tally,
                       const struct reel_block *block)
{
    tally->lost_blocks += !block->is_inherited;
    tally->live_bytes -= block->is_inherited ? 0 : (int64_t)block->requested_bytes;
    writer_class_leave(writer, process, block);
}

EVENTS_INLINE int apply_alloc(struct row *row, const struct reel_event *event, uint64_t number)
{
    bool is_new;
    struct tally *tally = &row->tally;
    struct reel_block *block = blocks_enter(&row->process->blocks, event->address, &is_new);
    if (__builtin_expect(block == NULL, 0))
        return REEL_E_NO_MEMORY;
    if (__builtin_expect(!is_new, 0))
    {
        struct tally lost = {0};
        lose_block(row->writer, row->process, &lost, block);
        writer_totals_leave(row->totals, row->has_classes, block);
        tally->lost_blocks += lost.lost_blocks;
        tally->live_bytes += lost.live_bytes;
    }
    *block = (struct reel_block){.address = event->address,
                                 .requested_bytes = event->requested_bytes,
                                 .birth_event = number & REEL_BLOCK_EVENT_MASK,
                                 .is_over = !is_new,
                                 .stack = event->stack,
                                 .slack = slack_of(event)};
    row->is_after_alloc = true;
    row->alloc_address = event->address;
    tally->requested_bytes += event->requested_bytes;
    tally->live_bytes += (int64_t)event->requested_bytes;
    int status = row->has_classes ? writer_class_join(row->writer, row->process, block, event, number) : REEL_OK;
    writer_totals_join(row->totals, row->has_classes, block);
    return status;
}

// What is rare of a free: that its block has a class, or is a parent's.
static void settle_free(struct reel_writer *writer, struct writer_process *process, const struct reel_block *block,
                        struct tally *tally)
{
    if (block->is_inherited)
    {
        tally->inherited_frees++;
        tally->live_bytes += (int64_t)block->requested_bytes;
    }
    writer_class_leave(writer, process, block);
}

EVENTS_INLINE void apply_free(struct row *row, const struct reel_event *event, uint32_t *birth)
{
    struct tally *tally = &row->tally;
    const struct reel_block *block = blocks_leave(&row->process->blocks, event->address);
    bool is_temporary = row->is_after_alloc & (row->alloc_address == event->address);
    row->is_after_alloc = false;
    tally->frees++;
    if (__builtin_expect(block == NULL, 0))
    {
        *birth = REEL_BIRTH_ELSEWHERE;
        tally->missed_frees++;
        return;
    }
    *birth = birth_in_chunk(row, block);
    writer_totals_leave(row->totals, row->has_classes, block);
    tally->live_bytes -= (int64_t)block->requested_bytes;
    tally->temporary += is_temporary;
    if (__builtin_expect(block->is_inherited || block->size_class != 0, 0))
    {
        struct tally rare = {0};
        settle_free(row->writer, row->process, block, &rare);
        tally->inherited_frees += rare.inherited_frees;
        tally->live_bytes += rare.live_bytes;
    }
}

// A block stays in its class as long as its usable size does.
EVENTS_INLINE int apply_resize(struct row *row, const struct reel_event *event, uint64_t number, uint32_t *birth)
{
    struct tally *tally = &row->tally;
    struct reel_block *block = reel_blocks_find(&row->process->blocks, event->address);
    uint64_t before = block != NULL ? block->requested_bytes : event->requested_bytes;
    tally->resizes++;
    tally->requested_bytes += event->requested_bytes > before ? event->requested_bytes - before : 0;
    *birth = REEL_BIRTH_ELSEWHERE;
    if (block == NULL)
        return REEL_OK;
    *birth = birth_in_chunk(row, block);
    if (!block->is_inherited)
        tally->live_bytes += (int64_t)(event->requested_bytes - before);
    writer_totals_leave(row->totals, row->has_classes, block);
    bool keeps_size = block->slack != REEL_BLOCK_SLACK_UNKNOWN && before + block->slack == event->usable_bytes;
    block->requested_bytes = event->requested_bytes;
    block->slack = slack_of(event);
    int status = REEL_OK;
    if (!keeps_size)
        writer_class_leave(row->writer, row->process, block);
    if (!keeps_size && row->has_classes)
        status = writer_class_join(row->writer, row->process, block, event, number);
    writer_totals_join(row->totals, row->has_classes, block);
    return status;
}

// REEL_E_ARGUMENT: there is no such kind.
EVENTS_INLINE int apply(struct row *row, const struct reel_event *event, uint64_t number, uint32_t *birth)
{
    if (event->kind == REEL_EVENT_FREE)
    {
        apply_free(row, event, birth);
        return REEL_OK;
    }
    *birth = REEL_BIRTH_ELSEWHERE;
    if (__builtin_expect(event->kind == REEL_EVENT_ALLOC, 1))
        return apply_alloc(row, event, number);
    if (event->kind != REEL_EVENT_RESIZE)
        return REEL_E_ARGUMENT;
    row->is_after_alloc = false;
    return apply_resize(row, event, number, birth);
}

EVENTS_INLINE void end_of_event(struct row *row, const struct reel_event *event, size_t index)
{
    struct tally *tally = &row->tally;
    row->last_ns = event->t_ns;
    tally->least_bytes = tally->live_bytes < tally->least_bytes ? tally->live_bytes : tally->least_bytes;
    if (tally->live_bytes > tally->greatest_bytes)
    {
        tally->greatest_bytes = tally->live_bytes;
        tally->greatest_at = index;
    }
}

// What the row adds up to; its tally is complete.
struct sum
{
    const struct tally *tally;
    uint64_t allocations;
    uint64_t live_blocks;
    uint64_t greatest_number;
    const struct reel_event *greatest;
    bool is_blind_fork;
};

static void settle_ledger(struct writer_ledger *ledger, const struct sum *sum)
{
    const struct tally *tally = sum->tally;
    struct reel_figures *figures = &ledger->figures;
    uint64_t greatest_bytes = ledger->live_bytes + (uint64_t)tally->greatest_bytes;
    figures->events += sum->allocations + tally->frees + tally->resizes;
    figures->allocations += sum->allocations;
    figures->frees += tally->frees;
    figures->resizes += tally->resizes;
    figures->total_requested_bytes += tally->requested_bytes;
    figures->temporary_allocations += tally->temporary;
    figures->inherited_frees += tally->inherited_frees + (sum->is_blind_fork ? tally->missed_frees : 0);
    figures->unknown_frees += sum->is_blind_fork ? 0 : tally->missed_frees;
    if (greatest_bytes > figures->peak_live_bytes)
    {
        figures->peak_live_bytes = greatest_bytes;
        figures->peak_event = sum->greatest_number;
        figures->peak_t_ns = sum->greatest->t_ns;
    }
    ledger->live_blocks += sum->live_blocks;
    ledger->live_bytes += (uint64_t)tally->live_bytes;
}

static void settle_chunk(struct reel_writer *writer, const struct sum *sum, const struct reel_event *events,
                         size_t count)
{
    const struct tally *tally = sum->tally;
    struct writer_chunk *chunk = &writer->chunk;
    uint64_t least_bytes = writer->ledger.live_bytes + (uint64_t)tally->least_bytes;
    uint64_t greatest_bytes = writer->ledger.live_bytes + (uint64_t)tally->greatest_bytes;
    if (chunk->count == 0 || least_bytes < chunk->live_bytes_min)
        chunk->live_bytes_min = least_bytes;
    if (chunk->count == 0 || greatest_bytes > chunk->live_bytes_max)
        chunk->live_bytes_max = greatest_bytes;
    if (chunk->count == 0)
        chunk->begin_ns = events[0].t_ns;
    chunk->count += count;
    chunk->allocations += sum->allocations;
    chunk->frees += tally->frees;
    chunk->resizes += tally->resizes;
    chunk->requested_bytes += tally->requested_bytes;
}

static void settle(struct reel_writer *writer, struct writer_process *process, const struct tally *tally,
                   const struct reel_event *events, size_t count)
{
    uint64_t allocations = count - tally->frees - tally->resizes;
    uint64_t gone = tally->frees - tally->missed_frees - tally->inherited_frees + tally->lost_blocks;
    const struct sum sum = {.tally = tally,
                            .allocations = allocations,
                            .live_blocks = allocations - gone,
                            .greatest_number = writer->ledger.figures.events + tally->greatest_at,
                            .greatest = &events[tally->greatest_at],
                            .is_blind_fork = process->is_blind_fork};
    settle_chunk(writer, &sum, events, count);
    settle_ledger(&process->ledger, &sum);
    settle_ledger(&writer->ledger, &sum);
    process->is_changed = true;
    writer->event_t_ns = events[count - 1].t_ns;
    writer->chunk.live_blocks = writer->ledger.live_blocks;
    writer->chunk.live_bytes = writer->ledger.live_bytes;
}

static bool is_known_thread(const struct reel_writer *writer, const struct reel_event *event)
{
    return event->thread >= 1 && event->thread <= writer->thread_count &&
           writer->threads[event->thread - 1].process == event->process &&
           writer->processes[event->process - 1].is_running;
}

EVENTS_INLINE void leave_thread(const struct row *row)
{
    if (row->thread == NULL)
        return;
    row->thread->is_after_alloc = row->is_after_alloc;
    row->thread->alloc_address = row->alloc_address;
}

// The event is of the row's process, which runs.
EVENTS_INLINE bool enter_thread(struct row *row, const struct reel_event *event)
{
    uint32_t index = event->thread - 1; // of no thread: wraps around
    if (index >= row->writer->thread_count || row->writer->threads[index].process != event->process)
        return false;
    struct writer_thread *thread = &row->writer->threads[index];
    leave_thread(row);
    row->thread = thread;
    row->origin = origin_of(event);
    row->is_after_alloc = thread->is_after_alloc;
    row->alloc_address = thread->alloc_address;
    return true;
}

#define FLAGS_OF_ANY (REEL_EVENT_REALLOC | REEL_EVENT_ZEROED | REEL_EVENT_ALIGNED)

// By kind: flags that such an event cannot have.
static const uint8_t refused_flags[UINT8_MAX + 1] = {
    [REEL_EVENT_ALLOC] = UINT8_MAX & ~(FLAGS_OF_ANY | REEL_EVENT_CARVED),
    [REEL_EVENT_FREE] = UINT8_MAX & ~FLAGS_OF_ANY,
    [REEL_EVENT_RESIZE] = UINT8_MAX & ~FLAGS_OF_ANY,
};

// Whether there is such a kind, is asked where it matters.
EVENTS_INLINE bool is_acceptable(struct row *row, const struct reel_event *event)
{
    return (event->flags & refused_flags[event->kind]) == 0 && event->t_ns >= row->last_ns &&
           (__builtin_expect(origin_of(event) == row->origin, 1) || enter_thread(row, event));
}

static int refuse(const struct reel_writer *writer, const struct reel_event *event, struct reel_error *error)
{
    return reel_error_set(error, REEL_E_ARGUMENT,
                          "%s: event %llu cannot follow: kind %u, flags %u, thread %u, process %u, %llu ns after %llu",
                          writer->path, (unsigned long long)writer->ledger.figures.events, event->kind, event->flags,
                          event->thread, event->process, (unsigned long long)event->t_ns,
                          (unsigned long long)writer->event_t_ns);
}

// Begins to fetch the blocks of a row. Returns for how many of its events others are fetched ahead.
static size_t begin_to_fetch(const struct reel_blocks *blocks, const struct reel_event *events, size_t count)
{
    if (blocks->count < FETCHED_BLOCKS_MIN || count < GROUP_AHEAD)
        return 0;
    for (size_t i = 0; i < GROUP_AHEAD; i++)
        blocks_prefetch_group(blocks, events[i].address);
    for (size_t i = 0; i < BLOCK_AHEAD; i++)
        blocks_prefetch_block(blocks, events[i].address);
    return count - GROUP_AHEAD;
}

EVENTS_INLINE bool is_same_process(const struct row *row, const struct reel_event *event,
                                   const struct reel_event *first)
{
    return __builtin_expect(origin_of(event) == row->origin, 1) || event->process == first->process;
}

// Takes the events in up to one of another process, or one that is refused or finds no memory. *taken says how many;
// births are theirs.
static int take_row(struct reel_writer *writer, const struct reel_event *events, size_t count, uint32_t *births,
                    size_t *taken, struct reel_error *error)
{
    *taken = 0;
    if (!is_known_thread(writer, &events[0]))
        return refuse(writer, &events[0], error);
    struct row row = {.writer = writer,
                      .process = &writer->processes[events[0].process - 1],
                      .tally = {.least_bytes = INT64_MAX, .greatest_bytes = INT64_MIN},
                      .has_classes = writer->classes.count != 0,
                      .chunk_begin = writer->chunk.first_event,
                      .last_ns = writer->event_t_ns};
    if (writer_totals_of(row.process, &row.totals) != REEL_OK)
        return writer_fail_memory(writer, error);
    uint64_t number = writer->ledger.figures.events;
    size_t fetched = begin_to_fetch(&row.process->blocks, events, count);
    int status = REEL_OK;
    size_t i = 0;
    for (; i < count && is_same_process(&row, &events[i], &events[0]); i++)
    {
        if (i < fetched)
        {
            blocks_prefetch_group(&row.process->blocks, events[i + GROUP_AHEAD].address);
            blocks_prefetch_block(&row.process->blocks, events[i + BLOCK_AHEAD].address);
        }
        if (!is_acceptable(&row, &events[i]))
            status = REEL_E_ARGUMENT;
        else
            status = apply(&row, &events[i], number + i, &births[i]);
        if (__builtin_expect(status != REEL_OK, 0))
            break;
        end_of_event(&row, &events[i], i);
    }
    leave_thread(&row);
    const struct tally tally = row.tally;
    if (i > 0)
        settle(writer, row.process, &tally, events, i);
    *taken = i;
    if (status == REEL_E_ARGUMENT)
        return refuse(writer, &events[i], error);
    return status == REEL_OK ? REEL_OK : writer_fail_memory(writer, error);
}

// As many events as the chunk and a slice have room for; what was taken before an error is in the chunk.
static int take_slice(struct reel_writer *writer, const struct reel_event *events, size_t count, size_t *taken,
                      struct reel_error *error)
{
    uint32_t births[SLICE_EVENTS];
    int status = REEL_OK;
    *taken = 0;
    while (*taken < count && status == REEL_OK)
    {
        size_t row_events;
        status = take_row(writer, events + *taken, count - *taken, births + *taken, &row_events, error);
        *taken += row_events;
    }
    reel_codec_put(writer->codec, events, births, *taken);
    return status;
}

static void begin_chunk(struct reel_writer *writer)
{
    writer->chunk = (struct writer_chunk){.first_event = writer->ledger.figures.events};
    reel_codec_begin(writer->codec, writer->chunk.first_event);
}

int writer_store_chunk(struct reel_writer *writer, struct reel_error *error)
{
    struct writer_chunk *chunk = &writer->chunk;
    if (chunk->count == chunk->stored_count)
        return REEL_OK;
    const void *data;
    size_t bytes;
    int64_t first_event = (int64_t)chunk->first_event;
    reel_codec_finish(writer->codec, &data, &bytes);
    int status = writer_run(writer, error, WRITER_REPLACE_CHUNK, "iiiiiiiiiiii", first_event, (int64_t)chunk->count,
                            (int64_t)chunk->begin_ns, (int64_t)writer->event_t_ns, (int64_t)chunk->allocations,
                            (int64_t)chunk->frees, (int64_t)chunk->resizes, (int64_t)chunk->requested_bytes,
                            (int64_t)chunk->live_blocks, (int64_t)chunk->live_bytes, (int64_t)chunk->live_bytes_min,
                            (int64_t)chunk->live_bytes_max);
    if (status == REEL_OK)
        status = writer_run(writer, error, WRITER_REPLACE_CHUNK_DATA, "ib", first_event, data, bytes);
    if (status == REEL_OK)
        status = writer_totals_store(writer, error);
    if (status == REEL_OK)
    {
        chunk->stored_count = chunk->count;
        chunk->stored_bytes = bytes;
    }
    return status;
}

int writer_next_chunk(struct reel_writer *writer, struct reel_error *error)
{
    int status = writer_store_chunk(writer, error);
    if (status != REEL_OK)
        return status;
    writer->keyframes.chunk_bytes += writer->chunk.stored_bytes;
    begin_chunk(writer);
    return writer_keyframe_store(writer, false, error);
}

// Closes the chunk when it is full, or when it is long enough and a keyframe is due. No keyframe is begun elsewhere:
// its moment is right after its last event.
static int end_slice(struct reel_writer *writer, struct reel_error *error)
{
    bool is_full = writer->chunk.count == REEL_CHUNK_EVENTS_MAX;
    bool is_due = writer->chunk.count >= REEL_CHUNK_EVENTS_MAX / 2 && writer_keyframe_is_due(writer);
    int status = is_full || is_due ? writer_next_chunk(writer, error) : REEL_OK;
    if (status == REEL_OK && is_due)
        writer_keyframe_begin(writer);
    return status;
}

int reel_writer_append(struct reel_writer *writer, const struct reel_event *events, size_t count,
                       struct reel_error *error)
{
    int status = writer_check(writer, error);
    while (count > 0 && status == REEL_OK)
    {
        size_t taken;
        size_t room = REEL_CHUNK_EVENTS_MAX - writer->chunk.count;
        size_t slice = room < SLICE_EVENTS ? room : SLICE_EVENTS;
        status = take_slice(writer, events, count < slice ? count : slice, &taken, error);
        events += taken;
        count -= taken;
        if (status == REEL_OK)
            status = end_slice(writer, error);
    }
    writer_saw_time(writer, writer->event_t_ns);
    return status;
}
