// SPDX-License-Identifier: MIT
// The laws of slots, zones and pages, for allocators of ours: a block lies in a zone, on committed pages, in a slot of
// its class; a slot is carved once, keeps its class and never touches another; and no more slots are carved than the
// peak of live ones explains. Where events are missing or a fork left doubt, nothing is convicted.
#include "reel/judge.h"

#include <stdlib.h>
#include <string.h>

#include "reel/status.h"

#define SLAB_SIZES 64 // slabs of one to so many pages are thought of

// ---- the books

int judge_heap_of(struct judge_process *process, struct judge_heap **heap)
{
    if (process->heap == NULL)
        process->heap = calloc(1, sizeof *process->heap);
    *heap = process->heap;
    return process->heap != NULL ? REEL_OK : REEL_E_NO_MEMORY;
}

int judge_heap_inherit(struct judge_process *child, const struct judge_process *parent)
{
    struct judge_heap *heap;
    child->has_past = parent->has_past;
    child->has_broken_slots |= parent->has_broken_slots;
    if (parent->heap == NULL)
        return REEL_OK;
    if (judge_heap_of(child, &heap) != REEL_OK)
        return REEL_E_NO_MEMORY;
    memcpy(heap->classes, parent->heap->classes, sizeof heap->classes);
    heap->live_bytes = parent->heap->live_bytes;
    heap->peak_bytes = parent->heap->peak_bytes;
    heap->peak_event = JUDGE_NEVER;
    for (size_t i = 0; i <= REEL_CLASSES_MAX; i++)
        heap->classes[i].peak_event = JUDGE_NEVER;
    return REEL_OK;
}

void judge_heap_fini(struct judge_process *process)
{
    if (process->heap == NULL)
        return;
    reel_ranges_fini(&process->heap->blocks.ranges);
    reel_ranges_fini(&process->heap->metadata.ranges);
    free(process->heap->zones);
    free(process->heap);
}

int judge_zone_insert(struct judge_heap *heap, size_t index, const struct judge_zone *zone)
{
    if (heap->zone_count == heap->zone_max)
    {
        size_t bigger = heap->zone_max == 0 ? 64 : heap->zone_max * 2;
        struct judge_zone *moved = reallocarray(heap->zones, bigger, sizeof *moved);
        if (moved == NULL)
            return REEL_E_NO_MEMORY;
        heap->zones = moved;
        heap->zone_max = bigger;
    }
    memmove(heap->zones + index + 1, heap->zones + index, (heap->zone_count - index) * sizeof *heap->zones);
    heap->zones[index] = *zone;
    heap->zone_count++;
    return REEL_OK;
}

struct judge_zone *judge_zone_at(const struct judge_heap *heap, uint64_t address)
{
    size_t low = 0;
    size_t high = heap != NULL ? heap->zone_count : 0;
    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        if (heap->zones[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_in = heap != NULL && low < heap->zone_count && heap->zones[low].begin <= address;
    return is_in ? &heap->zones[low] : NULL;
}

uint8_t judge_class_of(const struct judge *judge, const struct judge_process *process, const struct reel_event *event)
{
    if (judge->classes.count == 0)
        return 0;
    bool is_mapping = event->address % REEL_PAGE_BYTES == 0 && event->usable_bytes % REEL_PAGE_BYTES == 0 &&
                      judge_zone_at(process->heap, event->address) == NULL;
    bool is_aligned = (event->flags & REEL_EVENT_ALIGNED) != 0;
    return is_mapping ? 0 : reel_classes_of_block(&judge->classes, event->usable_bytes, is_aligned);
}

int judge_heap_join(struct judge *judge, struct judge_process *process, const struct reel_event *event, uint64_t number,
                    uint8_t class_number)
{
    struct judge_heap *heap;
    if (class_number == 0)
        return REEL_OK;
    if (judge_heap_of(process, &heap) != REEL_OK)
        return REEL_E_NO_MEMORY;
    struct judge_slots *slots = &heap->classes[class_number];
    slots->allocations += event->kind == REEL_EVENT_ALLOC;
    slots->carved += (event->flags & REEL_EVENT_CARVED) != 0;
    slots->live++;
    if (slots->live > slots->peak)
    {
        slots->peak = slots->live;
        slots->peak_event = number;
    }
    heap->live_bytes += judge->classes.all[class_number].slot_bytes;
    if (heap->live_bytes > heap->peak_bytes)
    {
        heap->peak_bytes = heap->live_bytes;
        heap->peak_event = number;
    }
    return REEL_OK;
}

void judge_heap_leave(struct judge *judge, struct judge_process *process, uint8_t class_number)
{
    if (class_number == 0)
        return;
    process->heap->classes[class_number].live--;
    process->heap->live_bytes -= judge->classes.all[class_number].slot_bytes;
}

// ---- a block's place

// A block that is to be judged, with all that is known of its place.
struct placed
{
    struct judge *judge;
    struct judge_process *process;
    const struct reel_event *event;
    struct judge_zone *zone;
    const struct reel_size_class *class; // NULL: none
    uint64_t number;
};

static void convict(const struct placed *placed, enum reel_violation_kind kind, const char *what)
{
    const struct reel_event *event = placed->event;
    judge_convict(placed->judge, kind, placed->number, event->process, "0x%llx, %llu bytes, process %u: %s",
                  (unsigned long long)event->address, (unsigned long long)event->usable_bytes, event->process, what);
}

static void judge_zone(const struct placed *placed)
{
    const struct reel_event *event = placed->event;
    uint64_t end = event->address + event->usable_bytes;
    bool is_mapping = event->address % REEL_PAGE_BYTES == 0 && event->usable_bytes % REEL_PAGE_BYTES == 0;
    if (placed->zone == NULL)
    {
        if (!is_mapping)
            convict(placed, REEL_VIOLATION_PLACE, "lies in no zone and is no mapping of its own");
    }
    else if (placed->zone->role == REEL_ZONE_METADATA)
        convict(placed, REEL_VIOLATION_PLACE, "lies among the allocator's own tables");
    else if (end > placed->zone->end)
        convict(placed, REEL_VIOLATION_PLACE, "reaches past the end of its zone");
    else if (event->usable_bytes != 0 && !reel_ranges_cover(&placed->process->heap->blocks.ranges, event->address, end))
        convict(placed, REEL_VIOLATION_PLACE, "lies on pages that are not committed");
}

// Slabs of whole pages follow each other from the beginning of the zone, with slots from the beginning of each. How
// large a slab is, the reel does not say: some size must explain all addresses.
static bool fits_a_slab(const struct placed *placed)
{
    struct judge_zone *zone = placed->zone;
    uint64_t offset = placed->event->address - zone->begin;
    for (uint64_t n = 0; n < SLAB_SIZES; n++)
    {
        uint64_t slab_bytes = (n + 1) * REEL_PAGE_BYTES;
        uint64_t in_slab = offset % slab_bytes;
        bool fits = in_slab % placed->class->slot_bytes == 0 && in_slab + placed->class->slot_bytes <= slab_bytes;
        if (!fits)
            zone->slab_sizes &= ~(UINT64_C(1) << n);
    }
    return zone->slab_sizes != 0;
}

static bool touches_another_slot(const struct placed *placed)
{
    const struct shadow *shadow = placed->process->shadow;
    const struct reel_classes *classes = &placed->judge->classes;
    uint64_t address = placed->event->address;
    uint64_t greatest = 0;
    for (uint32_t i = 1; i < classes->count; i++)
        greatest = classes->all[i].slot_bytes > greatest ? classes->all[i].slot_bytes : greatest;
    uint64_t begin = address - placed->zone->begin > greatest ? address - greatest : placed->zone->begin;
    uint64_t before = begin < address ? shadow_last_start(shadow, begin, address) : 0;
    if (before != 0 && before + classes->all[shadow_start_at(shadow, before).tag].slot_bytes > address)
        return true;
    return shadow_last_start(shadow, address + 1, address + placed->class->slot_bytes) != 0;
}

static void judge_new_slot(const struct placed *placed)
{
    bool is_aligned = placed->class->is_aligned;
    if (placed->event->address % (is_aligned ? placed->class->slot_bytes : 16) != 0)
        convict(placed, REEL_VIOLATION_SLOT, "its slot is not aligned");
    else if (touches_another_slot(placed))
        convict(placed, REEL_VIOLATION_SLOT, "its slot lies over another one");
    else if (placed->zone->role == REEL_ZONE_SLOTS && !fits_a_slab(placed))
        convict(placed, REEL_VIOLATION_SLOT, "its slot begins where no slab has one");
}

static void judge_slot(const struct placed *placed)
{
    const struct reel_event *event = placed->event;
    const struct shadow *shadow = placed->process->shadow;
    struct shadow_start start = shadow_start_at(shadow, event->address);
    bool is_carved = (event->flags & REEL_EVENT_CARVED) != 0;
    if (placed->class == NULL)
        convict(placed, REEL_VIOLATION_SLOT, "it lies among slots and is of no class");
    else if (placed->zone->role == REEL_ZONE_SLOTS && placed->zone->class_id != placed->class->class_id)
        convict(placed, REEL_VIOLATION_SLOT, "its zone is of another class");
    else if (is_carved && start.is_carved)
        convict(placed, REEL_VIOLATION_SLOT, "its slot is carved a second time");
    else if (!is_carved && !start.is_carved && !shadow_has_seen(shadow, event->address))
        convict(placed, REEL_VIOLATION_SLOT, "its slot is used again and has never been carved");
    else if (start.tag == 0)
        judge_new_slot(placed);
    else if (&placed->judge->classes.all[start.tag] != placed->class)
        convict(placed, REEL_VIOLATION_SLOT, "its slot was of another class");
}

static bool is_doubted(const struct judge *judge, const struct judge_process *process, uint64_t address)
{
    return judge_is_lossy(judge, process) || process->is_blind ||
           (process->has_uncertain && reel_blocks_find(&process->uncertain, address) != NULL);
}

int judge_heap_place(struct judge *judge, struct judge_process *process, const struct reel_event *event,
                     uint64_t number, uint8_t class_number)
{
    if (process->heap == NULL || process->heap->zone_count == 0)
        return REEL_OK;
    const struct placed placed = {.judge = judge,
                                  .process = process,
                                  .event = event,
                                  .zone = judge_zone_at(process->heap, event->address),
                                  .class = class_number != 0 ? &judge->classes.all[class_number] : NULL,
                                  .number = number};
    bool is_among_slots =
        placed.zone != NULL && (placed.zone->role == REEL_ZONE_SLOTS || placed.zone->role == REEL_ZONE_BUMP);
    if (!is_doubted(judge, process, event->address))
    {
        judge_zone(&placed);
        if (is_among_slots)
            judge_slot(&placed);
    }
    bool is_marked = !is_among_slots || shadow_start_at(process->shadow, event->address).is_carved ||
                     shadow_mark_carved(process->shadow, event->address) == SHADOW_OK;
    return is_marked ? REEL_OK : REEL_E_NO_MEMORY;
}

// ---- the law of the classes, and the allocator's own books

static bool has_role(const struct judge_heap *heap, enum reel_zone_role role)
{
    for (size_t i = 0; i < heap->zone_count; i++)
        if (heap->zones[i].role == role)
            return true;
    return false;
}

// Nothing is known for sure of what the process had before, or of what it lost.
static bool is_unsettled(const struct judge *judge, const struct judge_process *process)
{
    return judge_is_lossy(judge, process) || process->is_blind || process->is_doubtful || process->has_uncertain ||
           process->has_past;
}

// Also a thread that is alone may have one in hand: in a call that a signal handler has interrupted, which allocates.
static void settle_class(struct judge *judge, uint32_t process, uint8_t class_number)
{
    const struct judge_slots *slots = &judge->processes[process].heap->classes[class_number];
    uint64_t in_hand = judge->processes[process].slack > 0 ? judge->processes[process].slack : 1;
    uint64_t slack = judge->reuses_nothing ? 0 : in_hand;
    uint64_t expected = judge->reuses_nothing ? slots->allocations : slots->peak;
    if (slots->carved >= expected && slots->carved <= expected + slack)
        return;
    judge_convict(judge, REEL_VIOLATION_CLASS_LAW, 0, process,
                  "process %u carved %llu slots of %llu bytes, %s of them is %llu and %llu more may be in hand",
                  process, (unsigned long long)slots->carved,
                  (unsigned long long)judge->classes.all[class_number].slot_bytes,
                  judge->reuses_nothing ? "the count of allocations" : "the peak of live ones",
                  (unsigned long long)expected, (unsigned long long)slack);
}

void judge_heap_settle(struct judge *judge, uint32_t process)
{
    const struct judge_heap *heap = judge->processes[process].heap;
    uint64_t carved_bytes = 0;
    if (heap == NULL || !has_role(heap, REEL_ZONE_BUMP))
        return;
    if (is_unsettled(judge, &judge->processes[process]) || judge->processes[process].has_broken_slots)
    {
        judge->result.unjudged_heaps++;
        return;
    }
    for (uint32_t i = 1; i < judge->classes.count; i++)
    {
        settle_class(judge, process, (uint8_t)i);
        carved_bytes += heap->classes[i].carved * judge->classes.all[i].slot_bytes;
    }
    if (carved_bytes > heap->blocks.peak_bytes)
        judge_convict(judge, REEL_VIOLATION_CLASS_LAW, 0, process,
                      "process %u carved slots of %llu bytes in all and committed only %llu", process,
                      (unsigned long long)carved_bytes, (unsigned long long)heap->blocks.peak_bytes);
}

// The allocator lets a block go after its free was stamped, and has it before its alloc is: what is in hand is used and
// not live. Without a lock its counts may be older than the events; then they bound nothing from below.
void judge_heap_census(struct judge *judge, uint32_t process, const struct judge_census *census)
{
    const struct judge_process *owner = &judge->processes[process];
    uint8_t class_number = reel_classes_with_id(&judge->classes, (uint32_t)census->class_id);
    if (class_number == 0 && !judge_is_lossy(judge, owner))
        judge_convict(judge, REEL_VIOLATION_REFERENCE, judge->timeline_event, process,
                      "process %u counts slots of class %llu, which is not in the reel", process,
                      (unsigned long long)census->class_id);
    if (class_number == 0 || owner->heap == NULL || is_unsettled(judge, owner))
        return;
    const struct judge_slots *slots = &owner->heap->classes[class_number];
    bool is_exact = owner->slack == 0 || has_role(owner->heap, REEL_ZONE_SLOTS);
    bool is_right = census->carved <= slots->carved + owner->slack &&
                    (!is_exact || (census->carved >= slots->carved && census->used >= slots->live &&
                                   census->used <= slots->live + owner->slack &&
                                   census->used + census->quarantined <= census->carved));
    if (!is_right)
        judge_convict(
            judge, REEL_VIOLATION_CENSUS, judge->timeline_event, process,
            "process %u, slots of %llu bytes: the allocator counts %llu carved, %llu used, %llu in quarantine; "
            "by the events %llu are carved and %llu live",
            process, (unsigned long long)judge->classes.all[class_number].slot_bytes,
            (unsigned long long)census->carved, (unsigned long long)census->used,
            (unsigned long long)census->quarantined, (unsigned long long)slots->carved,
            (unsigned long long)slots->live);
}
