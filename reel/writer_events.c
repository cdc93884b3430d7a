// SPDX-License-Identifier: MIT
// The event stream: what each event does to the live blocks and to the totals, and the chunks that it fills.
//
// An alloc at the address of a live block takes its place: the old one is no longer live (the call that freed it was
// not seen). A free or resize of an address without a live block changes no total but its own count.
#include "reel/writer_internal.h"

#include <string.h>

#include "reel/error.h"

#define SLOT_AHEAD 16
#define BLOCK_AHEAD 8

static void grow_live(struct writer_ledger *ledger, const struct reel_event *event, uint64_t number,
                      uint64_t added_bytes)
{
    ledger->live_bytes += added_bytes;
    if (ledger->live_bytes > ledger->figures.peak_live_bytes)
    {
        ledger->figures.peak_live_bytes = ledger->live_bytes;
        ledger->figures.peak_event = number;
        ledger->figures.peak_t_ns = event->t_ns;
    }
}

static void drop_live(struct writer_ledger *ledger, const struct reel_block *block)
{
    if (block->is_inherited)
        return;
    ledger->live_blocks--;
    ledger->live_bytes -= block->requested_bytes;
}

static uint32_t birth_in_chunk(const struct writer_chunk *chunk, const struct reel_block *block)
{
    return block->birth_event >= chunk->first_event ? (uint32_t)(block->birth_event - chunk->first_event)
                                                    : REEL_BIRTH_ELSEWHERE;
}

static int apply_alloc(struct reel_writer *writer, struct writer_process *process, const struct reel_event *event,
                       uint64_t number)
{
    bool is_new;
    struct reel_block *block = reel_blocks_insert(&process->blocks, event->address, &is_new);
    if (block == NULL)
        return REEL_E_NO_MEMORY;
    if (!is_new)
    {
        drop_live(&process->ledger, block);
        drop_live(&writer->ledger, block);
        writer_class_leave(writer, process, block);
    }
    *block = (struct reel_block){.address = event->address,
                                 .requested_bytes = event->requested_bytes,
                                 .usable_bytes = event->usable_bytes,
                                 .birth_event = number,
                                 .stack = event->stack,
                                 .thread = event->thread};
    if (writer->classes.count != 0 && writer_class_join(writer, process, block, event, number) != REEL_OK)
        return REEL_E_NO_MEMORY;
    struct writer_ledger *ledgers[] = {&process->ledger, &writer->ledger};
    for (int i = 0; i < 2; i++)
    {
        ledgers[i]->figures.allocations++;
        ledgers[i]->figures.total_requested_bytes += event->requested_bytes;
        ledgers[i]->live_blocks++;
        grow_live(ledgers[i], event, number, event->requested_bytes);
    }
    writer->chunk.allocations++;
    writer->chunk.requested_bytes += event->requested_bytes;
    writer->chunk.births[writer->chunk.count] = REEL_BIRTH_ELSEWHERE;
    return REEL_OK;
}

static void count_missed_free(struct writer_process *process, struct reel_writer *writer)
{
    process->ledger.figures.inherited_frees += process->is_blind_fork;
    writer->ledger.figures.inherited_frees += process->is_blind_fork;
    process->ledger.figures.unknown_frees += !process->is_blind_fork;
    writer->ledger.figures.unknown_frees += !process->is_blind_fork;
}

static void apply_free(struct reel_writer *writer, struct writer_process *process, const struct reel_event *event)
{
    const struct writer_thread *thread = &writer->threads[event->thread - 1];
    struct reel_block block;
    process->ledger.figures.frees++;
    writer->ledger.figures.frees++;
    writer->chunk.frees++;
    writer->chunk.births[writer->chunk.count] = REEL_BIRTH_ELSEWHERE;
    if (!reel_blocks_remove(&process->blocks, event->address, &block))
    {
        count_missed_free(process, writer);
        return;
    }
    writer->chunk.births[writer->chunk.count] = birth_in_chunk(&writer->chunk, &block);
    drop_live(&process->ledger, &block);
    drop_live(&writer->ledger, &block);
    writer_class_leave(writer, process, &block);
    bool is_temporary = thread->is_after_alloc && thread->alloc_address == event->address;
    process->ledger.figures.temporary_allocations += is_temporary;
    writer->ledger.figures.temporary_allocations += is_temporary;
    process->ledger.figures.inherited_frees += block.is_inherited;
    writer->ledger.figures.inherited_frees += block.is_inherited;
}

// A block stays in its class as long as its usable size does.
static int apply_resize(struct reel_writer *writer, struct writer_process *process, const struct reel_event *event,
                        uint64_t number)
{
    struct writer_ledger *ledgers[] = {&process->ledger, &writer->ledger};
    struct reel_block *block = reel_blocks_find(&process->blocks, event->address);
    uint64_t before = block != NULL ? block->requested_bytes : event->requested_bytes;
    uint64_t growth = event->requested_bytes > before ? event->requested_bytes - before : 0;
    for (int i = 0; i < 2; i++)
    {
        ledgers[i]->figures.resizes++;
        ledgers[i]->figures.total_requested_bytes += growth;
        if (block != NULL && !block->is_inherited)
            grow_live(ledgers[i], event, number, event->requested_bytes - before);
    }
    writer->chunk.resizes++;
    writer->chunk.requested_bytes += growth;
    writer->chunk.births[writer->chunk.count] =
        block != NULL ? birth_in_chunk(&writer->chunk, block) : REEL_BIRTH_ELSEWHERE;
    if (block == NULL)
        return REEL_OK;
    block->requested_bytes = event->requested_bytes;
    if (block->usable_bytes == event->usable_bytes)
        return REEL_OK;
    block->usable_bytes = event->usable_bytes;
    writer_class_leave(writer, process, block);
    return writer->classes.count != 0 ? writer_class_join(writer, process, block, event, number) : REEL_OK;
}

static void end_of_event(struct reel_writer *writer, struct writer_process *process, const struct reel_event *event)
{
    struct writer_chunk *chunk = &writer->chunk;
    struct writer_thread *thread = &writer->threads[event->thread - 1];
    chunk->events[chunk->count++] = *event;
    chunk->live_blocks = writer->ledger.live_blocks;
    chunk->live_bytes = writer->ledger.live_bytes;
    if (chunk->count == 1 || chunk->live_bytes < chunk->live_bytes_min)
        chunk->live_bytes_min = chunk->live_bytes;
    if (chunk->count == 1 || chunk->live_bytes > chunk->live_bytes_max)
        chunk->live_bytes_max = chunk->live_bytes;
    thread->is_after_alloc = event->kind == REEL_EVENT_ALLOC;
    thread->alloc_address = event->address;
    process->is_changed = true;
    process->ledger.figures.events++;
    writer->ledger.figures.events++;
    writer->event_t_ns = event->t_ns;
}

static bool is_acceptable(const struct reel_writer *writer, const struct reel_event *event)
{
    const uint8_t flags = REEL_EVENT_REALLOC | REEL_EVENT_ZEROED | REEL_EVENT_ALIGNED |
                          (event->kind == REEL_EVENT_ALLOC ? REEL_EVENT_CARVED : 0);
    return event->kind >= REEL_EVENT_ALLOC && event->kind <= REEL_EVENT_RESIZE && (event->flags & ~flags) == 0 &&
           event->thread >= 1 && event->thread <= writer->thread_count &&
           writer->threads[event->thread - 1].process == event->process &&
           writer->processes[event->process - 1].is_running && event->t_ns >= writer->event_t_ns;
}

static int refuse(const struct reel_writer *writer, const struct reel_event *event, struct reel_error *error)
{
    return reel_error_set(error, REEL_E_ARGUMENT,
                          "%s: event %llu cannot follow: kind %u, flags %u, thread %u, process %u, %llu ns after %llu",
                          writer->path, (unsigned long long)writer->ledger.figures.events, event->kind, event->flags,
                          event->thread, event->process, (unsigned long long)event->t_ns,
                          (unsigned long long)writer->event_t_ns);
}

static int append_one(struct reel_writer *writer, const struct reel_event *event, struct reel_error *error)
{
    if (!is_acceptable(writer, event))
        return refuse(writer, event, error);
    struct writer_process *process = &writer->processes[event->process - 1];
    uint64_t number = writer->ledger.figures.events;
    int status = REEL_OK;
    if (event->kind == REEL_EVENT_FREE)
        apply_free(writer, process, event);
    else if (event->kind == REEL_EVENT_RESIZE)
        status = apply_resize(writer, process, event, number);
    else
        status = apply_alloc(writer, process, event, number);
    if (status != REEL_OK)
        return writer_fail_memory(writer, error);
    end_of_event(writer, process, event);
    return writer->chunk.count == REEL_CHUNK_EVENTS_MAX ? writer_next_chunk(writer, error) : REEL_OK;
}

static void begin_chunk(struct reel_writer *writer)
{
    writer->chunk = (struct writer_chunk){
        .events = writer->chunk.events, .births = writer->chunk.births, .first_event = writer->ledger.figures.events};
}

int writer_store_chunk(struct reel_writer *writer, struct reel_error *error)
{
    struct writer_chunk *chunk = &writer->chunk;
    if (chunk->count == chunk->stored_count)
        return REEL_OK;
    const void *data;
    size_t bytes;
    int64_t first_event = (int64_t)chunk->first_event;
    reel_codec_encode(writer->codec, chunk->first_event, chunk->events, chunk->births, chunk->count, &data, &bytes);
    int status = writer_run(writer, error, WRITER_REPLACE_CHUNK, "iiiiiiiiiiii", first_event, (int64_t)chunk->count,
                            (int64_t)chunk->events[0].t_ns, (int64_t)chunk->events[chunk->count - 1].t_ns,
                            (int64_t)chunk->allocations, (int64_t)chunk->frees, (int64_t)chunk->resizes,
                            (int64_t)chunk->requested_bytes, (int64_t)chunk->live_blocks, (int64_t)chunk->live_bytes,
                            (int64_t)chunk->live_bytes_min, (int64_t)chunk->live_bytes_max);
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

// The process may be a wrong number, or one that has ended: then there is nothing to look up.
static const struct reel_blocks *blocks_of(const struct reel_writer *writer, const struct reel_event *event)
{
    bool is_process = event->process >= 1 && event->process <= writer->process_count;
    return is_process && writer->processes[event->process - 1].is_running
               ? &writer->processes[event->process - 1].blocks
               : NULL;
}

static void look_ahead(const struct reel_writer *writer, const struct reel_event *events, size_t count, size_t index)
{
    if (index + SLOT_AHEAD >= count)
        return;
    const struct reel_event *later = &events[index + SLOT_AHEAD];
    const struct reel_event *soon = &events[index + BLOCK_AHEAD];
    const struct reel_blocks *blocks = blocks_of(writer, later);
    if (blocks != NULL)
        reel_blocks_prefetch_slot(blocks, later->address);
    blocks = blocks_of(writer, soon);
    if (blocks != NULL)
        reel_blocks_prefetch_block(blocks, soon->address);
}

int reel_writer_append(struct reel_writer *writer, const struct reel_event *events, size_t count,
                       struct reel_error *error)
{
    int status = writer_check(writer, error);
    for (size_t i = 0; i < count && status == REEL_OK; i++)
    {
        look_ahead(writer, events, count, i);
        status = append_one(writer, &events[i], error);
    }
    writer_saw_time(writer, writer->event_t_ns);
    return status;
}
