// SPDX-License-Identifier: MIT
// What an allocator of ours tells of its classes, zones and pages, as rows; and the pages that are committed now. Each
// row stands after the events that were appended before it. Judges nothing.
#include "reel/writer_totals.h"

#include "reel/error.h"
#include "reel/words.h"

#define ZONES_MAX 4096 // of a process: more than an allocator of ours ever has

static int64_t events_so_far(const struct reel_writer *writer)
{
    return (int64_t)writer->ledger.figures.events;
}

static bool is_range(uint64_t begin, uint64_t bytes)
{
    return bytes != 0 && begin <= INT64_MAX && bytes <= INT64_MAX - begin;
}

int reel_writer_add_class(struct reel_writer *writer, const struct reel_class_info *info, struct reel_error *error)
{
    const struct reel_size_class added = {.class_id = info->class_id,
                                          .is_aligned = info->is_aligned,
                                          .slot_bytes = info->slot_bytes,
                                          .usable_bytes = info->usable_bytes};
    if (writer_check(writer, error) != REEL_OK)
        return writer->failure.status;
    bool is_first = writer->classes.count == 0;
    switch (reel_classes_add(&writer->classes, &added))
    {
    case REEL_CLASSES_KNOWN:
        return REEL_OK;
    case REEL_CLASSES_REFUSED:
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: class %u of %llu bytes cannot be added to those there are",
                              writer->path, info->class_id, (unsigned long long)info->slot_bytes);
    case REEL_CLASSES_ADDED:
        if (is_first)
            writer_totals_fold(writer);
        break;
    }
    return writer_run(writer, error, WRITER_INSERT_CLASS, "iiiii", (int64_t)info->class_id, (int64_t)info->slot_bytes,
                      (int64_t)info->usable_bytes, (int64_t)info->is_aligned, events_so_far(writer));
}

static bool is_known_zone(const struct writer_heap *heap, const struct writer_zone *zone)
{
    for (size_t i = 0; i < heap->zone_count; i++)
        if (heap->zones[i].begin == zone->begin && heap->zones[i].end == zone->end)
            return true;
    return false;
}

int reel_writer_add_zone(struct reel_writer *writer, const struct reel_zone_info *info, struct reel_error *error)
{
    struct writer_heap *heap;
    struct writer_process *process = writer_running_process(writer, info->process, error);
    const char *role = reel_words_of_role(info->role);
    if (process == NULL)
        return writer_refusal(writer);
    bool is_full = process->heap != NULL && process->heap->zone_count >= ZONES_MAX;
    if (role == NULL || is_full || !is_range(info->begin, info->bytes))
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: no zone: role %d, 0x%llx, %llu bytes", writer->path,
                              (int)info->role, (unsigned long long)info->begin, (unsigned long long)info->bytes);
    const struct writer_zone zone = {
        .begin = info->begin, .end = info->begin + info->bytes, .is_metadata = info->role == REEL_ZONE_METADATA};
    if (writer_heap_of(process, &heap) != REEL_OK)
        return writer_fail_memory(writer, error);
    if (is_known_zone(heap, &zone))
        return REEL_OK;
    if (!writer_reserve(&heap->zones, &heap->zone_max, heap->zone_count, sizeof *heap->zones))
        return writer_fail_memory(writer, error);
    heap->zones[heap->zone_count++] = zone;
    process->is_changed = true;
    writer_saw_time(writer, info->t_ns);
    return writer_run(writer, error, WRITER_INSERT_ZONE, "iitiiii", (int64_t)info->process,
                      info->class_id == REEL_NO_CLASS ? INT64_C(-1) : (int64_t)info->class_id, role,
                      (int64_t)info->begin, (int64_t)info->bytes, events_so_far(writer), (int64_t)info->t_ns);
}

// By the zone that its first byte lies in; outside all zones it counts as memory for blocks.
static struct writer_pages *pages_at(struct writer_heap *heap, uint64_t address)
{
    const struct writer_zone *zone = writer_zone_at(heap, address);
    return zone != NULL && zone->is_metadata ? &heap->metadata : &heap->blocks;
}

static int change_pages(struct writer_heap *heap, const struct reel_page_change *change)
{
    struct writer_pages *changed = pages_at(heap, change->begin);
    uint64_t end = change->begin + change->bytes;
    if (!change->is_committed)
        return reel_ranges_remove(&changed->pages, change->begin, end);
    int status = reel_ranges_add(&changed->pages, change->begin, end);
    if (changed->pages.bytes > changed->peak_bytes)
        changed->peak_bytes = changed->pages.bytes;
    return status;
}

int reel_writer_add_page_change(struct reel_writer *writer, const struct reel_page_change *change,
                                struct reel_error *error)
{
    struct writer_heap *heap;
    struct writer_process *process = writer_running_process(writer, change->process, error);
    if (process == NULL)
        return writer_refusal(writer);
    if (!is_range(change->begin, change->bytes))
        return reel_error_set(error, REEL_E_ARGUMENT, "%s: no pages: 0x%llx, %llu bytes", writer->path,
                              (unsigned long long)change->begin, (unsigned long long)change->bytes);
    if (writer_heap_of(process, &heap) != REEL_OK || change_pages(heap, change) != REEL_OK)
        return writer_fail_memory(writer, error);
    process->is_changed = true;
    writer_saw_time(writer, change->t_ns);
    return writer_run(writer, error, WRITER_INSERT_PAGE_CHANGE, "iiiiit", (int64_t)change->process,
                      events_so_far(writer), (int64_t)change->t_ns, (int64_t)change->begin, (int64_t)change->bytes,
                      change->is_committed ? "committed" : "returned");
}

int reel_writer_add_census(struct reel_writer *writer, const struct reel_census *census, struct reel_error *error)
{
    if (writer_running_process(writer, census->process, error) == NULL)
        return writer_refusal(writer);
    writer_saw_time(writer, census->t_ns);
    return writer_run(writer, error, WRITER_INSERT_CENSUS, "iiiiiii", (int64_t)census->process,
                      (int64_t)census->class_id, events_so_far(writer), (int64_t)census->t_ns,
                      (int64_t)census->carved_slots, (int64_t)census->used_slots, (int64_t)census->quarantined_slots);
}
