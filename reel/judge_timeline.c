// SPDX-License-Identifier: MIT
// What an allocator of ours told, taken row by row in step with the events: classes, zones, pages, and its own counts.
// Convicts rows that contradict each other or the blocks.
#include "reel/judge.h"

#include <string.h>

#include "reel/error.h"
#include "reel/sqlite.h"
#include "reel/words.h"

enum what
{
    WHAT_CLASS,
    WHAT_ZONE,
    WHAT_PAGES,
    WHAT_CENSUS,
};

enum column
{
    COLUMN_EVENT,
    COLUMN_WHAT,
    COLUMN_PROCESS,
    COLUMN_FIRST, // class id or address
    COLUMN_SECOND,
    COLUMN_THIRD,
    COLUMN_FOURTH,
};

// One moment may have several rows: what is used comes before what uses it.
static const char timeline_sql[] =
    "SELECT event, 0 AS what, 0 AS process, class_id, slot_bytes, usable_bytes, is_aligned, 0 AS t_ns, 0 AS row "
    "FROM main.size_class "
    "UNION ALL SELECT event, 1, process, begin_address, zone_bytes, role, coalesce(class_id, -1), t_ns, zone "
    "FROM main.zone "
    "UNION ALL SELECT event, 2, process, begin_address, range_bytes, kind, NULL, t_ns, page_change "
    "FROM main.page_change "
    "UNION ALL SELECT event, 3, process, class_id, carved_slots, used_slots, quarantined_slots, t_ns, class_census "
    "FROM main.class_census ORDER BY event, t_ns, what, row";

static uint64_t number(struct judge *judge, enum column column)
{
    return (uint64_t)sqlite3_column_int64(judge->timeline, (int)column);
}

static const char *words(struct judge *judge, enum column column)
{
    return (const char *)sqlite3_column_text(judge->timeline, (int)column);
}

static void next_row(struct judge *judge)
{
    bool is_row = judge->timeline != NULL && sqlite3_step(judge->timeline) == SQLITE_ROW;
    judge->timeline_event = is_row ? number(judge, COLUMN_EVENT) : JUDGE_NEVER;
}

int judge_timeline_begin(struct judge *judge, struct reel_error *error)
{
    struct sqlite3 *database = reel_reader_database(judge->reader);
    judge->timeline_event = JUDGE_NEVER;
    if (reel_reader_version(judge->reader) < 2)
        return REEL_OK;
    if (sqlite3_prepare_v2(database, timeline_sql, -1, &judge->timeline, NULL) != SQLITE_OK)
        return reel_error_from_sqlite(error, database, "reading what the allocator told");
    next_row(judge);
    return REEL_OK;
}

static void take_class(struct judge *judge)
{
    const struct reel_size_class added = {.class_id = (uint32_t)number(judge, COLUMN_FIRST),
                                          .slot_bytes = number(judge, COLUMN_SECOND),
                                          .usable_bytes = number(judge, COLUMN_THIRD),
                                          .is_aligned = number(judge, COLUMN_FOURTH) != 0};
    if (reel_classes_add(&judge->classes, &added) == REEL_CLASSES_REFUSED)
        judge_convict(judge, REEL_VIOLATION_REFERENCE, judge->timeline_event, 0,
                      "class %u, slots of %llu bytes, contradicts the others", added.class_id,
                      (unsigned long long)added.slot_bytes);
}

static int take_zone(struct judge *judge, uint32_t process, struct judge_heap *heap)
{
    struct judge_zone zone = {.begin = number(judge, COLUMN_FIRST),
                              .class_id = (uint32_t)number(judge, COLUMN_FOURTH),
                              .role = reel_words_to_role(words(judge, COLUMN_THIRD)),
                              .slab_sizes = UINT64_MAX};
    zone.end = zone.begin + number(judge, COLUMN_SECOND);
    size_t index = 0;
    while (index < heap->zone_count && heap->zones[index].begin < zone.begin)
        index++;
    bool is_over = (index > 0 && heap->zones[index - 1].end > zone.begin) ||
                   (index < heap->zone_count && heap->zones[index].begin < zone.end);
    if (is_over)
    {
        judge_convict(judge, REEL_VIOLATION_PLACE, judge->timeline_event, process,
                      "the zone 0x%llx, %llu bytes, lies over another, process %u", (unsigned long long)zone.begin,
                      (unsigned long long)(zone.end - zone.begin), process);
        return REEL_OK;
    }
    return judge_zone_insert(heap, index, &zone);
}

static int take_pages(struct judge *judge, uint32_t id, struct judge_heap *heap)
{
    struct judge_process *process = &judge->processes[id];
    uint64_t begin = number(judge, COLUMN_FIRST);
    uint64_t end = begin + number(judge, COLUMN_SECOND);
    const struct judge_zone *zone = judge_zone_at(heap, begin);
    struct judge_pages *pages = zone != NULL && zone->role == REEL_ZONE_METADATA ? &heap->metadata : &heap->blocks;
    struct shadow_block other;
    const char *kind = words(judge, COLUMN_THIRD);
    if (end <= begin || ((zone == NULL || zone->end < end) && !judge_is_lossy(judge, process)))
        judge_convict(judge, REEL_VIOLATION_PLACE, judge->timeline_event, id,
                      "pages from 0x%llx to 0x%llx lie in no zone, process %u", (unsigned long long)begin,
                      (unsigned long long)end, id);
    if (end <= begin)
        return REEL_OK;
    if (kind != NULL && strcmp(kind, "returned") == 0)
    {
        if (!judge_is_lossy(judge, process) && shadow_look(process->shadow, begin, end, &other) != SHADOW_OK)
            judge_convict(judge, REEL_VIOLATION_PLACE, judge->timeline_event, id,
                          "pages from 0x%llx to 0x%llx go back under the live block 0x%llx, %llu bytes, process %u",
                          (unsigned long long)begin, (unsigned long long)end, (unsigned long long)other.address,
                          (unsigned long long)other.usable_bytes, id);
        return reel_ranges_remove(&pages->ranges, begin, end);
    }
    int status = reel_ranges_add(&pages->ranges, begin, end);
    if (pages->ranges.bytes > pages->peak_bytes)
        pages->peak_bytes = pages->ranges.bytes;
    return status;
}

static int take_row(struct judge *judge)
{
    struct judge_heap *heap;
    uint64_t what = number(judge, COLUMN_WHAT);
    uint64_t process = number(judge, COLUMN_PROCESS);
    if (what == WHAT_CLASS)
    {
        take_class(judge);
        return REEL_OK;
    }
    if (process == 0 || process >= judge->process_count || judge->processes[process].shadow == NULL)
    {
        judge_convict(judge, REEL_VIOLATION_REFERENCE, judge->timeline_event, (uint32_t)process,
                      "an allocator told of process %llu, which did not run then", (unsigned long long)process);
        return REEL_OK;
    }
    if (what == WHAT_CENSUS)
    {
        judge_heap_census(judge, (uint32_t)process,
                          &(struct judge_census){.class_id = number(judge, COLUMN_FIRST),
                                                 .carved = number(judge, COLUMN_SECOND),
                                                 .used = number(judge, COLUMN_THIRD),
                                                 .quarantined = number(judge, COLUMN_FOURTH)});
        return REEL_OK;
    }
    if (judge_heap_of(&judge->processes[process], &heap) != REEL_OK)
        return REEL_E_NO_MEMORY;
    return what == WHAT_ZONE ? take_zone(judge, (uint32_t)process, heap) : take_pages(judge, (uint32_t)process, heap);
}

int judge_timeline_take(struct judge *judge, uint64_t event)
{
    int status = REEL_OK;
    while (status == REEL_OK && judge->timeline_event <= event && judge->timeline_event != JUDGE_NEVER)
    {
        status = take_row(judge);
        next_row(judge);
    }
    return status;
}
