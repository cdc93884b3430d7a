// SPDX-License-Identifier: MIT
// Which slots of each class a process has carved and holds, and the sums over its classes. Inherited blocks count: the
// law of the classes is about the heap, whoever filled it.
#include "reel/writer_internal.h"

#include <stdlib.h>

int writer_heap_of(struct writer_process *process, struct writer_heap **heap)
{
    if (process->heap == NULL)
        process->heap = calloc(1, sizeof *process->heap);
    *heap = process->heap;
    return process->heap != NULL ? REEL_OK : REEL_E_NO_MEMORY;
}

void writer_heap_destroy(struct writer_heap *heap)
{
    if (heap == NULL)
        return;
    reel_ranges_fini(&heap->blocks.pages);
    reel_ranges_fini(&heap->metadata.pages);
    free(heap->zones);
    free(heap);
}

int writer_heap_copy(struct writer_heap **copy, const struct writer_heap *heap)
{
    *copy = NULL;
    if (heap == NULL)
        return REEL_OK;
    *copy = calloc(1, sizeof **copy);
    if (*copy == NULL)
        return REEL_E_NO_MEMORY;
    (*copy)->slots = heap->slots;
    (*copy)->slots.peak_event = REEL_NO_EVENT;
    for (size_t i = 0; i < REEL_CLASSES_MAX + 1; i++)
    {
        (*copy)->classes[i] = heap->classes[i];
        (*copy)->classes[i].peak_event = REEL_NO_EVENT;
        (*copy)->classes[i].is_changed = heap->classes[i].peak_live_slots != 0;
    }
    return REEL_OK;
}

const struct writer_zone *writer_zone_at(const struct writer_heap *heap, uint64_t address)
{
    for (size_t i = 0; heap != NULL && i < heap->zone_count; i++)
        if (heap->zones[i].begin <= address && address < heap->zones[i].end)
            return &heap->zones[i];
    return NULL;
}

// A block of whole pages outside all zones is one with a mapping of its own, whatever class has that size.
static uint8_t class_of(const struct reel_writer *writer, const struct writer_process *process,
                        const struct reel_event *event)
{
    bool is_pages = (event->address | event->usable_bytes) % REEL_PAGE_BYTES == 0;
    if (is_pages && writer_zone_at(process->heap, event->address) == NULL)
        return 0;
    return reel_classes_of_block(&writer->classes, event->usable_bytes, (event->flags & REEL_EVENT_ALIGNED) != 0);
}

int writer_class_join(struct reel_writer *writer, struct writer_process *process, struct reel_block *block,
                      const struct reel_event *event, uint64_t number)
{
    struct writer_heap *heap;
    block->size_class = class_of(writer, process, event);
    if (block->size_class == 0)
        return REEL_OK;
    if (writer_heap_of(process, &heap) != REEL_OK)
        return REEL_E_NO_MEMORY;
    struct writer_class *joined = &heap->classes[block->size_class];
    struct writer_slots *sums = &heap->slots;
    uint64_t slot_bytes = writer->classes.all[block->size_class].slot_bytes;
    if ((event->flags & REEL_EVENT_CARVED) != 0)
    {
        joined->carved_slots++;
        sums->carved_bytes += slot_bytes;
    }
    if (++joined->live_slots > joined->peak_live_slots)
    {
        joined->peak_live_slots = joined->live_slots;
        joined->peak_event = number;
        sums->bound_bytes += slot_bytes;
    }
    sums->live_bytes += slot_bytes;
    if (sums->live_bytes > sums->peak_live_bytes)
    {
        sums->peak_live_bytes = sums->live_bytes;
        sums->peak_event = number;
    }
    joined->is_changed = true;
    return REEL_OK;
}

void writer_class_leave(struct reel_writer *writer, struct writer_process *process, const struct reel_block *block)
{
    if (block->size_class == 0)
        return;
    struct writer_class *left = &process->heap->classes[block->size_class];
    left->live_slots--;
    left->is_changed = true;
    process->heap->slots.live_bytes -= writer->classes.all[block->size_class].slot_bytes;
}

static int store_classes(struct reel_writer *writer, struct reel_error *error, struct writer_heap *heap,
                         uint32_t process)
{
    int status = REEL_OK;
    for (uint32_t i = 1; i < writer->classes.count && status == REEL_OK; i++)
    {
        struct writer_class *class = &heap->classes[i];
        if (!class->is_changed)
            continue;
        class->is_changed = false;
        status = writer_run(writer, error, WRITER_REPLACE_CLASS_FIGURES, "iiiiii", (int64_t)process,
                            (int64_t)writer->classes.all[i].class_id, (int64_t) class->carved_slots,
                            (int64_t) class->live_slots, (int64_t) class->peak_live_slots, (int64_t) class->peak_event);
    }
    return status;
}

int writer_store_heap(struct reel_writer *writer, struct reel_error *error, struct writer_heap *heap, uint32_t process)
{
    int status = store_classes(writer, error, heap, process);
    if (status != REEL_OK)
        return status;
    const struct writer_slots *slots = &heap->slots;
    return writer_run(
        writer, error, WRITER_REPLACE_HEAP_FIGURES, "iiiiiiiiii", (int64_t)process, (int64_t)slots->carved_bytes,
        (int64_t)slots->bound_bytes, (int64_t)slots->live_bytes, (int64_t)slots->peak_live_bytes,
        (int64_t)(slots->peak_live_bytes != 0 ? slots->peak_event : REEL_NO_EVENT), (int64_t)heap->blocks.pages.bytes,
        (int64_t)heap->blocks.peak_bytes, (int64_t)heap->metadata.pages.bytes, (int64_t)heap->metadata.peak_bytes);
}
