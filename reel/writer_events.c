// SPDX-License-Identifier: MIT
// The event stream: what each event does to the live blocks and to the totals, and the chunks that it fills.
//
// Events are taken in slices: first the blocks and totals of all of them, then their encoding, each with its own tables
// in the cache. Events of one process in a row are counted in a tally of their own, and its sums go to the process and
// to the run.
//
// An alloc at the address of a live block takes its place: the old one is no longer live (the call that freed it was
// not seen). A free or resize of an address without a live block changes no total but its own count.
#include "reel/writer_internal.h"

#include <string.h>

#include "reel/error.h"

#define SLICE_EVENTS 1024
#define GROUP_AHEAD 32
#define BLOCK_AHEAD 16
#define PREFETCHED_BLOCKS_MIN 4096 // with fewer the table stays in the cache

#define EVENTS_INLINE static inline __attribute__((always_inline))

// What a row of events of one process did. Bytes and blocks are differences to the beginning of the row.
struct tally
{
    uint64_t allocations;
    uint64_t frees;
    uint64_t resizes;
    uint64_t requested_bytes;
    uint64_t temporary;
    uint64_t missed_frees; // of addresses without a live block
    uint64_t inherited_frees;
    uint64_t live_blocks;
    int64_t live_bytes;
    int64_t least_bytes; // after any event
    int64_t greatest_bytes;
    size_t greatest_at; // the event that reached it first
};

// A row of events of one process while it is taken in.
struct row
{
    struct reel_writer *writer;
    struct writer_process *process;
    struct tally tally;
    struct writer_thread *thread; // of the event
    uint32_t thread_number;
    uint64_t chunk_begin;
};

EVENTS_INLINE void drop_live(struct tally *tally, const struct reel_block *block)
{
    tally->live_blocks -= !block->is_inherited;
    tally->live_bytes -= block->is_inherited ? 0 : (int64_t)block->requested_bytes;
}

EVENTS_INLINE uint32_t birth_in_chunk(const struct row *row, const struct reel_block *block)
{
    uint64_t birth = block->birth_event - row->chunk_begin; // before the chunk: wraps around
    return birth < REEL_CHUNK_EVENTS_MAX ? (uint32_t)birth : REEL_BIRTH_ELSEWHERE;
}

EVENTS_INLINE int apply_alloc(struct row *row, const struct reel_event *event, uint64_t number)
{
    bool is_new;
    struct tally *tally = &row->tally;
    struct reel_block *block = reel_blocks_insert(&row->process->blocks, event->address, &is_new);
    if (block == NULL)
        return REEL_E_NO_MEMORY;
    if (!is_new)
    {
        drop_live(tally, block);
        writer_class_leave(row->writer, row->process, block);
    }
    *block = (struct reel_block){.address = event->address,
                                 .requested_bytes = event->requested_bytes,
                                 .usable_bytes = event->usable_bytes,
                                 .birth_event = number,
                                 .stack = event->stack};
    tally->allocations++;
    tally->requested_bytes += event->requested_bytes;
    tally->live_blocks++;
    tally->live_bytes += (int64_t)event->requested_bytes;
    if (row->writer->classes.count == 0)
        return REEL_OK;
    return writer_class_join(row->writer, row->process, block, event, number);
}

EVENTS_INLINE uint32_t apply_free(struct row *row, const struct reel_event *event)
{
    const struct writer_thread *thread = row->thread;
    struct tally *tally = &row->tally;
    struct reel_block block;
    tally->frees++;
    if (!reel_blocks_remove(&row->process->blocks, event->address, &block))
    {
        tally->missed_frees++;
        return REEL_BIRTH_ELSEWHERE;
    }
    drop_live(tally, &block);
    if (block.size_class != 0)
        writer_class_leave(row->writer, row->process, &block);
    tally->temporary += thread->is_after_alloc && thread->alloc_address == event->address;
    tally->inherited_frees += block.is_inherited;
    return birth_in_chunk(row, &block);
}

// A block stays in its class as long as its usable size does.
static int apply_resize(struct row *row, const struct reel_event *event, uint64_t number, uint32_t *birth)
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
    block->requested_bytes = event->requested_bytes;
    if (block->usable_bytes == event->usable_bytes)
        return REEL_OK;
    block->usable_bytes = event->usable_bytes;
    writer_class_leave(row->writer, row->process, block);
    if (row->writer->classes.count == 0)
        return REEL_OK;
    return writer_class_join(row->writer, row->process, block, event, number);
}

EVENTS_INLINE int apply(struct row *row, const struct reel_event *event, uint64_t number, uint32_t *birth)
{
    if (event->kind == REEL_EVENT_FREE)
    {
        *birth = apply_free(row, event);
        return REEL_OK;
    }
    if (event->kind == REEL_EVENT_RESIZE)
        return apply_resize(row, event, number, birth);
    *birth = REEL_BIRTH_ELSEWHERE;
    return apply_alloc(row, event, number);
}

EVENTS_INLINE void end_of_event(struct row *row, const struct reel_event *event, size_t index)
{
    struct writer_thread *thread = row->thread;
    struct tally *tally = &row->tally;
    thread->is_after_alloc = event->kind == REEL_EVENT_ALLOC;
    thread->alloc_address = event->address;
    if (tally->live_bytes < tally->least_bytes)
        tally->least_bytes = tally->live_bytes;
    if (tally->live_bytes > tally->greatest_bytes)
    {
        tally->greatest_bytes = tally->live_bytes;
        tally->greatest_at = index;
    }
    row->writer->event_t_ns = event->t_ns;
}

static void settle_ledger(struct writer_ledger *ledger, const struct tally *tally, const struct reel_event *greatest,
                          uint64_t greatest_number, bool is_blind_fork)
{
    struct reel_figures *figures = &ledger->figures;
    uint64_t greatest_bytes = ledger->live_bytes + (uint64_t)tally->greatest_bytes;
    figures->events += tally->allocations + tally->frees + tally->resizes;
    figures->allocations += tally->allocations;
    figures->frees += tally->frees;
    figures->resizes += tally->resizes;
    figures->total_requested_bytes += tally->requested_bytes;
    figures->temporary_allocations += tally->temporary;
    figures->inherited_frees += tally->inherited_frees + (is_blind_fork ? tally->missed_frees : 0);
    figures->unknown_frees += is_blind_fork ? 0 : tally->missed_frees;
    if (greatest_bytes > figures->peak_live_bytes)
    {
        figures->peak_live_bytes = greatest_bytes;
        figures->peak_event = greatest_number;
        figures->peak_t_ns = greatest->t_ns;
    }
    ledger->live_blocks += tally->live_blocks;
    ledger->live_bytes += (uint64_t)tally->live_bytes;
}

static void settle_chunk(struct reel_writer *writer, const struct tally *tally, const struct reel_event *events,
                         size_t count)
{
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
    chunk->allocations += tally->allocations;
    chunk->frees += tally->frees;
    chunk->resizes += tally->resizes;
    chunk->requested_bytes += tally->requested_bytes;
}

static void settle(struct row *row, const struct reel_event *events, size_t count)
{
    struct reel_writer *writer = row->writer;
    const struct tally *tally = &row->tally;
    const struct reel_event *greatest = &events[tally->greatest_at];
    uint64_t greatest_number = writer->ledger.figures.events + tally->greatest_at;
    bool is_blind_fork = row->process->is_blind_fork;
    settle_chunk(writer, tally, events, count);
    settle_ledger(&row->process->ledger, tally, greatest, greatest_number, is_blind_fork);
    settle_ledger(&writer->ledger, tally, greatest, greatest_number, is_blind_fork);
    row->process->is_changed = true;
    writer->chunk.live_blocks = writer->ledger.live_blocks;
    writer->chunk.live_bytes = writer->ledger.live_bytes;
}

static bool is_known_thread(const struct reel_writer *writer, const struct reel_event *event)
{
    return event->thread >= 1 && event->thread <= writer->thread_count &&
           writer->threads[event->thread - 1].process == event->process &&
           writer->processes[event->process - 1].is_running;
}

static bool enter_thread(struct row *row, const struct reel_event *event)
{
    if (!is_known_thread(row->writer, event))
        return false;
    row->thread = &row->writer->threads[event->thread - 1];
    row->thread_number = event->thread;
    return true;
}

EVENTS_INLINE bool is_acceptable(struct row *row, const struct reel_event *event)
{
    const uint8_t flags = REEL_EVENT_REALLOC | REEL_EVENT_ZEROED | REEL_EVENT_ALIGNED |
                          (event->kind == REEL_EVENT_ALLOC ? REEL_EVENT_CARVED : 0);
    return event->kind >= REEL_EVENT_ALLOC && event->kind <= REEL_EVENT_RESIZE && (event->flags & ~flags) == 0 &&
           event->t_ns >= row->writer->event_t_ns && (event->thread == row->thread_number || enter_thread(row, event));
}

static int refuse(const struct reel_writer *writer, const struct reel_event *event, struct reel_error *error)
{
    return reel_error_set(error, REEL_E_ARGUMENT,
                          "%s: event %llu cannot follow: kind %u, flags %u, thread %u, process %u, %llu ns after %llu",
                          writer->path, (unsigned long long)writer->ledger.figures.events, event->kind, event->flags,
                          event->thread, event->process, (unsigned long long)event->t_ns,
                          (unsigned long long)writer->event_t_ns);
}

EVENTS_INLINE void look_ahead(const struct reel_blocks *blocks, const struct reel_event *events, size_t count,
                              size_t index)
{
    if (index + GROUP_AHEAD >= count)
        return;
    reel_blocks_prefetch_group(blocks, events[index + GROUP_AHEAD].address);
    reel_blocks_prefetch_block(blocks, events[index + BLOCK_AHEAD].address);
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
                      .chunk_begin = writer->chunk.first_event};
    uint64_t number = writer->ledger.figures.events;
    bool is_prefetched = row.process->blocks.count >= PREFETCHED_BLOCKS_MIN;
    bool is_accepted = true;
    int status = REEL_OK;
    size_t i = 0;
    for (; i < count && events[i].process == events[0].process; i++)
    {
        is_accepted = is_acceptable(&row, &events[i]);
        if (is_prefetched)
            look_ahead(&row.process->blocks, events, count, i);
        if (is_accepted)
            status = apply(&row, &events[i], number + i, &births[i]);
        if (!is_accepted || status != REEL_OK)
            break;
        end_of_event(&row, &events[i], i);
    }
    if (i > 0)
        settle(&row, events, i);
    *taken = i;
    if (!is_accepted)
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
        chunk->stored_count = chunk->count;
    return status;
}

int writer_next_chunk(struct reel_writer *writer, struct reel_error *error)
{
    int status = writer_store_chunk(writer, error);
    if (status == REEL_OK)
        begin_chunk(writer);
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
        if (status == REEL_OK && writer->chunk.count == REEL_CHUNK_EVENTS_MAX)
            status = writer_next_chunk(writer, error);
    }
    writer_saw_time(writer, writer->event_t_ns);
    return status;
}
